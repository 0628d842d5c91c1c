"""A connection in memory: two transports and the way between them, with delays, a window and cuts.

As with TCP, bytes arrive in order, a receiver that does not read fills the window and then the sender's own
buffer, and an end travels behind what was written before it.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from sync_check.harness.randomness import Moments, Randomness

Address = tuple[str, int]
_HIGH: Final = 65_536
_LOW: Final = _HIGH // 4
"""The marks at which asyncio's transports tell a protocol to stop writing, and to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkQuality:
    """What a way does to bytes: seconds of delay, at most so many more by chance, and bytes a second.

    `window` is how many bytes may be under way or unread before a sender has to wait.
    """

    delay_s: float = 0.000_2
    jitter_s: float = 0.001
    bytes_per_s: float = 100e6
    window: int = 262_144


class _Way:
    """One direction."""

    def __init__(self, loop: asyncio.AbstractEventLoop, moments: Moments, quality: LinkQuality) -> None:
        self._loop = loop
        self._moments = moments
        self._quality = quality
        self._buffer: deque[bytes] = deque()
        self._flying: deque[bytes] = deque()
        self._arrived: deque[bytes] = deque()
        self._under_way = 0
        self._free_at = 0.0
        self._is_cut = False
        self._ends = False
        self._end_sent = False
        self._end_arrived = False
        self.waiting = 0
        """Bytes that the sender still holds."""
        self.sender: Transport
        self.receiver: Transport

    def write(self, data: bytes) -> None:
        if self._ends or not data:
            return
        self._buffer.append(data)
        self.waiting += len(data)
        self._pump()

    def end(self) -> None:
        """Nothing more will be written; the end travels behind the rest."""
        self._ends = True
        self._pump()

    def cut(self) -> None:
        """Nothing arrives any more."""
        self._is_cut = True
        self._buffer.clear()
        self._flying.clear()
        self._arrived.clear()
        self.waiting = 0

    def _pump(self) -> None:
        while self._buffer and self._under_way < self._quality.window:
            data = self._buffer.popleft()
            room = self._quality.window - self._under_way
            if len(data) > room:
                self._buffer.appendleft(data[room:])
                data = data[:room]
            self.waiting -= len(data)
            self._under_way += len(data)
            self._flying.append(data)
            self._loop.call_at(self._time_for(len(data)), self._arrive)
        if self._ends and not self._buffer and not self._end_sent:
            self._end_sent = True
            self._loop.call_at(self._time_for(0), self._arrive_end)

    def _time_for(self, size: int) -> float:
        """When so many bytes arrive that leave now: never before those that left earlier."""
        quality = self._quality
        jitter = self._moments.at(self._loop.time()) * quality.jitter_s
        at = self._loop.time() + quality.delay_s + jitter + size / quality.bytes_per_s
        self._free_at = max(at, self._free_at)
        return self._free_at

    def delay(self) -> float:
        """Seconds that the next word takes which carries no bytes."""
        return self._quality.delay_s + self._moments.at(self._loop.time()) * self._quality.jitter_s

    def _arrive(self) -> None:
        # The first that left, whichever timer this is: those for one moment have no order.
        if not self._is_cut:
            self._arrived.append(self._flying.popleft())
            self.deliver()

    def _arrive_end(self) -> None:
        if self._flying:
            self._loop.call_soon(self._arrive_end)
        elif not self._is_cut:
            self._end_arrived = True
            self.deliver()

    def deliver(self) -> None:
        """Hand over what has arrived, as long as the receiver reads."""
        while self._arrived and self.receiver.reads:
            data = self._arrived.popleft()
            self._under_way -= len(data)
            self.receiver.take(data)
        if self._is_cut:
            return
        if self._end_arrived and not self._arrived and self.receiver.reads:
            self._end_arrived = False
            self.receiver.take_end()
        held = self.waiting
        self._pump()
        if held and not self._is_cut:
            self.sender.drained()


