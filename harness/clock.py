"""The harness's one clock: it reads the running loop's time, so that the same code runs in virtual time."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

_US: Final = 1_000_000


class Clock:
    """Time since the run's start, by the event loop that is running when it is made.

    `started_unix` is the wall time of that moment in unix seconds; it is read once, here and nowhere else,
    and everything later is derived from the loop. A virtual loop is given a fixed one.
    """

    __slots__ = ("_loop", "_origin", "_started_unix", "leap", "on_pause", "read_s", "waited_s")

    def __init__(self, *, started_unix: float | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        # uvloop tells the time of the iteration's begin, in whole milliseconds; it counts from where the
        # system's monotonic clock counts. Every other loop, a virtual one above all, is asked itself.
        cached = type(self._loop).__module__.partition(".")[0] == "uvloop"
        self.read_s: Callable[[], float] = time.monotonic if cached else self._loop.time
        """The clock's own reading, in seconds since a moment of its own; `us_of` makes it the run's time."""
        self._origin = self.read_s()
        self._started_unix = time.time() if started_unix is None else started_unix
        self.waited_s: dict[str, float] = {}
        """Seconds asked for in `pause`, by reason."""
        self.on_pause: Callable[[float], None] | None = None
        """Gets the seconds of each pause as it begins: whoever waits on purpose does not hang."""
        self.leap: Callable[[float], None] | None = None
        """Jumps over so many seconds, where time is ours: what was due in them is overdue."""

    def now_us(self) -> int:
        """Microseconds since the run's start: the time of history records."""
        return int((self.read_s() - self._origin) * _US)

    def us_of(self, moments_s: Iterable[float]) -> list[int]:
        """What `now_us` was at each of the moments that `read_s` gave."""
        origin = self._origin
        return [int((moment - origin) * _US) for moment in moments_s]

    def now_s(self) -> float:
        """Seconds since the run's start."""
        return self.read_s() - self._origin

    def unix_s(self) -> float:
        """Unix seconds now."""
        return self._started_unix + self.now_s()

    def started_at(self) -> str:
        """When the run started, as ISO 8601 text in UTC with seconds."""
        return datetime.fromtimestamp(self._started_unix, UTC).isoformat(timespec="seconds")

    async def pause(self, seconds: float, why: str = "pacing") -> None:
        """Let `seconds` pass: for pacing, Retry-After and back-off, never to wait for an outcome.

        `why` names the reason under which `waited_s` counts the time.
        """
        if seconds > 0:
            await self._wait(seconds, self._loop.time() + seconds, why)

    async def until(self, moment_s: float, why: str = "pacing") -> None:
        """Let time pass until a moment, in seconds since the run's start, for the same reasons.

        In virtual time it is exactly that moment, whatever happened before.
        """
        seconds = moment_s - self.now_s()
        if seconds > 0:
            await self._wait(seconds, self._origin + moment_s, why)

    async def _wait(self, seconds: float, when: float, why: str) -> None:
        self.waited_s[why] = self.waited_s.get(why, 0.0) + seconds
        if self.on_pause is not None:
            self.on_pause(seconds)
        over: asyncio.Future[None] = self._loop.create_future()
        timer = self._loop.call_at(when, _finish, over)
        try:
            await over
        finally:
            timer.cancel()

    def deadline(self, seconds: float) -> asyncio.Timeout:
        """A failure budget: `async with clock.deadline(5):` raises `TimeoutError` when it is used up."""
        return asyncio.timeout(seconds)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
