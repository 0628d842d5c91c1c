"""The server's only source of time (with `randomness`, the only module that may ask the system)."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Two readings in seconds: `monotonic` for windows and lifetimes, `wall` since the epoch for timestamps.

    By default the first comes from the running event loop, so that a loop in virtual time moves it.
    """

    monotonic: Callable[[], float] = _loop_time
    wall: Callable[[], float] = time.time

    def unix(self) -> int:
        """Whole seconds since the epoch, for every field ending in `_unix` (ENV-10)."""
        return int(self.wall())
