"""Raw bodies: how much of one is read and kept, and what the connection is good for afterwards (LIMIT-1)."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Request

from sync_check.reference_server.errors import InvalidRequest, PayloadTooLarge
from sync_check.reference_server.routes.strict import read_body
from tests.reference_server.running import RAISED, WITHIN_S, Person, running
from tests.reference_server.scene import PIXEL

MIB = 1024 * 1024
CAP = 2 * MIB
AVATAR = "/users/me/profile/avatar"


class Source:
    """A body in chunks, as an ASGI server hands it over; counts what was taken."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = iter(chunks)
        self.taken = 0

    async def __call__(self) -> dict[str, Any]:
        chunk = next(self._chunks, None)
        self.taken += len(chunk or b"")
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}


async def read(source: Source, max_bytes: int) -> bytes:
    return await read_body(Request({"type": "http"}, source), max_bytes=max_bytes)


@pytest.mark.parametrize("chunks", [(), (b"",), (b"abcd",), (b"a", b"", b"bcd"), (b"a", b"b", b"c", b"d")])
async def test_a_body_of_any_chunks_is_put_together(chunks: tuple[bytes, ...]) -> None:
    assert await read(Source(*chunks), 4) == b"".join(chunks)


@pytest.mark.parametrize("chunks", [(b"abcde",), (b"abcd", b"e"), (b"a",) * 5])
async def test_a_byte_too_many_is_too_many(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(PayloadTooLarge):
        await read(Source(*chunks), 4)


async def test_an_endless_body_is_left_some_way_beyond_the_cap() -> None:
    source = Source(*[bytes(MIB)] * 100)
    with pytest.raises(PayloadTooLarge):
        await read(source, CAP)
    assert CAP < source.taken < 20 * MIB


async def test_a_client_that_goes_away_in_the_middle_is_no_failure_of_the_server() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"a", "more_body": True},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop()

    with pytest.raises(InvalidRequest):
        await read_body(Request({"type": "http"}, receive), max_bytes=4)


def pieces(size: int) -> Iterator[bytes]:
    """A PNG of this size, piece by piece."""
    yield PIXEL
    for sent in range(len(PIXEL), size, 65536):
        yield bytes(min(65536, size - sent))


def request(person: Person, path: str, size: int, *, is_chunked: bool, token: str | None = None) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "host: x",
        "content-type: image/png",
        f"authorization: Bearer {token or person.tokens['access_token']}",
        "transfer-encoding: chunked" if is_chunked else f"content-length: {size}",
    ]
    head = "".join(f"{line}\r\n" for line in (*lines, "")).encode()
    if not is_chunked:
        return head + b"".join(pieces(size))
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces(size)) + b"0\r\n\r\n"


async def answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
    """Status and body of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    status_line, *fields = head.decode().lower().split("\r\n")
    (length,) = [int(field.partition(":")[2]) for field in fields if field.startswith("content-length:")]
    return int(status_line.split()[1]), json.loads(await reader.readexactly(length))


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(
    ("size", "token", "status", "code"),
    [
        (CAP, None, 200, None),
        (CAP + 1, None, 413, "payload_too_large"),
        (30 * MIB, None, 413, "payload_too_large"),
        (30 * MIB, "unknown", 401, "invalid_credentials"),
    ],
)
async def test_the_connection_goes_on_after_every_answer(
    is_chunked: bool, size: int, token: str | None, status: int, code: str | None
) -> None:
    limits = RAISED.model_copy(update={"request_timeout_s": 60.0})
    async with running(limits=limits) as server, asyncio.timeout(3 * WITHIN_S):
        ana = server.person("ana")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        server.writers.append(writer)
        writer.write(request(ana, AVATAR, size, is_chunked=is_chunked, token=token))
        writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        first, body = await answer(reader)
        assert (first, body.get("error")) == (status, code)
        assert await answer(reader) == (200, {"status": "ok"})
        assert (await ana.get("/auth/me")).json()["avatar_version"] == (status == 200)
