"""Standard streams that are closed, full, or left by their reader end neither a run nor its exit code."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

_STANDARD = (0, 1, 2)


class GuardedOutput(io.RawIOBase):
    """`raw`, but it never refuses: after the first failure all that is written is dropped.

    A reader that goes away (`| head`) wants no more, and nothing is said about it. For any other reason, such
    as a full disk, `tell` gets the system's words at once and `is_lost` is true.
    """

    def __init__(self, raw: io.RawIOBase, tell: Callable[[str], None]) -> None:
        self._raw = raw
        self._tell = tell
        self._is_dropping = False
        self.is_lost = False

    def write(self, data: Any, /) -> int | None:
        """Write as much of `data`, bytes or alike, as the system takes; returns how much is done with."""
        if not self._is_dropping:
            try:
                return self._raw.write(data)
            except BrokenPipeError:
                self._is_dropping = True
            except OSError as error:
                self._is_dropping = self.is_lost = True
                self._tell(error.strerror or str(error))
        return memoryview(data).nbytes

    def writable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """The descriptor of `raw`."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Whether a terminal shows what is written."""
        return self._raw.isatty()


@contextmanager
def guarded_streams() -> Iterator[GuardedOutput | None]:
    """Let no write to standard output or error fail inside; gives what became of the output.

    Streams that are no files of the system, as in a test, are left as they are, with None for the output.
    """
    _open_closed_streams()
    before = sys.stdout, sys.stderr
    output, sys.stdout = _guarded(sys.stdout, _tell_lost_output)
    _, sys.stderr = _guarded(sys.stderr, _tell_nobody)
    try:
        yield output
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _open_closed_streams() -> None:
    """Open the null device where a standard stream is closed, or the next socket would take its number."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is taken, and lower ones are open by now.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - lives as long as we do
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115 - lives as long as we do


def _guarded(stream: TextIO, tell: Callable[[str], None]) -> tuple[GuardedOutput | None, TextIO]:
    if not isinstance(stream, io.TextIOWrapper):
        return None, stream
    stream.flush()
    # Python run with -u has no buffer between the text and the file.
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)
    guarded = GuardedOutput(raw, tell)
    return guarded, io.TextIOWrapper(
        io.BufferedWriter(guarded),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _tell_lost_output(reason: str) -> None:
    sys.stderr.write(f"sync-check: standard output cannot be written: {reason}; send it somewhere else\n")


def _tell_nobody(reason: str) -> None:
    """Standard error is where it would be told."""
