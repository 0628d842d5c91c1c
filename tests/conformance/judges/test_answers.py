"""The answers judge: status, shape and values of every REST call."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict
from tests.conformance.histories import ANONYMOUS, NOW, found, only, ulid, user
from tests.conformance.stories import ACCEPTED, MEMBER, Story, profile

FORBIDDEN = {"error": "forbidden"}


def _judged(story: Story) -> ScenarioResult:
    story.post("ana", "last")
    story.close_scenario()
    return story.result()


def _filled(operation: ops.Operation, story: Story) -> ops.Operation:
    """The operation with the story's ids in place of `{g}`, `{c}` and `{b}`."""
    ids = {"{g}": story.guild, "{c}": story.channel, "{b}": user("ben")}
    given = operation.model_dump(exclude_none=True)
    return type(operation).model_validate({name: ids.get(value, value) for name, value in given.items()})


# --- status


def test_a_stranger_reads_channels() -> None:
    story = Story()
    story.call("eve", ops.ListChannels(guild_id=story.guild), body={"channels": []})
    assert [(r, c) for _, r, c in found(_judged(story))] == [("REST-5", "eve")]


@pytest.mark.parametrize(
    ("status", "broken"), [(401, []), (200, ["REST-2"]), (403, ["REST-2"]), (404, ["REST-2"])]
)
def test_without_authentication_only_a_refusal_for_that_is_right(status: int, broken: list[str]) -> None:
    story = Story()
    codes = {200: "", 401: "invalid_credentials", 403: "forbidden", 404: "not_found"}
    body: dict[str, Any] = {"channels": []} if status == 200 else {"error": codes[status]}
    story.call(ANONYMOUS, ops.ListChannels(guild_id=story.guild), status, body)
    result = _judged(story)
    assert [finding.requirement for finding in result.findings] == broken
    assert ("REST-2" in result.witnesses) == (not broken)


@pytest.mark.parametrize(
    ("who", "status", "broken"),
    [
        ("ana", 413, []),
        ("ana", 400, ["REST-3"]),
        ("eve", 413, []),
        ("eve", 403, []),
        (ANONYMOUS, 413, []),
        (ANONYMOUS, 401, []),
        (ANONYMOUS, 400, ["REST-3"]),
    ],
)
def test_a_body_that_is_too_large_is_refused_for_that_or_for_who_sends_it(
    who: str, status: int, broken: list[str]
) -> None:
    story = Story()
    codes = {400: "invalid_request", 401: "invalid_credentials", 403: "forbidden"}
    body = {"error": codes[status]} if status in codes else {"detail": "too large"}
    long = ops.CreateMessage(**story.place, content="x" * Limits().max_body_bytes)
    story.call(who, long, status, body)
    assert [one.requirement for one in _judged(story).findings if one.judge == "answers"] == broken


def test_without_authentication_what_needs_none_is_answered() -> None:
    story = Story()
    story.call(ANONYMOUS, ops.ReadHealth(), body={"status": "ok"})
    assert _judged(story).findings == ()


def test_a_member_renames_the_guild() -> None:
    story = Story()
    story.rename("ben", "mine")
    finding = only(_judged(story))
    assert (finding.judge, finding.requirement) == ("answers", "REST-6")
    assert (finding.expected, finding.received[:3] if finding.received else "") == ("403", "200")


def test_a_member_edits_what_is_not_theirs() -> None:
    story = Story()
    note = story.post("ana", "first")
    story.edit("ben", note, "mine")
    assert only(_judged(story)).requirement == "MSG-EDIT-1"


def test_an_owner_is_refused() -> None:
    story = Story()
    story.call("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="new"), 403, FORBIDDEN)
    assert only(_judged(story)).requirement == "REST-1"


def test_created_is_no_success() -> None:
    story = Story()
    message = story.message(story.id(), "ana", "first")
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="first"))
    story.frames(story.subscribed, "message_create", message)
    story.answer(op, 201, message)
    story.messages[message["message_id"]] = message
    assert only(_judged(story)).requirement == "REST-1"


def test_a_second_deletion_is_unknown() -> None:
    story = Story()
    note = story.post("ana", "first")
    story.delete("ana", note)
    story.call("ana", ops.DeleteMessage(**story.place, message_id=note), 204)
    assert {f.requirement for f in _judged(story).findings} == {"MSG-EDIT-1"}


