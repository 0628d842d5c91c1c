"""Log lines on their way to standard error, whose reader may stall or be gone: nobody waits for it."""

import atexit
import logging
import os
import sys
from functools import cache
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

_BOUND: Final = 10_000
_DRAIN_S: Final = 0.5
_logger = logging.getLogger(__name__)


class LogStream:
    """Takes lines and writes them in a thread of its own; at most `bound` lines wait, and more are dropped.

    How many were dropped is logged as soon as there is room again. Lines for a reader that has gone are lost.
    """

    def __init__(self, descriptor: int, *, bound: int = _BOUND) -> None:
        self._descriptor = descriptor
        self._bound = bound
        self._waiting: SimpleQueue[str | Event] = SimpleQueue()
        self.dropped = 0
        """Lines so far."""
        Thread(target=self._write_on, name="log", daemon=True).start()

    def write(self, line: str) -> None:
        """Queue or drop a line, which has its newline."""
        if self._waiting.qsize() < self._bound:
            self._waiting.put(line)
        else:
            self.dropped += 1

    def drain(self, within_s: float = _DRAIN_S) -> bool:
        """Wait until every line of before is written, at most so many seconds; whether they are."""
        reached = Event()
        self._waiting.put(reached)
        return reached.wait(within_s)

    def _write_on(self) -> None:
        told = 0
        while True:
            batch = [self._waiting.get(), *(self._waiting.get() for _ in range(self._waiting.qsize()))]
            self._write("".join(one for one in batch if isinstance(one, str)))
            if self.dropped > told:
                told = self.dropped
                _logger.warning("%d lines of this log were dropped so far: nobody read them in time", told)
            for one in batch:
                if isinstance(one, Event):
                    one.set()

    def _write(self, text: str) -> None:
        data = memoryview(text.encode(errors="backslashreplace"))
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            return  # nobody reads, or the disk is full: no reason to stop serving


@cache
def stderr_stream() -> LogStream:
    """The one stream of this process; what can still be written is written when the process ends."""
    stderr = sys.__stderr__
    stream = LogStream(os.open(os.devnull, os.O_WRONLY) if stderr is None else stderr.fileno())
    atexit.register(stream.drain)
    return stream
