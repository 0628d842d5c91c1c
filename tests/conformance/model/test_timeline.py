"""Worlds in sequence: which of them were current when."""

import pytest

from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.world import Guild, World


def _world(name: str) -> World:
    return World().with_guild(Guild(guild_id="g", name=name, visibility="private", members={"ana": "owner"}))


@pytest.fixture
def timeline() -> Timeline:
    """World 1 by an operation at 10 to 20; worlds 2 and 3 by two that overlap, at 30 to 50 and 40 to 60."""
    timeline = Timeline()
    timeline.push(_world("one"), invoked=10, acknowledged=20)
    timeline.push(_world("two"), invoked=30, acknowledged=50)
    timeline.push(_world("three"), invoked=40, acknowledged=60)
    return timeline


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (0, 5, 0, 0),  # before everything
        (10, 20, 0, 1),  # the first operation itself
        (21, 29, 1, 1),  # quiet
        (21, 35, 1, 2),  # the second one was already invoked
        (30, 50, 1, 3),  # the second one, which the third overlaps
        (40, 60, 1, 3),  # the third one
        (55, 58, 2, 3),  # the third one is not answered yet
        (61, 99, 3, 3),  # after everything
    ],
)
def test_a_moment_has_all_worlds_that_may_be_current(
    timeline: Timeline, start: int, end: int, first: int, last: int
) -> None:
    assert timeline.span(start, end) == Span(first=first, last=last)


def test_an_operation_answered_late_reaches_over_all_in_between() -> None:
    timeline = Timeline()
    timeline.push(_world("quick"), invoked=20, acknowledged=30)
    timeline.push(_world("slow"), invoked=10, acknowledged=90)
    assert timeline.span(12, 15) == Span(first=0, last=2)


def test_the_states_of_a_guild_over_a_span(timeline: Timeline) -> None:
    states = timeline.guilds("g", Span(first=0, last=2))
    assert [state.name if state else None for state in states] == [None, "one", "two"]
    assert [state.name if state else None for state in timeline.guilds("g", Span(first=2, last=2))] == ["two"]
    assert timeline.guilds("other", Span(first=0, last=3)) == (None,)


def test_what_was_there_between_two_at_the_same_time_is_not_certain(timeline: Timeline) -> None:
    certain = [state.name if state else None for state in timeline.certain_guilds("g", Span(first=0, last=3))]
    assert certain == ["one", "three"]
    assert timeline.certain_guilds("g", Span(first=1, last=2)) == []
    # What leaves the guild alone makes nothing of it doubtful.
    timeline.push(timeline.present.with_messages("c", {}), invoked=55, acknowledged=80)
    assert len(timeline.certain_guilds("g", Span(first=1, last=3))) == 1
    timeline.push(_world("four"), invoked=57, acknowledged=90)
    assert len(timeline.certain_guilds("g", Span(first=1, last=3))) == 0


def test_a_world_that_leaves_a_guild_alone_adds_no_state(timeline: Timeline) -> None:
    timeline.push(timeline.present.with_messages("c", {}), invoked=70, acknowledged=80)
    assert timeline.guild_numbers("g", Span(first=3, last=4)) == (3, 3)
    assert len(timeline.guilds("g", Span(first=3, last=4))) == 1


def test_who_changed_what_last(timeline: Timeline) -> None:
    timeline.touch(7, [("messages/c", "m1")])
    timeline.push(timeline.present, invoked=70, acknowledged=80)
    timeline.touch(8, [("messages/c", "m2"), ("messages/c", "m1")])
    assert timeline.last_touches("messages/c", until=3) == {"m1": 7}
    assert timeline.last_touches("messages/c", until=4) == {"m2": 8, "m1": 8}
    assert timeline.last_touches("messages/d", until=4) == {}
