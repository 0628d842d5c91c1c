"""Carrying calls over sockets: which connection one goes over, and what becomes of it when that breaks."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET, socketpair

import httpcore
import httpx
import pytest

from sync_check.harness.carrier import ALL_REFUSED, Carrier, Stream

WITHIN_S = 10.0
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Serve = Callable[[int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server that does with each connection, numbered from 1, what `serve` does; its URL."""
    running: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(len(running), reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await asyncio.wait_for(asyncio.gather(*running), WITHIN_S)


async def fetched(carrier: Carrier, url: str, content: bytes = b"") -> bytes:
    """The body of an answer."""
    async with asyncio.timeout(WITHIN_S):
        response = await carrier.handle_async_request(httpx.Request("POST", url, content=content))
        return await response.aread()


@asynccontextmanager
async def carrying(keepalive_s: float = 60.0) -> AsyncIterator[Carrier]:
    carrier = Carrier(None, keepalive_s=keepalive_s)
    try:
        yield carrier
    finally:
        await carrier.aclose()


async def answer_with_number(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request with the number of the connection that it came over."""
    while True:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n%d" % number)


@pytest.mark.parametrize(("keepalive_s", "numbers"), [(60.0, [b"1", b"1"]), (-1.0, [b"1", b"2"])])
async def test_a_connection_is_kept_while_it_is_young(keepalive_s: float, numbers: list[bytes]) -> None:
    async with serving(answer_with_number) as url, carrying(keepalive_s) as carrier:
        assert [await fetched(carrier, url) for _ in range(2)] == numbers


async def test_another_origin_has_a_connection_of_its_own() -> None:
    async with (
        serving(answer_with_number) as one,
        serving(answer_with_number) as other,
        carrying() as carrier,
    ):
        numbers = [await fetched(carrier, url) for url in (one, other, one)]
    assert numbers == [b"1", b"1", b"2"]


@pytest.mark.parametrize("unasked", [b"", OK])
async def test_a_connection_that_ended_or_goes_on_talking_is_not_used_again(unasked: bytes) -> None:
    told = asyncio.Event()

    async def serve(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        if number == 1:
            await told.wait()
            writer.write(unasked)
            if not unasked:
                writer.close()
            await reader.read()

    async with serving(serve) as url, carrying() as carrier:
        assert await fetched(carrier, url) == b"ok"
        told.set()
        other = Carrier(None, keepalive_s=60.0)  # its answer comes after what the first connection was sent
        assert await fetched(other, url) == b"ok"
        await other.aclose()
        assert await fetched(carrier, url) == b"ok"


async def test_nobody_there_is_told_before_anything_is_sent() -> None:
    async with serving(answer_with_number) as url:
        pass
    async with carrying() as carrier:
        with pytest.raises(httpx.ConnectError, match=ALL_REFUSED):
            await fetched(carrier, url)
        with pytest.raises(httpx.ConnectError, match=r"[Nn]ame"):
            await fetched(carrier, "http://nobody.invalid/")


async def test_what_is_no_http_is_not_sent() -> None:
    async with carrying() as carrier:
        with pytest.raises(httpx.UnsupportedProtocol):
            await fetched(carrier, "ftp://127.0.0.1/")


@pytest.mark.parametrize("said", [b"", OK[:10], OK[:-1]])
@pytest.mark.parametrize("is_reset", [False, True])
async def test_an_answer_that_breaks_off_is_an_error_and_its_connection_gone(
    said: bytes, is_reset: bool
) -> None:
    async def serve(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK if number > 1 else said)
        await writer.drain()
        if number == 1 and is_reset:
            socket = writer.get_extra_info("socket")
            socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async with serving(serve) as url, carrying() as carrier:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await fetched(carrier, url)
        assert await fetched(carrier, url) == b"ok"


async def test_what_is_no_answer_is_an_error() -> None:
    async def serve(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"what?\r\n\r\n")

    async with serving(serve) as url, carrying() as carrier:
        with pytest.raises(httpx.RemoteProtocolError):
            await fetched(carrier, url)


async def test_a_call_that_is_given_up_takes_its_connection_along() -> None:
    ended = asyncio.Event()

    async def serve(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if number > 1:
            writer.write(OK)
            return
        call.cancel()
        await reader.read()
        ended.set()

    async with serving(serve) as url, carrying() as carrier:
        call = asyncio.create_task(fetched(carrier, url))
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), WITHIN_S)
        assert await fetched(carrier, url) == b"ok"


async def test_large_bodies_pass_both_ways_through_narrow_pipes() -> None:
    size = 8 * 1024 * 1024

    async def serve(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        content = await reader.readexactly(size)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        writer.write(content)

    content = bytes(range(256)) * (size // 256)
    async with serving(serve) as url, carrying() as carrier:
        assert await fetched(carrier, url, content) == content


class Transport(asyncio.Transport):
    """Notes what is done to it; writing more than `bound` bytes is held up."""

    def __init__(self, stream: Stream, bound: int = 10) -> None:
        super().__init__()
        self._stream = stream
        self._bound = bound
        self._near, self._far = socketpair()
        self.done: list[str] = []
        self.lost = False
        stream.connection_made(self)

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._near if name == "socket" else default

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")

    def is_closing(self) -> bool:
        return self.lost

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append("write")
        if len(data) > self._bound:
            self._stream.pause_writing()

    def lose(self, error: Exception | None) -> None:
        self.lost = True
        self._stream.connection_lost(error)

    def release(self) -> None:
        """Close its sockets."""
        self._near.close()
        self._far.close()


@pytest.fixture
def transport() -> Iterator[tuple[Stream, Transport]]:
    stream = Stream()
    made = Transport(stream)
    yield stream, made
    made.release()


Pair = tuple[Stream, Transport]


async def test_a_target_is_not_read_faster_than_it_is_asked_for(transport: Pair) -> None:
    stream, under = transport
    stream.data_received(bytes(200_000))
    assert under.done == []
    stream.data_received(bytes(200_000))
    assert under.done == ["pause"]
    assert len(await stream.read(300_000)) == 300_000
    assert under.done == ["pause"]
    assert len(await stream.read(300_000)) == 100_000
    assert under.done == ["pause", "resume"]


async def test_who_writes_waits_for_room(transport: Pair) -> None:
    stream, under = transport
    await stream.write(b"short")
    writing = asyncio.create_task(stream.write(b"longer than the bound"))
    while under.done != ["write", "write"]:
        await asyncio.wait([writing], timeout=0)
    assert not writing.done()
    stream.resume_writing()
    await writing


async def test_who_waits_for_room_or_words_is_told_of_the_end(transport: Pair) -> None:
    stream, under = transport
    stream.data_received(b"last words")
    writing = asyncio.create_task(stream.write(b"longer than the bound"))
    await asyncio.wait([writing], timeout=0)
    under.lose(ConnectionResetError("reset"))
    with pytest.raises(httpcore.WriteError):
        await writing
    with pytest.raises(httpcore.WriteError):
        await stream.write(b"more")
    assert await stream.read(100) == b"last words"
    with pytest.raises(httpcore.ReadError):
        await stream.read(100)


async def test_after_the_end_nothing_more_is_read(transport: Pair) -> None:
    stream, under = transport
    reading = asyncio.create_task(stream.read(100))
    await asyncio.wait([reading], timeout=0)
    stream.eof_received()
    assert await reading == b""
    under.lose(None)
    assert await stream.read(100) == b""
