"""The end of an embedded server with its parent: whoever holds the other end of its standard input."""

import os
import signal
import threading
from typing import Final

GRACE_S: Final = 1.0


def end_with_stdin() -> None:
    """End this process when its standard input reaches its end, which no death of the parent prevents.

    First as by SIGTERM; if the process, busy or stuck, is still there `GRACE_S` seconds later, at once.
    """
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass  # no standard input at all: nobody holds the other end
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_S)
    os._exit(0)
