"""What a run will need under the target's limits, said before it starts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Estimate
from sync_check.harness.forecast import Share, Turns, User, carried_out
from sync_check.harness.scenario import Needs, Scenario
from sync_check.harness.settle import DRAWN, EVERYBODY_BELOW
from sync_check.harness.speed import USUAL, Speed
from sync_check.harness.target import Target

_REGISTRATION: Final = 2
"""Requests on the auth routes per account: register, log in."""
_READS: Final = 10
"""Requests of one replica's snapshot: guilds, channels, members, roles, permissions, two of history, profile,
and friends with their requests."""
_REOPENED: Final = 3
"""Requests of a connection that is subscribed to nothing: profile, and friends with their requests."""
_STRANGERS_READS: Final = 6
"""The same of who is in nothing, sometimes of a guild of their own in which they are fenced."""
_HOME: Final = 12
"""Requests for such a guild: to found it, to read it at first, and one fence of each scope."""
_OWNERS_SWEEP: Final = 20
_SWEEP: Final = 13
_STRANGERS_SWEEP: Final = 12
"""Requests of one viewer in a settle's sweep: what no snapshot has read, lists in small pages."""
_MEMBERS_SWEEPING: Final = 3
_FENCES: Final = 2
"""Requests of one settle to fence a stranger, or a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a run takes, and how many seconds each of its scenarios does, in their order."""

    whole: Estimate
    seconds: tuple[float, ...]


def estimate(
    scenarios: Sequence[Scenario], clients: int, target: Target, speed: Speed | None = None
) -> Foreseen:
    """What those of `scenarios` take that a target can play, with `clients` each.

    Without a `speed` that was measured it is the usual one.
    """
    forecast = _Forecast(clients, target, (speed or USUAL).request_s)
    seconds = []
    for scenario in scenarios:
        before = forecast.now
        if scenario.lacks(target) is None:
            forecast.play(scenario)
        seconds.append(round(forecast.now - before, 3))
    whole = forecast.estimate()
    measured = whole if speed is None else replace(whole, request_ms=round(1000 * speed.request_s, 3))
    return Foreseen(whole=measured, seconds=tuple(seconds))


class _Forecast:
    """A run as it will probably go."""

    def __init__(self, clients: int, target: Target, request_s: float) -> None:
        limits = target.limits
        self._request_s = request_s
        self._clients = clients
        self._turns = Turns(limits.requests_per_minute, limits.guilds_per_user)
        self._auth = {route: Share(limits.auth_requests_per_minute) for route in ("login", "profile")}
        self._seen: set[User] = set()
        self._homes: set[User] = set()
        self._guilds = 0
        self._requests = 0
        self.now = 0.0

    def estimate(self) -> Estimate:
        """All that was played."""
        return Estimate(
            accounts=self._turns.count,
            guilds=self._guilds + len(self._homes),
            requests=self._requests,
            seconds=round(self.now, 1),
        )

    def play(self, scenario: Scenario) -> None:
        """Play one scenario more."""
        needs = scenario.needs
        owner, *others = [self._turns.draw(1, owning=True)[0] for _ in range(needs.guilds)]
        members = [owner, *self._turns.draw(self._clients - 1)]
        strangers = [self._turns.stranger() for _ in range(needs.strangers)]
        self._guilds += needs.guilds
        self._register([*members, *others, *strangers], needs.extra_sessions)
        if Feature.PROFILE in scenario.features:
            # Where events of user scope are to be judged, each member gets one as a fence.
            self.now = self._auth["profile"].book(len(members), self.now)
        self._set_up(owner, members, strangers, needs)
        for _ in range(needs.settles):
            self._settle(owner, members, strangers, needs)
        self.now += needs.waits_s
        gone = members[len(members) - needs.removed :] if needs.removed else []
        stay = [one for one in members if one not in gone]
        self._turns.give_back([*stay, *others], [*strangers, *gone])

    def _register(self, users: Sequence[User], extra_sessions: int) -> None:
        new = [user for user in dict.fromkeys(users) if user not in self._seen]
        self._seen.update(new)
        self._requests += _REGISTRATION * len(new)
        self.now = self._auth["login"].book(len(new) + extra_sessions, self.now)
        self._send(Counter(dict.fromkeys(new, 1)))

    def _set_up(self, owner: User, members: Sequence[User], strangers: Sequence[User], needs: Needs) -> None:
        loads = self._reads(members, needs)
        # The room, invitations, and what makes its guests clean afterwards; what the scenario is about.
        loads[owner] += 2 + 2 * (len(members) - 1) + needs.operations
        share = (needs.spread + _REOPENED * needs.reopened) // len(members)
        for member in members:
            loads[member] += share
        for stranger in strangers:
            loads[stranger] += _STRANGERS_READS + (0 if stranger in self._homes else _HOME)
            self._homes.add(stranger)
        self._send(loads)

    def _settle(self, owner: User, members: Sequence[User], strangers: Sequence[User], needs: Needs) -> None:
        everybody = len(members) + needs.extra_sessions + len(strangers) <= EVERYBODY_BELOW
        read = members if everybody else members[:DRAWN]
        loads = self._reads(read, needs)
        loads[owner] += _FENCES
        for member in members[:_MEMBERS_SWEEPING]:
            loads[member] += _OWNERS_SWEEP if member is owner else _SWEEP
        for stranger in strangers:
            loads[stranger] += _STRANGERS_READS + _STRANGERS_SWEEP + _FENCES
        self._send(loads)

    def _reads(self, members: Sequence[User], needs: Needs) -> Counter[User]:
        """Snapshots of all connections; the second member has further sessions, then the next ones."""
        loads = Counter(dict.fromkeys(members, _READS))
        for number in range(needs.extra_sessions):
            loads[members[(number + 1) % len(members)]] += _READS
        return loads

    def _send(self, loads: Counter[User]) -> None:
        self._requests += loads.total()
        self.now = carried_out(loads, self.now, self._request_s)
