"""Members in the model: list, add, join, legacy role (contract 2.4)."""

from dataclasses import replace
from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import AddMember, ChangeMemberRole, JoinGuild, ListMembers
from sync_check.conformance.contract.permissions import LEGACY_RANK, MODERATOR
from sync_check.conformance.contract.values import ULID_PATTERN, LegacyRole
from sync_check.conformance.model.access import is_member, may_change_legacy_role
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.ip_bans import refused_banned_address
from sync_check.conformance.model.membership import (
    assignment_event,
    membership,
    membership_event,
    moderator_id,
    refused_unknown,
    refused_without,
)
from sync_check.conformance.model.touching import membership_touches
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Guild, with_entry

_ROLES: Final[dict[str, LegacyRole]] = {role: role for role in LEGACY_RANK}


def _expect_list(situation: Situation, operation: ListMembers) -> Expectation:
    limit = operation.limit if operation.limit is not None else 1
    return success_unless(
        expected(200),
        refused_outsider(situation, operation.guild_id),
        refused_unless(1 <= limit <= situation.limits.members_page, 400, "REST-4"),
    )


# --- add and join


def _expect_add(situation: Situation, operation: AddMember) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_member_roles")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None:
        return success_unless(expected(200), refused)
    known = operation.user_id in situation.world.people
    return success_unless(
        expected(200, requirement="MEM-11" if operation.user_id in guild.lifted else "MEM-2"),
        refused,
        refused_unknown(known, operation.user_id, "MEM-2"),
        refused_unless(operation.user_id not in guild.banned, 403, "MEM-6"),
    )


def _add(situation: Situation, operation: AddMember) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    present = is_member(guild, operation.user_id)
    standing = Standing.NO_OP if situation.happened and present else situation.standing
    emission = _added(standing, operation.guild_id, operation.user_id, "MEM-2")
    if standing is not Standing.DUE or guild is None:
        world = None if situation.happened and guild is None else situation.world
        return Effect(world=world, emissions=(emission,))
    return _with_member(situation, guild, operation.user_id, (emission,))


def _expect_join(situation: Situation, operation: JoinGuild) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None:
        malformed = not ULID_PATTERN.fullmatch(operation.guild_id)
        # A guild that this run did not make may exist all the same.
        return expected(400, 404) if malformed else expected(200, 403, 404, requirement="LEAK-JOIN-1")
    if guild.visibility == "private":
        # To a member the contract leaves open whether visibility comes first.
        inside = (200, *((403,) if refused_banned_address(situation, guild) else ()))
        member = is_member(guild, situation.actor)
        requirement = "JOIN-1" if situation.actor in guild.banned else "LEAK-JOIN-1"
        return expected(404, *(inside if member else ()), requirement=requirement)
    return success_unless(
        expected(200, requirement="MEM-11" if situation.actor in guild.lifted else "JOIN-2"),
        _refused_banned_user(situation, guild),
        refused_banned_address(situation, guild),
    )


def _refused_banned_user(situation: Situation, guild: Guild) -> Expectation | None:
    """The refusal of a banned user, which comes before the look at the address (JOIN-1)."""
    if situation.actor not in guild.banned:
        return None
    requirement = "JOIN-2" if refused_banned_address(situation, guild) is None else "JOIN-1"
    return replace(expected(403, requirement=requirement), code="directory_join_user_banned")


def _join(situation: Situation, operation: JoinGuild) -> Effect:
    guild, joiner = situation.world.guilds.get(operation.guild_id), situation.actor
    present = is_member(guild, joiner)
    standing = Standing.NO_OP if situation.happened and present else situation.standing
    emission = _added(standing, operation.guild_id, joiner or "", "JOIN-2")
    if standing is not Standing.DUE:
        return Effect(world=situation.world, emissions=(emission,))
    if guild is None or joiner is None:
        return Effect(world=None, emissions=(emission,))
    default = guild.roles.get(guild.default_role or "")
    if default is None:
        return _with_member(situation, guild, joiner, (emission,))
    given = assignment_event(
        events.WorkspaceRoleAssignmentAdd,
        standing,
        guild.guild_id,
        joiner,
        default.role_id,
        owed_by="JOIN-4",
    )
    legacy: LegacyRole = "moderator" if default.key == MODERATOR.name else "member"
    assigned = with_entry(guild.assigned, joiner, frozenset({default.key}))
    told = (emission, given) if legacy == "member" else (emission, given, _risen(standing, guild, joiner))
    return _with_member(situation, replace(guild, assigned=assigned), joiner, told, legacy)


