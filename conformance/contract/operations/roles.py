"""Roles and their assignment to members (contract 2.4, feature `roles`)."""

from pydantic import Field

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import Authority, Operation, Refusal, Sending


class ListRoles(Operation):
    name = "list_roles"
    method = "GET"
    path = "/guilds/{guild_id}/roles"
    result = shapes.RoleList
    authority = Authority.MEMBER
    feature = Feature.ROLES
    guild_id: str


class CreateRole(Operation):
    name = "create_role"
    method = "POST"
    path = "/guilds/{guild_id}/roles"
    sending = Sending.JSON
    result = shapes.Role
    authority = "manage_workspace_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleCreate,)
    refusals = (Refusal(409, "quota_exceeded"),)
    guild_id: str
    role_name: str = Field(serialization_alias="name")
    permissions: list[str]
    position: int | None = None
    color_hex: str | None = None


class UpdateRole(Operation):
    name = "update_role"
    method = "PATCH"
    path = "/guilds/{guild_id}/roles/{role_id}"
    sending = Sending.JSON
    nullable = frozenset({"color_hex"})
    result = shapes.Role
    authority = "manage_workspace_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleUpdate,)
    guild_id: str
    role_id: str
    role_name: str | None = Field(None, serialization_alias="name")
    permissions: list[str] | None = None
    color_hex: str | None = None


class DeleteRole(Operation):
    name = "delete_role"
    method = "DELETE"
    path = "/guilds/{guild_id}/roles/{role_id}"
    result = shapes.Accepted
    authority = "manage_workspace_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleDelete,)
    guild_id: str
    role_id: str


class ReorderRoles(Operation):
    name = "reorder_roles"
    method = "POST"
    path = "/guilds/{guild_id}/roles/reorder"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = "manage_workspace_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleReorder,)
    guild_id: str
    role_ids: list[str]


class SetDefaultRole(Operation):
    name = "set_default_role"
    method = "POST"
    path = "/guilds/{guild_id}/roles/default"
    sending = Sending.JSON
    nullable = frozenset({"role_id"})
    result = shapes.Accepted
    authority = "manage_workspace_roles"
    feature = Feature.ROLES
    guild_id: str
    role_id: str | None = None


class AssignRole(Operation):
    name = "assign_role"
    method = "POST"
    path = "/guilds/{guild_id}/roles/{role_id}/members/{user_id}"
    result = shapes.Accepted
    authority = "manage_member_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleAssignmentAdd,)
    companions = (events.WorkspaceMemberUpdate,)
    remark = "the member's update if the legacy role changed (SHOULD, MEM-12)"
    refusals = (Refusal(409, "quota_exceeded"),)
    guild_id: str
    role_id: str
    user_id: str


class UnassignRole(Operation):
    name = "unassign_role"
    method = "DELETE"
    path = "/guilds/{guild_id}/roles/{role_id}/members/{user_id}"
    result = shapes.Accepted
    authority = "manage_member_roles"
    feature = Feature.ROLES
    causes = (events.WorkspaceRoleAssignmentRemove,)
    companions = (events.WorkspaceMemberUpdate,)
    remark = "the member's update if the legacy role changed (SHOULD, MEM-12)"
    guild_id: str
    role_id: str
    user_id: str
