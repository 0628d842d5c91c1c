"""What answers about IP bans and the audit log must say (contract 2.4, IPBAN-1, IPBAN-2, AUDIT-1)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import (
    compared,
    listed,
    missing,
    newest_first,
    unexpected,
    within_default,
    wrong_value,
)
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.values_of_audit import kept_by_audit, wrong_audit
from sync_check.conformance.judges.values_of_content import WindowCheck
from sync_check.conformance.model.address_bans import IpBans, ShutOut
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.ip_bans import standing_at
from sync_check.conformance.model.world import Guild, World

_OFF_BY_S: Final = 10
"""Seconds by which two times may be off together that may be off by 5 each (ENV-10)."""


def addresses_banned(
    worlds: Sequence[World], call: Call, asked: ops.BanAddressesOf, answer: shapes.CreatedIpBans
) -> list[Disagreement]:
    """What the answer to a ban of addresses gets wrong, whichever of the worlds it found."""
    ids, count = answer.ban_ids, answer.created_count
    wrong = compared("IPBAN-1", {"created_count": len(ids)}, answer.wire())
    wrong += listed("IPBAN-1", "ban_ids", list(dict.fromkeys(ids)), ids)
    least, most = _bounds(worlds, call, asked)
    if count < least or (most is not None and count > most):
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        wrong.append(wrong_value("IPBAN-1", "created_count", wanted, count))
    return wrong


def _bounds(worlds: Sequence[World], call: Call, asked: ops.BanAddressesOf) -> tuple[int, int | None]:
    """How many addresses are banned at least and at most; one that is banned already counts or does not."""
    guild_id = asked.guild_id
    surely = worlds[0].observed_of(guild_id, asked.target_user_id).surely
    every = {one for world in worlds for one in world.observed_of(guild_id, asked.target_user_id).all}
    others = [_without_own(world.guilds.get(guild_id), call) for world in worlds]
    start, end = call.invoked_at, call.answered_at or call.invoked_at
    fresh = [
        address
        for address in surely
        if all(standing_at(guild, address, start, end) is ShutOut.NO for guild in others)
    ]
    return len(fresh), None if None in every else len(every)


def _without_own(guild: Guild | None, call: Call) -> Guild | None:
    """The guild without the bans that the call itself made; None where there is no other ban."""
    if guild is None:
        return None
    return None if all(bans.asked_at == call.invoked_at for bans in guild.ip_bans) else guild


def _ban_list(
    worlds: Sequence[World], call: Call, asked: ops.ListIpBans, answer: shapes.IpBanPage
) -> list[Disagreement]:
    guilds = [guild for world in worlds if (guild := world.guilds.get(asked.guild_id)) is not None]
    if not guilds:
        return []
    known = {ban_id: bans for guild in guilds for bans in guild.ip_bans for ban_id in bans.ban_ids}
    wrong = newest_first("bans", [ban.created_at_unix for ban in answer.bans])
    wrong += within_default("bans", asked.limit, len(answer.bans))
    for ban in answer.bans:
        bans = known.get(ban.ban_id)
        if bans is None or bans.has_expired(call.invoked_at):
            wrong.append(unexpected("IPBAN-2", f"bans[{ban.ban_id}]"))
        else:
            wrong += _wrong_ban(bans, ban)
    if asked.cursor is None and answer.next_cursor is None:
        told = {ban.ban_id for ban in answer.bans}
        wrong += [
            missing("IPBAN-1", f"bans[{ban_id}]") for ban_id in sorted(_standing_ids(guilds, call) - told)
        ]
    return wrong


def _standing_ids(guilds: Sequence[Guild], call: Call) -> set[str]:
    """The bans that stand for certain, in every state of the guild."""
    until = call.answered_at or call.invoked_at
    each = [
        {
            ban_id
            for bans in guild.ip_bans
            if not bans.doubted and not bans.may_have_expired(until)
            for ban_id in bans.ban_ids
        }
        for guild in guilds
    ]
    return set.intersection(*each)


def _wrong_ban(bans: IpBans, told: shapes.IpBan) -> list[Disagreement]:
    wanted = {"source_user_id": bans.source_id, "reason": bans.reason}
    wrong = compared("IPBAN-1", wanted, told.wire())
    seconds = None if told.expires_at_unix is None else told.expires_at_unix - told.created_at_unix
    asked = bans.expires_in_secs
    if (seconds is None) != (asked is None) or abs((seconds or 0) - (asked or 0)) > _OFF_BY_S:
        due = "null" if asked is None else f"{asked} s after created_at_unix"
        wrong.append(wrong_value("IPBAN-1", "expires_at_unix", due, told.expires_at_unix))
    return wrong


CHECKS: Final[Mapping[type[ops.Operation], WindowCheck]] = {
    ops.BanAddressesOf: addresses_banned,
    ops.ListIpBans: _ban_list,
    ops.ReadAudit: wrong_audit,
}
"""The check of each operation of the family."""
KEPT: Final[Mapping[type[ops.Operation], Any]] = {ops.ReadAudit: kept_by_audit}
"""What their right answers witness besides."""