class Transport(asyncio.Transport):
    """One end of a link."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, out: _Way, back: _Way, own: Address, peer: Address
    ) -> None:
        super().__init__({"peername": peer, "sockname": own})
        self._loop = loop
        self._out = out
        self._back = back
        self._protocol: asyncio.Protocol | None = None
        self._high, self._low = _HIGH, _LOW
        self._is_paused = False
        self._is_closing = False
        self._is_lost = False
        self._is_alone = False
        self._is_reading = True
        self._protocol_paused = False

    # --- for protocols

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    def is_closing(self) -> bool:
        return self._is_closing

    def is_reading(self) -> bool:
        return self._is_reading and not self._is_closing

    def pause_reading(self) -> None:
        self._is_reading = False

    def resume_reading(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self._loop.call_soon(self._back.deliver)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = _HIGH if high is None else high
        self._low = self._high // 4 if low is None else low
        self._maybe_pause()

    def get_write_buffer_size(self) -> int:
        return self._out.waiting

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def write(self, data: Any) -> None:
        if not self._is_closing:
            self._out.write(bytes(data))
            self._maybe_pause()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self._out.end()

    def close(self) -> None:
        """Send the rest, then the end; nothing more is read."""
        if self._is_closing:
            return
        self._is_closing = True
        self._out.end()
        if not self._out.waiting:
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        """Cut at once; the other side sees a reset."""
        if self._is_lost:
            return
        self._is_closing = True
        self._out.cut()
        self._loop.call_soon(self._lose, None)
        if not self._is_alone:
            peer = self._out.receiver
            self._loop.call_later(self._out.delay(), peer.reset)

    def vanish(self) -> None:
        """The network is gone: nothing arrives any more on either side, and no end is told."""
        for way in (self._out, self._back):
            way.cut()
            way.sender.be_alone()

    def be_alone(self) -> None:
        """Whatever becomes of this end, the other one does not learn of it."""
        self._is_alone = True

    # --- for the ways

    @property
    def reads(self) -> bool:
        """Whether it takes what has arrived; a closing end takes, and forgets, everything."""
        return self._is_reading or self._is_closing

    def take(self, data: bytes) -> None:
        """Bytes have arrived."""
        if not self._is_closing and self._protocol is not None:
            self._protocol.data_received(data)

    def take_end(self) -> None:
        """The other side writes nothing more."""
        if self._is_closing or self._protocol is None:
            return
        if not self._protocol.eof_received():
            self.close()

    def reset(self) -> None:
        """The other side is gone."""
        if not self._is_lost:
            self._is_closing = True
            self._out.cut()
            self._lose(ConnectionResetError("Connection reset by peer"))

    def drained(self) -> None:
        """The way has taken some of what waited."""
        if self._is_closing:
            if not self._out.waiting:
                self._loop.call_soon(self._lose, None)
        elif self._protocol_paused and self._out.waiting <= self._low:
            self._protocol_paused = False
            if self._protocol is not None:
                self._protocol.resume_writing()

    def _maybe_pause(self) -> None:
        if self._out.waiting > self._high and not self._protocol_paused:
            self._protocol_paused = True
            if self._protocol is not None:
                self._protocol.pause_writing()

    def _lose(self, error: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            if self._protocol is not None:
                self._protocol.connection_lost(error)


class Link:
    """A connection: `near` is the end of whoever opened it, `far` that of whoever answered.

    Its delays depend on its `name` and the moment.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        name: str,
        randomness: Randomness,
        quality: LinkQuality,
        near: Address,
        far: Address,
    ) -> None:
        self._loop = loop
        there = _Way(loop, randomness.moments(f"{name}/there"), quality)
        back = _Way(loop, randomness.moments(f"{name}/back"), quality)
        self.near = Transport(loop, there, back, near, far)
        self.far = Transport(loop, back, there, far, near)
        there.sender = back.receiver = self.near
        there.receiver = back.sender = self.far
        self._ways = (there, back)

    async def opened(self, near: asyncio.Protocol, far: asyncio.Protocol) -> None:
        """Connect two protocols: the answering one first, the other when it may write."""
        self.near.set_protocol(near)
        arrived: asyncio.Future[None] = self._loop.create_future()
        self._loop.call_later(self._ways[0].delay(), self._accept, far, arrived)
        await arrived
        near.connection_made(self.near)

    def _accept(self, far: asyncio.Protocol, arrived: asyncio.Future[None]) -> None:
        self.far.set_protocol(far)
        far.connection_made(self.far)
        if not arrived.done():
            arrived.set_result(None)

    def cut(self) -> None:
        """The network is gone: nothing arrives any more, and no end is told (half-open)."""
        self.near.vanish()
