"""Staying within the target's rate limits, so that a run never has to be throttled (contract 6.1).

The harness counts what it sends and waits before a request that would exceed a limit. A small part of each
limit is left unused, because the target counts arrivals, which bunch up where departures did not.
"""

from array import array
from collections.abc import Callable
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.clock import Clock

MINUTE_S: Final = 60.0
PACED_S: Final = MINUTE_S + 2.0
"""How long a booking counts: requests that were sent together arrive one after the other, over some time."""
_HEADROOM: Final = 0.95
_AUTH_ROUTES: Final = frozenset(
    operation.name for operation in (ops.Register, ops.Login, ops.Refresh, ops.UpdateProfile)
)


def share_of(limit: int) -> int:
    """How much of a limit is used at most."""
    return max(1, int(limit * _HEADROOM))


class SlidingWindow:
    """At most `limit` admissions in any `seconds`; a refusal is a delay, booked in order of asking."""

    __slots__ = ("_booked", "limit", "seconds")

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = share_of(limit)
        self.seconds = seconds
        self._booked = array("d")

    def book(self, now: float) -> float:
        """Book one admission and return when it may happen: `now`, or later when the window is full."""
        if len(self._booked) < self.limit:
            when = now
        else:
            # Bookings are in ascending order, so the one `limit` places back decides.
            when = max(now, self._booked.pop(0) + self.seconds)
        self._booked.append(when)
        return when


class Pace:
    """The waiting room before every request; one per run, because limits count per address as well.

    Users with addresses of their own share these windows nevertheless, which is more patient than need be:
    a target may count all of them as one peer after all.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, str], SlidingWindow] = {}
        self._closed_until: dict[tuple[str, str], float] = {}
        self._throttled_since: dict[str, float] = {}
        self.on_wait: Callable[[float], None] | None = None
        """Told the seconds of each wait: time budgets do not count them."""
        self.on_pacing: Callable[[float, str], None] | None = None
        """Told the seconds of each wait for a limit, and the limit's name."""

    async def admit(self, operation: str, user: str | None) -> None:
        """Wait until `operation` by `user` (None: counted by address) is within all limits."""
        now = self._clock.now_s()
        when = self._window("all", user or "address", self._limits.requests_per_minute).book(now)
        limit = "requests_per_minute"
        if operation in _AUTH_ROUTES:
            auth = self._window(operation, "address", self._limits.auth_requests_per_minute).book(now)
            if auth > when:
                when, limit = auth, "auth_requests_per_minute"
        if when > now and self.on_pacing is not None:
            self.on_pacing(when - now, limit)
        when = max(when, self._closed_until.get(_surface(operation, user), now))
        if when > now:
            await self.pause(when - now, "pacing")

    async def throttled(self, operation: str, user: str | None, seconds: float) -> None:
        """The target said "too many": wait, and let nobody else try the same meanwhile."""
        now = self._clock.now_s()
        self._throttled_since.setdefault(operation, now)
        surface, until = _surface(operation, user), now + seconds
        self._closed_until[surface] = max(until, self._closed_until.get(surface, until))
        await self.pause(seconds, "throttled")

    def let_through(self, operation: str) -> None:
        """The target answered such a call."""
        self._throttled_since.pop(operation, None)

    def throttled_for(self, operation: str) -> float:
        """For how many seconds each call of this kind, whoever made it, was answered "too many"."""
        now = self._clock.now_s()
        return now - self._throttled_since.get(operation, now)

    async def pause(self, seconds: float, why: str) -> None:
        """Let time pass on purpose, which no time budget counts."""
        self.spend(seconds)
        await self._clock.pause(seconds, why=why)

    def spend(self, seconds: float) -> None:
        """Tell whoever keeps a time budget of so many seconds that do not count."""
        if self.on_wait is not None:
            self.on_wait(seconds)

    def _window(self, surface: str, key: str, limit: int) -> SlidingWindow:
        window = self._windows.get((surface, key))
        if window is None:
            window = self._windows[surface, key] = SlidingWindow(limit, PACED_S)
        return window


def _surface(operation: str, user: str | None) -> tuple[str, str]:
    """What a refusal for too many requests concerns: an auth route of this address, else the user."""
    return (operation, "address") if operation in _AUTH_ROUTES else ("all", user or "address")
