"""Assigning roles to members in the model, and what that does to the legacy role (contract 2.4, 8.1)."""

from dataclasses import replace

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import AssignRole, UnassignRole
from sync_check.conformance.contract.permissions import EVERYONE, MODERATOR, WORKSPACE_OWNER
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.access import held_keys, is_member, outranks
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.membership import (
    assignment_event,
    membership_event,
    refused_unknown,
    refused_without,
)
from sync_check.conformance.model.roles import is_obscure, refused_role
from sync_check.conformance.model.touching import membership_touches
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    better_refused_unless,
    expected,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Guild, with_entry

_Asked = AssignRole | UnassignRole


def _expect(situation: Situation, operation: _Asked) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_member_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None or refused is not None:
        return success_unless(expected(200), refused)
    if is_obscure(guild, [operation.role_id]):
        return expected(200, 400, 403, 404, 409)
    member = is_member(guild, operation.user_id)
    actor = situation.actor or ""
    in_reach = not member or operation.user_id == actor or outranks(guild, actor, operation.user_id)
    return success_unless(
        _success(situation, guild, operation),
        _refused_seed(guild, operation) or refused_role(situation, guild, operation.role_id),
        refused_unknown(member, operation.user_id, "ROLE-7"),
        better_refused_unless(in_reach, 403, "PERM-ESC-3"),
    )


def _success(situation: Situation, guild: Guild, operation: _Asked) -> Expectation:
    held = held_keys(guild, operation.user_id)
    role = guild.role(operation.role_id)
    most = situation.limits.assignments_per_member
    if isinstance(operation, UnassignRole) or role is None or role.key in held or len(held) < most:
        return expected(200, requirement="ROLE-8")
    # The implied role is assigned explicitly or not: it may count.
    return expected(409, *((200,) if len(held) == most else ()), requirement="ROLE-7")


def _refused_seed(guild: Guild, operation: _Asked) -> Expectation | None:
    role = guild.role(operation.role_id)
    if role is None or role.key not in (EVERYONE.name, WORKSPACE_OWNER.name):
        return None
    if role.key == WORKSPACE_OWNER.name:
        return expected(403, requirement="ROLE-2")
    unassigning = isinstance(operation, UnassignRole)
    return expected(400, *((403,) if unassigning else ()), requirement="ROLE-2")


def _assign(situation: Situation, operation: AssignRole) -> Effect:
    event = events.WorkspaceRoleAssignmentAdd
    guild = situation.world.guilds.get(operation.guild_id)
    role = guild.role(operation.role_id) if guild is not None else None
    if guild is None or role is None or not is_member(guild, operation.user_id):
        return _unknown(situation, operation, event)
    if role.key in held_keys(guild, operation.user_id):
        return _quiet(situation, operation, event)
    legacy = guild.members[operation.user_id]
    promoted: LegacyRole = "moderator" if role.key == MODERATOR.name and legacy == "member" else legacy
    assigned = guild.assigned.get(operation.user_id, frozenset()) | {role.key}
    return _changed(situation, operation, event, guild, promoted, assigned)


def _unassign(situation: Situation, operation: UnassignRole) -> Effect:
    event = events.WorkspaceRoleAssignmentRemove
    guild = situation.world.guilds.get(operation.guild_id)
    role = guild.role(operation.role_id) if guild is not None else None
    if guild is None or role is None or not is_member(guild, operation.user_id):
        return _unknown(situation, operation, event)
    legacy = guild.members[operation.user_id]
    given = guild.assigned.get(operation.user_id, frozenset())
    demotes = role.key == MODERATOR.name and legacy == "moderator"
    if role.key not in given and not demotes:
        return _quiet(situation, operation, event)
    kept: LegacyRole = "member" if demotes else legacy
    return _changed(situation, operation, event, guild, kept, given - {role.key})


def _changed(
    situation: Situation,
    operation: _Asked,
    event: type[events.Event],
    guild: Guild,
    legacy: LegacyRole,
    assigned: frozenset[str],
) -> Effect:
    emissions = [_told(situation.standing, operation, event)]
    if not situation.happened:
        return Effect(world=situation.world, emissions=tuple(emissions))
    if legacy != guild.members[operation.user_id]:
        emissions.append(
            membership_event(
                events.WorkspaceMemberUpdate,
                situation.standing,
                operation.guild_id,
                operation.user_id,
                updated={"role": legacy},
                owed_by="MEM-12",
            )
        )
    changed = replace(
        guild,
        members=with_entry(guild.members, operation.user_id, legacy),
        assigned=with_entry(guild.assigned, operation.user_id, assigned),
    )
    return Effect(
        world=situation.world.with_guild(changed),
        emissions=tuple(emissions),
        touched=membership_touches(guild, operation.user_id),
    )


def _quiet(situation: Situation, operation: _Asked, event: type[events.Event]) -> Effect:
    standing = Standing.NO_OP if situation.happened else situation.standing
    return Effect(world=situation.world, emissions=(_told(standing, operation, event),))


def _unknown(situation: Situation, operation: _Asked, event: type[events.Event]) -> Effect:
    world = None if situation.happened else situation.world
    return Effect(world=world, emissions=(_told(situation.standing, operation, event),))


def _told(standing: Standing, operation: _Asked, event: type[events.Event]) -> Emission:
    return assignment_event(event, standing, operation.guild_id, operation.user_id, operation.role_id)


rule(AssignRole, _expect, _assign)
rule(UnassignRole, _expect, _unassign)
