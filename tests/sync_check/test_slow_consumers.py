"""Slow consumers in virtual time: all shapes pass, and each seeded defect of queues is named as a limit."""

import pytest

from sync_check.harness.scenario import Scenario
from sync_check.reference_server.defects import DEFECTS
from sync_check.scenarios.catalogue import select
from tests.sync_check.simulated import judged

ALL = select(("slow_consumer",))
OF_QUEUES = tuple(one for one in DEFECTS.values() if one.judge == "slow_consumers")


def test_a_faithful_server_passes_them_all() -> None:
    run = judged(ALL)
    assert {one.id: (str(one.verdict), one.note) for one in run.results} == {
        one.id: ("pass", None) for one in ALL
    }
    for result in run.results:
        assert result.evidence.get("waited_at_most", 256) <= 256 + 12
        assert result.evidence["piled_up"] <= 1.5 * (256 + 4096 / 300)


def test_the_limit_in_force_is_measured_exactly() -> None:
    never_reads = select(("slow_consumer/never-reads",))
    assert judged(never_reads).results[0].evidence["waited_at_most"] == 256


def test_all_six_ways_to_be_wrong_are_seeded() -> None:
    assert {one.id for one in OF_QUEUES} >= {
        "queue-unbounded",
        "slow-consumer-blocks",
        "queue-drops-oldest",
        "slow-consumer-stays-present",
        "slow-consumer-dropped",
        "queue-counts-bytes",
    }
    assert {one.kind for one in OF_QUEUES} == {"limit"}


@pytest.mark.parametrize("scenario", ALL, ids=[one.id for one in ALL])
def test_they_are_not_safe_for_others(scenario: Scenario) -> None:
    assert {"slow_consumers", "floods"} <= scenario.hazards
    assert scenario.tier == "gate"
