"""Slow consumers in virtual time: the limit in force is measured, and defects of queues are of kind limit."""

import pytest

from sync_check.conformance.history import Header, read_history
from sync_check.harness.pressure import HUGE, LARGE, MIXED, SMALL, Shape
from sync_check.harness.scenario import Scenario, Tier
from sync_check.reference_server.defects import DEFECTS
from sync_check.scenarios.catalogue import select
from tests.sync_check.simulated import judged, simulated

ALL = select(("slow_consumer",))
GATE = {"slow_consumer/ended", "slow_consumer/small-frames", "slow_consumer/within-limit"}
OF_QUEUES = tuple(one for one in DEFECTS.values() if one.judge == "slow_consumers")


def test_the_limit_in_force_is_measured_exactly_by_no_more_than_it_takes() -> None:
    (result,) = judged(select(("slow_consumer/never-reads",))).results
    assert (result.verdict, result.note) == ("pass", None)
    assert result.evidence["waited_at_most"] == 256
    assert 256 < result.evidence["piled_up"] <= 1.5 * (256 + 4096 / LARGE.frame_bytes)


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
    assert {one.shown_by for one in OF_QUEUES} <= GATE


@pytest.mark.parametrize("scenario", ALL, ids=[one.id for one in ALL])
def test_they_are_not_safe_for_others_and_some_are_of_the_gate(scenario: Scenario) -> None:
    assert {"slow_consumers", "floods"} <= scenario.hazards
    assert (scenario.tier is Tier.GATE) == (scenario.id in GATE)


@pytest.mark.parametrize(
    ("shape", "longest", "lengths"),
    [(SMALL, 2000, {24}), (LARGE, 2000, {2000}), (LARGE, 300, {300}), (HUGE, 2000, {2000})],
)
def test_edits_are_as_long_as_their_shape_and_no_two_are_alike(
    shape: Shape, longest: int, lengths: set[int]
) -> None:
    texts = [shape.text(number, longest) for number in range(1, 50)]
    assert {len(text.encode()) for text in texts} == lengths
    assert len(set(texts)) == len(texts)


def test_of_mixed_edits_one_in_twelve_is_as_long_as_can_be() -> None:
    texts = [MIXED.text(number, 2000) for number in range(1, 25)]
    assert sorted({len(text) for text in texts}) == [7, 8, 2000]
    assert sum(len(text) == 2000 for text in texts) == 2


def test_what_a_flood_takes_at_most_is_told_before_it_is_played() -> None:
    history, _ = simulated(1, select(("slow_consumer/within-limit",)), clients=4)
    header = next(read_history([history.splitlines(keepends=True)[0]]))
    assert isinstance(header, Header)
    assert header.notes[-1] == "slow_consumer/within-limit takes at most 252 operations and 120 s"
