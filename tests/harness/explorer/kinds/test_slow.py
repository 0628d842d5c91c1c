"""Slow consumers are drawn now and then, in every way that there is, and once in a program."""

from sync_check.harness.explorer.kinds.slow import slow_consumers
from sync_check.harness.explorer.lags import faults
from sync_check.harness.explorer.program import LAG
from tests.harness.explorer.dice import thrown


def test_a_program_has_one_at_most() -> None:
    assert [step.do for step in thrown(slow_consumers, 500)] == [LAG]


def test_they_are_rare_and_of_every_way() -> None:
    drawn = [step for _ in range(1000) for step in thrown(slow_consumers, 1)]
    assert 10 < len(drawn) < 60
    assert {step.args["events"] for step in drawn} == {"too many", "what fits"}
    assert {step.by for step in drawn} == {"u1", "u2"}
    assert not [fault for step in drawn for fault in faults(step.by, step.args)]