def _risen(standing: Standing, guild: Guild, joiner: str) -> Emission:
    """Whoever joins as `member` becomes a moderator by the default join role (MEM-12)."""
    return membership_event(
        events.WorkspaceMemberUpdate,
        standing,
        guild.guild_id,
        joiner,
        updated={"role": "moderator"},
        owed_by="MEM-12",
    )


def _with_member(
    situation: Situation,
    guild: Guild,
    user_id: str,
    emissions: tuple[Emission, ...],
    legacy: LegacyRole = "member",
) -> Effect:
    grown = replace(guild, members=with_entry(guild.members, user_id, legacy))
    return Effect(
        world=situation.world.with_guild(grown),
        emissions=emissions,
        touched=membership_touches(guild, user_id),
    )


def _added(standing: Standing, guild_id: str, user_id: str, unless_changed: str) -> Emission:
    return membership_event(
        events.WorkspaceMemberAdd,
        standing,
        guild_id,
        user_id,
        stated={"role": "member"},
        unless_changed=unless_changed,
        sets=membership(guild_id, user_id),
    )


# --- legacy role


def _expect_change(situation: Situation, operation: ChangeMemberRole) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    role = _ROLES.get(operation.role)
    if outsider is not None or role is None:
        unreadable = refused_unless(role is not None, 422, "REST-3")
        unpermitted = None if role is not None else expected(403, 404, 422, requirement="REST-3")
        return success_unless(expected(200), outsider, unreadable, unpermitted)
    guild = situation.world.guilds[operation.guild_id]
    known = is_member(guild, operation.user_id)
    permitted = may_change_legacy_role(guild, situation.actor or "", operation.user_id, role)
    # The role may count as an assignment of the seed role, of which there can be too many (ROLE-7).
    full = len(guild.assigned.get(operation.user_id, ())) >= situation.limits.assignments_per_member
    return success_unless(
        expected(200, *((409,) if full and role == "moderator" else ()), requirement="MEM-3"),
        refused_unless(permitted, 403, "MEM-3"),
        refused_unknown(known, operation.user_id, "REST-1"),
    )


def _change(situation: Situation, operation: ChangeMemberRole) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    role = _ROLES.get(operation.role)
    before = guild.members.get(operation.user_id) if guild is not None else None
    standing = Standing.NO_OP if situation.happened and before == role else situation.standing
    emission = membership_event(
        events.WorkspaceMemberUpdate,
        standing,
        operation.guild_id,
        operation.user_id,
        updated={"role": operation.role},
    )
    if standing is not Standing.DUE:
        return Effect(world=situation.world, emissions=(emission,))
    if guild is None or role is None or before is None:
        return Effect(world=None, emissions=(emission,))
    assigned = guild.assigned.get(operation.user_id, frozenset()) - {MODERATOR.name}
    changed = replace(
        guild,
        members=with_entry(guild.members, operation.user_id, role),
        assigned=with_entry(guild.assigned, operation.user_id, assigned),
    )
    kind = events.WorkspaceRoleAssignmentAdd if role == "moderator" else events.WorkspaceRoleAssignmentRemove
    assignment = assignment_event(
        kind, standing, guild.guild_id, operation.user_id, moderator_id(guild), owed_by="MEM-12"
    )
    # A server without assignments of seed roles alters none and has nothing to tell of.
    assignment = replace(assignment, standing=Standing.OPTIONAL)
    return Effect(
        world=situation.world.with_guild(changed),
        emissions=(emission, assignment),
        touched=membership_touches(guild, operation.user_id),
    )


rule(ListMembers, _expect_list)
rule(AddMember, _expect_add, _add)
rule(JoinGuild, _expect_join, _join)
rule(ChangeMemberRole, _expect_change, _change)
