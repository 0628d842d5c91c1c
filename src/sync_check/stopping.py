"""Ctrl-C while many short things are played, one after the other: what was found so far is still told."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop(Protocol):
    """Whether nothing new is to be begun."""

    def is_set(self) -> bool:
        """Whether it was said."""


class Stopping:
    """Set by the first signal; the second one ends the process as the first would without this.

    At the first one others can be told, for whom this one speaks.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._tell: Callable[[], None] | None = None

    def is_set(self) -> bool:
        """Whether a signal came."""
        return self._is_set

    def set(self) -> None:
        """Begin nothing new."""
        self._is_set = True
        if self._tell is not None:
            self._tell()

    def tell(self, others: Callable[[], None]) -> None:
        """Call `others` when it is set, or now if it is."""
        self._tell = others
        if self._is_set:
            others()

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """What a signal does."""
        if self._is_set:
            _hush()
            raise KeyboardInterrupt
        self.set()

    @contextmanager
    def at_signals(self) -> Iterator[None]:
        """Listen to signals inside."""
        before = {number: signal.signal(number, self.handle) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _hush() -> None:
    """Whoever wants the end at once wants no word of each task that this leaves half done."""
    logging.getLogger("asyncio").disabled = True
    sys.unraisablehook = lambda _: None


@contextmanager
def interrupting(stop: Stop | None, interrupt: Callable[[], None]) -> Iterator[None]:
    """Let the first signal end what waits on sockets inside, too, by calling `interrupt`.

    A loop that sleeps until something comes does not see what is set beside it.
    """
    if not isinstance(stop, Stopping):
        yield
        return
    loop = asyncio.get_running_loop()

    def both() -> None:
        stop.set()
        interrupt()

    for number in SIGNALS:
        loop.add_signal_handler(number, both)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, stop.handle)
