"""The delivery judge: what is owed, what is forbidden, what nothing explains."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Ending, EndOfConnection, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.histories import FEATURES, NOW, found, only, ulid, user
from tests.conformance.stories import ACCEPTED, Story, profile


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


# --- owed and not delivered


def test_an_edit_that_misses_one_connection() -> None:
    story = Story()
    note = story.post("ben", "first")
    op = story.edit("ben", note, "second", to=[story.ana, story.ben])
    finding = only(_judged(story))
    assert (finding.judge, finding.requirement, finding.client) == ("delivery", "SCOPE-2", "ben#2")
    assert (finding.level, finding.kind, finding.event) == (Level.FAIL, Kind.LIVENESS, "message_update")
    assert finding.cause == f"edit_message by ben (op {op})"
    # The request and its answer, one who got the event, and what came later where it was missed.
    assert [line.who for line in finding.excerpt] == ["ben", "ana#1", "ben", "ben#2"]


def test_the_actor_is_owed_the_event_as_well() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana, story.ben2])
    assert found(_judged(story)) == [("delivery", "SCOPE-2", "ben#1")]


def test_a_guild_event_that_misses_one_connection() -> None:
    story = Story()
    story.rename("ana", "other", to=[story.ana, story.ben])
    assert found(_judged(story)) == [("delivery", "SCOPE-4", "ben#2")]


def test_a_profile_update_that_misses_another_session() -> None:
    story = Story()
    story.about("ben", "hello", to=[story.ben])
    assert found(_judged(story)) == [("delivery", "SCOPE-7", "ben#2")]


def test_a_missed_fence_decides_what_is_missing() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana, story.ben])
    message = story.message(story.id(), "ana", "fence")
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="fence"), Purpose.FENCE)
    story.frames([story.ana, story.ben], "message_create", message)
    story.answer(op, 200, message)
    story.missed(op, story.ben2)
    story.end()
    result = story.result()
    assert found(result) == [("delivery", "SCOPE-2", "ben#2")] * 2
    assert {finding.event for finding in result.findings} == {"message_create"}


def test_nothing_is_missing_before_a_later_event_came() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana])
    story.end()
    assert story.result().findings == ()


def test_a_connection_that_ended_before_the_fence_is_owed_nothing_more() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana, story.ben])
    story.close(story.ben2)
    del story.owners[story.ben2]
    story.subscribed.remove(story.ben2)
    assert _judged(story).verdict is Verdict.PASS


def test_the_removed_user_is_owed_the_own_removal() -> None:
    story = Story()
    story.kick("ana", "ben", to=[story.ana, story.ben])
    assert found(_judged(story)) == [("delivery", "ACCESS-2", "ben#2")]


# --- delivered and forbidden


def test_a_stranger_gets_a_message() -> None:
    story = Story()
    story.post("ben", "first", to=[*story.subscribed, story.eve])
    finding = only(_judged(story))
    assert (finding.requirement, finding.client, finding.kind) == ("SCOPE-3", "eve#1", Kind.SAFETY)


def test_a_stranger_gets_a_guild_event() -> None:
    story = Story()
    story.rename("ana", "other", to=[*story.subscribed, story.eve])
    assert found(_judged(story)) == [("delivery", "SCOPE-5", "eve#1")]


def test_a_stranger_gets_a_profile_update() -> None:
    story = Story()
    story.about("ben", "hello", to=[story.ben, story.ben2, story.eve])
    assert found(_judged(story)) == [("delivery", "SCOPE-7", "eve#1")]


def test_a_member_who_did_not_subscribe_gets_a_message() -> None:
    story = Story()
    idle = story.open("ben")
    story.post("ana", "first", to=[*story.subscribed, idle])
    assert found(_judged(story)) == [("delivery", "SCOPE-3", "ben#3")]


def test_a_kicked_client_keeps_its_stream() -> None:
    story = Story()
    story.kick("ana", "ben", stop=False)
    story.post("ana", "secret", to=[story.ana, story.ben])
    story.subscribed = [story.ana]
    finding = only(_judged(story))
    assert (finding.requirement, finding.client, finding.event) == ("ACCESS-3", "ben#1", "message_create")


def test_regained_membership_restores_no_subscription() -> None:
    story = Story()
    story.kick("ana", "ben")
    op = story.invoke("ana", ops.AddMember(guild_id=story.guild, user_id=user("ben")))
    story.frames([story.ana, story.ben, story.ben2], "workspace_member_add", story.addition("ben"))
    story.answer(op, 200, ACCEPTED)
    story.roles["ben"] = "member"
    story.post("ana", "again", to=[story.ana, story.ben])
    story.fence()
    story.end()
    assert found(story.result()) == [("delivery", "ACCESS-6", "ben#1")]


def test_a_connection_opened_after_the_answer_gets_what_was_before() -> None:
    story = Story()
    note = story.post("ana", "first")
    late = story.open("ben")
    story.frame(late, "message_create", story.messages[note])
    story.fence()
    story.end()
    assert found(story.result()) == [("delivery", "DELIV-1", "ben#3")]


# --- twice, out of order, out of nowhere


def test_an_event_that_comes_twice() -> None:
    story = Story()
    story.post("ben", "first", to=[*story.subscribed, story.ben2])
    finding = only(_judged(story))
    assert (finding.requirement, finding.client, finding.kind) == ("DELIV-1", "ben#2", Kind.SAFETY)


def test_a_copy_is_not_taken_for_the_next_operation() -> None:
    story = Story()
    story.rename("ana", "one")
    payload = {"guild_id": story.guild, "updated_fields": {"name": "one"}, "updated_at_unix": NOW}
    op = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="two"))
    story.frame(story.ben, "workspace_update", payload)
    story.frames(story.subscribed, "workspace_update", payload | {"updated_fields": {"name": "two"}})
    story.answer(op, 200, {"guild_id": story.guild, "name": "two", "visibility": "private"})
    story.name = "two"
    assert found(_judged(story)) == [("delivery", "DELIV-1", "ben#1")]


def test_an_event_overtakes_an_earlier_cause() -> None:
    story = Story()
    first = story.post("ana", "first", to=[story.ana, story.ben])
    story.post("ana", "second")
    story.frame(story.ben2, "message_create", story.messages[first])
    assert found(_judged(story)) == [("delivery", "DELIV-5", "ben#2")]


def test_an_event_that_no_operation_caused() -> None:
    story = Story()
    story.post("ana", "first")
    ghost = story.message(ulid(999), "ana", "ghost")
    story.frame(story.ben, "message_create", ghost)
    assert found(_judged(story)) == [("delivery", "DELIV-1", "ben#1")]


def test_an_event_of_a_refused_operation() -> None:
    story = Story()
    note = story.post("ana", "first")
    op = story.invoke("ben", ops.EditMessage(**story.place, message_id=note, content="mine"))
    story.frame(story.ben, "message_update", story.edited(story.message(note, "ana", "mine")))
    story.answer(op, 403, {"error": "forbidden"})
    assert found(_judged(story)) == [("delivery", "DELIV-4", "ben#1")]


def test_an_event_of_a_rename_to_the_same_name() -> None:
    story = Story()
    story.rename("ana", "same")
    story.rename("ana", "same")
    result = _judged(story)
    assert found(result) == [("delivery", "GUILD-4", client) for client in ("ana#1", "ben#1", "ben#2")]
    assert result.verdict is Verdict.FAIL


def test_an_event_of_an_edit_that_changed_nothing_deviates() -> None:
    story = Story()
    note = story.post("ben", "same")
    story.edit("ben", note, "same", to=[story.ana])
    result = _judged(story)
    assert found(result) == [("delivery", "DELIV-6", "ana#1")]
    assert result.verdict is Verdict.LAX


def test_silence_about_what_changed_nothing_is_a_witness() -> None:
    story = Story("GUILD-4")
    story.call(
        "ana",
        ops.UpdateGuild(guild_id=story.guild, guild_name="room"),
        body={"guild_id": story.guild, "name": "room", "visibility": "private"},
    )
    result = _judged(story)
    assert (result.verdict, result.witnesses["GUILD-4"]) == (Verdict.PASS, 1)


# --- payloads


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ({"content": "other"}, "MSG-1"),
        ({"author_id": user("ana")}, "MSG-1"),
        ({"created_at_unix": NOW + 1}, "MSG-1"),
    ],
)
def test_message_create_that_differs_from_the_answer(told: dict[str, Any], requirement: str) -> None:
    story = Story()
    story.post("ben", "first", **told)
    finding = only(_judged(story))
    assert (finding.requirement, finding.kind) == (requirement, Kind.CONTRACT)


@pytest.mark.parametrize(
    ("fields", "requirement"),
    [
        ({"name": "stale"}, "EVT-2"),
        ({"name": "new", "visibility": "private"}, "GUILD-4"),
    ],
)
def test_workspace_update_that_says_something_else(fields: dict[str, str], requirement: str) -> None:
    story = Story()
    story.rename("ana", "new", updated_fields=fields)
    assert only(_judged(story)).requirement == requirement


def test_an_event_names_another_actor() -> None:
    story = Story()
    story.rename("ana", "new", actor_user_id=user("ben"))
    assert only(_judged(story)).requirement == "EVT-3"


def test_an_event_may_name_its_actor() -> None:
    story = Story()
    story.rename("ana", "new", actor_user_id=user("ana"))
    assert _judged(story).verdict is Verdict.PASS


def test_a_profile_update_with_more_than_was_supplied() -> None:
    story = Story()
    fields = {"about_markdown": "hello", "about_markdown_tokens": [], "username": "ben"}
    story.about("ben", "hello", updated_fields=fields)
    assert only(_judged(story)).requirement == "PROF-2"


# --- ready and subscribed


def test_ready_comes_first_and_once() -> None:
    story = Story()
    late = story.open("ben", ready=False)
    story.subscribe(late, story.guild, story.channel)
    story.frame(late, "ready", {"user_id": user("ben")})
    story.frame(late, "ready", {"user_id": user("ben")})
    story.post("ana", "first", to=[*story.subscribed, late])
    story.end()
    result = story.result()
    assert found(result) == [("delivery", "GW-3", "ben#3")] * 3


def test_ready_names_another_user() -> None:
    story = Story()
    late = story.open("ben", ready=False)
    story.frame(late, "ready", {"user_id": user("ana")})
    story.post("ana", "first")
    story.end()
    assert found(story.result()) == [("delivery", "GW-3", "ben#3")]


def test_a_subscribe_without_access_is_confirmed() -> None:
    story = Story()
    story.subscribe(story.eve, story.guild, story.channel)
    story.post("ana", "first")
    assert found(_judged(story)) == [("delivery", "SUB-2", "eve#1")]


def test_subscribed_without_a_subscribe() -> None:
    story = Story()
    story.frame(story.eve, "subscribed", story.place)
    story.post("ana", "first")
    assert found(_judged(story)) == [("delivery", "SCOPE-1", "eve#1")]


def test_a_permitted_subscribe_is_not_confirmed() -> None:
    story = Story()
    other = story.id()
    body = {"channel_id": other, "name": "other", "kind": "text"}
    op = story.invoke("ana", ops.CreateChannel(guild_id=story.guild, channel_name="other"))
    payload = {"guild_id": story.guild, "channel": body}
    story.frames(story.subscribed, "channel_create", payload)
    story.answer(op, 200, body)
    story.subscribe(story.ben, story.guild, other, confirmed=False)
    story.subscribe(story.ben, story.guild, story.channel)
    story.fence()
    story.end()
    assert found(story.result()) == [("delivery", "SUB-1", "ben#1")]


def test_a_refused_subscribe_is_witnessed_by_a_later_one() -> None:
    story = Story("SUB-2")
    story.subscribe(story.ben, story.guild, ulid(777), confirmed=False)
    story.subscribe(story.ben, story.guild, story.channel)
    story.post("ana", "first")
    assert _judged(story).verdict is Verdict.PASS


def test_a_scenario_that_gave_up_on_a_subscribe() -> None:
    story = Story()
    late = story.open("ben")
    story.subscribe(late, story.guild, story.channel, confirmed=False)
    for _ in range(1100):
        story.now()
    story.end(ending=Ending.HALTED, message="no subscribed")
    assert found(story.result()) == [("delivery", "SUB-1", "ben#3")]


# --- ends of connections


@pytest.mark.parametrize("how", [EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED])
def test_the_target_ends_a_connection_for_no_reason(how: EndOfConnection) -> None:
    story = Story()
    story.post("ana", "first")
    story.close(story.ben2, how)
    del story.owners[story.ben2]
    story.subscribed.remove(story.ben2)
    assert found(_judged(story)) == [("delivery", "DELIV-1", "ben#2")]


def test_a_logout_may_end_the_connection() -> None:
    story = Story()
    story.post("ana", "first")
    story.call("eve", ops.Logout(refresh_token="token"), 204)
    story.close(story.eve, EndOfConnection.CLOSED_BY_TARGET)
    del story.owners[story.eve]
    assert _judged(story).verdict is Verdict.PASS


# --- what servers are free to do


def test_guild_events_may_reach_members_who_did_not_subscribe() -> None:
    for extra in (True, False):
        story = Story()
        idle = story.open("ben")
        story.rename("ana", "new", to=[*story.subscribed, *([idle] if extra else [])])
        story.fence()
        story.about("ben", "fence", to=[story.ben, story.ben2, idle], purpose=Purpose.FENCE)
        assert _judged(story).findings == ()


def test_profile_updates_may_reach_co_members() -> None:
    for to in ((), ("ana",)):
        story = Story()
        story.about("ben", "hello", to=[story.ben, story.ben2, *(getattr(story, name) for name in to)])
        assert _judged(story).verdict is Verdict.PASS


def test_the_own_addition_should_reach_a_session_that_is_not_subscribed() -> None:
    for told, verdict in ((True, Verdict.PASS), (False, Verdict.LAX)):
        story = Story()
        op = story.invoke("ana", ops.AddMember(guild_id=story.guild, user_id=user("eve")))
        to = [*story.subscribed, *([story.eve] if told else [])]
        story.frames(to, "workspace_member_add", story.addition("eve"))
        story.answer(op, 200, ACCEPTED)
        story.roles["eve"] = "member"
        story.fence()
        views = {story.eve: ((), {"workspaces": {}}), story.ana: ((story.guild,), story.view("ana"))}
        story.settle(views)
        story.end()
        result = story.result()
        assert result.verdict is verdict
        assert found(result) == ([] if told else [("delivery", "SCOPE-8", "eve#1")])


def _presence(story: Story, name: str) -> dict[str, str]:
    return {"guild_id": story.guild, "user_id": user(name), "status": "online"}


def test_events_of_features_that_are_not_driven_are_explained_for_members() -> None:
    story = Story(declared=(*FEATURES, "presence", "voice", "roles"))
    story.frame(story.ben, "presence_sync", {"guild_id": story.guild, "user_ids": [user("ben")]})
    synced = {**story.place, "participants": [], "synced_at_unix": NOW}
    story.frame(story.ben, "voice_participant_sync", synced)
    story.frames(story.subscribed, "presence_update", _presence(story, "ben"))
    story.role("ana", "ben", "moderator")
    assigned = {
        "guild_id": story.guild,
        "user_id": user("ben"),
        "role_id": ulid(5),
        "assigned_at_unix": NOW,
    }
    story.frames(story.subscribed, "workspace_role_assignment_add", assigned)
    assert _judged(story).verdict is Verdict.PASS


def test_such_events_are_still_forbidden_to_strangers() -> None:
    story = Story(declared=(*FEATURES, "presence", "voice", "friends"))
    story.post("ana", "first")
    story.frame(story.eve, "presence_update", _presence(story, "ben"))
    left = {**story.place, "user_id": user("ben"), "identity": "x", "left_at_unix": NOW}
    story.frame(story.eve, "voice_participant_leave", left)
    removed = {"user_id": user("ben"), "friend_user_id": user("ana"), "removed_at_unix": NOW}
    story.frame(story.eve, "friend_remove", removed)
    result = _judged(story)
    assert [requirement for _, requirement, _ in found(result)] == ["PRES-5", "SCOPE-5", "SCOPE-6"]


def test_such_events_are_forbidden_after_the_own_removal() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.kick("ana", "ben")
    story.frame(story.ben, "presence_update", _presence(story, "ana"))
    assert ("delivery", "ACCESS-3", "ben#1") in found(_judged(story))


def test_events_of_an_undeclared_feature_deviate() -> None:
    story = Story()
    story.post("ana", "first")
    story.frame(story.ben, "presence_update", _presence(story, "ben"))
    result = _judged(story)
    assert found(result) == [("delivery", "EVT-4", "ben#1")]
    assert result.verdict is Verdict.LAX


def test_a_subscribe_answer_for_somebody_who_did_not_ask() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.post("ana", "first")
    story.frame(story.eve, "presence_sync", {"guild_id": story.guild, "user_ids": [user("ben")]})
    assert found(_judged(story)) == [("delivery", "SCOPE-1", "eve#1")]


# --- absence


def test_absence_counts_only_where_others_got_the_event_and_a_fence_passed() -> None:
    story = Story("SCOPE-3")
    story.post("ana", "first")
    story.end()
    assert "SCOPE-3" not in story.result().witnesses
    story = Story("SCOPE-3")
    story.post("ana", "first")
    assert _judged(story).witnesses["SCOPE-3"] == 1


def test_a_kick_is_witnessed_on_both_sides() -> None:
    story = Story("ACCESS-2", "ACCESS-3", "SCOPE-3", "SCOPE-4", "MEM-5", "CLIENT-8")
    story.kick("ana", "ben")
    story.post("ana", "without ben")
    result = _judged(story)
    assert result.verdict is Verdict.PASS, (result.note, result.findings)
    # Ana's message, absent on both of ben's connections.
    assert result.witnesses["ACCESS-3"] == 2
    assert result.witnesses["ACCESS-2"] == 2


def test_a_role_change_is_witnessed_by_event_and_permissions() -> None:
    story = Story("MEM-4", "CHAN-2", "PERM-3", "SCOPE-4", "SCOPE-5")
    story.role("ana", "ben", "moderator")
    assert _judged(story).verdict is Verdict.PASS


def test_profile_story_passes() -> None:
    story = Story("SCOPE-7", "PROF-2", "DELIV-8")
    story.about("ben", "hello")
    story.call("ana", ops.ReadProfile(user_id=user("ben")), body=profile("ben", "hello"))
    assert _judged(story).verdict is Verdict.PASS


def test_delete_story_passes() -> None:
    story = Story("MSG-DEL-1", "SCOPE-2")
    note = story.post("ben", "first")
    story.delete("ben", note)
    story.call("ben", ops.DeleteMessage(**story.place, message_id=note), 404, {"error": "not_found"})
    assert _judged(story).verdict is Verdict.PASS
