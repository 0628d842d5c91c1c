"""Channels and their overrides (contract 2.4)."""

from pydantic import Field

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.contract.operations.operation import Authority, Operation, Sending

_OVERRIDE_REMARK = (
    "in the migration window workspace_channel_override_update too; "
    "departure of voice participants who lose access (SHOULD, VOICE-6)"
)


class ListChannels(Operation):
    name = "list_channels"
    method = "GET"
    path = "/guilds/{guild_id}/channels"
    result = shapes.ChannelList
    authority = Authority.MEMBER
    guild_id: str


class CreateChannel(Operation):
    name = "create_channel"
    method = "POST"
    path = "/guilds/{guild_id}/channels"
    sending = Sending.JSON
    result = shapes.Channel
    authority = "manage_channel_overrides"
    feature = Feature.CHANNELS_CREATE
    causes = (events.ChannelCreate,)
    guild_id: str
    channel_name: str = Field(serialization_alias="name")
    kind: str | None = None


class UpdateChannel(Operation):
    name = "update_channel"
    method = "PATCH"
    path = "/guilds/{guild_id}/channels/{channel_id}"
    sending = Sending.JSON
    result = shapes.Channel
    authority = "manage_channel_overrides"
    in_channel = True
    feature = Feature.CHANNELS_UPDATE
    causes = (events.ChannelUpdate,)
    guild_id: str
    channel_id: str
    channel_name: str | None = Field(None, serialization_alias="name")


class DeleteChannel(Operation):
    name = "delete_channel"
    method = "DELETE"
    path = "/guilds/{guild_id}/channels/{channel_id}"
    result = shapes.Accepted
    authority = "manage_channel_overrides"
    in_channel = True
    feature = Feature.CHANNELS_DELETE
    causes = (events.ChannelDelete,)
    companions = DEPARTURE
    remark_since_2 = "departures come before the deletion"
    guild_id: str
    channel_id: str


class ReorderChannels(Operation):
    name = "reorder_channels"
    method = "POST"
    path = "/guilds/{guild_id}/channels/reorder"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = "manage_channel_overrides"
    feature = Feature.CHANNELS_REORDER
    causes = (events.ChannelReorder,)
    guild_id: str
    channel_ids: list[str]


class OwnPermissions(Operation):
    name = "own_permissions"
    method = "GET"
    path = "/guilds/{guild_id}/channels/{channel_id}/permissions/self"
    result = shapes.OwnPermissions
    authority = Authority.ACCESS
    guild_id: str
    channel_id: str


class OverrideRole(Operation):
    name = "override_role"
    method = "POST"
    path = "/guilds/{guild_id}/channels/{channel_id}/overrides/{role}"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = Authority.OWNER
    feature = Feature.OVERRIDES_ROLE
    causes = (events.WorkspaceChannelRoleOverrideUpdate,)
    companions = (events.WorkspaceChannelOverrideUpdate, *DEPARTURE)
    remark_since_2 = _OVERRIDE_REMARK
    guild_id: str
    channel_id: str
    role: str
    allow: list[str]
    deny: list[str]


class OverridePermission(Operation):
    name = "override_permission"
    method = "POST"
    path = "/guilds/{guild_id}/channels/{channel_id}/permission-overrides/{target_kind}/{target_id}"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = "manage_channel_overrides"
    in_channel = True
    feature = Feature.OVERRIDES_PERMISSION
    causes = (events.WorkspaceChannelPermissionOverrideUpdate,)
    companions = (events.WorkspaceChannelOverrideUpdate, *DEPARTURE)
    remark_since_2 = _OVERRIDE_REMARK
    guild_id: str
    channel_id: str
    target_kind: str
    target_id: str
    allow: list[str]
    deny: list[str]