def test_a_server_error() -> None:
    story = Story()
    story.call("eve", ops.ListGuilds(), 500, "oops")
    finding = only(_judged(story))
    assert (finding.requirement, finding.level) == ("REST-1", Level.FAIL)


def test_no_answer_at_all() -> None:
    story = Story()
    story.call("eve", ops.ListGuilds(), None)
    finding = only(_judged(story))
    assert (finding.requirement, finding.kind) == ("HEALTH-1", Kind.LIVENESS)


def test_refusals_that_are_due_are_witnesses() -> None:
    story = Story("REST-5", "REST-6", "MSG-EDIT-1", "MEM-3", "PERM-HIER-2", "MEM-5", "CHAN-3")
    note = story.post("ana", "first")
    guild: dict[str, Any] = {"guild_id": story.guild}
    ana = user("ana")
    story.call("eve", ops.ListMembers(**guild), 403, FORBIDDEN)
    story.call("ben", ops.UpdateGuild(**guild, guild_name="new"), 403, FORBIDDEN)
    story.call("ben", ops.EditMessage(**story.place, message_id=note, content="x"), 403, FORBIDDEN)
    story.call("ben", ops.ChangeMemberRole(**guild, user_id=ana, role="member"), 403, FORBIDDEN)
    story.call("ben", ops.KickMember(**guild, user_id=ana), 403, FORBIDDEN)
    story.call("ana", ops.KickMember(**guild, user_id=user("eve")), 404, {"error": "not_found"})
    story.call("ana", ops.History(**guild, channel_id=ulid(9)), 404, {"error": "not_found"})
    result = _judged(story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


@pytest.mark.parametrize("body", ['{"error":"nope"}', "nope", None, '{"detail":"forbidden"}'])
def test_a_refusal_with_another_code(body: str | None) -> None:
    story = Story()
    story.call("eve", ops.ListChannels(guild_id=story.guild), 403, body)
    finding = only(_judged(story))
    assert (finding.requirement, finding.expected) == ("REST-1", "forbidden")


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        (ops.CreateMessage(guild_id="{g}", channel_id="{c}", content=""), 400),
        (ops.CreateMessage(guild_id="{g}", channel_id="{c}", content="é" * 1001), 400),
        (ops.CreateMessage(guild_id="{g}", channel_id="{c}", content="\ud800" * 700), 400),
        (ops.History(guild_id="{g}", channel_id="{c}", limit=101), 400),
        (ops.UpdateGuild(guild_id="{g}"), 400),
        (ops.UpdateGuild(guild_id="{g}", visibility="secret"), 422),
        (ops.CreateGuild(guild_name="n" * 65), 400),
        (ops.CreateChannel(guild_id="{g}", channel_name="", kind="text"), 400),
        (ops.ChangeMemberRole(guild_id="{g}", user_id="{b}", role="king"), 422),
        (ops.UpdateProfile(), 400),
        (ops.UpdateProfile(username="ben"), 400),
        (ops.UpdateProfile(about_markdown="\0"), 400),
        (ops.ListMembers(guild_id="{g}", limit=0), 400),
        (ops.Register(username="x", password="p" * 12), 400),
    ],
)
def test_requests_outside_the_rules(operation: ops.Operation, status: int) -> None:
    for answered, findings in ((status, 0), (200, 1)):
        story = Story()
        story.call("ana", _filled(operation, story), answered, {"error": "invalid_request"})
        statuses = [f for f in _judged(story).findings if "another status" in f.message]
        assert len(statuses) == findings, operation


def test_a_login_with_the_password_that_was_registered() -> None:
    pair = {"access_token": "a", "refresh_token": "r", "expires_in_secs": 900}
    for password, status, body, findings in (
        ("the right password", 200, pair, 0),
        ("wrong", 401, {"error": "invalid_credentials"}, 0),
        ("wrong", 200, pair, 1),
        ("the right password", 401, {"error": "invalid_credentials"}, 1),
    ):
        story = Story()
        story.call("new", ops.Register(username="new", password="the right password"), body=ACCEPTED)
        story.call("new", ops.Login(username="new", password=password), status, body)
        assert len(_judged(story).findings) == findings


# --- shape


@pytest.mark.parametrize(
    ("body", "requirement"),
    [
        ("oops", "REST-1"),
        ({"accepted": 1}, "REST-1"),
        ({}, "REST-1"),
    ],
)
def test_a_malformed_success(body: Any, requirement: str) -> None:
    story = Story()
    op = story.invoke("ana", ops.ChangeMemberRole(guild_id=story.guild, user_id=user("ben"), role="member"))
    story.answer(op, 200, body)
    assert {f.requirement for f in _judged(story).findings} == {requirement}


