"""Defects of what waits for a connection, and of how slow ones end."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sync_check.reference_server import endings
from sync_check.reference_server.asgi import Application, Receive, Scope, Send
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.outbound import Outbound, Pushed
from sync_check.reference_server.store import Store

_UNBOUNDED: Final = 1 << 40
_BYTES: Final = 1024 * 1024
_LATE_S: Final = 1.5


class QueueUnbounded(Faithful):
    """What waits for a connection is not bounded."""

    def queueing(self, queue: Outbound) -> Outbound:
        return Outbound(bound=_UNBOUNDED, write=queue.write)


class QueueLooser(Faithful):
    """Twice as much may wait for a connection as is declared."""

    def queueing(self, queue: Outbound) -> Outbound:
        return Outbound(bound=2 * queue.bound, write=queue.write)


class QueueTighter(Faithful):
    """Half as much may wait for a connection as is declared."""

    def queueing(self, queue: Outbound) -> Outbound:
        return Outbound(bound=queue.bound // 2, write=queue.write)


class _Late(Outbound):
    __slots__ = ("_late",)

    def __init__(self, *, bound: int, write: Callable[[bytes], None]) -> None:
        super().__init__(bound=bound, write=write)
        self._late: deque[bytes] = deque()

    def push(self, frame: bytes) -> Pushed:
        if not self.is_open:
            return Pushed.CLOSED
        self._late.append(frame)
        asyncio.get_running_loop().call_later(_LATE_S, self._tell)
        return Pushed.QUEUED

    def _tell(self) -> None:
        super().push(self._late.popleft())


class EventsLate(Faithful):
    """Everything is told in its order, but later than the delivery window permits."""

    def queueing(self, queue: Outbound) -> Outbound:
        return _Late(bound=queue.bound, write=queue.write)


class _DroppingOldest(Outbound):
    __slots__ = ()

    def push(self, frame: bytes) -> Pushed:
        if self.is_open and self.is_blocked and len(self._waiting) >= self.bound:
            self._waiting.popleft()
        return super().push(frame)


class QueueDropsOldest(Faithful):
    """An event that finds the queue full drives out the oldest one, and the connection stays."""

    def queueing(self, queue: Outbound) -> Outbound:
        return _DroppingOldest(bound=queue.bound, write=queue.write)


class _CountingBytes(Outbound):
    __slots__ = ()

    def push(self, frame: bytes) -> Pushed:
        if self.is_open and self.is_blocked and sum(map(len, self._waiting)) + len(frame) > _BYTES:
            return Pushed.FULL
        return super().push(frame)


class QueueCountsBytes(Faithful):
    """What waits for a connection is bounded in bytes, however many events they are."""

    def queueing(self, queue: Outbound) -> Outbound:
        return _CountingBytes(bound=_UNBOUNDED, write=queue.write)


class _Waited(Outbound):
    """Holds up everybody once it is full, until its writer takes something or patience is over."""

    __slots__ = ("_everybody",)

    def __init__(self, everybody: "SlowConsumerBlocks", queue: Outbound) -> None:
        super().__init__(bound=queue.bound, write=queue.write)
        self._everybody = everybody

    def push(self, frame: bytes) -> Pushed:
        is_full = self.is_open and self.is_blocked and len(self._waiting) >= self.bound
        if is_full and self._everybody.waits_for is None:
            self._everybody.wait_for(self)
        if self._everybody.waits_for not in (None, self):
            self._everybody.held.append((self, frame))
            return Pushed.QUEUED
        return super().push(frame)


class SlowConsumerBlocks(Faithful):
    """Whoever tells everybody something waits for a connection that takes nothing, and all wait for that."""

    patience_s: Final = 0.5

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self.waits_for: Outbound | None = None
        self.held: list[tuple[_Waited, bytes]] = []
        self._had: dict[Outbound, None] = {}
        self._goes_on = asyncio.Event()

    def answering(self, app: Application) -> Application:
        async def instead(scope: Scope, receive: Receive, send: Send) -> None:
            if self.waits_for is not None:
                await self._goes_on.wait()
            await app(scope, receive, send)

        return instead

    def queueing(self, queue: Outbound) -> Outbound:
        return _Waited(self, queue)

    def wait_for(self, queue: Outbound) -> None:
        """Tell nobody anything for a while, once for each queue."""
        if queue not in self._had:
            self._had[queue] = None
            self.waits_for = queue
            self._goes_on.clear()
            asyncio.get_running_loop().call_later(self.patience_s, self._go_on)

    def _go_on(self) -> None:
        self.waits_for = None
        self._goes_on.set()
        held, self.held = self.held, []
        for queue, frame in held:
            queue.push(frame)


class SlowConsumerStaysPresent(Faithful):
    """Nobody is told that a slow consumer's connection has ended; its user stays online."""

    def is_forgotten(self, ending: Ending) -> bool:
        return ending.label == endings.SLOW_CONSUMER.label


class SlowConsumerDropped(Faithful):
    """A slow consumer's connection ends without a Close frame."""

    def ends_as(self, ending: Ending) -> Ending:
        return replace(ending, code=None) if ending is endings.SLOW_CONSUMER else ending


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "events-late": EventsLate,
    "queue-unbounded": QueueUnbounded,
    "queue-looser": QueueLooser,
    "queue-tighter": QueueTighter,
    "queue-drops-oldest": QueueDropsOldest,
    "queue-counts-bytes": QueueCountsBytes,
    "slow-consumer-blocks": SlowConsumerBlocks,
    "slow-consumer-stays-present": SlowConsumerStaysPresent,
    "slow-consumer-dropped": SlowConsumerDropped,
}
