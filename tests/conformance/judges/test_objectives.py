"""What the owner promises is judged by what clients saw, less what we may account for ourselves."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Header, ScenarioEnded
from sync_check.conformance.judges.objectives import VISIBLE_P99, percentile
from sync_check.conformance.verdict import Kind, Level
from tests.conformance.stories import ACCEPTED, Story


def judged(promised_ms: float | None, late_us: int) -> list[tuple[Level, Kind]]:
    """A story in which an event takes two milliseconds."""
    story = Story("MEM-10")
    header = story.records[0]
    assert isinstance(header, Header)
    story.records[0] = replace(header, visible_p99_ms=promised_ms)
    op = story.invoke("ben", ops.LeaveGuild(guild_id=story.guild))
    story.frames((story.ana, story.ben, story.ben2), "workspace_member_remove", story.removal("ben"))
    story.answer(op, 200, ACCEPTED)
    story.close_scenario()
    for number, record in enumerate(story.records):
        if isinstance(record, ScenarioEnded):
            story.records[number] = replace(record, lag_us=late_us)
    return [(one.level, one.kind) for one in story.result().findings if one.requirement == VISIBLE_P99]


@pytest.mark.parametrize(
    ("promised_ms", "late_us", "found"),
    [
        (None, 0, []),
        (60_000.0, 0, []),
        (0.001, 0, [(Level.FAIL, Kind.LIMIT)]),
        (0.001, 60_000_000, [(Level.INFO, Kind.LIMIT)]),
    ],
)
def test_a_threshold_is_crossed_by_more_than_we_were_late(
    promised_ms: float | None, late_us: int, found: list[tuple[Level, Kind]]
) -> None:
    assert judged(promised_ms, late_us) == found


@pytest.mark.parametrize(("values", "percent", "expected"), [([], 99, None), ([1000], 99, 1.0)])
def test_percentiles(values: list[int], percent: int, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([1000 * value for value in range(1, 101)], 99) == 99.0
