"""Moments as headers of HTTP tell them (RFC 9110, 5.6.7)."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

DATE: Final = "date"
"""The header of when an answer was made (RFC 9110, 6.6.1)."""


def unix_of(date: str) -> float | None:
    """The unix seconds of the value of a header such as `Date`; None if it tells no moment."""
    try:
        moment = parsedate_to_datetime(date)
        # A date without a zone is one of UTC, whatever the zone of this machine.
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
