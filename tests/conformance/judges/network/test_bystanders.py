"""Disturbed connections delay nobody else."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import (
    ConnectionCut,
    ConnectionEnded,
    ConnectionOpened,
    Ending,
    EndOfConnection,
    FaultPut,
    ScenarioEnded,
)
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import found, only
from tests.conformance.judges.network.disturbing import DisturbedStory


def judged(story: DisturbedStory) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def late_post(story: DisturbedStory, seconds: float) -> None:
    """A message that is stored at once, and told so many seconds later."""
    message = story.message(story.id(), "ana", "late")
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="late"))
    story.answer(op, 200, message)
    story.later(seconds)
    story.frames(story.subscribed, "message_create", message)
    story.messages[message["message_id"]] = message


def test_that_others_are_told_in_time_is_witnessed_while_one_is_disturbed() -> None:
    story = DisturbedStory("DELIV-9")
    story.post("ana", "before")
    story.put(story.ben2, "timeout")
    story.post("ana", "meanwhile", to=[story.ana, story.ben])
    story.cut(story.ben2, "timeout")
    story.leave(story.ben2)
    result = judged(story)
    assert (found(result), result.verdict) == ([], Verdict.PASS)
    assert result.witnesses["DELIV-9"] >= 2


def test_without_a_disturbance_what_is_late_is_late_for_another_reason() -> None:
    story = DisturbedStory()
    late_post(story, 3)
    result = judged(story)
    assert (found(result), "DELIV-9" in result.witnesses) == ([("delivery", "DELIV-3", "ana#1")], False)


def test_who_is_told_late_while_another_one_is_silent() -> None:
    story = DisturbedStory()
    story.post("ana", "before")
    story.put(story.ben2, "timeout")
    story.subscribed = [story.ana, story.ben]
    late_post(story, 3)
    story.cut(story.ben2, "timeout")
    story.subscribed = [story.ana, story.ben, story.ben2]
    story.leave(story.ben2)
    result = judged(story)
    assert found(result) == [("network", "DELIV-9", "ana#1"), ("network", "DELIV-9", "ben#1")]
    assert {one.kind for one in result.findings} == {Kind.LIVENESS}
    assert {one.received for one in result.findings} == {"after 3.0 s"}


def test_who_is_answered_late_right_after_a_connection_broke() -> None:
    story = DisturbedStory()
    story.post("ana", "before")
    story.put(story.ben2, "reset_peer")
    story.cut(story.ben2)
    story.leave(story.ben2)
    op = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="room"))
    story.later(2)
    story.answer(op, 200, {"guild_id": story.guild, "name": "room", "visibility": "private"})
    assert only(judged(story)).requirement == "DELIV-9"


def test_the_disturbed_connection_itself_may_be_late() -> None:
    story = DisturbedStory()
    story.post("ana", "before")
    story.put(story.ben2, "latency")
    message = story.message(story.id(), "ana", "slow")
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="slow"))
    story.frames([story.ana, story.ben], "message_create", message)
    story.answer(op, 200, message)
    story.later(5)
    story.frame(story.ben2, "message_create", message)
    story.messages[message["message_id"]] = message
    assert found(judged(story)) == []


def test_a_target_that_is_slow_anyway_is_not_delayed_by_a_disturbance() -> None:
    story = DisturbedStory()
    late_post(story, 3)
    story.put(story.ben2, "latency")
    late_post(story, 3)
    assert found(judged(story)) == []


def test_our_own_lateness_is_nobodys_fault() -> None:
    story = DisturbedStory()
    story.post("ana", "before")
    story.put(story.ben2, "latency")
    late_post(story, 3)
    story.rest()
    story.add(
        ScenarioEnded(
            at=story.now(),
            scenario="test/story",
            ending=Ending.COMPLETED,
            lag_us=2_500_000,
        )
    )
    assert found(story.result()) == []


def test_an_upgrade_that_was_cut_owes_nothing_and_is_counted() -> None:
    story = DisturbedStory("DELIV-9")
    story.post("ana", "before")
    half = story.open("ben", ready=False)
    opened = story.records[-1]
    assert isinstance(opened, ConnectionOpened)
    at = opened.at
    story.add(FaultPut(at=at, connection=half, fault="limit_data", directions=("upstream",), attributes={}))
    story.add(ConnectionCut(at=at, connection=half, fault="limit_data"))
    story.add(ConnectionEnded(at=at, connection=half, how=EndOfConnection.CLOSED_BY_US))
    story.post("ana", "meanwhile")
    result = judged(story)
    assert (found(result), result.evidence["cut_upgrades"]) == ([], 1)
