"""The part of the delivery judge that follows each connection's stream."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Ending, EndOfConnection
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import NOW, found, only, ulid, user
from tests.conformance.stories import Story


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


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


def test_who_is_never_ready_is_found_at_rest_though_nobody_gave_up() -> None:
    story = Story()
    story.open("ben", ready=False)
    story.post("ana", "first")
    assert ("delivery", "GW-3", "ben#3") in found(_judged(story))


def test_a_permitted_subscribe_that_is_open_at_rest_is_found_though_nobody_gave_up() -> None:
    story = Story()
    late = story.open("ben")
    story.subscribe(late, story.guild, story.channel, confirmed=False)
    story.post("ana", "first")
    assert ("delivery", "SUB-1", "ben#3") in found(_judged(story))


def test_a_refused_subscribe_is_open_at_rest() -> None:
    story = Story()
    story.subscribe(story.eve, story.guild, story.channel, confirmed=False)
    story.post("ana", "first")
    assert _judged(story).verdict is Verdict.PASS


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
    pair = {"access_token": "access", "refresh_token": "token", "expires_in_secs": 900}
    story.call("eve", ops.Login(username="eve", password="password"), 200, pair)
    story.call("eve", ops.Logout(refresh_token="token"), 204)
    story.close(story.eve, EndOfConnection.CLOSED_BY_TARGET, code=1008)
    del story.owners[story.eve]
    assert _judged(story).verdict is Verdict.PASS


def test_a_subscribe_that_waited_in_vain_is_found_though_everybody_has_left() -> None:
    story = Story()
    story.subscribe(story.ben2, story.guild, story.channel, confirmed=False)
    story._at += 5_000_000
    for connection in (story.ana, story.ben, story.ben2, story.eve):
        story.close(connection)
    story.end(ending=Ending.HALTED, message="ben#2 waited in vain for subscribed")
    assert [one.requirement for one in story.result().findings if one.judge == "delivery"] == ["SUB-1"]
