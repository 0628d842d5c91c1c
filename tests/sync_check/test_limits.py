"""Limits in virtual time: what cannot be tried is told, and an event that is too long is refused."""

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.verdict import Verdict
from sync_check.harness.scenario import Tier
from sync_check.harness.target import Target
from sync_check.scenarios.catalogue import select
from sync_check.targets import RAISED_LIMITS
from tests.sync_check.simulated import simulated

SHORT = RAISED_LIMITS.model_copy(update={"max_gateway_event_bytes": 8192})


def test_an_event_that_is_too_long_to_be_told_is_refused() -> None:
    _, finished = simulated(1, select(("limits/outbound",)), limits=SHORT)
    (result,) = finished.results
    assert (result.verdict, result.note) == (Verdict.PASS, None)
    assert result.witnesses["LIMIT-SIZE-2"] >= 1


def test_where_events_must_be_short_clients_are_slow_to_take_short_ones() -> None:
    _, finished = simulated(1, select(("slow_consumer/ended", "slow_consumer/within-limit")), limits=SHORT)
    assert [(result.verdict, result.note) for result in finished.results] == [(Verdict.PASS, None)] * 2


def test_where_no_event_can_be_too_long_that_is_said() -> None:
    (scenario,) = select(("limits/outbound",))
    usual = Target(label="t", url="http://t", limits=Limits())
    assert scenario.lacks(usual) == "no message makes an event longer than 65536 bytes"
    assert scenario.lacks(Target(label="t", url="http://t", limits=SHORT)) is None


def test_what_takes_much_to_send_is_nightly() -> None:
    nightly = {one.id for one in select(("limits",)) if one.tier is Tier.NIGHTLY}
    assert nightly == {"limits/uploads", "limits/counts", "limits/orders"}
