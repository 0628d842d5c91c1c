"""How long requests take under a target's limits: the pool's users take turns, and each has a minute's share.

A scenario goes on when everybody has, so what counts is who has used up their share first. Users are drawn
here as `pool` draws them, in the same order.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from sync_check.harness.pace import PACED_S, share_of


class Share:
    """What a limit of so many a minute leaves free, booked by numbers instead of one by one."""

    __slots__ = ("_booked", "_limit", "_used")

    def __init__(self, per_minute: int) -> None:
        self._limit = share_of(per_minute)
        self._booked: deque[tuple[float, int]] = deque()
        self._used = 0

    def book(self, count: int, now: float) -> float:
        """When the last of `count` requests can be sent, of which the first is due `now`."""
        while True:
            while self._booked and self._booked[0][0] + PACED_S <= now:
                self._used -= self._booked.popleft()[1]
            taken = min(count, self._limit - self._used)
            if taken:
                self._booked.append((now, taken))
                self._used += taken
                count -= taken
            if not count:
                return now
            now = self._booked[0][0] + PACED_S


class User:
    """One account of the pool."""

    __slots__ = ("guilds", "share")

    def __init__(self, per_minute: int) -> None:
        self.guilds = 0
        self.share = Share(per_minute)


class Turns:
    """The pool's users: who plays next, and who stays connected afterwards."""

    def __init__(self, per_minute: int, guilds_per_user: int) -> None:
        self._per_minute = per_minute
        self._guilds_per_user = guilds_per_user
        self._free: list[User] = []
        self._parked: deque[User] = deque()
        self.count = 0

    def draw(self, count: int, *, owning: bool = False) -> list[User]:
        """`count` users that are free, those first who own fewest guilds; the first comes to own one more."""
        self._free.sort(key=lambda user: user.guilds)
        is_able = bool(self._free) and self._free[0].guilds < self._guilds_per_user
        drawn = [self._new()] if owning and not is_able else []
        missing = count - len(drawn)
        drawn += self._free[:missing]
        del self._free[:missing]
        drawn += (self._new() for _ in range(count - len(drawn)))
        if owning:
            drawn[0].guilds += 1
        return drawn

    def stranger(self) -> User:
        """One that was parked, else any."""
        return self._parked.popleft() if self._parked else self.draw(1)[0]

    def give_back(self, members: Iterable[User], strangers: Iterable[User]) -> None:
        """The scenario is over."""
        self._free += members
        self._parked.extend(strangers)

    def _new(self) -> User:
        self.count += 1
        return User(self._per_minute)


def carried_out(loads: Mapping[User, int], now: float, request_s: float) -> float:
    """When all have sent their requests, each as many as `loads` says, from `now` on.

    A request takes `request_s` where nothing has to wait.
    """
    last = max((user.share.book(count, now) for user, count in loads.items()), default=now)
    return last + sum(loads.values()) * request_s
