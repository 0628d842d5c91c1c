"""`python -m tests.sync_check.forking SOCKET`: is forked into programs of ours, each a process of its own.

What a program needs is loaded once, so that it costs what it does and not what its start does. Each message
on the socket is one program: JSON (`Wanted`) and four files, its standard streams and a pipe on which first
its process id and then how it ended is told, a line each.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from importlib import import_module
from runpy import run_module
from typing import Final, TypedDict

from sync_check.cli.commands import PLACES
from sync_check.reports.page import index_html
from tests.reports import runs
from tests.sync_check.standing_by import SERVER, is_wanted, stand_by

MOST_BYTES: Final = 1 << 20
"""Of one message: words, folder and environment."""
_MODULES: Final = (
    *(place.partition(":")[0] for place in PLACES.values()),
    *("sync_check.simulation", "sync_check.reference_server.keeping", "sync_check.reference_server.process"),
    *("anyio._backends._asyncio", "httpcore", "uvicorn.lifespan.off", "uvicorn.loops.auto", "uvloop"),
)


class Wanted(TypedDict):
    """A program: the module that `python -m` names, its words, where, and with which variables."""

    module: str
    words: list[str]
    folder: str
    environment: dict[str, str]


class _Forks:
    """The commands that run."""

    def __init__(self, wanted: socket.socket) -> None:
        self._wanted = wanted
        self._running: dict[int, int] = {}
        """By process id, the pipe on which its end is awaited."""
        # Its handler wakes the poll: a child has ended.
        self._wakes, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def until_forked(self) -> Wanted | None:
        """In each child, what it is to be; None in the parent, when nothing more is wanted."""
        signal.set_wakeup_fd(self._woken)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._wanted, select.POLLIN)
        poll.register(self._wakes, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                if number == self._wakes:
                    os.read(self._wakes, 1024)
                    self._reap()
                    continue
                message, files, _, _ = socket.recv_fds(self._wanted, MOST_BYTES, 4)
                if not message:
                    return None
                if self._fork(files):
                    wanted: Wanted = json.loads(message)
                    return wanted

    def _fork(self, files: list[int]) -> bool:
        """Whether this is the child, with its standard streams in their place."""
        *streams, told = files
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            for number in (*files, *self._running.values(), self._wakes, self._woken, self._wanted.detach()):
                os.close(number)
            return True
        for stream in streams:
            os.close(stream)
        self._running[child] = told
        os.write(told, b"%d\n" % child)
        return False

    def _reap(self) -> None:
        """Tell of all that have ended."""
        while self._running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            told = self._running.pop(child)
            os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(told)


def main(wanted: socket.socket) -> None:
    """Fork until nothing more is wanted; a child goes on as the program, to the end of its interpreter."""
    for module in _MODULES:
        import_module(module)
    index_html(runs.failing())  # its templates are compiled once, too
    assert threading.active_count() == 1, "a thread does not survive a fork"
    gc.collect()
    gc.freeze()
    program = _Forks(wanted).until_forked()
    if program is not None:
        become(program)


def become(program: Wanted) -> None:
    """Be this program; the process ends with its exit code."""
    os.chdir(program["folder"])
    os.environ.clear()
    os.environ.update(program["environment"])
    module, words = program["module"], program["words"]
    if module == "sync_check" and is_wanted(words) and (server := stand_by()) is not None:
        module, words = SERVER[1], server
    sys.argv = ["sync-check", *words]
    try:
        run_module(module, run_name="__main__")
        code = 0
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        code = ended.code or 0
    _end(code)


def _end(code: int) -> None:
    """End as the interpreter would, but leave what was loaded: taking it apart costs more than many a run."""
    threading._shutdown()  # type: ignore[attr-defined] # which waits for threads
    atexit._run_exitfuncs()
    gc.collect()  # what complains of its end does it now
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # the interpreter knows what becomes of that
    os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