def test_a_lower_case_id() -> None:
    story = Story()
    body = {"guilds": [{"guild_id": story.guild.lower() + "x", "name": "room", "visibility": "private"}]}
    story.call("ana", ops.ListGuilds(), body=body)
    assert only(_judged(story)).requirement == "ENV-9"


def test_an_undeclared_member_deviates() -> None:
    story = Story()
    body = {"guilds": [{"guild_id": story.guild, "name": "room", "visibility": "private", "icon": 1}]}
    story.call("ana", ops.ListGuilds(), body=body)
    finding = only(_judged(story))
    assert (finding.requirement, finding.level) == ("EVT-4", Level.LAX)


def test_a_body_where_there_is_none() -> None:
    story = Story()
    note = story.post("ana", "first")
    op = story.invoke("ana", ops.DeleteMessage(**story.place, message_id=note))
    payload = {**story.place, "message_id": note, "deleted_at_unix": NOW}
    story.frames(story.subscribed, "message_delete", payload)
    story.answer(op, 204, {"accepted": True})
    del story.messages[note]
    assert only(_judged(story)).requirement == "REST-1"


# --- values


def test_reads_that_tell_what_holds() -> None:
    story = Story("REST-1")
    note = story.post("ana", "first")
    second = story.post("ben", "second")
    guild: dict[str, Any] = {"guild_id": story.guild}
    page = {"messages": [story.messages[second], story.messages[note]], "next_before": note}
    story.call("ben", ops.History(**story.place), body=page)
    story.call("ben", ops.ListGuilds(), body={"guilds": [guild | {"name": "room", "visibility": "private"}]})
    channels = [{"channel_id": story.channel, "name": "general", "kind": "text"}]
    story.call("ben", ops.ListChannels(**guild), body={"channels": channels})
    entries = [{"user_id": one, "role_ids": []} for one in sorted((user("ana"), user("ben")))]
    story.call("ben", ops.ListMembers(**guild), body={"members": entries, "next_cursor": None})
    story.call("ben", ops.ListMembers(**guild, limit=1), body={"members": entries[:1], "next_cursor": "c"})
    story.call("ben", ops.OwnPermissions(**story.place), body={"role": "member", "permissions": MEMBER})
    story.call("eve", ops.ReadProfile(user_id=user("ben")), body=profile("ben"))
    story.call("eve", ops.ReadHealth(), body={"status": "ok"})
    assert (_judged(story).verdict, _judged(story).findings) == (Verdict.PASS, ())


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ({"content": "stale"}, "DELIV-10"),
        ({"author_id": user("eve")}, "MSG-EDIT-2"),
        ({"created_at_unix": NOW + 9}, "MSG-EDIT-2"),
    ],
)
def test_a_history_that_tells_something_else(told: dict[str, Any], requirement: str) -> None:
    story = Story()
    note = story.post("ana", "first")
    page = {"messages": [story.messages[note] | told], "next_before": note}
    story.call("ben", ops.History(**story.place), body=page)
    assert only(_judged(story)).requirement == requirement


def test_a_history_with_a_message_that_nobody_wrote() -> None:
    story = Story()
    note = story.post("ana", "first")
    right = story.messages[note]
    page = {"messages": [right | {"message_id": ulid(9)}, right], "next_before": note}
    story.call("ben", ops.History(**story.place), body=page)
    assert only(_judged(story)).requirement == "MSG-DEL-1"


def test_a_history_in_the_wrong_order() -> None:
    story = Story()
    notes = [story.post("ana", "first"), story.post("ana", "second")]
    page = {"messages": [story.messages[note] for note in notes], "next_before": notes[1]}
    story.call("ben", ops.History(**story.place), body=page)
    assert only(_judged(story)).requirement == "MSG-2"


@pytest.mark.parametrize("answered_first", [0, 1])
@pytest.mark.parametrize("listed_first", [0, 1])
def test_messages_posted_at_the_same_time_have_no_order(answered_first: int, listed_first: int) -> None:
    story = Story()
    notes = [story.message(story.id(), name, f"by {name}") for name in ("ana", "ben")]
    posted = [
        story.invoke(name, ops.CreateMessage(**story.place, content=note["content"]))
        for name, note in zip(("ana", "ben"), notes, strict=True)
    ]
    for index in (answered_first, 1 - answered_first):
        story.frames(story.subscribed, "message_create", notes[index])
        story.answer(posted[index], 200, notes[index])
    story.messages |= {note["message_id"]: note for note in notes}
    page = {"messages": [notes[listed_first], notes[1 - listed_first]], "next_before": None}
    story.call("ben", ops.History(**story.place), body=page)
    assert found(_judged(story)) == []


