"""How well we are ourselves: what seemed to come late may have waited for us."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

_EVERY_S: Final = 0.01
_MOST_LOOKS: Final = 1 << 16
"""More are thinned out, which takes memory of that bound only, however long it is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """By how many microseconds our loop was late, at worst and in 99 of 100 looks, and what `cpu` we took."""

    worst_us: int = 0
    p99_us: int = 0
    cpu: float = 0.0

    @classmethod
    def of(cls, late: Sequence[float], cpu: float) -> "Health":
        """The same by how many seconds it was late at each look, of which there is one at least."""
        ordered = sorted(late)
        p99 = ordered[ceil(len(ordered) * 0.99) - 1]
        return cls(worst_us=int(ordered[-1] * 1e6), p99_us=int(p99 * 1e6), cpu=cpu)


class LagMeter:
    """Looks at the loop every 10 ms, from `start` to `stop`."""

    __slots__ = ("_began", "_due", "_late", "_loop", "_spent", "_timer", "_worst")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._began = self._spent = self._worst = 0.0
        self._late: list[float] = []

    def start(self) -> None:
        """Measure from now on."""
        self._late.clear()
        self._worst = 0.0
        self._began, self._spent = self._loop.time(), _processor_s()
        self._again()

    def stop(self) -> Health:
        """Measure no more; returns how we were. Nothing is measured where `start` was not called."""
        if self._timer is None:
            return Health()
        self._timer.cancel()
        self._timer = None
        # A loop that is late has not come round to the last look.
        self._note()
        lasted = self._loop.time() - self._began
        cpu = (_processor_s() - self._spent) / lasted if lasted > 0 else 0.0
        return replace(Health.of(self._late, cpu), worst_us=int(self._worst * 1e6))

    def _again(self) -> None:
        self._due = self._loop.time() + _EVERY_S
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._note()
        self._again()

    def _note(self) -> None:
        late = max(0.0, self._loop.time() - self._due)
        self._worst = max(self._worst, late)
        self._late.append(late)
        if len(self._late) > _MOST_LOOKS:
            del self._late[::2]


def _processor_s() -> float:
    """Seconds of processor time that this process has taken, not counting those that it started."""
    times = os.times()
    return times.user + times.system
