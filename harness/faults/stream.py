"""One direction of a connection through the proxy: what toxics make of it, and when it comes out.

Bytes are cut into pieces, each gets the moment at which it is due, and waits for it in a queue. Who feeds the
queue is told to stop once it holds 64 KiB.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeVar

from sync_check.harness.faults.frames import Frames
from sync_check.harness.faults.toxics import (
    Bandwidth,
    HalfOpen,
    Latency,
    LimitData,
    LimitEvents,
    Slicer,
    Timeout,
    Toxic,
)
from sync_check.harness.randomness import Stream as Chance

MOST_WAITING: Final = 64 * 1024
"""Bytes that wait before the sender is told to stop; what it had sent by then is taken all the same."""
_LEAST_WAITING: Final = MOST_WAITING // 4
"""Bytes down to which the queue is emptied before the sender may go on."""
_STRETCHES_PER_S: Final = 20
"""In how many pieces a second's worth of bytes comes where bandwidth is limited."""
_GRAIN_S: Final = 0.000_5
"""What is due so soon is due: some loops tell the time in milliseconds."""

_Kind = TypeVar("_Kind", bound=Toxic)


class _Piece(NamedTuple):
    due: float
    data: bytes
    cut: Toxic | None = None


class Outlet(ABC):
    """What a stream does at its end: hand bytes on, cut the connection, and stop its sender."""

    @abstractmethod
    def deliver(self, data: bytes) -> None:
        """Hand bytes on."""

    @abstractmethod
    def cut(self, toxic: Toxic) -> None:
        """End the connection, as a toxic wants."""

    @abstractmethod
    def hold(self, stop: bool) -> None:
        """Tell the sender to stop, or to go on."""