def test_a_message_listed_twice_is_found() -> None:
    story = Story()
    note = story.messages[story.post("ben", "first")]
    page = {"messages": [note, note], "next_before": None}
    story.call("ben", ops.History(**story.place), body=page)
    assert "PAGE-1" in {requirement for _, requirement, _ in found(_judged(story))}


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ({"content": "first"}, "REST-1"),
        ({"created_at_unix": NOW + 1}, "MSG-EDIT-2"),
        ({"message_id": ulid(9)}, "MSG-EDIT-2"),
    ],
)
def test_an_edit_that_answers_something_else(told: dict[str, Any], requirement: str) -> None:
    story = Story()
    note = story.post("ana", "first")
    message = story.message(note, "ana", "second")
    op = story.invoke("ana", ops.EditMessage(**story.place, message_id=note, content="second"))
    story.frames(story.subscribed, "message_update", story.edited(message))
    story.answer(op, 200, message | told)
    story.messages[note] = message
    assert only(_judged(story)).requirement == requirement


def test_lists_that_tell_something_else() -> None:
    for operation, body, requirement in (
        (ops.ListGuilds(), {"guilds": []}, "GUILD-2"),
        (ops.ListChannels(guild_id="{g}"), {"channels": []}, "CHAN-1"),
        (ops.ListMembers(guild_id="{g}"), {"members": [], "next_cursor": None}, "MEM-1"),
        (
            ops.OwnPermissions(guild_id="{g}", channel_id="{c}"),
            {"role": "member", "permissions": MEMBER},
            "CHAN-2",
        ),
        (ops.OwnProfile(), profile("ana", "else"), "DELIV-10"),
    ):
        story = Story()
        story.call("ana", _filled(operation, story), body=body)
        assert {f.requirement for f in _judged(story).findings} == {requirement}, operation


def test_a_read_may_tell_of_any_moment_of_its_window() -> None:
    for told in ("room", "new"):
        story = Story()
        read = story.invoke("ben", ops.ListMembers(guild_id=story.guild))
        story.kick("ana", "ben")
        members = [user("ana"), user("ben")] if told == "room" else [user("ana")]
        entries = [{"user_id": one, "role_ids": []} for one in sorted(members)]
        story.answer(read, 200, {"members": entries, "next_cursor": None})
        assert _judged(story).findings == ()


def test_an_operation_may_be_executed_before_or_after_another_one_at_once() -> None:
    for status in (200, 403):
        story = Story()
        body = {"channels": [{"channel_id": story.channel, "name": "general", "kind": "text"}]}
        read = story.invoke("ben", ops.ListChannels(guild_id=story.guild))
        story.kick("ana", "ben")
        story.answer(read, status, body if status == 200 else FORBIDDEN)
        assert _judged(story).findings == ()


# --- sessions


def _log_in(story: Story) -> None:
    pair = {"access_token": "access", "refresh_token": "token", "expires_in_secs": 900}
    story.call("ben", ops.Login(username="ben", password="password"), 200, pair)


def test_a_session_that_was_logged_out_is_refused() -> None:
    story = Story()
    _log_in(story)
    story.call("ben", ops.Logout(refresh_token="token"), 204)
    story.call("ben", ops.ListGuilds(), 401, {"error": "invalid_credentials"})
    result = _judged(story)
    assert found(result) == []
    assert "AUTH-7" in result.witnesses


def test_a_session_that_goes_on_after_its_logout_should_not() -> None:
    story = Story()
    _log_in(story)
    story.call("ben", ops.Logout(refresh_token="token"), 204)
    guild = {"guild_id": story.guild, "name": story.name, "visibility": "private"}
    story.call("ben", ops.ListGuilds(), body={"guilds": [guild]})
    finding = only(_judged(story))
    assert (finding.requirement, finding.level) == ("AUTH-7", Level.LAX)


def test_during_a_logout_both_are_right() -> None:
    story = Story()
    _log_in(story)
    logout = story.invoke("ben", ops.Logout(refresh_token="token"))
    story.call("ben", ops.ListGuilds(), 401, {"error": "invalid_credentials"})
    story.answer(logout, 204)
    assert found(_judged(story)) == []
