"""Events come within a second after the answer to their cause (DELIV-3)."""

from dataclasses import replace

import pytest

from sync_check.conformance.history import ScenarioEnded
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level
from tests.conformance.histories import found, only
from tests.conformance.judges.network.disturbing import DisturbedStory


def told_late(seconds: float, *, late: tuple[str, ...] = ("ben2",), story: DisturbedStory) -> ScenarioResult:
    """A message comes to some connections only so long after its answer."""
    to = [getattr(story, name) for name in late]
    note = story.post("ana", "hello", to=[one for one in story.subscribed if one not in to])
    story.later(seconds)
    story.frames(to, "message_create", story.messages[note])
    story.close_scenario()
    return story.result()


def delays(result: ScenarioResult) -> list[tuple[str, str, str | None]]:
    return [one for one in found(result) if one[1] == "DELIV-3"]


@pytest.mark.parametrize("seconds", [0, 0.5, 0.99])
def test_an_event_comes_within_the_window(seconds: float) -> None:
    result = told_late(seconds, story=DisturbedStory())
    assert (found(result), result.witnesses["DELIV-3"]) == ([], 3)


@pytest.mark.parametrize("late", [("ana",), ("ben2",), ("ben", "ben2"), ("ana", "ben", "ben2")])
def test_an_event_comes_later(late: tuple[str, ...]) -> None:
    finding = only(told_late(1.2, late=late, story=DisturbedStory()))
    assert (finding.judge, finding.requirement) == ("delivery", "DELIV-3")
    assert (finding.kind, finding.level, finding.timed) == (Kind.LIVENESS, Level.FAIL, True)
    assert finding.message == f"message_create came late, to {len(late)} of the connections"
    assert finding.received == "after 1.2 s"


def test_by_what_our_own_loop_was_late_an_event_may_be() -> None:
    story = DisturbedStory()
    note = story.post("ana", "hello", to=[story.ana, story.ben])
    story.later(1.2)
    story.frames([story.ben2], "message_create", story.messages[note])
    story.close_scenario()
    ended = story.records[-1]
    assert isinstance(ended, ScenarioEnded)
    story.records[-1] = replace(ended, lag_us=300_000)
    assert delays(story.result()) == []


def test_where_the_network_is_bad_or_a_client_slow_what_is_late_shows_nothing() -> None:
    bad, slow = DisturbedStory(), DisturbedStory()
    bad.put(bad.ben2, "latency")
    slow.taking(slow.ben2, 100)
    for story in (bad, slow):
        assert delays(told_late(1.2, story=story)) == []


def test_what_must_not_come_at_all_is_not_late() -> None:
    story = DisturbedStory()
    note = story.post("ana", "hello")
    story.later(1.2)
    story.frame(story.eve, "message_create", story.messages[note])
    story.close_scenario()
    assert [requirement for _, requirement, _ in found(story.result())] == ["SCOPE-3"]