class Stream:
    """One direction. `chance` decides jitter and sizes; with `frames` toxics can count events."""

    def __init__(self, outlet: Outlet, chance: Chance, frames: Frames | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._outlet = outlet
        self._chance = chance
        self._frames = frames
        self._toxics: dict[type[Toxic], Toxic] = {}
        self._counts: dict[type[Toxic], int] = {}
        self._queue: deque[_Piece] = deque()
        self._waiting = 0
        self._link_free = self._last_due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_blocked = self._is_held = self._is_over = False
        self._at_end: Callable[[], None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that have come and not gone out."""
        return self._waiting

    @property
    def is_silent(self) -> bool:
        """Whether nothing passes."""
        return Timeout in self._toxics or HalfOpen in self._toxics

    # --- toxics

    def add(self, toxic: Toxic) -> None:
        """Put a toxic on, in place of one of its kind. Raises ValueError where events cannot be counted."""
        if isinstance(toxic, LimitEvents):
            if self._frames is None:
                raise ValueError("events come downstream only")
            self._frames.holds = True
        self._toxics[type(toxic)] = toxic
        self._counts[type(toxic)] = 0
        if isinstance(toxic, HalfOpen):
            self._forget()
        self._change()

    def remove(self, kind: type[Toxic]) -> bool:
        """Take the toxic of a kind off; whether it was on."""
        if self._toxics.pop(kind, None) is None:
            return False
        if kind is LimitEvents and self._frames is not None:
            self._frames.holds = False
            self._append(self._frames.rest())
        self._change()
        return True

    def calm(self) -> None:
        """Take off whatever is on, but for what has no end."""
        for kind in [one for one in self._toxics if one is not HalfOpen]:
            self.remove(kind)

    def _change(self) -> None:
        """What waits is due as the toxics want that are on now."""
        waiting, self._queue, self._waiting = self._queue, deque(), 0
        self._link_free = self._last_due = self._loop.time()
        for piece in waiting:
            self._append(piece.data, piece.cut)
        self._pump()

    def _on(self, kind: type[_Kind]) -> _Kind | None:
        toxic = self._toxics.get(kind)
        return toxic if isinstance(toxic, kind) else None

    # --- in

    def feed(self, data: bytes) -> None:
        """Bytes have come from the sender."""
        if self._is_over or HalfOpen in self._toxics:
            return
        if self._frames is None:
            self._append(data)
        else:
            for part in self._frames.take(data):
                self._append(part.data, self._reached(part.event))
        self._pump()

    def end(self, act: Callable[[], None]) -> None:
        """The sender sends no more: once all that it sent has passed, `act`. Only the first end counts."""
        if self._at_end is None:
            self._at_end = act
            if self._frames is not None:
                self._append(self._frames.rest())
            self._pump()

    def _reached(self, event: str | None) -> Toxic | None:
        """The toxic that ends the connection in place of this event."""
        limit = self._on(LimitEvents)
        if limit is None or event != limit.name:
            return None
        self._counts[LimitEvents] += 1
        return limit if self._counts[LimitEvents] == limit.count else None

    def _append(self, data: bytes, cut: Toxic | None = None) -> None:
        for piece in self._sliced(data):
            self._queue.append(_Piece(self._due(len(piece)), piece, cut))
            self._waiting += len(piece)
        if self._waiting > MOST_WAITING and not self._is_held:
            self._is_held = True
            self._outlet.hold(True)

    def _sliced(self, data: bytes) -> Iterator[bytes]:
        bandwidth, slicer = self._on(Bandwidth), self._on(Slicer)
        most = len(data)
        if bandwidth is not None:
            most = max(1, min(most, int(bandwidth.bytes_per_s / _STRETCHES_PER_S)))
        at = 0
        while at < len(data):
            size = most
            if slicer is not None:
                variation = self._chance.randint(-slicer.size_variation, slicer.size_variation)
                size = max(1, min(most, slicer.average_size + variation))
            yield data[at : at + size]
            at += size

    def _due(self, size: int) -> float:
        """When so many bytes come out that come in now: never before those that came in earlier."""
        bandwidth, slicer, latency = self._on(Bandwidth), self._on(Slicer), self._on(Latency)
        if bandwidth is None and slicer is None and latency is None:
            return self._last_due
        now = self._loop.time()
        self._link_free = max(now, self._link_free)
        if bandwidth is not None:
            self._link_free += size / bandwidth.bytes_per_s
        if slicer is not None:
            self._link_free += slicer.delay_s
        due = self._link_free
        if latency is not None:
            due += latency.latency_s + latency.jitter_s * self._chance.uniform(-1.0, 1.0)
        self._last_due = max(due, self._last_due)
        return self._last_due

    # --- out

    def block(self, stop: bool) -> None:
        """The receiver takes nothing, or takes something again."""
        self._is_blocked = stop
        if not stop:
            self._pump()

    def close(self) -> None:
        """Nothing is to be passed on any more."""
        self._is_over = True
        self._forget()
        if self._timer is not None:
            self._timer.cancel()

    def _forget(self) -> None:
        self._queue.clear()
        self._waiting = 0
        if self._frames is not None:
            self._frames.rest()

    def _pump(self) -> None:
        """Hand on what is due, as long as it passes."""
        while self._queue and not (self._is_over or self._is_blocked or self.is_silent):
            if self._queue[0].due > self._loop.time() + _GRAIN_S:
                self._wait_for(self._queue[0].due)
                return
            self._pass(self._queue.popleft())
        if self._is_held and self._waiting <= _LEAST_WAITING and not self._is_over:
            self._is_held = False
            self._outlet.hold(False)
        if self._at_end is not None and not (self._queue or self._is_over or self.is_silent):
            self._is_over = True
            self._at_end()

    def _pass(self, piece: _Piece) -> None:
        if piece.cut is not None:
            self._outlet.cut(piece.cut)
            return
        self._waiting -= len(piece.data)
        limit = self._on(LimitData)
        if limit is None:
            self._outlet.deliver(piece.data)
            return
        left = limit.bytes - self._counts[LimitData]
        self._counts[LimitData] += len(piece.data)
        if left > 0:
            self._outlet.deliver(piece.data[:left])
        if left <= len(piece.data):
            self._outlet.cut(limit)

    def _wait_for(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._pump)
