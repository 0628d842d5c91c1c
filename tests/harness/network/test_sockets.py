"""Gateway connections over loopback: against the library's server, and against servers that do it wrong."""

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET, socket

import pytest
from websockets.asyncio.server import ServerConnection, serve

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.errors import HandshakeFailed, TargetUnavailable, UpgradeRefused
from sync_check.harness.gateway import GatewayAddress, GatewayConnection, Upgrade
from sync_check.harness.network.sockets import Socket, open_gateway

TOKEN = "access-token-of-ana"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class _Owner:
    """Notes what a connection tells, in order."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.heard = asyncio.Event()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_frame(self, data: str | bytes, binary: bool) -> None:
        self.told.append((data, binary))
        self.heard.set()

    def on_end(self, how: EndOfConnection, code: int | None, reason: str | None) -> None:
        self.told.append((how, code, reason))
        self.ended.set_result(None)

    async def open(self, url: str, *, budget_s: float = 5.0) -> Socket:
        gateway = await open_gateway(
            url,
            token=TOKEN,
            request_id="r-1",
            on_frame=self.on_frame,
            on_end=self.on_end,
            budget_s=budget_s,
        )
        self.told.append("open")
        return gateway


@asynccontextmanager
async def _raw(serve_one: Serve) -> AsyncIterator[str]:
    """A server that does with each connection what `serve_one` does, and has done it when this is left."""
    running: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())
        try:
            await serve_one(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*(task for task in running if task is not None))


@asynccontextmanager
async def _library(handler: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def _accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: bytes = b"") -> None:
    """Accept the upgrade; `behind` goes out in the same segment."""
    request = await reader.readuntil(b"\r\n\r\n")
    key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(key.partition(b":")[2].strip() + _GUID).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    writer.write(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + behind)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket = writer.get_extra_info("socket")
    raw.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_talks_to_a_real_server() -> None:
    seen: list[str] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.extend((connection.request.path, connection.request.headers["Authorization"]))
        seen.append(connection.request.headers["x-request-id"])
        async for message in connection:
            await connection.send(f"heard {message!s}")

    async with _library(handler) as url:
        owner = _Owner()
        gateway = await owner.open(f"{url}/api")
        assert gateway.send_text("grün")
        await owner.heard.wait()
        gateway.close()
        await gateway.wait_ended()
        assert not gateway.send_text("late")
    assert seen == ["/api/gateway/ws", f"Bearer {TOKEN}", "r-1"]
    assert owner.told == ["open", ("heard grün", False), (EndOfConnection.CLOSED_BY_US, 1000, None)]


async def test_close_of_the_target_comes_after_its_last_frame() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send(b"\x00")
        await connection.close(1008, "slow_consumer")

    async with _library(handler) as url:
        owner = _Owner()
        await owner.open(url)
        await owner.ended
    closed = (EndOfConnection.CLOSED_BY_TARGET, 1008, "slow_consumer")
    assert owner.told == ["open", (b"\x00", True), closed]


async def test_frames_in_the_segment_of_the_answer_come_after_the_opening() -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer, b"\x81\x05ready\x81\x01x\x88\x02\x03\xe8")
        await reader.read()

    async with _raw(serve_one) as url:
        owner = _Owner()
        gateway = await owner.open(url)
        assert owner.told == ["open"]
        await gateway.wait_ended()
    closed = (EndOfConnection.CLOSED_BY_TARGET, 1000, None)
    assert owner.told == ["open", ("ready", False), ("x", False), closed]


async def test_bytes_that_trickle_in_are_put_together() -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer)
        for byte in b"\x01\x02ab\x89\x00\x80\x02cd":
            writer.write(bytes((byte,)))
            await writer.drain()
        await reader.read(6)  # the pong

    async with _raw(serve_one) as url:
        owner = _Owner()
        await owner.open(url)
        await owner.ended
    assert owner.told == ["open", ("abcd", False), (EndOfConnection.DROPPED, None, None)]


async def test_a_pong_with_the_data_of_the_last_ping_is_told() -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer)
        await reader.readexactly(2 * (7 + 6))  # two pings of one byte, two empty pongs
        writer.write(b"\x8a\x01a\x8a\x01b")
        await reader.read()

    async with _raw(serve_one) as url:
        gateway = await _Owner().open(url)
        await gateway.ping([b"a", b"b"])
        assert gateway.pongs == 2
        gateway.abort()


@pytest.mark.parametrize("last", [b"", b"\x81\x7e\x10", b"\x81\x05abc"])
@pytest.mark.parametrize("reset", [False, True])
async def test_end_of_stream_and_reset_are_drops(last: bytes, reset: bool) -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer, b"\x81\x01x")
        await reader.readexactly(8)  # what the client says once it has x
        writer.write(last)
        if reset:
            _reset(writer)

    async with _raw(serve_one) as url:
        owner = _Owner()
        gateway = await owner.open(url)
        assert gateway.send_text("go")
        await owner.ended
    assert owner.told == ["open", ("x", False), (EndOfConnection.DROPPED, None, None)]


async def test_invalid_utf8_is_handed_over_and_ends_the_connection() -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer, b"\x81\x02\xff\xfe")
        await reader.read()

    async with _raw(serve_one) as url:
        owner = _Owner()
        await owner.open(url)
        await owner.ended
    assert owner.told[:2] == ["open", (b"\xff\xfe", False)]
    fault = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    reason = f"the target broke the protocol: {fault}"
    assert owner.told[2] == (EndOfConnection.CLOSED_BY_US, 1007, reason)


async def test_target_that_never_answers_our_close_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_check.harness.network.sockets.CLOSE_BUDGET_S", 0.01)
    over = asyncio.get_running_loop().create_future()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer)
        await over

    async with _raw(serve_one) as url:
        owner = _Owner()
        gateway = await owner.open(url)
        gateway.close()
        await gateway.wait_ended()
        over.set_result(None)
    assert owner.told == ["open", (EndOfConnection.CLOSED_BY_US, None, None)]


async def test_paused_reader_gets_everything_when_it_resumes() -> None:
    async def handler(connection: ServerConnection) -> None:
        async for message in connection:
            for number in range(int(message)):
                await connection.send(str(number))
            sent.set_result(None)
            await connection.close()

    sent = asyncio.get_running_loop().create_future()

    async with _library(handler) as url:
        owner = _Owner()
        gateway = await owner.open(url)
        gateway.pause_reading()
        gateway.pause_reading()
        gateway.send_text("500")
        await sent
        assert owner.told == ["open"]
        gateway.resume_reading()
        await gateway.wait_ended()
    assert owner.told[1:-1] == [(str(number), False) for number in range(500)]
    gateway.pause_reading()
    gateway.resume_reading()
    gateway.close()


async def test_nothing_is_handed_over_after_an_abort_in_the_middle() -> None:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer)
        writer.write(b"\x81\x01a\x81\x01b\x81\x01c")
        await reader.read()

    async with _raw(serve_one) as url:
        owner = _Owner()
        told = owner.told

        def on_frame(data: str | bytes, binary: bool) -> None:
            told.append(data)
            gateway.abort()

        gateway = await open_gateway(url, token=None, request_id="r", on_frame=on_frame, on_end=owner.on_end)
        await owner.ended
    assert told == ["a", (EndOfConnection.CLOSED_BY_US, None, None)]


class TestOpening:
    async def test_refusal(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nwrong")

        async with _raw(serve_one) as url:
            owner = _Owner()
            with pytest.raises(UpgradeRefused) as raised:
                await owner.open(url)
        assert (raised.value.status, raised.value.body) == (401, "wrong")
        assert owner.told == []

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"\x15\x03\x01\x00\x02\x02\x16",
            b"<html>",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        ],
    )
    async def test_garbage_and_early_ends(self, answer: bytes) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)

        async with _raw(serve_one) as url:
            owner = _Owner()
            with pytest.raises(HandshakeFailed):
                await owner.open(url)
        assert owner.told == []

    async def test_reset_instead_of_an_answer(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            _reset(writer)

        async with _raw(serve_one) as url:
            with pytest.raises(HandshakeFailed):
                await _Owner().open(url)

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 101 Swi", b"HTTP/1.1 500 Oops\r\n\r\nno end"])
    async def test_server_that_keeps_quiet_exhausts_the_budget(self, answer: bytes) -> None:
        gone = asyncio.get_running_loop().create_future()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            assert await reader.read() == b""  # the client hangs up
            gone.set_result(None)

        async with _raw(serve_one) as url:
            with pytest.raises(TargetUnavailable, match=r"within 0\.05 s"):
                await _Owner().open(url, budget_s=0.05)
            await gone

    async def test_nobody_listens(self) -> None:
        async with _raw(_accept) as url:
            pass
        with pytest.raises(TargetUnavailable, match="nothing listens there"):
            await _Owner().open(url)

    async def test_host_that_does_not_exist(self) -> None:
        with pytest.raises(TargetUnavailable, match="no connection could be made"):
            await _Owner().open("http://no-such-host.invalid")

    async def test_tls_to_a_server_without_it(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with _raw(serve_one) as url:
            with pytest.raises(TargetUnavailable) as raised:
                await _Owner().open(url.replace("http://", "https://"))
        assert "wss://127.0.0.1" in str(raised.value)

    async def test_cancelled_opening_leaves_no_connection(self) -> None:
        gone = asyncio.get_running_loop().create_future()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            asked.set_result(None)
            assert await reader.read() == b""
            gone.set_result(None)

        asked = asyncio.get_running_loop().create_future()
        async with _raw(serve_one) as url:
            opening = asyncio.create_task(_Owner().open(url))
            await asked
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            await gone


async def test_who_gives_up_while_it_opens_is_told_nothing() -> None:
    """The answer is there, and a frame behind it, when whoever waits for it is cancelled."""
    answered = asyncio.Event()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _accept(reader, writer, b"\x81\x05ready")
        await reader.read()

    async with _raw(serve_one) as url:
        owner = _Owner()
        opening = asyncio.create_task(owner.open(url))
        settle = Socket._settle

        def settled(socket: Socket) -> None:
            settle(socket)
            opening.cancel()
            answered.set()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Socket, "_settle", settled)
            await answered.wait()
        with pytest.raises(asyncio.CancelledError):
            await opening
    assert owner.told == []


async def test_a_target_that_takes_nothing_is_read_no_more_and_a_stall_outlasts_it() -> None:
    class Transport(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__()
            self.told: list[str] = []

        def pause_reading(self) -> None:
            self.told.append("pause")

        def resume_reading(self) -> None:
            self.told.append("resume")

        def is_closing(self) -> bool:
            return False

        def write(self, data: object) -> None:
            pass

    transport = Transport()
    socket = Socket(
        GatewayConnection(GatewayAddress.of("http://t.test"), Upgrade(token=None, request_id="r")),
        lambda *_: None,
        lambda *_: None,
    )
    socket.connection_made(transport)
    socket.pause_writing()
    socket.resume_writing()
    assert transport.told == ["pause", "resume"]
    socket.pause_reading()
    socket.pause_writing()
    socket.resume_writing()
    assert transport.told == ["pause", "resume", "pause", "pause"]
    socket.resume_reading()
    assert transport.told[4:] == ["resume"]
