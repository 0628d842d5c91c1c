"""Connections that died without a word are to be ended after two intervals of unanswered pings."""

import pytest

from sync_check.conformance.history import EndedBy
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level
from tests.conformance.histories import found, only
from tests.conformance.judges.network.disturbing import DisturbedStory


def died(seconds: float, by: EndedBy | None) -> ScenarioResult:
    """Somebody's connection dies, and is ended so much later by somebody."""
    story = DisturbedStory()
    story.post("ana", "before")
    story.put(story.ben2, "half_open")
    story.leave(story.ben2)
    story.later(seconds)
    if by is not None:
        story.far_end(story.ben2, by)
    story.post("ana", "after")
    story.close_scenario()
    return story.result()


@pytest.mark.parametrize("seconds", [31, 61, 94])
def test_a_dead_connection_is_ended_in_time(seconds: float) -> None:
    result = died(seconds, EndedBy.TARGET)
    assert (found(result), result.witnesses["GW-6"]) == ([], 1)


@pytest.mark.parametrize("by", [EndedBy.TARGET, EndedBy.US, None])
def test_a_dead_connection_is_not_ended_in_time(by: EndedBy | None) -> None:
    finding = only(died(97, by))
    assert (finding.judge, finding.requirement, finding.client) == ("network", "GW-6", "ben#2")
    assert (finding.level, finding.expected) == (Level.LAX, "an end within 95 s")


def test_that_we_let_go_early_shows_nothing() -> None:
    result = died(10, EndedBy.US)
    assert (found(result), "GW-6" in result.witnesses) == ([], False)
