"""A slow client over loopback: it takes nothing, little or half a frame, or is gone; its way holds little."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from websockets.asyncio.server import ServerConnection, serve

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.network.absorption import Absorption
from sync_check.harness.network.slow import SlowSocket, connect_narrowly, narrow_socket
from sync_check.harness.network.sockets import open_gateway

FRAME = 8000 * "x"


class _Told(NamedTuple):
    frames: list[str | bytes]
    ends: list[EndOfConnection]


@asynccontextmanager
async def _connected(told: _Told) -> AsyncIterator[tuple[SlowSocket, ServerConnection]]:
    """A slow client and the server's end of its connection."""
    arrived: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def handler(connection: ServerConnection) -> None:
        arrived.set_result(connection)
        await connection.wait_closed()

    async with serve(handler, "127.0.0.1", 0, ping_interval=None, close_timeout=1) as server:
        url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        slow = await open_gateway(
            url,
            token=None,
            request_id="r",
            on_frame=lambda data, _: told.frames.append(data),
            on_end=lambda how, *_: told.ends.append(how),
            kind=SlowSocket,
            dial=connect_narrowly,
        )
        assert isinstance(slow, SlowSocket)
        try:
            yield slow, await arrived
        finally:
            slow.abort()


async def _send(server: ServerConnection, count: int) -> asyncio.Task[None]:
    async def send() -> None:
        for _ in range(count):
            await server.send(FRAME)

    task = asyncio.create_task(send())
    await asyncio.wait((task,), timeout=0.2)
    return task


async def test_who_takes_nothing_holds_the_server_up_until_it_takes_all() -> None:
    told = _Told([], [])
    async with _connected(told) as (slow, server):
        slow.pause_reading()
        sending = await _send(server, 200)
        assert not sending.done()
        assert told.frames == []
        slow.read_all()
        await asyncio.wait_for(sending, 5)
        await server.close()
        await asyncio.wait_for(slow.wait_ended(), 5)
        assert told == ([FRAME] * 200, [EndOfConnection.CLOSED_BY_TARGET])


async def test_who_stops_in_a_frame_has_a_part_of_it_and_gets_the_rest() -> None:
    told = _Told([], [])
    async with _connected(told) as (slow, server):
        slow.stop_in_frame()
        sending = await _send(server, 200)
        assert not sending.done()
        assert len(told.frames) <= 1
        assert slow._connection.is_within_frame
        slow.read_all()
        await asyncio.wait_for(sending, 5)
        await server.close()
        await asyncio.wait_for(slow.wait_ended(), 5)
        assert told.frames == [FRAME] * 200


async def test_who_reads_slowly_takes_a_little_in_a_while() -> None:
    told = _Told([], [])
    async with _connected(told) as (slow, server):
        slow.read_slowly(100_000)
        sending = await _send(server, 200)
        assert not sending.done()
        assert 1 <= len(told.frames) <= 8
        slow.read_all()
        await asyncio.wait_for(sending, 5)


async def test_who_is_gone_gets_nothing_and_sees_no_end() -> None:
    told = _Told([], [])
    async with _connected(told) as (slow, server):
        slow.vanish()
        sending = await _send(server, 1)
        await asyncio.wait_for(sending, 5)
        server.transport.abort()
        await asyncio.wait((asyncio.ensure_future(slow.wait_ended()),), timeout=0.2)
        assert told == ([], [])


async def test_pongs_that_answer_nothing_are_taken() -> None:
    told = _Told([], [])
    async with _connected(told) as (slow, server):
        slow.pause_reading()
        slow.pong()
        slow.send_text("after it")
        assert await asyncio.wait_for(server.recv(), 5) == "after it"


async def test_what_a_way_holds_is_measured_once_and_is_little() -> None:
    absorption = Absorption()
    first = await absorption.behind(5, "http://127.0.0.1:1")
    assert 4096 < first < 1_000_000
    assert await absorption.behind(6, "http://127.0.0.1:2") == first
    assert await absorption.behind(7, "http://chat.test") > first + 4_000_000


async def test_nobody_listens_where_nobody_does() -> None:
    with pytest.raises(ConnectionRefusedError):
        await narrow_socket("127.0.0.1", 1)
