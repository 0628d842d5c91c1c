"""A run says beforehand what it will take."""

from typing import Any

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.estimate import estimate
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Tier
from sync_check.harness.target import Target
from sync_check.scenarios.catalogue import catalogue, select
from tests.reference_server.running import RAISED


def of(limits: Limits = Limits(), **declared: Any) -> Target:  # noqa: B008 - it is frozen
    return Target(label="test", url="http://127.0.0.1:1", limits=limits, **declared)


def test_all_scenarios_fit_into_forty_accounts_under_the_default_limits() -> None:
    assert estimate(catalogue(), 8, of()).whole.accounts <= 40


def test_all_flows_fit_into_twelve_accounts_under_the_default_limits() -> None:
    flows = select(("messages", "workspace", "members/role-change", "members/kick", "profile/update"))
    expected = estimate(flows, 8, of()).whole
    assert expected.accounts <= 12
    assert expected.guilds <= 12  # with one of each stranger's own


def test_more_sign_ups_than_a_minute_allows_take_minutes() -> None:
    scenarios = select(("messages/edit",))
    assert estimate(scenarios, 200, of()).whole.seconds > 120
    assert estimate(scenarios, 200, of(RAISED)).whole.seconds < 60


def test_more_requests_than_a_minute_allows_take_minutes() -> None:
    """Measured, without floods, faults and restarts, on a machine that had nothing else to do: 8 min 25 s."""
    gate = select((), Tier.GATE)
    later = ("faults", "restart", "limits")
    calm = tuple(one for one in gate if Hazard.FLOODS not in one.hazards and one.family not in later)
    assert estimate(calm, 8, of()).whole.seconds == pytest.approx(505, rel=0.25)
    assert estimate(gate, 8, of(RAISED)).whole.seconds < 0.2 * estimate(gate, 8, of()).whole.seconds
    few = of(Limits(requests_per_minute=300))
    assert estimate(calm, 8, few).whole.seconds > 1.5 * estimate(calm, 8, of()).whole.seconds


def test_what_the_contract_gives_a_target_time_for_takes_that_time() -> None:
    dead = select(("faults/half-open",))
    assert 90 < estimate(dead, 4, of(RAISED)).whole.seconds < 95


def test_what_cannot_be_played_takes_nothing() -> None:
    nothing = estimate(select(("voice",)), 8, of(declared=ALL_FEATURES - {Feature.VOICE})).whole
    assert (nothing.accounts, nothing.guilds, nothing.requests, nothing.seconds) == (0, 0, 0, 0.0)


def test_guilds_beyond_what_one_user_may_own_need_more_owners() -> None:
    scenarios = catalogue() * 5
    few = estimate(scenarios, 2, of(Limits(guilds_per_user=1))).whole
    assert few.accounts >= 30
