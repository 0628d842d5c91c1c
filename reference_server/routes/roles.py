"""Roles: list, create, change, delete, reorder, the default join role (contract 2.4, feature `roles`)."""

import re
import unicodedata
from typing import Annotated, Any, Final

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import (
    RoleChanges,
    WorkspaceRoleCreate,
    WorkspaceRoleDelete,
    WorkspaceRoleReorder,
    WorkspaceRoleUpdate,
)
from sync_check.conformance.contract.permissions import EVERYONE, WORKSPACE_OWNER, Permission
from sync_check.conformance.contract.shapes import Accepted, EventRole, RoleList
from sync_check.conformance.contract.values import NotNull
from sync_check.reference_server import access, auditing, membership
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound, QuotaExceeded
from sync_check.reference_server.guild import Guild, Role
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText, Text

router = strict_router()

_ACCEPTED: Final = Accepted(accepted=True)
_ROLES: Final = "/guilds/{guild_id}/roles"
_MANAGE: Final = "manage_workspace_roles"
_POSITIONS: Final = range(WORKSPACE_OWNER.position)
_RESERVED: Final = (EVERYONE.name, WORKSPACE_OWNER.name)
_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_AUDITED: Final = {
    "name": "role.update",
    "permissions": "role.permissions.update",
    "color_hex": "role.color.update",
}


class NewRole(Body):
    name: Text
    permissions: list[Permission]
    position: Annotated[int | None, NotNull] = None
    color_hex: OptionalText = None


class RolePatch(Body):
    name: OptionalText = None
    permissions: Annotated[list[Permission] | None, NotNull] = None
    color_hex: Text | None = None


class NewOrder(Body):
    role_ids: list[Text]


class DefaultRole(Body):
    role_id: Text | None = None


@router.get(_ROLES)
async def list_roles(guild_id: str, caller: ThisCaller) -> RoleList:
    guild = caller.guild(guild_id)
    ordered = sorted(guild.roles.values(), key=lambda role: (-role.position, role.role_id))
    return RoleList(roles=[role.shape() for role in ordered], default_join_role_id=guild.default_join_role_id)


@router.post(_ROLES)
async def create_role(guild_id: str, body: NewRole, caller: ThisCaller) -> shapes.Role:
    backend = caller.backend
    guild = caller.guild(guild_id, needs=_MANAGE)
    name, color_hex = _sound_name(caller, body.name), _sound_color(body.color_hex)
    position = _position(caller, guild, body.position)
    permissions = _held(caller, guild, body.permissions)
    if len(guild.roles) >= backend.settings.limits.roles_per_guild:
        raise QuotaExceeded
    role = Role(
        role_id=backend.ids.role(),
        name=name,
        position=position,
        permissions=permissions,
        color_hex=color_hex,
    )
    guild.roles[role.role_id] = role
    auditing.record(backend, guild, "role.create", actor_id=caller.user_id)
    shape = role.shape()
    told = shape.model_dump(exclude_none=True)  # a colour that is not there is left out (5.2)
    event = WorkspaceRoleCreate(guild_id=guild.guild_id, role=EventRole(**told), actor_user_id=caller.user_id)
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    return shape


