"""The workspace, its members and their presence."""

from typing import Annotated

from sync_check.conformance.contract.events.event import GuildEvent, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.values import (
    LegacyRole,
    NotNull,
    OptionalStr,
    OptionalUlid,
    OptionalVisibility,
    PresenceStatus,
    RemovalReason,
    Ulid,
    UnixTime,
    UpdatedFields,
)


class PresenceUpdate(GuildEvent):
    name = "presence_update"
    feature = Feature.PRESENCE
    user_id: Ulid
    status: PresenceStatus


class WorkspaceChanges(UpdatedFields):
    name: OptionalStr = None
    visibility: OptionalVisibility = None


class WorkspaceUpdate(GuildEvent):
    name = "workspace_update"
    feature = Feature.WORKSPACE_UPDATE
    updated_fields: WorkspaceChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberAdd(GuildEvent):
    name = "workspace_member_add"
    feature = Feature.MEMBERS
    user_id: Ulid
    role: LegacyRole
    joined_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class MemberChanges(UpdatedFields):
    role: Annotated[LegacyRole | None, NotNull] = None


class WorkspaceMemberUpdate(GuildEvent):
    name = "workspace_member_update"
    feature = Feature.MEMBERS
    user_id: Ulid
    updated_fields: MemberChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberRemove(GuildEvent):
    name = "workspace_member_remove"
    visibility = Visibility.MEMBERS_AND_CONCERNED
    feature = Feature.MEMBERS
    user_id: Ulid
    reason: RemovalReason
    removed_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberBan(GuildEvent):
    name = "workspace_member_ban"
    visibility = Visibility.MEMBERS_AND_CONCERNED
    feature = Feature.MEMBERS
    user_id: Ulid
    banned_at_unix: UnixTime
    actor_user_id: OptionalUlid = None
