"""Departures by the end of the last connection and by expiry."""

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.histories import NOW
from tests.conformance.live_stories import LiveStory, findings, only_of


def _talking(*sources: str) -> LiveStory:
    """Ben is in the channel, and proved to be connected."""
    story = LiveStory("VOICE-5")
    story.token("ben", *sources)
    story.rest()
    return story


def _found(result: ScenarioResult) -> list[tuple[str, str | None]]:
    """What is found of voice, by whichever judge."""
    return [(f.requirement, f.client) for f in result.findings if (f.event or "").startswith("voice_")]


# --- by the end of the last connection


def test_the_last_end_takes_its_user_out() -> None:
    story = _talking()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    result = story.judged()
    assert (result.verdict, result.findings) == (Verdict.PASS, ())
    assert result.witnesses["VOICE-5"] == 1


def test_a_departure_that_nobody_is_told_of() -> None:
    story = _talking()
    story.leave(story.ben)
    del story.voices["ben"]
    story.leave(story.ben2)
    story.later()
    finding = only_of(story.judged(), "voice")
    assert (finding.requirement, finding.client, finding.kind) == ("VOICE-5", "ana#1", Kind.LIVENESS)
    assert finding.level is Level.FAIL


def test_a_departure_that_comes_too_late() -> None:
    story = _talking()
    story.leave(story.ben)
    ben = story.voices.pop("ben")
    story.leave(story.ben2)
    story.later()
    story.post("ana", "after the window")
    story.voices["ben"] = ben
    story.depart("ben")
    assert ("VOICE-5", "ana#1") in findings(story.judged(), "voice")


def test_nothing_is_owed_before_the_window_is_over() -> None:
    story = _talking()
    story.leave(story.ben)
    del story.voices["ben"]
    story.leave(story.ben2)
    assert findings(story.judged(), "voice") == []


def test_a_departure_while_another_session_is_there() -> None:
    story = _talking()
    story.leave(story.ben)
    story.depart("ben")
    result = story.judged()
    assert findings(result, "voice") == [("VOICE-5", name) for name in ("ana#1", "ana#1", "ben#2", "ben#2")]
    assert {finding.kind for finding in result.findings} == {Kind.SAFETY}


def test_a_departure_of_who_is_not_there() -> None:
    story = LiveStory()
    story.rest()
    left = story.of("ben", left_at_unix=NOW)
    story.frame(story.ana, "voice_participant_leave", left)
    assert findings(story.judged(), "voice") == [("DELIV-1", "ana#1")]


def test_a_departure_that_comes_twice() -> None:
    story = _talking()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.frame(story.ana, "voice_participant_leave", story.of("ben", left_at_unix=NOW + 1))
    assert findings(story.judged(), "voice") == [("DELIV-1", "ana#1")]


def test_a_departure_without_the_end_of_its_streams() -> None:
    story = _talking("microphone", "camera")
    story.leave(story.ben)
    story.streams["ben"] = ["camera"]
    story.leave(story.ben2)
    finding = only_of(story.judged(), "voice")
    assert (finding.requirement, finding.client, finding.kind) == ("VOICE-3", "ana#1", Kind.CONTRACT)
    assert finding.message == "a participant left without the end of microphone"


def test_the_end_of_a_stream_that_was_not_published() -> None:
    story = _talking()
    story.leave(story.ben)
    story.streams["ben"] = ["microphone", "camera"]
    story.leave(story.ben2)
    assert findings(story.judged(), "voice") == [("DELIV-1", "ana#1")]


def test_a_departure_for_a_stranger_is_judged_with_the_streams() -> None:
    story = _talking()
    story.leave(story.ben)
    story.leave(story.ben2, to=[story.ana, story.eve])
    result = story.judged()
    assert findings(result, "voice") == []
    assert ("SCOPE-5", "eve#1") in findings(result, "delivery")


def test_a_departure_explained_by_an_end_is_not_laid_upon_a_leave_that_changed_nothing() -> None:
    story = LiveStory()
    story.token("ben")
    story.go("ben")
    story.go("ben")
    story.token("ben")
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    assert _found(story.judged()) == []


@pytest.mark.parametrize(("seconds", "found"), [(0.1, []), (5.0, ["SCOPE-2", "DELIV-1", "DELIV-1"])])
def test_a_token_asked_for_right_after_the_last_end_may_be_over_at_once(
    seconds: float, found: list[str]
) -> None:
    story = LiveStory()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later(seconds)
    story.token("ben")
    story.depart("ben")
    story.token("ben")
    assert [requirement for requirement, _ in _found(story.judged())] == found


# --- by expiry


@pytest.mark.parametrize(("seconds", "found"), [(290.0, ["VOICE-5", "VOICE-5"]), (300.0, [])])
def test_a_participation_expires_after_its_time(seconds: float, found: list[str]) -> None:
    story = _talking()
    story.later(seconds)
    story.depart("ben", [story.ana])
    assert [requirement for requirement, _ in findings(story.judged(), "voice")] == found


def test_a_later_token_puts_expiry_off() -> None:
    story = _talking()
    story.later(200)
    story.token("ben")
    story.later(200)
    story.depart("ben", [story.ana])
    assert [requirement for requirement, _ in findings(story.judged(), "voice")] == ["VOICE-5", "VOICE-5"]


def test_after_its_time_both_ways_are_fine() -> None:
    story = _talking()
    story.later(301)
    story.state("ben", is_muted=True)
    story.go("ben")
    assert _found(story.judged()) == []
    story = _talking()
    story.later(301)
    story.streams.pop("ben")
    del story.voices["ben"]
    story.go("ben")
    assert _found(story.judged()) == []


@pytest.mark.parametrize(("seconds", "found"), [(290.0, ["VOICE-5", "VOICE-5"]), (300.0, [])])
def test_who_expires_while_they_are_removed_departs_before(seconds: float, found: list[str]) -> None:
    story = _talking("microphone")
    story.later(seconds)
    op = story.invoke_kick("ben", "ana")
    story.depart("ben", [story.ana])
    story.finish_kick(op, "ben", [story.ana], departs=False)
    told = story.judged().findings
    assert [one.requirement for one in told if one.judge == "ordering"] == found
