"""Ids are told to who may see what they are of, and a row of an audit log stands in one log."""

import base64
import json
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import OperationAnswered, Outcome
from tests.conformance.histories import NOW, found, user
from tests.conformance.stories import Story


def _leaks(story: Story) -> list[tuple[str, str | None]]:
    story.close_scenario()
    return [(broken, client) for judge, broken, client in found(story.result()) if judge == "leaks"]


def _refused(story: Story, client: str, detail: Any) -> None:
    body = {"error": "forbidden", "detail": detail}
    story.call(client, ops.ListChannels(guild_id=story.guild), 403, body)


def _with_role(story: Story) -> str:
    role_id = story.id()
    body = {
        "role_id": role_id,
        "name": "baker",
        "position": 3,
        "is_system": False,
        "permissions": [],
        "color_hex": None,
    }
    create = ops.CreateRole(guild_id=story.guild, role_name="baker", permissions=[])
    story.call("ana", create, body=body)
    return role_id


def test_members_are_told_ids() -> None:
    story = Story()
    note = story.post("ana", "first")
    _refused(story, "ben", [story.channel, note, _with_role(story)])
    assert _leaks(story) == []


@pytest.mark.parametrize("spelt", ["{}", "#{}", "{}/last"])
def test_a_stranger_is_told_the_id_of_a_channel(spelt: str) -> None:
    story = Story()
    _refused(story, "eve", spelt.format(story.channel))
    assert _leaks(story) == [("LEAK-READ-1", "eve")]


def test_a_stranger_is_told_the_id_of_a_message_in_base64() -> None:
    story = Story()
    note = story.post("ana", "first")
    _refused(story, "eve", base64.b64encode(f"cursor:{note}".encode()).decode())
    assert _leaks(story) == [("LEAK-READ-1", "eve")]


def test_a_stranger_is_told_the_id_of_a_role() -> None:
    story = Story()
    _refused(story, "eve", {"roles": [_with_role(story)]})
    assert _leaks(story) == [("LEAK-READ-1", "eve")]


def test_a_stranger_is_told_the_id_of_a_channel_in_a_header() -> None:
    story = Story()
    op = story.invoke("eve", ops.ListGuilds())
    story.add(
        OperationAnswered(
            at=story.now(),
            op=op,
            outcome=Outcome.OK,
            status=200,
            body='{"guilds":[]}',
            headers={"x-order": story.channel},
        )
    )
    assert _leaks(story) == [("LEAK-READ-1", "eve")]


def test_a_former_member_is_told_no_ids_any_more() -> None:
    story = Story()
    note = story.post("ana", "first")
    story.kick("ana", "ben")
    _refused(story, "ben", note)
    assert _leaks(story) == [("LEAK-READ-1", "ben")]


def test_who_made_something_knows_its_id() -> None:
    story = Story()
    note = story.post("ben", "first")
    story.kick("ana", "ben")
    _refused(story, "ben", note)
    assert _leaks(story) == []


def test_an_answer_may_repeat_the_ids_that_were_asked_for() -> None:
    story = Story()
    body = {"error": "forbidden", "detail": f"no access to {story.channel}"}
    story.call("eve", ops.History(**story.place), 403, body)
    assert _leaks(story) == []


def test_ids_of_guilds_and_users_are_no_secret() -> None:
    story = Story()
    _refused(story, "eve", [story.guild, user("ben")])
    assert _leaks(story) == []


def test_an_event_that_says_more_than_the_catalogue_has() -> None:
    story = Story()
    note = story.post("ana", "first")
    story.about("eve", "new", last_read=note)
    assert _leaks(story) == [("SCOPE-3", "eve#1")]


def test_an_event_that_says_more_of_what_its_receivers_see() -> None:
    story = Story()
    note = story.post("ana", "first")
    story.edit("ana", note, "second", before=note)
    assert _leaks(story) == []


# --- rows of audit logs


def _page(*ids: str) -> str:
    rows = [
        {
            "audit_id": audit_id,
            "actor_user_id": user("ana"),
            "target_user_id": None,
            "action": "role.create",
            "created_at_unix": NOW,
            "ip_ban_match": False,
        }
        for audit_id in ids
    ]
    return json.dumps({"events": rows, "next_cursor": None})


def _read_two(story: Story, here: str, there: str) -> list[tuple[str, str | None]]:
    other = story.id()
    body = {"guild_id": other, "name": "other", "visibility": "private"}
    story.call("ana", ops.CreateGuild(guild_name="other"), body=body)
    story.call("ana", ops.ReadAudit(guild_id=story.guild), body=here)
    story.call("ana", ops.ReadAudit(guild_id=other), body=there)
    return _leaks(story)


def test_each_log_has_its_own_rows() -> None:
    story = Story()
    first, second = story.id(), story.id()
    assert _read_two(story, _page(first), _page(second)) == []


@pytest.mark.parametrize(("here", "there"), [((0,), (0,)), ((0, 1), (1,)), ((1,), (2, 1, 0))])
def test_a_row_in_two_logs(here: tuple[int, ...], there: tuple[int, ...]) -> None:
    story = Story()
    ids = [story.id() for _ in range(3)]
    told = _page(*(ids[one] for one in here)), _page(*(ids[one] for one in there))
    assert _read_two(story, *told) == [("LEAK-READ-1", "ana")] * 2


@pytest.mark.parametrize("member", ["actor_user_id", "target_user_id"])
def test_a_row_about_a_user_of_another_guild(member: str) -> None:
    story = Story()
    page = json.loads(_page(story.id()))
    page["events"][0][member] = user("eve")
    assert _read_two(story, json.dumps(page), _page(story.id())) == [("LEAK-READ-1", "ana")]


def test_a_row_about_a_user_who_left_or_was_turned_away() -> None:
    story = Story()
    story.kick("ana", "ben")
    story.call("eve", ops.JoinGuild(guild_id=story.guild), 404, {"error": "not_found"})
    page = json.loads(_page(story.id(), story.id()))
    page["events"][0]["target_user_id"] = user("ben")
    page["events"][1]["actor_user_id"] = user("eve")
    assert _read_two(story, json.dumps(page), _page(story.id())) == []


def test_a_page_that_is_none() -> None:
    assert _read_two(Story(), "[]", '{"events":[1,{"audit_id":7}]}') == []
