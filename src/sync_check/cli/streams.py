"""Standard streams that are closed, or whose reader goes away, end neither a run nor its exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_STANDARD = (0, 1, 2)


def open_closed_streams() -> None:
    """Open the null device where a standard stream is closed, or the next socket would take its number."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is taken, and lower ones are open by now.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - lives as long as we do
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def silence_stdout() -> None:
    """Send what is still to be printed nowhere: its reader is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """What is printed inside may be cut short by its reader (`| head`)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


class RunConsole(Console):
    """A console on standard output; a reader that goes away (`| head`) does not end the run."""

    def on_broken_pipe(self) -> None:
        """Print nothing any more and go on: the reports are still to be written."""
        self.quiet = True
        silence_stdout()
