"""An event loop in virtual time: nothing waits, the clock jumps to whatever is due next.

It stands on asyncio's own loop; only its selector, which looks at no file, and its way to connect are
replaced. Tasks that become ready together run in an order that the seed gives, so that each seed is another
interleaving; callbacks, which the protocols of a transport rely on, keep theirs.
"""

import asyncio
import inspect
import selectors
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any, Final, NoReturn

from sync_check.harness.errors import HarnessError
from sync_check.harness.network.virtual.link import Link, LinkQuality
from sync_check.harness.randomness import Randomness

_RESOLUTION_S: Final = 1e-7
"""Times closer than this are one, so that rounding makes no extra turns."""
LONGEST_SILENCE_S: Final = 600.0
"""So long without progress, in virtual seconds, and nothing but periodic timers is left."""
_FIRST_PORT: Final = 40_000
_SHOWN: Final = 20


class Deadlock(HarnessError):
    """Nothing will ever happen any more; `waiting` names the tasks that wait, and what for."""

    def __init__(self, waiting: tuple[str, ...]) -> None:
        super().__init__(waiting)
        self.waiting = waiting

    def __str__(self) -> str:
        return f"nothing happens any more; waiting: {'; '.join(self.waiting) or 'nobody'}"


class NotInVirtualTime(HarnessError):
    """`what` needs the real world: threads and files do not know what time it is here."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} is not possible in virtual time"


class _Selector(selectors.SelectSelector):
    """Looks at nothing: whoever selects lets virtual time pass."""

    def __init__(self, passing: Callable[[float | None], None]) -> None:
        super().__init__()
        self._passing = passing

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._passing(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; `listen` says who answers at an address. All chance comes from `randomness`."""

    def __init__(self, randomness: Randomness, *, quality: LinkQuality | None = None) -> None:
        self._now = 0.0
        self._progress_at = 0.0
        self.on_silence: Callable[[tuple[str, ...]], None] | None = None
        """Gets who waits, and where, when nothing but periodic timers is left; without it that is raised."""
        self._randomness = randomness
        self._quality = quality or LinkQuality()
        self._listeners: dict[tuple[str, int], Callable[[], asyncio.Protocol]] = {}
        self._links = 0
        self._clock_resolution = _RESOLUTION_S
        self._ready: deque[asyncio.Handle]
        self._scheduled: list[asyncio.TimerHandle]
        super().__init__(_Selector(self._pass))
        self._clock_resolution = _RESOLUTION_S

    # --- time

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def progress(self, until_s: float = 0.0) -> None:
        """Take note that something happened that is more than a periodic timer, or will in some seconds."""
        self._progress_at = max(self._progress_at, self._now + until_s)

    def leap(self, seconds: float) -> None:
        """Let so many seconds be over at once, as if the machine had slept; what was due is overdue."""
        self._now += seconds
        self.progress()

    def _pass(self, timeout: float | None) -> None:
        if timeout is None or self._now + timeout - self._progress_at > LONGEST_SILENCE_S:
            self._now = max(self._now, self._progress_at + LONGEST_SILENCE_S)
            self._be_silent()
        elif timeout > 0:
            # Exactly when it is due: the sum of many differences would depend on what came between.
            self._now = max(self._now, self._scheduled[0].when())

    def _be_silent(self) -> None:
        waiting = tuple(sorted(map(_place, asyncio.all_tasks(self)))[:_SHOWN])
        self._progress_at = self._now
        if waiting and self.on_silence is not None:
            self.on_silence(waiting)
        elif waiting:
            raise Deadlock(waiting)
        if not self._ready and not self._scheduled:
            raise Deadlock(waiting)  # asyncio would turn in circles for ever

    # --- order

    def _run_once(self) -> None:
        if len(self._ready) > 1:
            self._mix()
        super()._run_once()  # type: ignore[misc]  # asyncio's own, which no stub names

    def _mix(self) -> None:
        """Shuffle each run of tasks that are ready one behind the other."""
        mixed: list[asyncio.Handle] = []
        tasks: list[asyncio.Handle] = []
        for handle in self._ready:
            if _wakes_a_task(handle):
                tasks.append(handle)
                continue
            self._add_shuffled(mixed, tasks)
            mixed.append(handle)
        self._add_shuffled(mixed, tasks)
        self._ready.clear()
        self._ready.extend(mixed)

    def _add_shuffled(self, mixed: list[asyncio.Handle], tasks: list[asyncio.Handle]) -> None:
        if len(tasks) > 1:
            # By the moment alone, so that what else happens, or does not, changes no order at another one.
            self._randomness.fresh(f"loop/order/{self._now}/{len(tasks)}").shuffle(tasks)
        mixed += tasks
        tasks.clear()

    # --- network

    def listen(self, host: str, port: int, accept: Callable[[], asyncio.Protocol] | None) -> None:
        """From now on `accept` makes the protocol that answers connections to an address; None: nobody."""
        if accept is None:
            self._listeners.pop((host, port), None)
        else:
            self._listeners[host, port] = accept

    async def create_connection(  # type: ignore[override]  # of asyncio's many forms only the plain one
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        host: str | None = None,
        port: int | None = None,
        window: int | None = None,
        **_options: Any,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect to whoever listens there; raises `ConnectionRefusedError` if nobody does.

        The way holds `window` bytes, if given.
        """
        accept = self._listeners.get((host or "", port or 0))
        if accept is None:
            raise ConnectionRefusedError(f"nobody listens at {host}:{port} in virtual time")
        self._links += 1
        link = Link(
            self,
            name=f"link/{self._links}",
            randomness=self._randomness,
            quality=self._quality if window is None else replace(self._quality, window=window),
            near=("127.0.0.1", _FIRST_PORT + self._links),
            far=(host or "", port or 0),
        )
        protocol = protocol_factory()
        await link.opened(protocol, accept())
        return link.near, protocol

    # --- what does not exist here

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> NoReturn:  # type: ignore[override]
        """Raise `NotInVirtualTime`: a thread would bring in the real time."""
        raise NotInVirtualTime("a thread")

    def add_signal_handler(  # type: ignore[override]  # of its forms only the one that we use
        self, sig: int, callback: Callable[..., Any], *args: Any
    ) -> None:
        """Call back at a signal. Nobody reads the loop's own pipe, so the interpreter itself calls."""

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.call_soon(callback, *args)

        signal.signal(sig, handle)

    def remove_signal_handler(self, sig: int) -> bool:
        """Do at a signal what the system does."""
        signal.signal(sig, signal.SIG_DFL)
        return True


def _wakes_a_task(handle: asyncio.Handle) -> bool:
    callback: object = handle._callback  # type: ignore[attr-defined]
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


def _place(task: asyncio.Task[Any]) -> str:
    """Where a task waits: its coroutine, the one that this waits for, and so on."""
    steps: list[str] = []
    waits: Any = task.get_coro()
    while inspect.iscoroutine(waits):
        steps.append(waits.__qualname__)
        waits = waits.cr_await
    return " > ".join(steps)
