"""The end of a membership in the model, and what bars from coming back: kick, ban, lift, leave (2.4)."""

from dataclasses import replace

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import BanMember, KickMember, LeaveGuild, LiftBan
from sync_check.conformance.model.access import guild_permissions, is_member, is_owner, outranks, rank
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.membership import (
    membership,
    membership_event,
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
from sync_check.conformance.model.world import Guild, World, without_entry


def _expect_removal(situation: Situation, guild: Guild, target_id: str) -> Expectation:
    """Who may kick or ban a member (PERM-HIER-1 to 3, MEM-9)."""
    actor = situation.actor or ""
    if "ban_member" not in guild_permissions(guild, actor):
        return expected(403, requirement="PERM-HIER-2")
    if is_owner(guild, target_id):
        return expected(403, requirement="MEM-9")
    ranks, stands = rank(guild, actor) > rank(guild, target_id), outranks(guild, actor, target_id)
    if ranks == stands:
        return expected(200 if ranks else 403, requirement="PERM-HIER-1" if ranks else "PERM-HIER-2")
    # Rank and position disagree: position should decide.
    due, other = (200, 403) if stands else (403, 200)
    return replace(expected(due, requirement="PERM-HIER-3"), tolerated=frozenset({other}))


# --- kick


def _expect_kick(situation: Situation, operation: KickMember) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    if is_member(guild, operation.user_id):
        return _expect_removal(situation, guild, operation.user_id)
    permitted = "ban_member" in guild_permissions(guild, situation.actor)
    return success_unless(
        expected(404, requirement="MEM-5"),
        refused_unknown(False, operation.user_id, "MEM-5"),
        refused_unless(permitted, 403, "PERM-HIER-2"),
    )


def _kick(situation: Situation, operation: KickMember) -> Effect:
    return _removed(situation, operation.guild_id, operation.user_id, "kick")


# --- ban and lift


def _expect_ban(situation: Situation, operation: BanMember) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    if is_member(guild, operation.user_id):
        return _expect_removal(situation, guild, operation.user_id)
    permitted = "ban_member" in guild_permissions(guild, situation.actor)
    return success_unless(
        expected(200, requirement="MEM-8"),
        refused_unless(permitted, 403, "PERM-HIER-2"),
        refused_unknown(operation.user_id in situation.world.people, operation.user_id, "REST-1"),
    )


def _ban(situation: Situation, operation: BanMember) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    member = is_member(guild, operation.user_id)
    repeated = guild is not None and operation.user_id in guild.banned
    standing = Standing.NO_OP if situation.happened and repeated else situation.standing
    told = membership_event(
        events.WorkspaceMemberBan,
        standing,
        operation.guild_id,
        operation.user_id,
        ends_membership=member,
        unless_changed="MEM-8",
        owed_by=None if member else "MEM-8",
    )
    if not member:
        # A ban of who is no member reaches only members (SCOPE-8).
        told = replace(told, subject=None)
    if standing is not Standing.DUE or guild is None:
        world = None if situation.happened and guild is None else situation.world
        return Effect(world=world, emissions=(told, *_unremoved(situation, operation, member)))
    banned = replace(guild, banned=guild.banned | {operation.user_id})
    if not member:
        return Effect(world=situation.world.with_guild(banned), emissions=(told,))
    world = situation.world.with_guild(banned)
    effect = _removed(replace(situation, world=world), operation.guild_id, operation.user_id, "ban")
    return replace(effect, emissions=(told, *effect.emissions))


def _unremoved(situation: Situation, operation: BanMember, member: bool) -> tuple[Emission, ...]:
    if not member or situation.happened:
        return ()
    return _removed(situation, operation.guild_id, operation.user_id, "ban").emissions


def _expect_lift(situation: Situation, operation: LiftBan) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "ban_member")
    guild = situation.world.guilds.get(operation.guild_id)
    banned = guild is not None and operation.user_id in guild.banned
    return success_unless(
        expected(200),
        refused,
        refused_unknown(banned, operation.user_id, "REST-1"),
    )


def _lift(situation: Situation, operation: LiftBan) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(world=situation.world)
    if guild is None:
        return Effect(world=None)
    lifted = replace(
        guild, banned=guild.banned - {operation.user_id}, lifted=guild.lifted | {operation.user_id}
    )
    return Effect(world=situation.world.with_guild(lifted))


# --- leave


def _expect_leave(situation: Situation, operation: LeaveGuild) -> Expectation:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    owners = [user_id for user_id, role in guild.members.items() if role == "owner"]
    last = owners == [situation.actor]
    return success_unless(expected(200, requirement="MEM-10"), refused_unless(not last, 403, "MEM-9"))


def _leave(situation: Situation, operation: LeaveGuild) -> Effect:
    return _removed(situation, operation.guild_id, situation.actor or "", "leave")


def _removed(situation: Situation, guild_id: str, user_id: str, reason: str) -> Effect:
    """Membership and assignments end; overrides of the member stay, nothing says that they go (MEM-5)."""
    emission = membership_event(
        events.WorkspaceMemberRemove,
        situation.standing,
        guild_id,
        user_id,
        stated={"reason": reason},
        ends_membership=True,
        sets=membership(guild_id, user_id),
    )
    if not situation.happened:
        return Effect(world=situation.world, emissions=(emission,))
    guild = situation.world.guilds.get(guild_id)
    if guild is None or not is_member(guild, user_id):
        return Effect(world=None, emissions=(emission,))
    return Effect(
        world=_without_member(situation.world, guild, user_id),
        emissions=(emission,),
        touched=membership_touches(guild, user_id),
    )


def _without_member(world: World, guild: Guild, user_id: str) -> World:
    return world.with_guild(
        replace(
            guild,
            members=without_entry(guild.members, user_id),
            assigned=without_entry(guild.assigned, user_id),
        )
    )


rule(KickMember, _expect_kick, _kick)
rule(BanMember, _expect_ban, _ban)
rule(LiftBan, _expect_lift, _lift)
rule(LeaveGuild, _expect_leave, _leave)
