"""How long a run still takes is what was foreseen, corrected by what its first scenarios took."""

from dataclasses import replace

import pytest

from sync_check.conformance.history import ScenarioPlan
from sync_check.reports.remaining import Remaining
from tests.reports import runs

NAMES = [f"a/{number}" for number in range(10)]


def followed(took: list[float], *, each: float = 2.0) -> Remaining:
    """Ten scenarios of two seconds, as was foreseen, of which the first took so long."""
    plan = tuple(ScenarioPlan(id=one, title=one, covers=(), seconds=each) for one in NAMES)
    started = runs.started(scenarios=plan)
    remaining = Remaining()
    remaining.started(replace(started, estimate=replace(started.estimate, seconds=10 * each)))
    for name, seconds in zip(NAMES, took, strict=False):
        remaining.finished(replace(runs.result("messages/edit"), id=name, wall_s=seconds))
    return remaining


@pytest.mark.parametrize(
    ("took", "left_s"),
    [
        ([], None),
        ([4.0] * 3, None),
        ([2.0] * 4, 12.0),
        ([4.0] * 4, 24.0),
        ([1.0] * 8, 2.0),
        ([2.0] * 10, 0.0),
    ],
)
def test_what_is_left(took: list[float], left_s: float | None) -> None:
    assert followed(took).left_s == left_s


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_an_estimate_that_was_not_right_is_corrected_once(factor: float) -> None:
    remaining = followed([2.0 * factor] * 4)
    whole = f"about {20 * factor:.1f} s in all"
    assert remaining.correction() == f"{whole}: the first 4 scenarios took {factor} times as long as expected"
    assert remaining.correction() is None


def test_what_is_right_or_as_good_as_over_is_not_corrected() -> None:
    assert followed([2.0 * 1.2] * 4).correction() is None
    assert followed([4.0] * 7).correction() is None
    assert followed([0.6] * 4, each=0.3).correction() is None


def test_a_scenario_that_is_judged_again_counts_once() -> None:
    remaining = followed([2.0] * 4)
    remaining.finished(replace(runs.result("messages/edit"), id=NAMES[0], wall_s=90.0))
    assert remaining.left_s == 12.0
