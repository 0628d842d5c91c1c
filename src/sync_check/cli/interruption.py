"""Ctrl-C while modules are loaded: the command has done nothing yet, so it ends at once and says nothing.

An exception would not do: raised in the middle of an import it shows a traceback, or is lost in the module.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_INTERRUPTED = 130  # ExitCode.INTERRUPTED, which is one of the modules still to be loaded


@contextmanager
def quiet_while_loading() -> Iterator[None]:
    """End the process with exit code 130 at Ctrl-C inside; where that is ignored or handled it stays so."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
