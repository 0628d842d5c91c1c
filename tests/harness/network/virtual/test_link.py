"""Links in memory: order, delays, a window that fills, ends, resets and cuts."""

import asyncio
from itertools import pairwise
from typing import cast

import pytest

from sync_check.harness.clock import Clock
from sync_check.harness.network.virtual.link import LinkQuality, Transport
from tests.harness.network.virtual.running import run, this_loop


class _Peer(asyncio.Protocol):
    """Notes what happens to it."""

    def __init__(self) -> None:
        self.received: list[tuple[float, bytes]] = []
        self.happened: list[str] = []
        self.transport = cast("Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received.append((asyncio.get_running_loop().time(), data))

    def eof_received(self) -> None:
        self.happened.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.happened.append("lost" if exc is None else type(exc).__name__)

    def pause_writing(self) -> None:
        self.happened.append("pause")

    def resume_writing(self) -> None:
        self.happened.append("resume")

    @property
    def text(self) -> bytes:
        return b"".join(data for _, data in self.received)


async def _pair() -> tuple[_Peer, _Peer]:
    near, far = _Peer(), _Peer()
    this_loop().listen("server", 80, lambda: far)
    await this_loop().create_connection(lambda: near, "server", 80)
    return near, far


async def _while(seconds: float) -> None:
    await Clock(started_unix=0).pause(seconds)


def test_bytes_arrive_in_order_and_later() -> None:
    async def body() -> _Peer:
        near, far = await _pair()
        for number in range(50):
            near.transport.write(b"%02d" % number)
        await _while(1)
        return far

    far = run(body())
    assert far.text == b"".join(b"%02d" % number for number in range(50))
    times = [at for at, _ in far.received]
    assert times[0] > 0
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_the_times_are_those_of_the_seed() -> None:
    async def body() -> list[tuple[float, bytes]]:
        near, far = await _pair()
        for _ in range(5):
            near.transport.write(b"x")
            await _while(0.1)
        return far.received

    assert run(body(), 1) == run(body(), 1)
    assert run(body(), 1) != run(body(), 2)


def test_capacity_takes_its_time() -> None:
    async def body() -> float:
        near, far = await _pair()
        near.transport.write(b"x" * 2000)
        await _while(10)
        return far.received[-1][0]

    assert run(body(), quality=LinkQuality(bytes_per_s=1000, jitter_s=0)) == pytest.approx(2.0, abs=0.01)


def test_who_does_not_read_fills_the_window_and_stops_the_sender() -> None:
    async def body() -> tuple[list[str], int, _Peer]:
        near, far = await _pair()
        far.transport.pause_reading()
        near.transport.set_write_buffer_limits(high=0)
        for _ in range(10):
            near.transport.write(b"x" * 100)
        await _while(1)
        stopped, waiting = list(near.happened), near.transport.get_write_buffer_size()
        far.transport.resume_reading()
        await _while(1)
        assert near.happened == ["pause", "resume"]
        return stopped, waiting, far

    stopped, waiting, far = run(body(), quality=LinkQuality(window=300))
    assert (stopped, waiting) == (["pause"], 700)
    assert far.text == b"x" * 1000


def test_an_end_travels_behind_what_was_written() -> None:
    async def body() -> tuple[_Peer, _Peer]:
        near, far = await _pair()
        near.transport.write(b"last words")
        near.transport.close()
        near.transport.write(b"nobody hears this")
        await _while(1)
        return near, far

    near, far = run(body())
    assert far.text == b"last words"
    assert (near.happened, far.happened) == (["lost"], ["eof", "lost"])


def test_an_abort_is_a_reset_for_the_other_side() -> None:
    async def body() -> tuple[_Peer, _Peer]:
        near, far = await _pair()
        far.transport.write(b"never arrives")
        far.transport.abort()
        await _while(1)
        return near, far

    near, far = run(body())
    assert (near.text, near.happened, far.happened) == (b"", ["ConnectionResetError"], ["lost"])


def test_a_half_closed_link_still_carries_the_other_way() -> None:
    async def body() -> tuple[_Peer, _Peer]:
        near, far = await _pair()
        far.transport.write_eof()
        near.eof_received = lambda: True  # type: ignore[method-assign,assignment]  # stays open
        await _while(1)
        near.transport.write(b"still here")
        await _while(1)
        return near, far

    near, far = run(body())
    assert (far.text, near.happened) == (b"still here", [])


def test_a_way_of_its_own_window_holds_that_much() -> None:
    async def body() -> tuple[int, bytes]:
        near, far = _Peer(), _Peer()
        this_loop().listen("server", 80, lambda: far)
        await this_loop().create_connection(lambda: near, "server", 80, window=10)
        near.transport.pause_reading()
        far.transport.write(b"x" * 25)
        await _while(1.0)
        waiting = far.transport.get_write_buffer_size()
        near.transport.resume_reading()
        await _while(1.0)
        return waiting, near.text

    assert run(body()) == (15, b"x" * 25)


def test_who_vanishes_hears_nothing_more_and_learns_of_no_end() -> None:
    async def body() -> tuple[_Peer, _Peer, int]:
        near, far = _Peer(), _Peer()
        this_loop().listen("server", 80, lambda: far)
        await this_loop().create_connection(lambda: near, "server", 80, window=10)
        far.transport.set_write_buffer_limits(high=0)
        near.transport.vanish()
        far.transport.write(b"y" * 25)
        await _while(1.0)
        waiting = far.transport.get_write_buffer_size()
        far.transport.abort()
        await _while(1.0)
        return near, far, waiting

    near, far, waiting = run(body())
    assert (near.received, near.happened, waiting) == ([], [], 15)
    assert far.happened == ["pause", "lost"]
