"""What the target's clock says, as far as the header `Date` of its answers tells (RFC 9110, 6.6.1)."""

from typing import Final

from sync_check.conformance.contract.dates import unix_of
from sync_check.harness.clock import Clock

_SECOND: Final = 1.0
_SLACK_S: Final = 2.0
"""Servers make the header about once a second, and two clocks do not go alike."""


class FarClock:
    """Notices which answers tell something new: that the clocks differ, or by how much more than before."""

    __slots__ = ("_clock", "_date", "_told")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._date: str | None = None
        self._told: tuple[float, float] | None = None

    def is_news(self, date: str, began_s: float) -> bool:
        """Whether the `Date` of an answer to what was sent at `began_s`, and has just come, is to be told."""
        if date == self._date:
            return False
        self._date = date
        unix = unix_of(date)
        if unix is None:
            return False
        least, most = unix - self._clock.now_s(), unix + _SECOND - began_s
        told = self._told
        if told is not None and least <= told[1] + _SLACK_S and most >= told[0] - _SLACK_S:
            return False
        self._told = least, most
        return True
