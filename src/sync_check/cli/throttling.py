"""Seeing in the history, as it is written, that the target makes the run wait."""

from collections.abc import Callable
from typing import Final

from sync_check.conformance.history import OperationAnswered
from sync_check.harness.caller import RETRIED

_ANSWERED: Final = f'{{"k":"{OperationAnswered.kind}",'.encode()
_THROTTLED: Final = f'"error":"{RETRIED}"'.encode()
"""Not to be found in a body: that is a JSON text within a JSON text, its quotation marks escaped."""


class ThrottleWatch:
    """Hands the lines of the history on to `write`.

    `tell` gets True at each answer that says "too many" (429), so that the run waits and asks again,
    and False at each other one.
    """

    def __init__(self, write: Callable[[bytes], None], tell: Callable[[bool], None]) -> None:
        self._write = write
        self._tell = tell

    def __call__(self, line: bytes) -> None:
        """Take one line of the history, which ends with a newline."""
        self._write(line)
        if line.startswith(_ANSWERED):
            self._tell(_THROTTLED in line)
