"""Every way in which a change breaks what was published, and what a new revision may add."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from sync_check.conformance.contract.export.comparison import differences
from sync_check.conformance.contract.export.data import Data, as_data
from sync_check.conformance.contract.export.revision import revision

Change = Callable[[Data], Any]

FROZEN: Data = as_data(revision(2))
_WRITTEN = json.dumps(FROZEN)
NEW_FIELD = {"type": "string", "required": False}
NEEDED = {"type": "string", "required": True}
NUMBER = "which needs a new revision number"


def fields(data: Data, event: str) -> Data:
    found: Data = data["events"][event]["fields"]
    return found


def copied() -> Data:
    """What is frozen, to be changed; `deepcopy` takes ten times as long."""
    copy: Data = json.loads(_WRITTEN)
    return copy


@cache
def after(change: Change, number: int = 2) -> list[str]:
    current = copied()
    change(current)
    current["revision"] = number
    return differences(FROZEN, current)


BREAKING: list[tuple[Change, str]] = [
    (lambda data: data["events"].pop("friend_remove"), "event friend_remove was removed"),
    (
        lambda data: data["events"]["ready"].update(scope="user"),
        "scope of event ready changed from 'connection' to 'user'",
    ),
    (
        lambda data: data["events"]["channel_update"].update(visibility="members"),
        "visibility of event channel_update changed from 'access' to 'members'",
    ),
    (
        lambda data: data["events"]["voice_stream_publish"].update(since=1),
        "since of event voice_stream_publish changed from 2 to 1",
    ),
    (
        lambda data: data["events"]["workspace_channel_override_update"].update(either=[]),
        (
            "either of event workspace_channel_override_update changed from "
            "[['role'], ['target_kind', 'target_id']] to []"
        ),
    ),
    (
        lambda data: fields(data, "presence_sync").pop("user_ids"),
        "field user_ids of event presence_sync was removed",
    ),
    (
        lambda data: fields(data, "message_reaction")["count"].update(type="integer >= 1"),
        "type of field count of event message_reaction changed from 'integer >= 0' to 'integer >= 1'",
    ),
    (
        lambda data: fields(data, "workspace_update")["actor_user_id"].update(required=True),
        "field actor_user_id of event workspace_update was made required",
    ),
    (
        lambda data: fields(data, "message_reaction")["actor_user_id"].update(required=False),
        "field actor_user_id of event message_reaction was made optional",
    ),
    (
        lambda data: fields(data, "ready").update(session=NEEDED),
        "field session of event ready was added as required; what is new must be optional",
    ),
    (
        lambda data: fields(data, "channel_create").update({"channel.topic": NEEDED}),
        "field channel.topic of event channel_create was added as required; what is new must be optional",
    ),
    (
        lambda data: fields(data, "presence_update")["status"].update(enum=["online", "offline", "idle"]),
        (
            "enum of field status of event presence_update changed from ['online', 'offline'] "
            "to ['online', 'offline', 'idle']"
        ),
    ),
    (
        lambda data: fields(data, "presence_update")["status"].pop("enum"),
        "enum of field status of event presence_update changed from ['online', 'offline'] to None",
    ),
    (
        lambda data: data["operations"]["edit_message"].update(path="/elsewhere"),
        (
            "path of operation edit_message changed from "
            "'/guilds/{guild_id}/channels/{channel_id}/messages/{message_id}' to '/elsewhere'"
        ),
    ),
    (
        lambda data: data["operations"]["edit_message"]["result"].pop("content"),
        "result field content of operation edit_message was removed",
    ),
    (
        lambda data: data["operations"]["edit_message"].update(success=204, result=None),
        "success of operation edit_message changed from 200 to 204",
    ),
    (
        lambda data: data["operations"]["lift_ban"].update(authority="manage_roles"),
        "authority of operation lift_ban changed from 'ban_member' to 'manage_roles'",
    ),
    (
        lambda data: data["operations"]["lift_ban"].update(in_channel=True),
        "in_channel of operation lift_ban changed from False to True",
    ),
    (
        lambda data: data["operations"]["lift_ban"].update(feature="members"),
        "feature of operation lift_ban changed from 'bans.lift' to 'members'",
    ),
    (
        lambda data: data["operations"]["edit_message"].update(method="POST"),
        "method of operation edit_message changed from 'PATCH' to 'POST'",
    ),
    (
        lambda data: data["operations"]["history"].update(sending="json"),
        "sending of operation history changed from 'query' to 'json'",
    ),
    (
        lambda data: data["operations"]["update_role"].update(one_needed=False),
        "one_needed of operation update_role changed from True to False",
    ),
    (
        lambda data: data["operations"]["override_role"]["path_fields"]["role"]["enum"].remove("owner"),
        (
            "enum of path field role of operation override_role changed from "
            "['owner', 'moderator', 'member'] to ['moderator', 'member']"
        ),
    ),
    (
        lambda data: data["operations"]["search"]["query_fields"].pop("channel_id"),
        "query field channel_id of operation search was removed",
    ),
    (
        lambda data: data["operations"]["history"]["query_fields"]["limit"].update(type="integer >= 2"),
        "type of query field limit of operation history changed from 'integer >= 1' to 'integer >= 2'",
    ),
    (
        lambda data: data["operations"]["create_message"]["body_fields"].pop("attachment_ids"),
        "body field attachment_ids of operation create_message was removed",
    ),
    (
        lambda data: data["operations"]["create_guild"]["body_fields"]["visibility"]["enum"].remove("public"),
        (
            "enum of body field visibility of operation create_guild changed from "
            "['private', 'public'] to ['private']"
        ),
    ),
    (
        lambda data: data["operations"]["create_guild"]["body_fields"]["visibility"].update(required=True),
        "body field visibility of operation create_guild was made required",
    ),
    (
        lambda data: data["operations"]["update_role"]["body_fields"]["color_hex"].update(type="string"),
        "type of body field color_hex of operation update_role changed from 'string or null' to 'string'",
    ),
    (
        lambda data: data["operations"]["edit_message"]["body_fields"].update(reason=NEEDED),
        "body field reason of operation edit_message was added as required; what is new must be optional",
    ),
    (
        lambda data: data["operations"]["edit_message"]["result"]["content"].update(required=False),
        "result field content of operation edit_message was made optional",
    ),
    (
        lambda data: data["operations"]["login"]["refusals"].pop("401"),
        "status 401 of operation login was removed",
    ),
    (
        lambda data: data["operations"]["login"]["refusals"]["401"].clear(),
        "codes of status 401 of operation login changed from ['invalid_credentials'] to []",
    ),
    (
        lambda data: data["operations"]["join_guild"]["refusals"]["403"].remove("directory_join_ip_banned"),
        (
            "codes of status 403 of operation join_guild changed from "
            "['directory_join_user_banned', 'directory_join_ip_banned'] to ['directory_join_user_banned']"
        ),
    ),
    (lambda data: data["commands"].pop("subscribe"), "command subscribe was removed"),
    (
        lambda data: data["commands"]["subscribe"]["fields"].update(since=NEEDED),
        "field since of command subscribe was added as required; what is new must be optional",
    ),
    (
        lambda data: data["requirements"]["ENV-1"].update(level="SHOULD"),
        "level of requirement ENV-1 changed from 'MUST' to 'SHOULD'",
    ),
    (
        lambda data: data["requirements"]["COMPAT-3"].update(subject="server"),
        "subject of requirement COMPAT-3 changed from 'client' to 'server'",
    ),
    (
        lambda data: data["requirements"]["SUB-2"].update(sentence="Nothing happens."),
        (
            "sentence of requirement SUB-2 changed from 'A refused subscribe yields nothing and leaves the "
            "connection and its other subscriptions as they were.' to 'Nothing happens.'"
        ),
    ),
    (lambda data: data["requirements"].pop("UX-5"), "requirement UX-5 was removed"),
    (
        lambda data: data["limits"].update(message_bytes=4000),
        "limit message_bytes changed from 2000 to 4000",
    ),
    (
        lambda data: data["legacy_ranks"].update(member=2),
        "legacy rank member changed from 1 to 2",
    ),
    (
        lambda data: data["seed_roles"]["member"].update(position=2),
        "position of seed role member changed from 1 to 2",
    ),
    (
        lambda data: data["seed_roles"]["member"]["permissions"].pop(),
        (
            "permissions of seed role member changed from ['create_message', 'subscribe_streams'] "
            "to ['create_message']"
        ),
    ),
    (
        lambda data: data.update(gateway_path="/ws"),
        "the gateway path changed from '/gateway/ws' to '/ws'",
    ),
]


@pytest.mark.parametrize(("change", "told"), BREAKING, ids=[told for _, told in BREAKING])
@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.witnesses("COMPAT-1")
def test_what_was_published_stays_under_any_number(change: Change, told: str, number: int) -> None:
    assert told in after(change, number)


def test_one_change_is_one_sentence() -> None:
    several = {told for change, told in BREAKING if len(after(change)) > 1}
    # Status 204 has no body, so two things change.
    assert several == {"success of operation edit_message changed from 200 to 204"}


GROWING: list[tuple[Change, str]] = [
    (
        lambda data: data["events"].update(typing_start=data["events"]["ready"]),
        f"event typing_start was added, {NUMBER}",
    ),
    (
        lambda data: fields(data, "ready").update(region=NEW_FIELD),
        f"field region of event ready was added, {NUMBER}",
    ),
    (
        lambda data: data["operations"].update(pin_message=data["operations"]["edit_message"]),
        f"operation pin_message was added, {NUMBER}",
    ),
    (
        lambda data: data["operations"]["edit_message"]["body_fields"].update(flags=NEW_FIELD),
        f"body field flags of operation edit_message was added, {NUMBER}",
    ),
    (
        lambda data: data["operations"]["edit_message"]["result"].update(edited=NEW_FIELD),
        f"result field edited of operation edit_message was added, {NUMBER}",
    ),
    (
        lambda data: data["commands"]["subscribe"]["fields"].update(since=NEW_FIELD),
        f"field since of command subscribe was added, {NUMBER}",
    ),
    (
        lambda data: data["requirements"].update({"MSG-4": data["requirements"]["MSG-1"]}),
        f"requirement MSG-4 was added, {NUMBER}",
    ),
    (lambda data: data["limits"].update(topic_bytes=9), f"limit topic_bytes was added, {NUMBER}"),
    (
        lambda data: data["operations"]["edit_message"]["causes"].append("message_create"),
        (
            "causes of operation edit_message changed from ['message_update'] "
            "to ['message_update', 'message_create']"
        ),
    ),
    (
        lambda data: data["operations"]["login"]["refusals"].update({"403": ["forbidden"]}),
        f"status 403 of operation login was added, {NUMBER}",
    ),
    (
        lambda data: data["operations"]["login"]["refusals"]["401"].append("locked"),
        (
            "codes of status 401 of operation login changed from ['invalid_credentials'] "
            "to ['invalid_credentials', 'locked']"
        ),
    ),
    (
        lambda data: data["requirements"]["ENV-1"].update(phase=7),
        "phase of requirement ENV-1 changed from 0 to 7",
    ),
]


@pytest.mark.parametrize(("change", "told"), GROWING, ids=[told for _, told in GROWING])
def test_growth_needs_a_new_number_and_no_more(change: Change, told: str) -> None:
    assert after(change) == [told]
    assert after(change, 3) == []


@pytest.mark.parametrize("table", ["features", "permissions"])
def test_a_list_may_grow_but_keeps_its_order(table: str) -> None:
    def insert(data: Data) -> None:
        data[table].insert(1, "new")

    (told,) = after(insert)
    assert told.startswith(f"the {table} changed from [")
    assert after(insert, 3) == []
    assert after(lambda data: data[table].reverse(), 3) != []
    assert after(lambda data: data[table].pop(), 3) != []


def test_members_of_a_new_object_may_be_required() -> None:
    def grow(data: Data) -> None:
        fields(data, "ready").update({"home": {"type": "object", "required": False}, "home.region": NEEDED})

    assert after(grow) == [
        f"field home of event ready was added, {NUMBER}",
        f"field home.region of event ready was added, {NUMBER}",
    ]
    assert after(grow, 3) == []


def test_members_of_items_of_a_new_list_may_be_required() -> None:
    def grow(data: Data) -> None:
        homes = {"type": "array of object", "required": False}
        fields(data, "ready").update({"homes": homes, "homes[].region": NEEDED})

    assert after(grow, 3) == []


def test_an_event_may_become_one_of_some_cases_but_not_vanish() -> None:
    def demote(data: Data) -> None:
        operation = data["operations"]["edit_message"]
        operation["companions"] = operation["causes"]
        operation["causes"] = ["message_create"]

    assert after(demote, 3) == []
    assert len(after(demote)) == 2

    def drop(data: Data) -> None:
        data["operations"]["edit_message"]["causes"] = ["message_create"]

    assert after(drop, 3) == ["operation edit_message no longer tells message_update"]


def test_an_older_number_is_no_successor() -> None:
    assert after(lambda data: None, 1) == ["revision 1 is older than the frozen revision 2"]


def test_what_did_not_change_is_no_difference() -> None:
    assert after(lambda data: None) == []
    assert after(lambda data: None, 3) == []


def test_neither_side_is_altered() -> None:
    before = copied()
    after(lambda data: data["events"].pop("ready"))
    assert before == FROZEN
