"""The schema judge: envelope, catalogue, types."""

import json
from typing import Any

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.histories import NOW, found, only, user
from tests.conformance.stories import Story

ID = "0" * 26


def event(name: str, **payload: Any) -> str:
    return json.dumps({"v": 1, "t": name, "d": payload})


def _schema(story: Story) -> list[tuple[str, Level]]:
    result = _judged(story)
    return [(f.requirement, f.level) for f in result.findings if f.judge == "schema"]


def _judged(story: Story) -> ScenarioResult:
    story.post("ana", "first")
    story.close_scenario()
    return story.result()


def test_good_frames_are_witnesses() -> None:
    result = _judged(Story("ENV-1", "ENV-2", "ENV-3", "EVT-1"))
    assert result.verdict is Verdict.PASS
    assert result.witnesses["EVT-1"] == result.evidence["bodies"]


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("not json", "ENV-1"),
        ("[]", "ENV-1"),
        ('{"v":1,"t":"ready"}', "ENV-1"),
        ('{"v":1,"v":1,"t":"ready","d":{}}', "ENV-1"),
        ('{"v":true,"t":"ready","d":{}}', "ENV-2"),
        ('{"v":1,"t":"Ready!","d":{}}', "ENV-2"),
        ('{"v":1,"t":"ready","d":[]}', "ENV-2"),
        ('{"v":1,"t":"ready","d":{"user_id":"' + "x" * 26 + '"}}', "ENV-9"),
        (event("subscribed", guild_id=ID), "EVT-1"),
        (event("message_delete", guild_id=ID, channel_id=ID, message_id=ID), "EVT-1"),
        (event("message_delete", guild_id=ID, channel_id=ID, message_id=ID, deleted_at_unix=0), "ENV-10"),
        ("[" * 60_000, "ENV-1"),
    ],
)
def test_what_is_no_event_of_the_contract(text: str, requirement: str) -> None:
    story = Story()
    story.text(story.eve, text)
    assert _schema(story)[0] == (requirement, Level.FAIL)


def test_a_binary_frame() -> None:
    story = Story()
    story.text(story.eve, "AAAA", binary=True)
    assert _schema(story) == [("ENV-1", Level.FAIL)]


def test_a_frame_that_is_too_long() -> None:
    story = Story()
    frame = {"v": 1, "t": "new_name", "d": {}}
    story.text(story.eve, json.dumps(frame), size=65537)
    assert _schema(story)[0] == ("ENV-3", Level.FAIL)


def test_additional_members_of_the_envelope() -> None:
    story = Story()
    story.text(story.eve, '{"v":1,"t":"new_name","d":{},"x":1}')
    assert _schema(story) == [("ENV-1", Level.FAIL), ("EVT-4", Level.LAX)]


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ({"created_at_unix": str(NOW)}, "ENV-10"),
        ({"content": 7}, "EVT-1"),
        ({"reactions": None}, "EVT-1"),
        ({"author_id": "somebody"}, "ENV-9"),
        ({"actor_user_id": user("ana")}, "EVT-6"),
    ],
)
def test_faulty_payloads(told: dict[str, Any], requirement: str) -> None:
    story = Story()
    story.post("ana", "first", **told)
    assert (requirement, Level.FAIL) in _schema(story)


def test_an_update_without_any_field() -> None:
    story = Story()
    story.rename("ana", "new", updated_fields={})
    assert ("EVT-2", Level.FAIL) in _schema(story)


def test_a_body_is_judged_once_however_many_got_it() -> None:
    story = Story()
    story.post("ana", "first", content=7)
    assert _schema(story) == [("EVT-1", Level.FAIL)]


def test_unknown_permission_names_which_clients_skip_are_the_fault_of_the_server() -> None:
    story = Story()
    payload = {
        "guild_id": story.guild,
        "channel_id": ID,
        "role": "member",
        "updated_fields": {"allow": ["create_message", "fly"], "deny": []},
        "updated_at_unix": NOW,
    }
    story.text(story.eve, event("workspace_channel_role_override_update", **payload))
    assert _schema(story) == [("EVT-1", Level.FAIL)]


def test_an_unknown_name_deviates() -> None:
    story = Story()
    story.frame(story.ben, "typing_start", {"guild_id": story.guild})
    story.post("ana", "first")
    story.close_scenario()
    finding = only(story.result())
    assert (finding.judge, finding.requirement, finding.level) == ("schema", "EVT-4", Level.LAX)


def test_an_unknown_name_about_a_foreign_guild_is_unentitled() -> None:
    story = Story()
    story.frame(story.eve, "typing_start", {"guild_id": story.guild})
    story.post("ana", "first")
    story.close_scenario()
    assert ("delivery", "SCOPE-5", "eve#1") in found(story.result())


def test_an_undeclared_member_deviates() -> None:
    story = Story()
    story.rename("ana", "new", colour="red")
    assert _schema(story) == [("EVT-4", Level.LAX)]


# --- members that the catalogue does not know, and that name somebody


def _extra(story: Story) -> list[tuple[str, Level]]:
    return [one for one in _schema(story) if one[0] in ("EVT-4", "EVT-6")]


@pytest.mark.parametrize(
    "told",
    [
        {"edited_by": user("ana")},
        {"audit": {"who": [user("ana").lower()]}},
        {user("ana"): "edited this"},
        {"editor": f"user:{user('eve')}"},
    ],
)
def test_an_edit_that_names_who_is_not_its_author(told: dict[str, Any]) -> None:
    story = Story()
    note = story.post("ben", "first")
    story.edit("ana", note, "second", **told)
    assert _extra(story) == [("EVT-6", Level.FAIL)]


@pytest.mark.parametrize("told", [{"author_id": user("ben")}, {"edits": 1}, {"by": user("nobody")}])
def test_an_edit_may_say_more_that_names_nobody_but_the_author(told: dict[str, Any]) -> None:
    story = Story()
    note = story.post("ben", "first")
    story.edit("ana", note, "second", **told)
    assert _extra(story) == [("EVT-4", Level.LAX)]


def test_a_presence_event_that_names_another_user() -> None:
    story = Story()
    payload = {"guild_id": story.guild, "user_id": user("ben"), "status": "online"}
    story.frame(story.ana, "presence_update", payload | {"seen_by": user("eve")})
    assert ("EVT-6", Level.FAIL) in _extra(story)


def test_another_event_that_names_somebody_beside() -> None:
    story = Story()
    story.rename("ana", "new", actor_user_id=user("ana"), asked_by=user("eve"))
    assert _extra(story) == [("EVT-4", Level.FAIL)]


@pytest.mark.parametrize("asked_by", ["ana", "nobody"])
def test_another_event_that_names_whom_it_names_anyhow(asked_by: str) -> None:
    story = Story()
    story.rename("ana", "new", actor_user_id=user("ana"), asked_by=user(asked_by))
    assert _extra(story) == [("EVT-4", Level.LAX)]


def test_what_goes_to_one_user_alone_may_name_that_user() -> None:
    story = Story()
    story.about("eve", "new", session_of=user("eve"))
    assert _extra(story) == [("EVT-4", Level.LAX)]
