"""How the models' annotations are read: types, presence, null, and the objects inside."""

from typing import Annotated

import pytest
from pydantic import Field

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.export.fields import Type, UnreadableType, flattened, members
from sync_check.conformance.contract.operations import CreateRole, SendMessage, UpdateRole
from sync_check.conformance.contract.values import WireModel


def told(model: type[WireModel]) -> dict[str, tuple[str, bool]]:
    return {member.name: (str(member.type), member.required) for member in members(model)}


def test_each_kind_of_field_has_its_words() -> None:
    assert told(events.WorkspaceIpBanSync) == {
        "guild_id": ("ulid", True),
        "summary": ("object", True),
        "updated_at_unix": ("integer >= 1", True),
        "actor_user_id": ("ulid", False),
    }
    assert told(shapes.Role)["permissions"] == ("array of permission", True)
    assert told(shapes.Role)["is_system"] == ("boolean", True)
    assert told(shapes.Role)["position"] == ("integer", True)
    assert told(events.MessageReaction)["count"] == ("integer >= 0", True)
    assert told(shapes.Reaction)["reactor_user_ids"] == ("array of ulid, at most 32", False)


def test_null_is_told_only_where_it_says_something() -> None:
    assert told(events.RoleChanges)["color_hex"] == ("string or null", False)
    assert told(events.RoleChanges)["name"] == ("string", False)
    assert told(shapes.EventRole)["color_hex"] == ("string", False)
    assert told(shapes.Role)["color_hex"] == ("string or null", True)


def test_an_operation_takes_null_where_it_says_so() -> None:
    nullable = {member.name for member in members(UpdateRole) if member.type.nullable}
    assert nullable == {"color_hex"}
    assert not any(member.type.nullable for member in members(CreateRole))


def test_fields_bear_the_names_of_the_wire() -> None:
    assert {"name", "guild_id"} <= {member.name for member in members(CreateRole)}


def test_ids_of_a_command_are_ids() -> None:
    assert {member.name: str(member.type) for member in members(SendMessage)} == {
        "guild_id": "ulid",
        "channel_id": "ulid",
        "content": "string",
        "attachment_ids": "array of ulid or null",
    }


def test_enum_values_keep_their_order() -> None:
    (status,) = (member for member in members(events.PresenceUpdate) if member.name == "status")
    assert status.type == Type(base="string", enum=("online", "offline"))
    assert not status.type.is_permission


def test_inner_objects_are_told_by_path() -> None:
    paths = [member.name for member in flattened(events.ChannelCreate)]
    assert paths == ["guild_id", "channel", "channel.channel_id", "channel.name", "channel.kind"]
    inside = [member.name for member in flattened(events.MessageCreate)]
    assert "reactions[].reactor_user_ids" in inside
    assert "attachments[].sha256_hex" in inside


class Odd(WireModel):
    ratio: float


class Bounded(WireModel):
    few: Annotated[list[int], Field(max_length=3)]


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(UnreadableType, match="float"):
        members(Odd)


def test_a_bound_on_a_list_is_told() -> None:
    assert told(Bounded) == {"few": ("array of integer, at most 3", True)}
