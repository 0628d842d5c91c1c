"""Steps of a guild: its roles and who holds them (contract 9.2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.reducers.overrides import without_role
from sync_check.harness.state import Guild, Role, put, without


def role_create(guild: Guild, event: events.WorkspaceRoleCreate) -> Guild:
    """Insert or replace; no colour means null."""
    told = event.role
    role = Role(
        name=told.name,
        position=told.position,
        is_system=told.is_system,
        permissions=tuple(told.permissions),
        color_hex=told.color_hex,
    )
    return guild if guild.roles is None else _with_roles(guild, put(guild.roles, told.role_id, role))


def role_update(guild: Guild, event: events.WorkspaceRoleUpdate) -> Guild:
    """Set the fields of a held role; a colour that is null clears it."""
    role, told = (guild.roles or {}).get(event.role_id), event.updated_fields
    if guild.roles is None or role is None:
        return guild
    changed = replace(
        role,
        name=role.name if told.name is None else told.name,
        permissions=role.permissions if told.permissions is None else tuple(told.permissions),
        color_hex=told.color_hex if "color_hex" in told.model_fields_set else role.color_hex,
    )
    return _with_roles(guild, put(guild.roles, event.role_id, changed))


def role_delete(guild: Guild, event: events.WorkspaceRoleDelete) -> Guild:
    """Drop the role, its assignments and overrides, and its use as default join role."""
    gone = event.role_id
    if guild.default_join_role_id == gone:
        guild = replace(guild, default_join_role_id=None)
    holders = [user_id for user_id, role_ids in guild.assignments.items() if gone in role_ids]
    for user_id in holders:
        guild = _with_assignments(guild, user_id, guild.assignments[user_id] - {gone})
    # Before the role goes: its name tells which role form stood for it.
    guild = without_role(guild, gone)
    return guild if guild.roles is None else _with_roles(guild, without(guild.roles, gone))


def role_reorder(guild: Guild, event: events.WorkspaceRoleReorder) -> Guild:
    """Of n ids the first gets position n, the last 1; unlisted roles stay, unknown ids only count."""
    if guild.roles is None:
        return guild
    count = len(event.role_ids)
    positions = {role_id: count - index for index, role_id in enumerate(event.role_ids)}
    roles = {
        role_id: replace(role, position=positions.get(role_id, role.position))
        for role_id, role in guild.roles.items()
    }
    return _with_roles(guild, roles)


def assignment_add(guild: Guild, event: events.WorkspaceRoleAssignmentAdd) -> Guild:
    """Add the pair."""
    held = guild.assignments.get(event.user_id, frozenset())
    return _with_assignments(guild, event.user_id, held | {event.role_id})


def assignment_remove(guild: Guild, event: events.WorkspaceRoleAssignmentRemove) -> Guild:
    """Remove the pair."""
    held = guild.assignments.get(event.user_id, frozenset())
    return _with_assignments(guild, event.user_id, held - {event.role_id})


def _with_roles(guild: Guild, roles: Mapping[str, Role]) -> Guild:
    return guild if roles == guild.roles else replace(guild, roles=roles)


def _with_assignments(guild: Guild, user_id: str, role_ids: frozenset[str]) -> Guild:
    if role_ids == guild.assignments.get(user_id, frozenset()):
        return guild
    kept = without(guild.assignments, user_id)
    return replace(guild, assignments=put(kept, user_id, role_ids) if role_ids else kept)


STEPS: Final[Mapping[type[events.Event], Callable[[Guild, Any], Guild]]] = {
    events.WorkspaceRoleCreate: role_create,
    events.WorkspaceRoleUpdate: role_update,
    events.WorkspaceRoleDelete: role_delete,
    events.WorkspaceRoleReorder: role_reorder,
    events.WorkspaceRoleAssignmentAdd: assignment_add,
    events.WorkspaceRoleAssignmentRemove: assignment_remove,
}
"""Events about roles and assignments."""
