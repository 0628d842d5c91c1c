"""An event loop that waits for nobody: when nothing is under way its clock jumps to the next timer.

With it a test sees what becomes of a window of the contract without letting the window pass, and measures it
in seconds that do not depend on how busy the machine is. Sockets are real ones, on the loopback interface.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final

_QUIET_S: Final = 0.02
"""What was sent over the loopback interface has long arrived after so many real seconds."""


class _Jumping(selectors.DefaultSelector):
    """Tells when a wait was in vain, instead of going on with it."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(min(timeout, _QUIET_S))
        if not ready:
            self._jump(timeout)
        return ready


class HurriedLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 and passes by jumps alone."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self._advance))

    def time(self) -> float:
        return self._now

    def _advance(self, seconds: float) -> None:
        self._now += seconds


def hurry(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end in a `HurriedLoop`."""
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        runner.run(main)


async def pass_by(seconds: float) -> None:
    """Let so many seconds of the loop's time go by, and whatever is due in them happen."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over
