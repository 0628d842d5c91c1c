"""The delivery judge: what is owed, what is forbidden, what nothing explains."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.histories import NOW, found, only, user
from tests.conformance.people_stories import PeopleStory
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
    assert finding.expected == "nothing: eve is no member of that guild"


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
    assert finding.cause is not None
    assert finding.cause.startswith("kick_member by ana")


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


# --- operations that changed nothing


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


def test_a_wrong_copy_is_of_what_happened_and_not_of_what_was_refused_meanwhile() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    accept = ops.AcceptFriend(request_id=asked.request_id)
    op = story.invoke("ben", accept)
    wrong = story.accepted_copy(asked, "ben")
    for connection in story.sessions("ben"):
        story.frame(connection, "friend_request_update", wrong)
    story.answer(op, 200, ACCEPTED)
    again = story.invoke("ben", accept)
    for connection in story.sessions("ana"):
        story.frame(connection, "friend_request_update", wrong)
    story.answer(again, 404, {"error": "not_found"})
    story.pending.remove(asked)
    story.friends.append(frozenset(asked.both))
    requirements = {one.requirement for one in story.judged().findings if one.judge == "delivery"}
    assert requirements == {"FRIEND-4"}


# --- a channel that is made while somebody is removed


def _made_beside_a_removal(*, beside: bool) -> set[tuple[str, str]]:
    """Ben is kicked, and gets the event of a channel that was made then, or after that."""
    story, secret = Story(), "scdendendenden"
    channel = {"channel_id": story.id(), "name": secret, "kind": "text"}
    everybody = list(story.subscribed)
    kick = story.invoke("ana", ops.KickMember(guild_id=story.guild, user_id=user("ben")))
    if not beside:
        story.frames(everybody, "workspace_member_remove", story.removal("ben"))
        story.answer(kick, 200, ACCEPTED)
    make = story.invoke("ana", ops.CreateChannel(guild_id=story.guild, channel_name=secret))
    story.canary(secret, "channel_name", make)
    story.frames(everybody, "channel_create", {"guild_id": story.guild, "channel": channel})
    if beside:
        story.frames(everybody, "workspace_member_remove", story.removal("ben"))
        story.answer(kick, 200, ACCEPTED)
    story.answer(make, 200, channel)
    del story.roles["ben"]
    story.subscribed = [story.ana]
    # What the story reads by REST knows nothing of the channel, which is another matter.
    judged = {(judge, requirement) for judge, requirement, _ in found(_judged(story))}
    return {one for one in judged if one[0] in ("delivery", "leaks")}


def test_who_is_removed_while_a_channel_is_made_may_be_told_of_it() -> None:
    assert _made_beside_a_removal(beside=True) == set()


def test_who_was_removed_before_may_not() -> None:
    assert _made_beside_a_removal(beside=False) == {("delivery", "ACCESS-3"), ("leaks", "LEAK-CHAN-1")}
