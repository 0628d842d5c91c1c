"""A run judges its scenarios as they end and again at the end, which finds what judging it once finds."""

from typing import Final

from sync_check.conformance.examination import examine
from sync_check.conformance.history import read_history
from sync_check.conformance.verdict import Verdict
from sync_check.scenarios.catalogue import select
from tests.sync_check.simulated import simulated

_SCENARIOS: Final = ("members/kick", "audit/read", "auth/refresh")


def test_a_run_finds_what_judging_once_finds() -> None:
    history, finished = simulated(1, select(_SCENARIOS), clients=3, defect="message-to-stranger")
    assert finished.verdict is Verdict.FAIL
    once = examine(read_history(history.splitlines(keepends=True)))
    assert once.results() == finished.results
    assert (once.faults, finished.faults) == ((), ())
