"""What a run will need under the target's limits, said before it starts."""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Estimate
from sync_check.harness.pace import MINUTE_S, SlidingWindow
from sync_check.harness.scenario import Scenario
from sync_check.harness.settle import EVERYBODY_BELOW
from sync_check.harness.target import Target

_REGISTRATION: Final = 3
"""Requests per account: register, log in, read the own profile."""
_READS: Final = 9
"""Requests of one replica's snapshot: guilds, channels, members, permissions, two of history, profile, and
friends with their requests."""
_STRANGERS_READS: Final = 10
"""The same of a guild of their own, in which they are fenced, with one channel; they are in nothing else."""
_HOME: Final = 12
"""Requests for such a guild: to found it, to read it at first, and one fence of each scope."""
_SWEPT: Final = 18
"""Requests of one viewer in a settle's sweep: every read endpoint, lists in small pages."""
_MEMBERS_SWEEPING: Final = 3
_REQUESTS_PER_S: Final = 500.0
_SAMPLED: Final = 10
"""Snapshots per settle where there are too many clients to read everybody's."""


def estimate(scenarios: Sequence[Scenario], clients: int, target: Target) -> Estimate:
    """What those of `scenarios` take that a target can play, with `clients` each."""
    scenarios = [scenario for scenario in scenarios if scenario.lacks(target) is None]
    limits = target.limits
    accounts = _accounts(scenarios, clients, limits)
    homes = max((scenario.needs.strangers for scenario in scenarios), default=0)
    guilds = sum(scenario.needs.guilds for scenario in scenarios) + homes
    requests = accounts * _REGISTRATION + homes * _HOME
    profiles = homes
    logins = accounts
    for index, scenario in enumerate(scenarios):
        needs = scenario.needs
        members = clients + needs.extra_sessions
        everybody = members * _READS + needs.strangers * _STRANGERS_READS
        sampled = members + needs.strangers > EVERYBODY_BELOW
        requests += clients * (2 if index else 1)  # invitations, and cleaning the guests of the last room
        requests += everybody + needs.operations
        requests += 1 + needs.settles  # reads of the counters, at the beginning as well
        requests += needs.settles * (3 + (_SAMPLED * _READS if sampled else everybody))
        requests += needs.settles * (3 * needs.strangers)  # their fences
        requests += needs.settles * _SWEPT * (min(clients, _MEMBERS_SWEEPING) + needs.strangers)
        # Where events of user scope are to be judged, each member gets one as a fence.
        profiles += members if Feature.PROFILE in scenario.features else 0
        logins += needs.extra_sessions
    waiting = max(_waiting(count, limits.auth_requests_per_minute) for count in (accounts, logins, profiles))
    return Estimate(
        accounts=accounts,
        guilds=guilds,
        requests=requests + profiles,
        seconds=round(waiting + (requests + profiles) / _REQUESTS_PER_S, 1),
    )


def _accounts(scenarios: Sequence[Scenario], clients: int, limits: Limits) -> int:
    """The pool's size: one cast, strangers, those who stay connected after a removal, owners enough."""
    if not scenarios:
        return 0
    cast = clients + max(scenario.needs.strangers for scenario in scenarios)
    removed = sum(scenario.needs.removed for scenario in scenarios)
    owners = -(-sum(scenario.needs.guilds for scenario in scenarios) // limits.guilds_per_user)
    return max(cast + removed, owners)


def _waiting(count: int, per_minute: int) -> float:
    """How long `count` requests at once have to wait for a window of `per_minute`."""
    window = SlidingWindow(per_minute, MINUTE_S)
    return max((window.book(0.0) for _ in range(count)), default=0.0)
