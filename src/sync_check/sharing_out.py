"""Exploring in several processes, which leave Ctrl-C to the one that started them, and end when it does."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process

from sync_check.exploration import Explored, Share, explore
from sync_check.stopping import SIGNALS, Stop, Stopping

_told: Stop | None = None
"""What a process that plays shares is told by the one that started it."""


def explored_by(jobs: int, shares: Sequence[Share], stop: Stopping) -> Iterator[Explored]:
    """What the shares come to, each as soon as it is over, in so many processes."""
    spawning = get_context("spawn")
    told = spawning.Event()
    stop.tell(told.set)
    with ProcessPoolExecutor(jobs, mp_context=spawning, initializer=_listen, initargs=(told,)) as pool:
        with _unheard():
            futures = [pool.submit(_explore, share) for share in shares]
        for future in as_completed(futures):
            yield future.result()


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


def _explore(share: Share) -> Explored:
    return explore(share, _told)
