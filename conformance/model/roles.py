"""Roles in the model: list, create, change, delete, reorder, default join role (contract 2.4).

A seed role is known by its name until an answer tells its id. What an operation does that names an id of
which the model cannot say whose it is stays unknown.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.operations import (
    CreateRole,
    DeleteRole,
    ListRoles,
    ReorderRoles,
    SetDefaultRole,
    UpdateRole,
)
from sync_check.conformance.contract.permissions import (
    CANONICAL_ORDER,
    EVERYONE,
    MEMBER,
    MODERATOR,
    WORKSPACE_OWNER,
    Permission,
)
from sync_check.conformance.contract.slices import ASSIGNMENTS, ROLES, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN, LegacyRole
from sync_check.conformance.model.access import (
    guild_permissions,
    in_canonical_order,
    is_owner,
    may_place,
    position,
)
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.membership import refused_without
from sync_check.conformance.model.touching import access_touches
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    better_refused_unless,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    size,
    success_unless,
)
from sync_check.conformance.model.world import SEEDS, Guild, Role, with_entry, without_entry

_RESERVED: Final = (EVERYONE.name, WORKSPACE_OWNER.name)
_REMOVABLE_SEEDS: Final = (MODERATOR.name, MEMBER.name)
_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_KNOWN: Final[Mapping[str, Permission]] = {name: name for name in CANONICAL_ORDER}


# --- list, which teaches ids


def _expect_list(situation: Situation, operation: ListRoles) -> Expectation:
    return success_unless(expected(200), refused_outsider(situation, operation.guild_id))


def _learn(situation: Situation, operation: ListRoles) -> Effect:
    """Take the ids of seed roles from an answer."""
    answer = situation.answer
    guild = situation.world.guilds.get(operation.guild_id)
    if not isinstance(answer, shapes.RoleList) or guild is None or guild.knows_roles:
        return Effect(world=situation.world)
    taken = {role.role_id for role in guild.roles.values()}
    told = {role.name: role.role_id for role in answer.roles if role.role_id not in taken}
    roles = {
        key: replace(role, role_id=told.get(role.name, role.role_id)) if role.role_id is None else role
        for key, role in guild.roles.items()
    }
    return Effect(world=situation.world.with_guild(replace(guild, roles=roles)))


# --- what is allowed


def refused_role(
    situation: Situation, guild: Guild, role_id: str, *, unknown: int = 404, requirement: str = "REST-1"
) -> Expectation | None:
    """The refusal of a role that does not exist, or that the actor may not touch (ROLE-1, ROLE-2)."""
    role = guild.role(role_id)
    if role is None:
        malformed = not ULID_PATTERN.fullmatch(role_id)
        return expected(unknown, *((400,) if malformed else ()), requirement=requirement)
    if role.is_system:
        return expected(403, requirement="ROLE-2")
    return refused_unless(may_place(guild, situation.actor or "", role.position), 403, "ROLE-1")


def is_obscure(guild: Guild | None, role_ids: Iterable[str | None]) -> bool:
    """Whether an id may belong to a seed role whose id the model has not learnt."""
    if guild is None or guild.knows_roles:
        return False
    return any(
        role_id is not None and guild.role(role_id) is None and ULID_PATTERN.fullmatch(role_id)
        for role_id in role_ids
    )


_OBSCURE: Final = expected(200, 400, 403, 404, 409)


def _refused_name(name: str | None, most: int) -> Expectation | None:
    if name is None:
        return None
    stored = name.strip()
    printable = not any(unicodedata.category(character) == "Cc" for character in stored)
    fits = 0 < size(stored) <= most and printable and stored not in _RESERVED
    return refused_unless(fits, 400, "REST-4")


def _refused_color(color_hex: str | None) -> Expectation | None:
    return refused_unless(color_hex is None or _COLOR.fullmatch(color_hex) is not None, 400, "REST-4")


def _refused_permissions(names: Sequence[str] | None) -> Expectation | None:
    return refused_unless(set(names or ()) <= _KNOWN.keys(), 422, "REST-3")


def _better_not_given(situation: Situation, guild: Guild, names: Iterable[str]) -> Expectation | None:
    held = guild_permissions(guild, situation.actor)
    return better_refused_unless(_granted(names) <= held, 403, "PERM-ESC-1")


def _granted(names: Iterable[str]) -> frozenset[Permission]:
    return frozenset(_KNOWN[name] for name in names if name in _KNOWN)


# --- create


def _expect_create(situation: Situation, operation: CreateRole) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_workspace_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None:
        return success_unless(expected(200), refused, _refused_permissions(operation.permissions))
    most = situation.limits.roles_per_guild
    # Whether the roles that a guild starts with count is left open.
    full = len(guild.roles) >= most
    certain = len(guild.roles) - len(SEEDS) >= most
    return success_unless(
        expected(200, *((409,) if full else ())),
        refused,
        _refused_position(situation, guild, operation.position),
        _refused_name(operation.role_name, situation.limits.role_name_bytes),
        _refused_color(operation.color_hex),
        _refused_permissions(operation.permissions),
        refused_unless(not certain, 409, "LIMIT-1"),
        _better_not_given(situation, guild, operation.permissions),
    )


def _refused_position(situation: Situation, guild: Guild, wanted: int | None) -> Expectation | None:
    if wanted is None:
        return None
    if not 0 <= wanted < WORKSPACE_OWNER.position:
        # The contract gives no range; below the owner's everything else must be.
        return expected(200, 400, 403, 422, requirement="ROLE-1")
    return refused_unless(may_place(guild, situation.actor or "", wanted), 403, "ROLE-1")


def _create(situation: Situation, operation: CreateRole) -> Effect:
    answer = situation.answer
    guild = situation.world.guilds.get(operation.guild_id)
    stated: dict[str, Any] = {
        "role.name": operation.role_name.strip(),
        "role.permissions": in_canonical_order(_granted(operation.permissions)),
        "role.is_system": False,
    }
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_created(situation.standing, operation, stated, {}),))
    if not isinstance(answer, shapes.Role) or guild is None:
        return Effect(world=None)
    role = Role(
        key=answer.role_id,
        role_id=answer.role_id,
        name=operation.role_name.strip(),
        position=answer.position,
        permissions=_granted(operation.permissions),
        color_hex=None if operation.color_hex is None else operation.color_hex.upper(),
    )
    stated["role.position"] = role.position
    if role.color_hex is not None:
        stated["role.color_hex"] = role.color_hex
    emission = _created(situation.standing, operation, stated, {"role.role_id": answer.role_id})
    return Effect(
        world=situation.world.with_guild(replace(guild, roles=with_entry(guild.roles, role.key, role))),
        emissions=(emission,),
        touched=((slice_key(ROLES, guild.guild_id), role.role_id),),
    )


def _created(
    standing: Standing, operation: CreateRole, stated: Mapping[str, Any], identity: Mapping[str, Any]
) -> Emission:
    known = identity or {"role.name": operation.role_name.strip()}
    return Emission(
        event=events.WorkspaceRoleCreate,
        standing=standing,
        identity={"guild_id": operation.guild_id, **known},
        stated=stated,
        guild_id=operation.guild_id,
    )


# --- change


def _expect_update(situation: Situation, operation: UpdateRole) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_workspace_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None or refused is not None:
        return success_unless(expected(200), refused, _refused_permissions(operation.permissions))
    if is_obscure(guild, [operation.role_id]):
        return _OBSCURE
    role = guild.role(operation.role_id)
    given = set(operation.permissions or ()) - (role.permissions if role is not None else frozenset())
    return success_unless(
        expected(200),
        refused_role(situation, guild, operation.role_id),
        _refused_name(operation.role_name, situation.limits.role_name_bytes),
        _refused_color(operation.color_hex),
        _refused_permissions(operation.permissions),
        refused_unless(bool(_asked(operation)), 400, "REST-4"),
        _better_not_given(situation, guild, given),
    )


def _asked(operation: UpdateRole) -> dict[str, Any]:
    """The fields that the request sets, with the values that are to be stored."""
    asked: dict[str, Any] = {}
    if operation.role_name is not None:
        asked["name"] = operation.role_name.strip()
    if operation.permissions is not None:
        asked["permissions"] = _granted(operation.permissions)
    if "color_hex" in operation.model_fields_set:
        asked["color_hex"] = None if operation.color_hex is None else operation.color_hex.upper()
    return asked


def _update(situation: Situation, operation: UpdateRole) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    asked = _asked(operation)
    role = guild.role(operation.role_id) if guild is not None else None
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_updated(situation.standing, operation, asked),))
    if guild is None or role is None:
        return Effect(world=None, emissions=(_updated(Standing.OPTIONAL, operation, asked),))
    changes = {name: value for name, value in asked.items() if getattr(role, name) != value}
    if not changes:
        return Effect(world=situation.world, emissions=(_updated(Standing.NO_OP, operation, asked),))
    changed = replace(guild, roles=with_entry(guild.roles, role.key, replace(role, **changes)))
    touched = access_touches(guild) if "permissions" in changes else ()
    return Effect(
        world=situation.world.with_guild(changed),
        emissions=(_updated(Standing.DUE, operation, changes),),
        touched=((slice_key(ROLES, guild.guild_id), operation.role_id), *touched),
    )


def _updated(standing: Standing, operation: UpdateRole, changes: Mapping[str, Any]) -> Emission:
    told: dict[str, Any] = {
        name: in_canonical_order(value) if name == "permissions" else value for name, value in changes.items()
    }
    identity: dict[str, Any] = {"guild_id": operation.guild_id, "role_id": operation.role_id}
    if standing in (Standing.REFUSED, Standing.OPTIONAL):
        identity |= {f"updated_fields.{name}": value for name, value in told.items()}
    return Emission(
        event=events.WorkspaceRoleUpdate,
        standing=standing,
        identity=identity,
        updated=told,
        guild_id=operation.guild_id,
    )


# --- delete


def _expect_delete(situation: Situation, operation: DeleteRole) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_workspace_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None or refused is not None:
        return success_unless(expected(200), refused)
    if is_obscure(guild, [operation.role_id]):
        return _OBSCURE
    role = guild.role(operation.role_id)
    seed = role is not None and role.key in _REMOVABLE_SEEDS
    return success_unless(
        expected(200, *((403,) if seed else ()), requirement="ROLE-5" if seed else "REST-1"),
        refused_role(situation, guild, operation.role_id),
    )


def _delete(situation: Situation, operation: DeleteRole) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    emission = Emission(
        event=events.WorkspaceRoleDelete,
        standing=situation.standing,
        identity={"guild_id": operation.guild_id, "role_id": operation.role_id},
        guild_id=operation.guild_id,
    )
    if not situation.happened:
        return Effect(world=situation.world, emissions=(emission,))
    role = guild.role(operation.role_id) if guild is not None else None
    if guild is None or role is None:
        return Effect(world=None, emissions=(emission,))
    return Effect(
        world=situation.world.with_guild(_without_role(guild, role)),
        emissions=(emission,),
        touched=(
            (slice_key(ROLES, guild.guild_id), operation.role_id),
            (slice_key(ASSIGNMENTS, guild.guild_id), None),
            *access_touches(guild),
        ),
    )


def _without_role(guild: Guild, role: Role) -> Guild:
    """The guild without a role, its assignments, its overrides and its use as default (ROLE-4)."""
    fallen: dict[str, LegacyRole] = {
        user_id: "member" if role.key == MODERATOR.name and legacy == "moderator" else legacy
        for user_id, legacy in guild.members.items()
    }
    return replace(
        guild,
        members=fallen,
        roles=without_entry(guild.roles, role.key),
        assigned={user_id: keys - {role.key} for user_id, keys in guild.assigned.items()},
        overrides={
            channel_id: without_entry(written, role.key) for channel_id, written in guild.overrides.items()
        },
        default_role=None if guild.default_role == role.key else guild.default_role,
    )


# --- reorder


def _expect_reorder(situation: Situation, operation: ReorderRoles) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_workspace_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None or refused is not None:
        return success_unless(expected(200), refused)
    ids = operation.role_ids
    if is_obscure(guild, ids):
        return _OBSCURE
    actor = situation.actor or ""
    sound = 0 < len(ids) <= situation.limits.roles_per_guild and len(set(ids)) == len(ids)
    lifted = any(
        at >= position(guild, actor) > role.position
        for role_id, at in _positions(ids)
        if (role := guild.role(role_id)) is not None
    )
    return success_unless(
        expected(200),
        refused_unless(sound, 400, "REST-4"),
        *(refused_role(situation, guild, role_id, unknown=400, requirement="REST-4") for role_id in ids),
        better_refused_unless(is_owner(guild, actor) or not lifted, 403, "PERM-ESC-1"),
    )


def _positions(role_ids: Sequence[str]) -> list[tuple[str, int]]:
    """The positions that a reorder gives: n to the first, 1 to the last (ROLE-6)."""
    return list(zip(role_ids, range(len(role_ids), 0, -1), strict=True))


def _reorder(situation: Situation, operation: ReorderRoles) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_reordered(situation.standing, operation),))
    roles = dict(guild.roles) if guild is not None else {}
    for role_id, at in _positions(operation.role_ids):
        role = guild.role(role_id) if guild is not None else None
        if role is None:
            return Effect(world=None, emissions=(_reordered(Standing.OPTIONAL, operation),))
        roles[role.key] = replace(role, position=at)
    if guild is None or roles == guild.roles:
        return Effect(world=situation.world, emissions=(_reordered(Standing.NO_OP, operation),))
    return Effect(
        world=situation.world.with_guild(replace(guild, roles=roles)),
        emissions=(_reordered(Standing.DUE, operation),),
        touched=((slice_key(ROLES, guild.guild_id), None),),
    )


def _reordered(standing: Standing, operation: ReorderRoles) -> Emission:
    return Emission(
        event=events.WorkspaceRoleReorder,
        standing=standing,
        identity={"guild_id": operation.guild_id, "role_ids": operation.role_ids},
        requirement="ROLE-6",
        guild_id=operation.guild_id,
    )


# --- default join role


def _expect_default(situation: Situation, operation: SetDefaultRole) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_workspace_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None or refused is not None or operation.role_id is None:
        return success_unless(expected(200), refused)
    if is_obscure(guild, [operation.role_id]):
        return _OBSCURE
    role = guild.role(operation.role_id)
    if role is None:
        return expected(400, requirement="REST-4")
    # Whether a role out of the actor's reach can be made the default is left open.
    in_reach = may_place(guild, situation.actor or "", role.position)
    return success_unless(
        expected(200, *(() if in_reach else (403,))), refused_unless(not role.is_system, 403, "ROLE-2")
    )


def _set_default(situation: Situation, operation: SetDefaultRole) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(world=situation.world)
    role = guild.role(operation.role_id) if guild is not None and operation.role_id is not None else None
    if guild is None or (operation.role_id is not None and role is None):
        return Effect(world=None)
    changed = replace(guild, default_role=None if role is None else role.key)
    return Effect(
        world=situation.world.with_guild(changed), touched=((slice_key(ROLES, guild.guild_id), None),)
    )


rule(ListRoles, _expect_list, _learn, mutates=False)
rule(CreateRole, _expect_create, _create)
rule(UpdateRole, _expect_update, _update)
rule(DeleteRole, _expect_delete, _delete)
rule(ReorderRoles, _expect_reorder, _reorder)
rule(SetDefaultRole, _expect_default, _set_default)
