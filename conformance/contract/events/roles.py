"""Roles and their assignment."""

from typing import Annotated

from sync_check.conformance.contract.events.event import GuildEvent
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.shapes import (
    EventRole,
)
from sync_check.conformance.contract.values import (
    NotNull,
    OptionalStr,
    OptionalUlid,
    Ulid,
    UnixTime,
    UpdatedFields,
)


class WorkspaceRoleCreate(GuildEvent):
    name = "workspace_role_create"
    feature = Feature.ROLES
    role: EventRole
    actor_user_id: OptionalUlid = None


class RoleChanges(UpdatedFields):
    name: OptionalStr = None
    permissions: Annotated[list[Permission] | None, NotNull] = None
    color_hex: str | None = None


class WorkspaceRoleUpdate(GuildEvent):
    name = "workspace_role_update"
    feature = Feature.ROLES
    role_id: Ulid
    updated_fields: RoleChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleDelete(GuildEvent):
    name = "workspace_role_delete"
    feature = Feature.ROLES
    role_id: Ulid
    deleted_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleReorder(GuildEvent):
    name = "workspace_role_reorder"
    feature = Feature.ROLES
    role_ids: list[Ulid]
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleAssignmentAdd(GuildEvent):
    name = "workspace_role_assignment_add"
    feature = Feature.ROLES
    user_id: Ulid
    role_id: Ulid
    assigned_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleAssignmentRemove(GuildEvent):
    name = "workspace_role_assignment_remove"
    feature = Feature.ROLES
    user_id: Ulid
    role_id: Ulid
    removed_at_unix: UnixTime
    actor_user_id: OptionalUlid = None
