"""A server that is told to stop ends every kind of connection within seconds, whatever its peer does."""

import asyncio
import base64
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from itertools import cycle, islice
from typing import Final

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.reference_server.processes import started
from tests.reference_server.running import WITHIN_S

READERS, STALLED, HALF_WAY = 170, 10, 20
END_WITHIN_S: Final = 5
ABOUT: Final = "x" * 900_000
"""A profile whose updates fill what the system buffers for a connection (4 MiB at most) soon."""
UPDATES: Final = 8
LIMITS: Final = (
    "--limit=about_bytes=1000000",
    "--limit=max_body_bytes=2000000",
    "--limit=max_gateway_event_bytes=4000000",
    "--limit=requests_per_minute=10000",
)
UPGRADE: Final = (
    b"GET /gateway/ws?access_token=%s HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: %s\r\n\r\n"
)


async def a_person(http: httpx.AsyncClient, name: str) -> str:
    """The access token of a new user."""
    account = {"username": name, "password": "long enough, too"}
    await http.post("/auth/register", json=account)
    token: str = (await http.post("/auth/login", json=account)).json()["access_token"]
    return token


async def tell(http: httpx.AsyncClient, token: str, about: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    answer = await http.patch("/users/me/profile", json={"about_markdown": about}, headers=headers)
    assert answer.status_code == 200


async def all_frames(connection: ClientConnection) -> list[str]:
    """The names of all events up to a Close frame with 1000 or 1001; any other end raises."""
    return [json.loads(frame)["t"] async for frame in connection]


def upgrade(token: str) -> bytes:
    """The head of a complete upgrade request."""
    return UPGRADE % (token.encode(), base64.b64encode(bytes(16)))


def stalled_socket(port: int, token: str) -> socket.socket:
    """A connection that has read its `ready` and reads no more."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    one.settimeout(WITHIN_S)
    one.connect(("127.0.0.1", port))
    one.sendall(upgrade(token))
    received = b""
    while b'"ready"' not in received:
        received += one.recv(4096)
    return one


def half_way_sockets(port: int, token: str) -> Iterator[socket.socket]:
    """Connections that stopped at various points of their handshake."""
    head = upgrade(token)
    stops = (0, len("GET /gate"), len(head) // 2, len(head) - len("\r\n"))
    for stop in islice(cycle(stops), HALF_WAY):
        one = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        one.sendall(head[:stop])
        yield one


def rest_of(one: socket.socket) -> bytes:
    """What is left to read, up to the end."""
    received = bytearray()
    try:
        while data := one.recv(1 << 20):
            received += data
    except ConnectionResetError:
        pass  # an end as well
    return bytes(received)


async def test_two_hundred_connections_of_every_kind_are_ended_within_seconds() -> None:
    async with AsyncExitStack() as stack:
        process, url = stack.enter_context(started(*LIMITS))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False))
        reading, stalling = await a_person(http, "ana"), await a_person(http, "ben")
        gateway = f"{url.replace('http', 'ws')}/gateway/ws?access_token={reading}"
        port = int(url.rpartition(":")[2])
        readers = [await stack.enter_async_context(connect(gateway, proxy=None)) for _ in range(READERS)]
        reads = [asyncio.create_task(all_frames(one)) for one in readers]
        stalled = [stack.enter_context(closing(stalled_socket(port, stalling))) for _ in range(STALLED)]
        half_way = [stack.enter_context(closing(one)) for one in half_way_sockets(port, stalling)]
        for number in range(UPDATES):
            await tell(http, stalling, f"{number}{ABOUT}")
        await tell(http, reading, "the last")

        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, END_WITHIN_S) == 0

        assert await asyncio.gather(*reads) == [["ready", "profile_update"]] * READERS
        assert [one.close_code for one in readers] == [1001] * READERS
        assert [rest_of(one) for one in half_way] == [b""] * HALF_WAY
        cut_off = [rest_of(one) for one in stalled]
        assert all(0 < len(data) < UPDATES * len(ABOUT) for data in cut_off)
        assert process.communicate() == ("", "")


def test_a_request_whose_body_is_still_awaited_is_answered_and_leaves_no_traceback() -> None:
    with started() as (process, url):
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=WITHIN_S) as one:
            one.sendall(b"POST /auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n")
            one.sendall(b"content-length: 50\r\nexpect: 100-continue\r\n\r\n")
            assert one.recv(4096).startswith(b"HTTP/1.1 100 ")  # now it is being awaited
            process.send_signal(signal.SIGTERM)
            answer = rest_of(one)
        out, err = process.communicate(timeout=END_WITHIN_S)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b'{"error": "request_timeout"}')
    assert (process.returncode, out) == (0, "")
    assert err.splitlines() == [
        "ERROR uvicorn.error: Cancel 1 running task(s), timeout graceful shutdown exceeded"
    ]
