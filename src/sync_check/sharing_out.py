"""Work on many programs in shares, in several processes, which leave Ctrl-C to the one that started them."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Final, TypeVar

from sync_check.stopping import SIGNALS, Stop, Stopping

_Share = TypeVar("_Share")
_Result = TypeVar("_Result")

_PER_SHARE: Final = 25
"""The most programs of one share: few enough for all processes to end at about the same time."""
_SHARES: Final = 16
"""For each process, of few programs: who waits sees how far it has come."""

_told: Stop | None = None
"""What a process that works on shares is told by the one that started it."""


def portions(programs: int, jobs: int) -> Iterator[tuple[int, int]]:
    """The number of the first program of each share, and how many it has, for so many processes."""
    most = max(1, min(_PER_SHARE, programs // (_SHARES * jobs)))
    return ((first, min(most, programs - first)) for first in range(0, programs, most))


def shared_out(
    work: Callable[[_Share, Stop | None], _Result], shares: Sequence[_Share], jobs: int, stop: Stopping
) -> Iterator[_Result]:
    """What the shares come to, in their order, whichever of the processes is first.

    `work` is told what to stop at. One job is this process itself; others find `work` by its name.
    """
    if jobs == 1:
        for share in shares:
            if stop.is_set():
                return
            yield work(share, stop)
        return
    spawning = get_context("spawn")
    told = spawning.Event()
    stop.tell(told.set)
    pool = ProcessPoolExecutor(jobs, mp_context=spawning, initializer=_listen, initargs=(told,))
    try:
        with _unheard():
            futures = [pool.submit(_do, work, share) for share in shares]
        for future in futures:
            yield future.result()
    finally:  # after an error, or where nobody wants more, nobody waits for what is left
        stop.tell(_nobody)
        told.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _unheard() -> Iterator[None]:
    """Hold signals back; what is started inside never hears them, not even while it loads."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _listen(told: Stop) -> None:
    global _told  # noqa: PLW0603 - what is handed to such a process has no other place
    _told = told
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Nobody else would tell a process that waits for work that no more will come."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _nobody() -> None:
    """A signal that comes while others are told must not tell them as well: their event is locked then."""


def _do(work: Callable[[_Share, Stop | None], _Result], share: _Share) -> _Result:
    return work(share, _told)
