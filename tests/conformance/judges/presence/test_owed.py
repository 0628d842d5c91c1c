"""Who must be told that somebody comes online or goes offline."""

import pytest

from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.live_stories import LIVE, LiveStory, findings, only_of


def _judged(story: LiveStory) -> ScenarioResult:
    return story.judged()


def _alone() -> LiveStory:
    """Only ana is there, and ben was seen to go."""
    story = LiveStory("PRES-1")
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    story.rest()
    return story


def _back(story: LiveStory) -> int:
    back = story.open("ben")
    story.owners[back] = "ben"
    story.subscribed.append(back)
    story.ask(back)
    return back


# --- online


def test_a_first_session_is_told_to_all_the_subscriber_included() -> None:
    story = _alone()
    before = story.result().witnesses["PRES-1"]
    story.come("ben")
    result = _judged(story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())
    assert result.witnesses["PRES-1"] == before + 2


def test_online_that_misses_somebody() -> None:
    story = _alone()
    back = _back(story)
    story.list_online(back)
    story.enter(back, to=[back])
    story.confirm(back)
    story.list_voices(back)
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client, finding.kind) == ("PRES-1", "ana#1", Kind.LIVENESS)
    assert finding.message == "online of ben never came"


def test_online_that_misses_the_subscriber() -> None:
    story = _alone()
    back = _back(story)
    story.list_online(back)
    story.enter(back, to=[story.ana])
    story.confirm(back)
    story.list_voices(back)
    assert findings(_judged(story), "presence") == [("PRES-1", "ben#3")]


@pytest.mark.parametrize("late", [True, False])
def test_the_own_online_out_of_turn(late: bool) -> None:
    story = _alone()
    back = _back(story)
    if not late:
        story.enter(back)
    story.list_online(back)
    if late:
        story.confirm(back)
        story.enter(back)
    else:
        story.confirm(back)
    story.list_voices(back)
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client) == ("SUB-1", "ben#3")


def test_online_may_come_until_something_later_does() -> None:
    story = _alone()
    back = _back(story)
    story.list_online(back)
    story.enter(back, to=[back])
    story.confirm(back)
    story.list_voices(back)
    story.tell("ben", "online", to=[story.ana])
    assert findings(_judged(story), "presence") == []


def test_online_after_something_later() -> None:
    story = _alone()
    back = _back(story)
    story.list_online(back)
    story.enter(back, to=[back])
    story.confirm(back)
    story.list_voices(back)
    story.post("ana", "meanwhile")
    story.tell("ben", "online", to=[story.ana])
    # It is missing where it was due, and nothing explains it where it comes.
    assert findings(_judged(story), "presence") == [("PRES-1", "ana#1")] * 2


def test_who_was_told_offline_and_misses_that_the_user_is_back_at_once() -> None:
    story = LiveStory()
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    back = _back(story)  # within the window, in which the old sessions may still count
    story.list_online(back)
    story.enter(back, to=[back])
    story.confirm(back)
    story.list_voices(back)
    assert findings(_judged(story), "presence") == [("PRES-1", "ana#1")]


# --- offline


@pytest.mark.parametrize("how", list(EndOfConnection)[:3])
def test_a_last_end_is_told_however_it_came(how: EndOfConnection) -> None:
    story = LiveStory("PRES-3")
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2, how=how)
    story.later()
    result = _judged(story)
    assert findings(result, "presence") == []
    assert result.witnesses["PRES-3"] == 1


def _silent_end(*, seconds: float, twice: bool = True) -> LiveStory:
    story = LiveStory()
    story.rest()
    story.leave(story.ben, to=[])
    if twice:
        story.leave(story.ben2, to=[])
    story.later(seconds)
    return story


def test_an_end_that_nobody_is_told_of() -> None:
    finding = only_of(_judged(_silent_end(seconds=2)), "presence")
    assert (finding.requirement, finding.client, finding.kind) == ("PRES-3", "ana#1", Kind.LIVENESS)
    assert (finding.level, finding.message) == (Level.FAIL, "offline of ben never came")


def test_nobody_is_told_of_the_end_of_who_heard_nothing_since_it_came() -> None:
    story = LiveStory()
    for connection in (story.ben, story.ben2):
        story.leave(connection, to=[])
    story.later(2)
    assert ("PRES-3", "ana#1") in findings(_judged(story), "presence")


def test_an_end_that_is_told_after_something_later() -> None:
    story = _silent_end(seconds=2)
    story.post("ana", "after the window")
    story.tell("ben", "offline", to=[story.ana])
    assert ("PRES-3", "ana#1") in findings(_judged(story), "presence")


def test_nothing_is_owed_before_the_window_is_over() -> None:
    assert findings(_judged(_silent_end(seconds=0.1)), "presence") == []


def test_nothing_is_owed_while_another_session_is_there() -> None:
    assert findings(_judged(_silent_end(seconds=2, twice=False)), "presence") == []


def test_nothing_is_owed_to_who_comes_back_at_once() -> None:
    story = _silent_end(seconds=0.1)
    back = _back(story)
    story.list_online(back, ["ana", "ben"])
    story.present["ben"] = [back]
    story.confirm(back)
    story.list_voices(back)
    story.later()
    assert findings(_judged(story), "presence") == []


# --- after a removal


def test_a_removal_without_offline_deviates() -> None:
    story = LiveStory()
    story.rest()
    op = story.kick("ana", "ben", offline=False)
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.client, finding.level) == ("PRES-6", "ana#1", Level.LAX)
    assert finding.cause == f"kick_member by ana (op {op})"


# --- features


def test_without_presence_nothing_is_owed() -> None:
    story = LiveStory(features=tuple(name for name in LIVE if name != "presence"))
    assert findings(_judged(story), "presence") == []


def test_nothing_is_judged_where_nobody_knows_what_holds() -> None:
    story = LiveStory()
    story.rest()
    for _ in range(4):
        story.answer(story.invoke_kick("ben"), None)
    story.tell("ben", "offline", to=[story.ana])
    story.tell("ben", "offline", to=[story.ana])
    story.end()
    assert findings(story.result(), "presence") == []
