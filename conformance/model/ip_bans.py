"""IP bans in the model: made, listed, removed, and from what they shut out (contract 2.4)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import is_member, is_owner, outranks
from sync_check.conformance.model.address_bans import IpBans, Observed, ShutOut, shut_out
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.membership import refused_without
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    better_refused_unless,
    expected,
    refused_unless,
    rule,
    size,
    success_unless,
)
from sync_check.conformance.model.world import Guild, World, with_entry

SHUTTING_OUT: Final[frozenset[type[ops.Operation]]] = frozenset(
    (
        *(ops.ListChannels, ops.CreateChannel, ops.OwnPermissions, ops.OverrideRole, ops.OverridePermission),
        *(ops.CreateMessage, ops.EditMessage, ops.DeleteMessage, ops.History),
        *(ops.AddReaction, ops.RemoveReaction),
        *(ops.UploadAttachment, ops.ReadAttachment, ops.DeleteAttachment),
        *(ops.Search, ops.IssueVoiceToken, ops.UpdateVoiceState, ops.LeaveVoice),
    )
)
"""The endpoints that answer 403 to a banned address."""
_PERHAPS: Final[frozenset[type[ops.Operation]]] = frozenset((ops.RebuildSearch, ops.ReconcileSearch))
"""Those of which the contract does not say whether they are part of search."""
_CONCERNED: Final = SHUTTING_OUT | _PERHAPS | {ops.JoinGuild}
_REASON_CHARACTERS: Final = 240
_LONGEST_S: Final = 15_552_000


# --- where a caller stands


def standing_at(guild: Guild | None, address: Address | None, start: int, end: int) -> ShutOut:
    """Whether an IP ban of the guild is in force at an address from `start` to `end`, in microseconds."""
    return ShutOut.NO if guild is None else shut_out(guild.ip_bans, address, start, end)


def _standing(situation: Situation, guild: Guild) -> ShutOut:
    return standing_at(guild, situation.address, situation.asked_at, situation.answered_at)


def with_ip_bans(situation: Situation, operation: ops.Operation, expectation: Expectation) -> Expectation:
    """What may come where the caller's address may be banned in the operation's guild (IPBAN-2, IPBAN-3)."""
    kind = type(operation)
    guild = situation.world.guilds.get(getattr(operation, "guild_id", ""))
    if guild is None or not guild.ip_bans or kind not in _CONCERNED:
        return expectation
    standing = _standing(situation, guild)
    if standing is ShutOut.NO:
        return _reopened(situation, guild, expectation)
    if is_owner(guild, situation.actor):
        return _owner_let_in(expectation)
    if kind is ops.JoinGuild:
        return expectation  # which looks at the address by itself, in its own order
    if standing is ShutOut.PERHAPS or kind in _PERHAPS:
        return replace(expectation, statuses=expectation.statuses | {403}, code=None)
    refusals = {status for status in expectation.statuses if status >= 400}
    return expected(403, *refusals, requirement="IPBAN-2")


def _reopened(situation: Situation, guild: Guild, expectation: Expectation) -> Expectation:
    """What succeeds from an address that was banned before is undone for good (IPBAN-2)."""
    was_banned = any(ban.covered(situation.address) for ban in guild.ip_bans)
    plain = expectation.requirement == "REST-1" and _succeeds(expectation)
    return replace(expectation, requirement="IPBAN-2") if was_banned and plain else expectation


def _owner_let_in(expectation: Expectation) -> Expectation:
    if not _succeeds(expectation):
        return replace(expectation, statuses=expectation.statuses | {403}, code=None)
    return replace(expectation, requirement="IPBAN-3", tolerated=expectation.tolerated | {403})


def _succeeds(expectation: Expectation) -> bool:
    return all(status < 300 for status in expectation.statuses)


def refused_banned_address(situation: Situation, guild: Guild) -> Expectation | None:
    """The refusal of a join from a banned address, which comes before the look at membership (JOIN-1)."""
    standing = _standing(situation, guild)
    if standing is ShutOut.NO or is_owner(guild, situation.actor):
        return None
    if standing is ShutOut.PERHAPS:
        return expected(200, 403, requirement="JOIN-2")
    requirement = "JOIN-1" if is_member(guild, situation.actor) else "JOIN-2"
    return replace(expected(403, requirement=requirement), code="directory_join_ip_banned")


def observing(situation: Situation, operation: ops.Operation) -> World:
    """The world in which a call of join has shown its address, whatever was answered."""
    world, actor = situation.world, situation.actor
    if not isinstance(operation, ops.JoinGuild) or actor is None or operation.guild_id not in world.guilds:
        return world
    before = world.observed_of(operation.guild_id, actor)
    after = before.with_address(situation.address, surely=situation.happened)
    if after == before:
        return world
    in_guild = with_entry(world.observed.get(operation.guild_id, {}), actor, after)
    return replace(world, observed=with_entry(world.observed, operation.guild_id, in_guild))


# --- list


def _expect_list(situation: Situation, operation: ops.ListIpBans) -> Expectation:
    limit = 1 if operation.limit is None else operation.limit
    return success_unless(
        expected(200),
        refused_without(situation, operation.guild_id, "manage_ip_bans"),
        refused_unless(1 <= limit <= situation.limits.ip_bans_page, 400, "REST-4"),
    )


# --- make


def _expect_ban(situation: Situation, operation: ops.BanAddressesOf) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_ip_bans")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None:
        return success_unless(expected(200), refused)
    return success_unless(
        expected(200, requirement="IPBAN-1"),
        refused,
        _refused_target(situation, operation.target_user_id),
        *_refused_details(operation),
        _refused_number(situation, guild, operation.target_user_id),
        better_refused_unless(not _is_above(situation, guild, operation.target_user_id), 403, "IPBAN-3"),
    )


def _refused_target(situation: Situation, user_id: str) -> Expectation | None:
    if user_id in situation.world.people:
        return None
    if not ULID_PATTERN.fullmatch(user_id):
        return expected(400, 404, 422, requirement="REST-4")
    # Somebody who never called join has no addresses, and somebody unknown may not be looked up.
    return expected(200, 404, requirement="IPBAN-1")


def _refused_details(operation: ops.BanAddressesOf) -> Iterable[Expectation | None]:
    reason, seconds = operation.reason, operation.expires_in_secs
    if reason is not None:
        yield refused_unless(0 < len(reason) <= _REASON_CHARACTERS, 400, "REST-4")
        if len(reason) <= _REASON_CHARACTERS < size(reason):
            # Whether characters or bytes are counted is left open.
            yield expected(200, 400, requirement="REST-4")
    if seconds is not None and seconds < 0:
        # For a type without negative numbers it is of another type.
        yield expected(400, 422, requirement="REST-4")
    elif seconds is not None:
        yield refused_unless(0 < seconds <= _LONGEST_S, 400, "REST-4")


def _refused_number(situation: Situation, guild: Guild, user_id: str) -> Expectation | None:
    """The 409 at the limit; what may have expired or been replaced counts or does not."""
    most = situation.limits.ip_bans_per_guild
    observed = situation.world.observed_of(guild.guild_id, user_id)
    possible = [ban for ban in guild.ip_bans if not ban.has_expired(situation.asked_at)]
    sure = [ban for ban in possible if not ban.doubted and not ban.may_have_expired(situation.answered_at)]
    fresh = sum(not _may_be_banned(guild, address, situation) for address in observed.surely)
    if fresh and sum(len(ban.ban_ids) for ban in sure) + fresh > most:
        return expected(409, requirement="LIMIT-1")
    if sum(len(ban.ban_ids) for ban in possible) + len(observed.all) > most:
        return expected(200, 409, requirement="LIMIT-1")
    return None


def _may_be_banned(guild: Guild, address: Address | None, situation: Situation) -> bool:
    return standing_at(guild, address, situation.asked_at, situation.answered_at) is not ShutOut.NO


def _is_above(situation: Situation, guild: Guild, user_id: str) -> bool:
    """Whether the target is a member who outranks the actor (8.3)."""
    return is_member(guild, user_id) and outranks(guild, user_id, situation.actor or "")


def _ban(situation: Situation, operation: ops.BanAddressesOf) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_synced(situation.standing, operation.guild_id, "upsert"),)
        )
    answer = situation.answer
    if guild is None or not isinstance(answer, shapes.CreatedIpBans):
        return Effect(world=None)
    count = answer.created_count
    if count == 0:
        quiet = _synced(Standing.NO_OP, operation.guild_id, "upsert")
        return Effect(world=situation.world, emissions=(quiet,))
    observed = situation.world.observed_of(guild.guild_id, operation.target_user_id)
    repeated = any(_may_be_banned(guild, address, situation) for address in observed.all)
    # A ban that changes nothing may be told or not.
    standing = Standing.OPTIONAL if repeated else situation.standing
    made = _made(situation, operation, observed, answer)
    return Effect(
        world=situation.world.with_guild(replace(guild, ip_bans=(*_doubted(guild, observed), made))),
        emissions=(_synced(standing, guild.guild_id, "upsert", count),),
    )


def _made(
    situation: Situation,
    operation: ops.BanAddressesOf,
    observed: Observed,
    answer: shapes.CreatedIpBans,
) -> IpBans:
    # Where as many were banned as there may be, all of them are.
    all_of_them = answer.created_count >= len(observed.all)
    return IpBans(
        source_id=operation.target_user_id,
        ban_ids=frozenset(answer.ban_ids),
        addresses=observed.all if all_of_them else observed.surely,
        perhaps=frozenset() if all_of_them else observed.perhaps,
        reason=operation.reason,
        expires_in_secs=operation.expires_in_secs,
        asked_at=situation.asked_at,
        answered_at=situation.answered_at,
    )


def _doubted(guild: Guild, observed: Observed) -> Iterable[IpBans]:
    """The earlier bans, those marked that may have been replaced because they are of the same addresses."""
    return (
        replace(ban, doubted=True) if ban.ban_ids and ban.overlaps(observed.all) else ban
        for ban in guild.ip_bans
    )


# --- remove


def _expect_remove(situation: Situation, operation: ops.RemoveIpBan) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_ip_bans")
    guild = situation.world.guilds.get(operation.guild_id)
    if guild is None:
        return success_unless(expected(200), refused)
    bans = _bans_of(guild, operation.ban_id)
    if bans is None:
        malformed = () if ULID_PATTERN.fullmatch(operation.ban_id) else (400,)
        return success_unless(expected(404, *malformed), refused)
    stands = not bans.doubted and not bans.may_have_expired(situation.answered_at)
    return success_unless(expected(200, *(() if stands else (404,)), requirement="IPBAN-2"), refused)


def _bans_of(guild: Guild, ban_id: str) -> IpBans | None:
    """The bans among which one of this id may still stand."""
    return next((bans for bans in guild.ip_bans if ban_id in bans.ban_ids), None)


def _remove(situation: Situation, operation: ops.RemoveIpBan) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_synced(situation.standing, operation.guild_id, "remove"),)
        )
    bans = None if guild is None else _bans_of(guild, operation.ban_id)
    if guild is None or bans is None:
        # An answer to the removal of nothing is wrong; what is told of it is not.
        emission = _synced(Standing.OPTIONAL, operation.guild_id, "remove", 1)
        return Effect(world=situation.world, emissions=(emission,))
    left = replace(bans, ban_ids=bans.ban_ids - {operation.ban_id}, whole=False)
    changed = tuple(left if one is bans else one for one in guild.ip_bans)
    return Effect(
        world=situation.world.with_guild(replace(guild, ip_bans=changed)),
        emissions=(_synced(situation.standing, guild.guild_id, "remove", 1),),
    )


def _synced(standing: Standing, guild_id: str, action: str, count: int | None = None) -> Emission:
    stated: dict[str, Any] = {} if count is None else {"summary.changed_count": count}
    return Emission(
        event=events.WorkspaceIpBanSync,
        standing=standing,
        identity={"guild_id": guild_id, "summary.action": action},
        stated=stated,
        unless_changed="IPBAN-1" if action == "upsert" else "DELIV-6",
        guild_id=guild_id,
    )


rule(ops.ListIpBans, _expect_list)
rule(ops.BanAddressesOf, _expect_ban, _ban)
rule(ops.RemoveIpBan, _expect_remove, _remove)
