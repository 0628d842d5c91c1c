"""The file behind the journal: written as the run goes, it survives the run's death up to one torn line."""

import asyncio
import os
from pathlib import Path
from typing import Final

from sync_check.harness.errors import HistoryUnwritable

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""Binary where a system tells text files from others: a record ends with one byte."""
_FLUSH_AT: Final = 1024 * 1024
"""Bytes that are not kept waiting for the end of the loop's iteration."""


class JournalFile:
    """An append-only file; give its `write` to the journal.

    What one iteration of the event loop writes goes to the system in one call. Raises `HistoryUnwritable`
    when the file cannot be made, and from the next `write`, `flush` or `close` on when writing has failed.
    """

    __slots__ = ("_failure", "_file", "_lines", "_pending", "_scheduled", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[bytes] = []
        self._pending = 0
        self._scheduled = False
        self._failure: HistoryUnwritable | None = None
        try:
            self._file: int | None = os.open(path, _FLAGS, 0o644)
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, line: bytes) -> None:
        """Append `line`, which ends with a newline; it reaches the system before the loop waits again."""
        if self._failure is not None:
            raise self._failure
        self._lines.append(line)
        self._pending += len(line)
        if self._pending >= _FLUSH_AT:
            self.flush()
        elif not self._scheduled:
            self._schedule()

    def flush(self) -> None:
        """Hand everything written so far to the system."""
        self._drain()
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Flush and close; closing again does nothing."""
        if self._file is None:
            return
        try:
            self.flush()
        finally:
            os.close(self._file)
            self._file = None

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._scheduled = True
            loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._scheduled = False
        if self._file is None or self._failure is not None:
            return
        rest = memoryview(b"".join(self._lines))
        self._lines.clear()
        self._pending = 0
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            # Raised where somebody waits for it: the loop would only log it.
            self._failure = self._unwritable(error)

    def _unwritable(self, error: OSError) -> HistoryUnwritable:
        return HistoryUnwritable(str(self.path), error.strerror or type(error).__name__)
