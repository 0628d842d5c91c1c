"""What proofs of absence cost."""

import pytest

from sync_check.conformance.judges.silence import united
from tests.conformance.stories import Story


@pytest.mark.parametrize(
    ("intervals", "total"),
    [
        ([], 0),
        ([(5, 9)], 4),
        ([(5, 9), (6, 8)], 4),
        ([(5, 9), (8, 12)], 7),
        ([(20, 21), (5, 9)], 5),
        ([(5, 5)], 0),
    ],
)
def test_the_union_of_intervals(intervals: list[tuple[int, int]], total: int) -> None:
    assert united(intervals) == total


def test_fences_are_timed_until_they_are_everywhere() -> None:
    story = Story()
    story.post("ben", "first")
    story.close_scenario()
    evidence = story.result().evidence
    assert evidence["absences"] == 1  # eve
    assert evidence["fences_us"] > 0
