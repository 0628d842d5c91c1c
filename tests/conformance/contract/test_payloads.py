"""Payloads are read as a client reads them: what is unknown is set aside, what is malformed refused."""

from typing import Any

import pytest

from sync_check.conformance.contract import events
from sync_check.conformance.contract.payloads import read_payload

NOW = 1_700_000_000
GUILD, CHANNEL, ROLE = (f"01{letter * 24}" for letter in "GCR")


def override(allow: list[Any], deny: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "role": "member",
        "updated_fields": {"allow": allow, "deny": deny, **more},
        "updated_at_unix": NOW,
    }


def read_override(allow: list[Any], deny: list[Any]) -> events.WorkspaceChannelRoleOverrideUpdate:
    event = read_payload("workspace_channel_role_override_update", override(allow, deny)).event
    assert isinstance(event, events.WorkspaceChannelRoleOverrideUpdate)
    return event


def test_a_sound_payload_has_no_faults() -> None:
    reading = read_payload("ready", {"user_id": GUILD})
    assert (reading.event, reading.faults, reading.undeclared) == (events.Ready(user_id=GUILD), (), ())


def test_an_unknown_name_is_a_fault() -> None:
    reading = read_payload("workspace_exploded", {})
    assert (reading.event, reading.faults) == (None, ("unknown event name 'workspace_exploded'",))


def test_unknown_members_are_set_aside_wherever_they_stand() -> None:
    payload = override(["create_message"], [], note="x") | {"colour": {"red": 1}}
    reading = read_payload("workspace_channel_role_override_update", payload)
    assert reading.event is not None
    assert (reading.faults, sorted(reading.undeclared)) == ((), ["colour", "updated_fields.note"])


def test_unknown_permission_names_are_skipped_and_told() -> None:
    told = read_override(["fly", "create_message", "swim"], ["dive"]).updated_fields
    assert (told.allow, told.deny) == (["create_message"], [])
    faults = read_payload("workspace_channel_role_override_update", override(["fly"], [])).faults
    assert [fault.partition(":")[0] for fault in faults] == ["updated_fields.allow.0"]


def test_permission_names_are_skipped_in_roles() -> None:
    role = {"role_id": ROLE, "name": "crew", "position": 2, "is_system": False}
    payload = {"guild_id": GUILD, "role": {**role, "permissions": ["ban_member", "fly"]}}
    event = read_payload("workspace_role_create", payload).event
    assert isinstance(event, events.WorkspaceRoleCreate)
    assert event.role.permissions == ["ban_member"]


@pytest.mark.parametrize("odd", [7, None, True, ["create_message"], {"name": "fly"}])
def test_a_permission_that_is_no_name_is_malformed(odd: object) -> None:
    reading = read_payload("workspace_channel_role_override_update", override([odd, "fly"], []))
    assert reading.event is None
    assert len(reading.faults) == 2


def test_other_enumerations_are_not_skipped() -> None:
    payload = {"guild_id": GUILD, "user_id": ROLE, "status": "fly"}
    assert read_payload("presence_update", payload).event is None


def test_an_unknown_permission_beside_a_fault_does_not_save_it() -> None:
    payload = override(["fly"], []) | {"updated_at_unix": 0}
    reading = read_payload("workspace_channel_role_override_update", payload)
    assert reading.event is None
    assert len(reading.faults) == 2


def test_what_remains_is_judged_as_a_whole() -> None:
    payload = {"guild_id": GUILD, "updated_fields": {"colour": "red"}, "updated_at_unix": NOW}
    reading = read_payload("workspace_update", payload)
    assert reading.event is None
    assert reading.faults == ("Value error, updated_fields holds no known field",)
    assert reading.undeclared == ("updated_fields.colour",)
