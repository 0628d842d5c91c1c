"""How late our own event loop was: what seemed to come late may have waited for us."""

import asyncio
from typing import Final

_EVERY_S: Final = 0.05


class LagMeter:
    """Looks at the loop every 50 ms, from `start` to `stop`."""

    __slots__ = ("_due", "_loop", "_timer", "_worst")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._worst = 0.0

    def start(self) -> None:
        """Measure from now on."""
        self._worst = 0.0
        self._again()

    def stop(self) -> int:
        """Measure no more; returns by how many microseconds the loop was late at worst."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            # A loop that is late has not come round to the last look.
            self._note()
        return int(self._worst * 1e6)

    def _again(self) -> None:
        self._due = self._loop.time() + _EVERY_S
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._note()
        self._again()

    def _note(self) -> None:
        self._worst = max(self._worst, self._loop.time() - self._due)
