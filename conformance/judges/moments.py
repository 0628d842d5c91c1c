"""Which positions of a history lie for certain before or after a time."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from sync_check.conformance.model.connections import NEVER

Moment = tuple[int, int]
"""A time in microseconds, and the position that belongs to it."""


class Moments:
    """Moments in ascending order. Mostly the latest is added, which costs next to nothing."""

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        self._moments = sorted(moments)

    def add(self, at_us: int, position: int) -> None:
        """Take in one more."""
        insort(self._moments, (at_us, position))

    def first_after(self, at_us: int) -> Moment | None:
        """The first one after a time."""
        place = bisect_right(self._moments, (at_us, NEVER))
        return self._moments[place] if place < len(self._moments) else None

    def last_before(self, at_us: int) -> Moment | None:
        """The last one before a time."""
        place = bisect_left(self._moments, (at_us, -1)) - 1
        return self._moments[place] if place >= 0 else None
