"""Slow consumers are drawn in every way that there is."""

from sync_check.harness.explorer.kinds.slow import slow_consumer
from sync_check.harness.explorer.lags import faults
from tests.harness.explorer.dice import thrown


def test_they_are_of_every_way_and_never_the_owner() -> None:
    drawn = thrown(slow_consumer, 100)
    assert {step.args["events"] for step in drawn} == {"too many", "what fits"}
    assert {step.by for step in drawn} == {"u1", "u2"}
    assert not [fault for step in drawn for fault in faults(step.by, step.args)]
