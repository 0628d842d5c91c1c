"""What the owner promises about slow clients is held against what was measured, less what may be ours."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.history import EndOfConnection, Header, ScenarioEnded
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level
from tests.conformance.judges.slow_consumers.slowness import LIMIT, SlowStory, findings
from tests.conformance.judges.slow_consumers.test_bystanders import USUAL_US, delayed


def promising(story: SlowStory, **promised: Any) -> SlowStory:
    header = story.records[0]
    assert isinstance(header, Header)
    story.records[0] = replace(header, **promised)
    return story


def late(story: SlowStory, lag_us: int) -> ScenarioResult:
    """What is found where our own loop was so late."""
    story.judged()
    for number, record in enumerate(story.records):
        if isinstance(record, ScenarioEnded):
            story.records[number] = replace(record, lag_us=lag_us)
    return story.result()


def promises(result: ScenarioResult) -> list[Finding]:
    return [one for one in findings(result) if one.requirement.startswith("PROFILE-SLO-")]


def ended_after(seconds: float) -> SlowStory:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 3)
    story.later(seconds)
    story.offline()
    story.end(None, None, EndOfConnection.CLOSED_BY_US)
    return story


@pytest.mark.parametrize(
    ("promised_s", "lag_us", "level"),
    [(None, 0, None), (5.0, 0, None), (2.0, 0, Level.FAIL), (2.0, 4_000_000, Level.INFO)],
)
def test_who_is_slow_is_ended_in_the_time_that_is_promised(
    promised_s: float | None, lag_us: int, level: Level | None
) -> None:
    found = promises(late(promising(ended_after(3.0), eviction_s=promised_s), lag_us))
    assert [one.level for one in found] == ([] if level is None else [level])
    for one in found:
        assert (one.kind, one.client, one.received) == (Kind.LIMIT, "ben#1", "3.0 s")
        assert one.requirement == "PROFILE-SLO-eviction_s"


def test_who_is_not_ended_at_all_has_been_there_as_long_as_the_scenario_looked() -> None:
    story = promising(SlowStory(), eviction_s=2.0)
    story.stop()
    story.pile(LIMIT + 3)
    story.gone()
    story.later(3)
    (found,) = promises(story.judged())
    assert found.message.startswith("a slow client's connection was there 3.")


@pytest.mark.parametrize(
    ("ratio", "lag_us", "level"),
    [(None, 0, None), (4.0, 0, None), (1.5, 0, Level.FAIL), (1.5, 60_000, Level.INFO)],
)
def test_others_wait_no_longer_than_is_promised(
    ratio: float | None, lag_us: int, level: Level | None
) -> None:
    story = promising(delayed(3 * USUAL_US), bystander_ratio=ratio)
    found = promises(late(story, lag_us))
    assert {one.level for one in found} == (set() if level is None else {level})
    for one in found:
        assert one.requirement == "PROFILE-SLO-bystander_ratio"
        assert " times as long while a client was slow" in one.message
