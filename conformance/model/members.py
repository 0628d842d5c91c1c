"""Membership in the model: list, add, legacy role, kick (contract 2.4)."""

from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import AddMember, ChangeMemberRole, KickMember, ListMembers
from sync_check.conformance.contract.permissions import LEGACY_RANK
from sync_check.conformance.contract.slices import (
    CHANNELS,
    MEMBERS,
    MESSAGES,
    PERMISSIONS,
    WORKSPACES,
    slice_key,
)
from sync_check.conformance.contract.values import ULID_PATTERN, LegacyRole
from sync_check.conformance.model.access import (
    guild_permissions,
    is_member,
    may_change_legacy_role,
    may_remove,
)
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Touch
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
from sync_check.conformance.model.world import Guild, with_entry, without_entry

_LIMITS: Final = Limits()
_ROLES: Final[dict[str, LegacyRole]] = {role: role for role in LEGACY_RANK}


def _refused_unknown(known: bool, user_id: str, requirement: str) -> Expectation | None:
    # The contract names no order between a missing permission and an unknown user.
    if not ULID_PATTERN.fullmatch(user_id):
        return expected(400, 404, requirement=requirement)
    return refused_unless(known, 404, requirement)


def _expect_list(situation: Situation, operation: ListMembers) -> Expectation:
    limit = operation.limit if operation.limit is not None else 1
    return success_unless(
        expected(200),
        refused_outsider(situation, operation.guild_id),
        refused_unless(1 <= limit <= _LIMITS.members_page, 400, "REST-4"),
    )


# --- add


def _expect_add(situation: Situation, operation: AddMember) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    permitted = "manage_member_roles" in guild_permissions(guild, situation.actor)
    known = operation.user_id in situation.world.people
    return success_unless(
        expected(200, requirement="MEM-2"),
        refused_unless(permitted, 403, "REST-6"),
        _refused_unknown(known, operation.user_id, "MEM-2"),
    )


def _add(situation: Situation, operation: AddMember) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    present = is_member(guild, operation.user_id)
    standing = Standing.NO_OP if situation.happened and present else situation.standing
    emission = _emission(
        events.WorkspaceMemberAdd,
        standing,
        operation,
        stated={"role": "member"},
        unless_changed="MEM-2",
    )
    if standing is not Standing.DUE or guild is None:
        world = None if situation.happened and guild is None else situation.world
        return Effect(world=world, emissions=(emission,))
    members = with_entry(guild.members, operation.user_id, "member")
    return Effect(
        world=situation.world.with_guild(replace(guild, members=members)),
        emissions=(emission,),
        touched=_touches(guild, operation.user_id),
    )


# --- legacy role


def _expect_change(situation: Situation, operation: ChangeMemberRole) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    role = _ROLES.get(operation.role)
    if role is None:
        return expected(422, 403, 404, requirement="REST-3")
    known = is_member(guild, operation.user_id)
    permitted = may_change_legacy_role(guild, situation.actor or "", operation.user_id, role)
    return success_unless(
        expected(200, requirement="MEM-3"),
        refused_unless(permitted, 403, "MEM-3"),
        _refused_unknown(known, operation.user_id, "REST-1"),
    )


def _change(situation: Situation, operation: ChangeMemberRole) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    role = _ROLES.get(operation.role)
    before = guild.members.get(operation.user_id) if guild is not None else None
    standing = Standing.NO_OP if situation.happened and before == role else situation.standing
    emission = _emission(events.WorkspaceMemberUpdate, standing, operation, updated={"role": operation.role})
    if standing is not Standing.DUE:
        return Effect(world=situation.world, emissions=(emission,))
    if guild is None or role is None or before is None:
        return Effect(world=None, emissions=(emission,))
    members = with_entry(guild.members, operation.user_id, role)
    return Effect(
        world=situation.world.with_guild(replace(guild, members=members)),
        emissions=(emission,),
        touched=_touches(guild, operation.user_id),
    )


# --- kick


def _expect_kick(situation: Situation, operation: KickMember) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    actor = situation.actor or ""
    if not is_member(guild, operation.user_id):
        permitted = "ban_member" in guild_permissions(guild, actor)
        return success_unless(
            expected(404, requirement="MEM-5"),
            _refused_unknown(False, operation.user_id, "MEM-5"),
            refused_unless(permitted, 403, "PERM-HIER-2"),
        )
    permitted = may_remove(guild, actor, operation.user_id)
    return success_unless(
        expected(200, requirement="PERM-HIER-1"), refused_unless(permitted, 403, "PERM-HIER-2")
    )


def _kick(situation: Situation, operation: KickMember) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    emission = _emission(
        events.WorkspaceMemberRemove,
        situation.standing,
        operation,
        stated={"reason": "kick"},
        ends_membership=True,
    )
    if not situation.happened:
        return Effect(world=situation.world, emissions=(emission,))
    if guild is None or not is_member(guild, operation.user_id):
        return Effect(world=None, emissions=(emission,))
    members = without_entry(guild.members, operation.user_id)
    return Effect(
        world=situation.world.with_guild(replace(guild, members=members)),
        emissions=(emission,),
        touched=_touches(guild, operation.user_id),
    )


def _touches(guild: Guild, user_id: str) -> tuple[Touch, ...]:
    """Who is a member, and as what, bears on all that the user sees of the guild."""
    key = guild.guild_id
    of_channels = tuple(
        (slice_key(name, channel_id), None)
        for channel_id in guild.channels
        for name in (PERMISSIONS, MESSAGES)
    )
    return (
        (slice_key(MEMBERS, key), user_id),
        (WORKSPACES, key),
        (slice_key(CHANNELS, key), None),
        *of_channels,
    )


def _emission(
    event: type[events.Event],
    standing: Standing,
    operation: AddMember | ChangeMemberRole | KickMember,
    *,
    stated: dict[str, Any] | None = None,
    updated: dict[str, Any] | None = None,
    unless_changed: str = "DELIV-6",
    ends_membership: bool = False,
) -> Emission:
    return Emission(
        event=event,
        standing=standing,
        identity={"guild_id": operation.guild_id, "user_id": operation.user_id},
        stated=stated or {},
        updated=updated,
        unless_changed=unless_changed,
        guild_id=operation.guild_id,
        subject=operation.user_id,
        ends_membership=ends_membership,
    )


rule(ListMembers, _expect_list)
rule(AddMember, _expect_add, _add)
rule(ChangeMemberRole, _expect_change, _change)
rule(KickMember, _expect_kick, _kick)