@router.post(_ROLES + "/reorder")
async def reorder_roles(guild_id: str, body: NewOrder, caller: ThisCaller) -> Accepted:
    """Give n roles the positions n to 1, and leave the others where they are (ROLE-6)."""
    backend = caller.backend
    guild = caller.guild(guild_id, needs=_MANAGE)
    roles = [guild.roles[role_id] for role_id in dict.fromkeys(body.role_ids) if role_id in guild.roles]
    if not roles or len(roles) != len(body.role_ids):
        raise InvalidRequest
    for role in roles:
        _require_manageable(caller, guild, role)
    positions = range(len(roles), 0, -1)
    if not access.may_place_role(guild, caller.member(guild), positions[0]):
        raise Forbidden  # PERM-ESC-1
    if [role.position for role in roles] == list(positions):
        return _ACCEPTED
    for role, position in zip(roles, positions, strict=True):
        role.position = position
    auditing.record(backend, guild, "role.reorder", actor_id=caller.user_id)
    event = WorkspaceRoleReorder(
        guild_id=guild.guild_id,
        role_ids=body.role_ids,
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    return _ACCEPTED


@router.post(_ROLES + "/default")
async def set_default_role(guild_id: str, body: DefaultRole, caller: ThisCaller) -> Accepted:
    """Choose what joiners get (JOIN-4), or nothing; no event tells it."""
    guild = caller.guild(guild_id, needs=_MANAGE)
    role = None if body.role_id is None else guild.roles.get(body.role_id)
    if body.role_id is not None and role is None:
        raise InvalidRequest
    if role is not None and role.is_system:
        raise Forbidden
    if guild.default_join_role_id != body.role_id:
        guild.default_join_role_id = body.role_id
        auditing.record(caller.backend, guild, "role.default_join.update", actor_id=caller.user_id)
    return _ACCEPTED


@router.patch(_ROLES + "/{role_id}")
async def update_role(guild_id: str, role_id: str, body: RolePatch, caller: ThisCaller) -> shapes.Role:
    backend = caller.backend
    guild = caller.guild(guild_id, needs=_MANAGE)
    role = _role(guild, role_id)
    _require_manageable(caller, guild, role)
    changed = _changes(caller, guild, role, body)
    if not changed:
        return role.shape()
    for name, value in changed.items():
        setattr(role, name, value)
        auditing.record(backend, guild, _AUDITED[name], actor_id=caller.user_id)
    guild.access_changed()
    shape = role.shape()
    event = WorkspaceRoleUpdate(
        guild_id=guild.guild_id,
        role_id=role_id,
        updated_fields=RoleChanges(**{name: getattr(shape, name) for name in changed}),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    membership.access_changed(backend, guild)
    return shape


@router.delete(_ROLES + "/{role_id}")
async def delete_role(guild_id: str, role_id: str, caller: ThisCaller) -> Accepted:
    """Delete a custom role with all its traces (ROLE-4); seed roles stay (ROLE-5)."""
    backend = caller.backend
    guild = caller.guild(guild_id, needs=_MANAGE)
    role = _role(guild, role_id)
    _require_manageable(caller, guild, role)
    if role.seed is not None:
        raise Forbidden
    guild.remove_role(role_id)
    auditing.record(backend, guild, "role.delete", actor_id=caller.user_id)
    event = WorkspaceRoleDelete(
        guild_id=guild.guild_id,
        role_id=role_id,
        deleted_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    membership.access_changed(backend, guild)
    return _ACCEPTED


def _role(guild: Guild, role_id: str) -> Role:
    role = guild.roles.get(role_id)
    if role is None:
        raise NotFound
    return role


def _require_manageable(caller: Caller, guild: Guild, role: Role) -> None:
    if not access.may_manage_role(guild, caller.member(guild), role):
        raise Forbidden


def _position(caller: Caller, guild: Guild, wanted: int | None) -> int:
    """The position of a new role, by default one below the caller's highest."""
    actor = caller.member(guild)
    position = max(0, access.position(guild, actor) - 1) if wanted is None else wanted
    if not access.may_place_role(guild, actor, position):
        raise Forbidden
    if position not in _POSITIONS:
        raise InvalidRequest
    return position


def _held(caller: Caller, guild: Guild, wanted: list[Permission]) -> frozenset[Permission]:
    """What a role is to get; raises `Forbidden` unless the caller holds all of it (PERM-ESC-1)."""
    permissions = frozenset(wanted)
    if not permissions <= access.in_guild(guild, caller.user_id):
        raise Forbidden
    return permissions


def _sound_name(caller: Caller, given: str) -> str:
    """A role's name without the space around it; raises `InvalidRequest` for what no role may be called."""
    name = given.strip()
    has_control = any(unicodedata.category(character) == "Cc" for character in name)
    fits = 1 <= len(name.encode()) <= caller.backend.settings.limits.role_name_bytes
    if not fits or has_control or name in _RESERVED:
        raise InvalidRequest
    return name


def _sound_color(given: str | None) -> str | None:
    """A colour as it is stored; raises `InvalidRequest` unless it is `#RRGGBB`."""
    if given is not None and not _COLOR.fullmatch(given):
        raise InvalidRequest
    return None if given is None else given.upper()


def _changes(caller: Caller, guild: Guild, role: Role, body: RolePatch) -> dict[str, Any]:
    """The fields whose value changes (ROLE-3), as they are stored."""
    if not body.model_fields_set:
        raise InvalidRequest
    wanted: dict[str, Any] = {}
    if body.name is not None:
        wanted["name"] = _sound_name(caller, body.name)
    if "color_hex" in body.model_fields_set:
        wanted["color_hex"] = _sound_color(body.color_hex)
    if body.permissions is not None:
        given = frozenset(body.permissions)
        _held(caller, guild, list(given - role.permissions))
        wanted["permissions"] = given
    return {name: value for name, value in wanted.items() if value != getattr(role, name)}
