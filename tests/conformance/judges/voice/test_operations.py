"""What all judges say of histories in which people join, change, move, leave and are made to leave."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.histories import NOW, found, user
from tests.conformance.live_stories import ENDED, LEFT, LiveStory, findings
from tests.conformance.stories import ACCEPTED

JOIN, UPDATE, PUBLISH = "voice_participant_join", "voice_participant_update", "voice_stream_publish"
FORBIDDEN = {"error": "forbidden"}


def _found(story: LiveStory) -> set[tuple[str, str, str | None]]:
    return set(found(story.judged()))


def test_join_state_leave_and_removal() -> None:
    story = LiveStory("VOICE-1", "VOICE-3", "VOICE-4", "VOICE-5", "DELIV-6")
    story.token("ben")
    story.token("ana", "microphone", "camera")
    story.token("ana", "microphone", "screen_share")
    story.state("ben", is_muted=True)
    story.call("ben", ops.UpdateVoiceState(**story.place, is_muted=True), 204)
    story.call("ana", ops.UpdateVoiceState(**story.place), 400, {"error": "invalid_request"})
    story.call("eve", ops.IssueVoiceToken(**story.place), 403, FORBIDDEN)
    story.go("ana")
    story.call("ana", ops.LeaveVoice(**story.place), 204)
    story.rest()
    story.kick("ana", "ben")
    result = story.judged()
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


# --- what is owed, and agrees


def test_a_join_that_misses_one_connection() -> None:
    story = LiveStory()
    story.token("ben", to=[story.ana, story.ben])
    assert _found(story) == {("delivery", "SCOPE-2", "ben#2")}


def test_a_join_that_reaches_a_stranger() -> None:
    story = LiveStory()
    story.token("ben", to=[*story.subscribed, story.eve])
    assert {requirement for _, requirement, _ in _found(story)} == {"SCOPE-3"}


def test_a_stream_that_is_not_told() -> None:
    story = LiveStory()
    op = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    joined = {**story.place, "participant": story.participant("ben")}
    story.frames(story.subscribed, JOIN, joined)
    story.answer(op, 200, story.granted("ben", "microphone"))
    result = story.judged()
    assert {(f.requirement, f.event) for f in result.findings} == {("SCOPE-2", PUBLISH)}


@pytest.mark.parametrize(
    ("wrong", "requirement"),
    [
        ({"identity": "another"}, "DELIV-10"),
        ({"updated_fields": {"is_muted": False}}, "EVT-2"),
        ({"updated_fields": {"is_muted": True, "is_deafened": True}}, "EVT-2"),
    ],
)
def test_a_state_that_is_told_otherwise(wrong: dict[str, Any], requirement: str) -> None:
    story = LiveStory()
    story.token("ben")
    op = story.invoke("ben", ops.UpdateVoiceState(**story.place, is_muted=True))
    update = story.of("ben", updated_fields={"is_muted": True}, updated_at_unix=NOW)
    story.frames(story.subscribed, UPDATE, update | wrong)
    story.answer(op, 204)
    assert {(judge, broken) for judge, broken, _ in _found(story)} == {("delivery", requirement)}


# --- what is not to be told


def test_a_state_that_is_as_before_is_told() -> None:
    story = LiveStory()
    story.token("ben")
    story.state("ben", is_muted=False)
    result = story.judged()
    assert {(f.requirement, f.level) for f in result.findings} == {("DELIV-6", Level.LAX)}


def test_the_state_of_who_is_not_there_is_told() -> None:
    story = LiveStory()
    story.voices["ben"] = story.participant("ben")
    story.state("ben", is_muted=True)
    assert {requirement for _, requirement, _ in _found(story)} == {"DELIV-6"}


def test_a_refused_token_is_told() -> None:
    story = LiveStory()
    op = story.invoke("ben", ops.IssueVoiceToken(**story.place, publish_sources=["camera"]))
    joined = {**story.place, "participant": story.participant("ben")}
    story.frames(story.subscribed, JOIN, joined)
    story.answer(op, 400, {"error": "invalid_request"})
    assert {requirement for _, requirement, _ in _found(story)} == {"DELIV-4"}


def test_a_join_that_nobody_asked_for() -> None:
    story = LiveStory()
    joined = {**story.place, "participant": story.participant("ben")}
    story.frame(story.ana, JOIN, joined)
    assert _found(story) == {("delivery", "DELIV-1", "ana#1")}


# --- order


def test_streams_begin_after_the_join() -> None:
    story = LiveStory()
    op = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    joined = {**story.place, "participant": story.participant("ben")}
    published = story.of("ben", stream="microphone", published_at_unix=NOW)
    story.frame(story.ana, PUBLISH, published)
    story.frame(story.ana, JOIN, joined)
    for connection in (story.ben, story.ben2):
        story.frame(connection, JOIN, joined)
        story.frame(connection, PUBLISH, published)
    story.answer(op, 200, story.granted("ben", "microphone"))
    assert ("VOICE-1", "ana#1") in findings(story.judged(), "ordering")


def test_streams_end_before_the_participation() -> None:
    story = LiveStory()
    story.token("ben")
    op = story.invoke("ben", ops.LeaveVoice(**story.place))
    story.end_voice("ben")
    story.end_stream("ben", "microphone")
    story.answer(op, 204)
    assert findings(story.judged(), "ordering") == [("VOICE-3", name) for name in ("ana#1", "ben#1", "ben#2")]


def test_a_participant_leaves_after_the_removal() -> None:
    story = LiveStory()
    story.token("ben")
    op = story.invoke_kick("ben")
    story.depart("ben", [story.ana])
    story.finish_kick(op, "ben", offline=True)
    assert findings(story.judged(), "ordering") == [("VOICE-5", "ana#1")] * 2


def test_the_removed_user_is_not_told_of_the_own_departure() -> None:
    story = LiveStory()
    story.token("ben")
    op = story.invoke_kick("ben")
    story.frames(story.subscribed, "workspace_member_remove", story.removal("ben"))
    story.depart("ben")
    del story.present["ben"], story.roles["ben"]
    story.subscribed = [story.ana]
    story.tell("ben", "offline")
    story.answer(op, 200, ACCEPTED)
    result = story.judged()
    assert {(f.requirement, f.client, f.event) for f in result.findings} == {
        ("ACCESS-3", client, event) for client in ("ben#1", "ben#2") for event in (ENDED, LEFT)
    }


# --- VOICE-2: one channel at a time


class Moving(LiveStory):
    """Ben moves to a second channel, in which ana and ben are subscribed as well."""

    def __init__(self) -> None:
        super().__init__("VOICE-2")
        self.other = self.id()
        made = {"channel_id": self.other, "name": "other", "kind": "voice"}
        create = ops.CreateChannel(guild_id=self.guild, channel_name="other", kind="voice")
        op = self.invoke("ana", create)
        self.frames(self.subscribed, "channel_create", {"guild_id": self.guild, "channel": made})
        self.answer(op, 200, made)
        for connection in self.subscribed:
            self._hear(connection)
        self.token("ben")

    def _hear(self, connection: int) -> None:
        place = {"guild_id": self.guild, "channel_id": self.other}
        self.ask(connection, channel=self.other)
        self.list_online(connection)
        self.frame(connection, "subscribed", place)
        voices = {**place, "participants": [], "synced_at_unix": NOW}
        self.frame(connection, "voice_participant_sync", voices)

    def move(self, *order: str) -> None:
        place = {"guild_id": self.guild, "channel_id": self.other}
        moved = {**place, "user_id": user("ben"), "identity": "ben-there"}
        joined = {**place, "participant": self.participant("ben", identity="ben-there")}
        told = {
            ENDED: self.of("ben", stream="microphone", unpublished_at_unix=NOW),
            LEFT: self.of("ben", left_at_unix=NOW),
            JOIN: joined,
            PUBLISH: {**moved, "stream": "microphone", "published_at_unix": NOW},
        }
        op = self.invoke("ben", ops.IssueVoiceToken(guild_id=self.guild, channel_id=self.other))
        for name in order:
            self.frames(self.subscribed, name, told[name])
        self.answer(op, 200, self.granted("ben", "microphone") | {"identity": "ben-there"})
        self.end()


def test_a_move_departs_first() -> None:
    story = Moving()
    story.move(ENDED, LEFT, JOIN, PUBLISH)
    result = story.result()
    assert result.findings == ()
    assert result.witnesses["VOICE-2"]


@pytest.mark.parametrize(
    "order", [(JOIN, PUBLISH, ENDED, LEFT), (ENDED, JOIN, LEFT, PUBLISH), (JOIN, ENDED, LEFT, PUBLISH)]
)
def test_a_move_that_joins_before_it_departs(order: tuple[str, ...]) -> None:
    story = Moving()
    story.move(*order)
    assert "VOICE-2" in {requirement for requirement, _ in findings(story.result(), "ordering")}


def test_a_move_without_departure() -> None:
    story = Moving()
    story.move(JOIN, PUBLISH)
    story.post("ana", "later")
    missing = {(f.requirement, f.event) for f in story.result().findings}
    assert missing == {("SCOPE-2", ENDED), ("SCOPE-2", LEFT)}


# --- VOICE-6: lost access


def _shut_out(*, departs: bool) -> LiveStory:
    story = LiveStory()
    story.token("ben")
    story.rest()
    override = ops.OverridePermission(
        **story.place, target_kind="member", target_id=user("ben"), allow=[], deny=["create_message"]
    )
    op = story.invoke("ana", override)
    update = {
        **story.place,
        "target_kind": "member",
        "target_id": user("ben"),
        "updated_fields": {"allow": [], "deny": ["create_message"]},
        "updated_at_unix": NOW,
    }
    story.frames(story.subscribed, "workspace_channel_permission_override_update", update)
    if departs:
        story.depart("ben", [story.ana])
    story.answer(op, 200, ACCEPTED)
    story.subscribed = [story.ana]
    story.fence()
    story.end()
    return story


def test_who_loses_the_access_departs() -> None:
    assert _shut_out(departs=True).result().findings == ()


def test_who_loses_the_access_and_stays_deviates() -> None:
    result = _shut_out(departs=False).result()
    assert {(f.requirement, f.level, f.event) for f in result.findings} == {
        ("VOICE-6", Level.LAX, event) for event in (ENDED, LEFT)
    }


# --- answers


@pytest.mark.parametrize(
    ("wrong", "requirement"),
    [
        ({"publish_sources": ["microphone", "camera"]}, "PERM-1"),
        ({"publish_sources": []}, "PERM-1"),
        ({"can_publish": False}, "PERM-1"),
        ({"can_subscribe": True}, "PERM-1"),
        ({"identity": "another"}, "VOICE-1"),
    ],
)
def test_a_token_for_something_else(wrong: dict[str, Any], requirement: str) -> None:
    story = LiveStory()
    story.token("ben")
    story.call("ben", ops.IssueVoiceToken(**story.place), body=story.granted("ben", "microphone") | wrong)
    assert (requirement, "ben") in findings(story.judged(), "answers")


# --- several of one user at once


def test_two_tokens_at_once_may_be_given_in_either_order() -> None:
    sources = (["microphone", "camera"], ["screen_share"])
    for first, second in (sources, sources[::-1]):
        for answers in ((0, 1), (1, 0)):
            story = LiveStory()
            story.token("ana")
            started = [
                story.invoke("ana", ops.IssueVoiceToken(**story.place, publish_sources=one))
                for one in sources
            ]
            held = ["microphone"]
            for now in (first, second):
                update = {"updated_fields": {"is_video_enabled": "camera" in now}, "updated_at_unix": NOW}
                story.frames(story.subscribed, UPDATE, story.of("ana", **update))
                for stream in held:
                    if stream not in now:
                        story.end_stream("ana", stream)
                for stream in (one for one in now if one not in held):
                    published = story.of("ana", stream=stream, published_at_unix=NOW)
                    story.frames(story.subscribed, PUBLISH, published)
                held = now
            for index in answers:
                story.answer(started[index], 200, story.granted("ana", *sources[index]))
            story.streams["ana"] = held
            story.go("ana")
            assert story.judged().findings == ()


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_first_token_and_a_state_at_once(is_heard: bool) -> None:
    """The state finds the participant there, or nobody."""
    story = LiveStory()
    state = story.invoke("ben", ops.UpdateVoiceState(**story.place, is_muted=True, is_deafened=False))
    token = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    story.voices["ben"], story.streams["ben"] = story.participant("ben"), ["microphone"]
    story.frames(story.subscribed, JOIN, {**story.place, "participant": story.voices["ben"]})
    story.frames(story.subscribed, PUBLISH, story.of("ben", stream="microphone", published_at_unix=NOW))
    if is_heard:
        story.tell_state("ben", is_muted=True)
    story.answer(state, 204)
    story.answer(token, 200, story.granted("ben", "microphone"))
    story.state("ben", is_muted=not is_heard)
    story.go("ben")
    assert story.judged().findings == ()


def test_a_leave_beside_a_token_comes_first_or_last() -> None:
    for leaves_last in (True, False):
        story = LiveStory()
        story.token("ben")
        leave = story.invoke("ben", ops.LeaveVoice(**story.place))
        token = story.invoke("ben", ops.IssueVoiceToken(**story.place))
        joined = {**story.place, "participant": story.participant("ben")}
        if leaves_last:
            update = {"updated_fields": {"is_video_enabled": False}, "updated_at_unix": NOW}
            story.frames(story.subscribed, UPDATE, story.of("ben", **update))
            story.depart("ben")
        else:
            story.depart("ben")
            story.frames(story.subscribed, JOIN, joined)
            story.frames(
                story.subscribed, PUBLISH, story.of("ben", stream="microphone", published_at_unix=NOW)
            )
        story.answer(leave, 204)
        story.answer(token, 200, story.granted("ben", "microphone"))
        assert story.judged().findings == ()


def test_tokens_of_two_users_at_once_are_owed() -> None:
    story = LiveStory()
    tokens = [story.invoke(name, ops.IssueVoiceToken(**story.place)) for name in ("ana", "ben")]
    for op, name in zip(tokens, ("ana", "ben"), strict=True):
        story.answer(op, 200, story.granted(name, "microphone"))
    assert {requirement for _, requirement, _ in _found(story)} == {"SCOPE-2"}


def test_what_a_state_may_have_said_comes_before_what_a_later_token_must_say() -> None:
    """Both can be told in the same words: which was told is known by what is still to come."""
    story = LiveStory()
    story.token("ben")
    for connection in (story.ben, story.ben2):
        story.leave(connection)
    story.later()
    story.come("ben")
    story.token("ben")
    state = story.invoke("ben", ops.UpdateVoiceState(**story.place, is_muted=True))
    others = [connection for connection in story.subscribed if connection != story.ana]
    story.tell_state("ben", others, is_muted=True)
    story.answer(state, 204)
    token = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    story.tell_state("ben", [story.ana], is_muted=True)
    update = {"updated_fields": {"is_video_enabled": False}, "updated_at_unix": NOW}
    story.frames(story.subscribed, UPDATE, story.of("ben", **update))
    story.answer(token, 200, story.granted("ben", "microphone"))
    assert story.judged().findings == ()


def test_what_a_later_token_must_say_is_missed_behind_a_state_that_may_have_said_it() -> None:
    story = LiveStory()
    story.token("ben")
    for connection in (story.ben, story.ben2):
        story.leave(connection)
    story.later()
    story.come("ben")
    story.token("ben")
    story.state("ben", is_muted=True)
    token = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    story.answer(token, 200, story.granted("ben", "microphone"))
    assert {requirement for _, requirement, _ in _found(story)} == {"SCOPE-2"}
