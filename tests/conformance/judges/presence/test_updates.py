"""What explains that somebody is told to be online or offline."""

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.live_stories import LiveStory, findings, only_of


def _judged(story: LiveStory) -> ScenarioResult:
    return story.judged()


def _quiet() -> LiveStory:
    """Everybody is there, and proved to be."""
    story = LiveStory("PRES-1")
    story.rest()
    return story


def test_coming_going_and_coming_again() -> None:
    story = LiveStory("PRES-1", "PRES-2", "PRES-3", "PRES-4", "PRES-5", "SUB-1")
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    story.come("ben")
    result = _judged(story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


# --- online


def test_a_further_session_is_told_as_a_first_one() -> None:
    story = _quiet()
    third = story.open("ben")
    story.owners[third] = "ben"
    story.subscribed.append(third)
    story.ask(third)
    story.list_online(third)
    story.tell("ben", "online", to=[third])
    story.enter(third)
    story.confirm(third)
    story.list_voices(third)
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client, finding.kind) == ("PRES-1", "ben#3", Kind.SAFETY)
    assert finding.received == "presence_update online"


def test_a_repeated_subscribe_is_told_as_a_first_one() -> None:
    story = _quiet()
    story.ask(story.ben2)
    story.list_online(story.ben2)
    story.tell("ben", "online", to=[story.ben2])
    story.confirm(story.ben2)
    story.list_voices(story.ben2)
    assert findings(_judged(story), "presence") == [("SUB-3", "ben#2")]


def test_online_twice_in_a_row() -> None:
    story = LiveStory()
    story.tell("ben", "online", to=[story.ana])
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client) == ("PRES-4", "ana#1")
    assert finding.message == "online was told twice in a row"


def test_online_of_a_member_who_is_not_there() -> None:
    story = _quiet()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    story.rest()
    story.tell("ben", "online", to=[story.ana])
    assert findings(_judged(story), "presence") == [("PRES-1", "ana#1")]


def test_online_of_somebody_who_is_no_member() -> None:
    story = _quiet()
    story.tell("eve", "online", to=[story.ana, story.ben])
    assert findings(_judged(story), "presence") == [("PRES-5", "ana#1"), ("PRES-5", "ben#1")]


def test_online_for_a_stranger_is_judged_with_the_streams() -> None:
    story = _quiet()
    story.tell("ben", "online", to=[story.eve])
    result = _judged(story)
    assert findings(result, "presence") == []
    assert ("PRES-5", "eve#1") in findings(result, "delivery")


# --- offline


def test_offline_while_another_session_is_there() -> None:
    story = _quiet()
    story.leave(story.ben2)
    story.tell("ben", "offline", to=[story.ana])
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client) == ("PRES-4", "ana#1")


def test_offline_twice_in_a_row() -> None:
    story = _quiet()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.tell("ben", "offline", to=[story.ana])
    assert findings(_judged(story), "presence") == [("PRES-4", "ana#1")]


def test_offline_of_who_was_never_there() -> None:
    story = _quiet()
    story.tell("eve", "offline", to=[story.ana])
    assert findings(_judged(story), "presence") == [("PRES-5", "ana#1")]


def test_offline_after_its_window() -> None:
    story = _quiet()
    story.leave(story.ben)
    story.leave(story.ben2, to=[])
    story.later()
    story.rest()
    story.tell("ben", "offline", to=[story.ana])
    result = _judged(story)
    assert {requirement for requirement, _ in findings(result, "presence")} == {"PRES-3"}
    late = [finding for finding in result.findings if finding.message.endswith("after the presence window")]
    assert [(finding.client, finding.kind) for finding in late] == [("ana#1", Kind.LIVENESS)]


@pytest.mark.parametrize("seconds", [0.1, 0.9])
def test_offline_within_its_window(seconds: float) -> None:
    story = _quiet()
    story.leave(story.ben)
    story.leave(story.ben2, to=[])
    story.later(seconds)
    story.tell("ben", "offline", to=[story.ana])
    story.later()
    result = _judged(story)
    assert findings(result, "presence") == []
    assert result.witnesses["PRES-3"]


# --- after a removal


def test_who_is_removed_goes_offline() -> None:
    story = LiveStory("PRES-6", "PRES-5")
    story.rest()
    story.kick("ana", "ben")
    result = _judged(story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


def test_offline_before_the_removal_is_told() -> None:
    story = _quiet()
    op = story.invoke_kick("ben")
    story.tell("ben", "offline", to=[story.ana])
    story.finish_kick(op, "ben")
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client, finding.level) == ("PRES-6", "ana#1", Level.LAX)
    assert finding.cause == f"kick_member by ana (op {op})"


def test_who_was_removed_is_told_to_be_online() -> None:
    story = _quiet()
    story.kick("ana", "ben")
    story.rest()
    story.tell("ben", "online", to=[story.ana])
    assert findings(_judged(story), "presence") == [("PRES-5", "ana#1")]
