"""Bans of addresses (contract 2.4, feature `ip_bans`). No answer and no event ever holds one (LEAK-IP-1)."""

from typing import Annotated, Final, Literal

from sync_check.conformance.contract.events import IpBanSummary, WorkspaceIpBanSync
from sync_check.conformance.contract.shapes import Accepted, CreatedIpBans, IpBanPage
from sync_check.conformance.contract.shapes import IpBan as IpBanShape
from sync_check.conformance.contract.values import ULID_PATTERN, NotNull
from sync_check.reference_server import access, auditing, membership
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound, QuotaExceeded
from sync_check.reference_server.guild import Guild, IpBan
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText, Text

router = strict_router()

_DEFAULT_LIMIT: Final = 20
_REASON_CHARACTERS: Final = range(1, 241)
_EXPIRY_S: Final = range(1, 15_552_001)


class NewBan(Body):
    target_user_id: Text
    reason: OptionalText = None
    expires_in_secs: Annotated[int | None, NotNull] = None


@router.get("/guilds/{guild_id}/ip-bans")
async def list_ip_bans(
    guild_id: str, caller: ThisCaller, limit: Asked = None, cursor: str | None = None
) -> IpBanPage:
    """List active bans, newest first; the cursor is the last id of the page before."""
    guild = caller.guild(guild_id, needs="manage_ip_bans")
    size = page_size(limit, caller.backend.settings.limits.ip_bans_page)
    if cursor is not None and not ULID_PATTERN.fullmatch(cursor):
        raise InvalidRequest
    _forget_expired(caller, guild)
    wanted = [ban for ban in reversed(guild.ip_bans.values()) if cursor is None or ban.ban_id < cursor]
    page = wanted[:size]
    return IpBanPage(
        bans=[_shape(ban) for ban in page], next_cursor=page[-1].ban_id if len(wanted) > size else None
    )


@router.post("/guilds/{guild_id}/ip-bans/by-user")
async def ban_addresses_of(guild_id: str, body: NewBan, caller: ThisCaller) -> CreatedIpBans:
    """Ban every address from which the target has called join (IPBAN-1).

    A ban replaces one of the same address for the same target, unless that one lasts longer.
    """
    guild = caller.guild(guild_id, needs="manage_ip_bans")
    _require_sound(body)
    _require_not_outranked(caller, guild, body.target_user_id)
    _forget_expired(caller, guild)
    addresses = guild.observed_addresses.get(body.target_user_id, {})
    created = {address: _ban(caller, address, body) for address in addresses}
    kept = {
        ban_id: ban
        for ban_id, ban in guild.ip_bans.items()
        if not _is_replaced(ban, created.get(ban.address))
    }
    if len(kept) + len(created) > caller.backend.settings.limits.ip_bans_per_guild:
        raise QuotaExceeded
    if created:
        guild.ip_bans = kept | {ban.ban_id: ban for ban in created.values()}
        _announce(caller, guild, "upsert", len(created), target_id=body.target_user_id)
        membership.addresses_banned(caller.backend, guild, created, actor_id=caller.user_id)
    return CreatedIpBans(created_count=len(created), ban_ids=[ban.ban_id for ban in created.values()])


@router.delete("/guilds/{guild_id}/ip-bans/{ban_id}")
async def remove_ip_ban(guild_id: str, ban_id: str, caller: ThisCaller) -> Accepted:
    guild = caller.guild(guild_id, needs="manage_ip_bans")
    _forget_expired(caller, guild)
    ban = guild.ip_bans.pop(ban_id, None)
    if ban is None:
        raise NotFound
    _announce(caller, guild, "remove", 1, target_id=ban.source_user_id)
    return Accepted(accepted=True)


def _require_sound(body: NewBan) -> None:
    reason_ok = body.reason is None or len(body.reason) in _REASON_CHARACTERS
    expiry_ok = body.expires_in_secs is None or body.expires_in_secs in _EXPIRY_S
    if not (ULID_PATTERN.fullmatch(body.target_user_id) and reason_ok and expiry_ok):
        raise InvalidRequest


def _require_not_outranked(caller: Caller, guild: Guild, target_id: str) -> None:
    """Raise `Forbidden` for a target who is a member above the caller (IPBAN-3)."""
    target = guild.members.get(target_id)
    own = access.position(guild, caller.member(guild))
    if target is not None and access.position(guild, target) > own:
        raise Forbidden


def _ban(caller: Caller, address: str, body: NewBan) -> IpBan:
    backend = caller.backend
    now = backend.clock.unix()
    return IpBan(
        ban_id=backend.ids.ban(),
        address=address,
        source_user_id=body.target_user_id,
        reason=body.reason,
        created_at_unix=now,
        expires_at_unix=None if body.expires_in_secs is None else now + body.expires_in_secs,
    )


def _is_replaced(old: IpBan, new: IpBan | None) -> bool:
    """Whether `new`, of the same address, makes `old` superfluous."""
    if new is None or old.source_user_id != new.source_user_id:
        return False
    if old.expires_at_unix is None or new.expires_at_unix is None:
        return new.expires_at_unix is None
    return old.expires_at_unix <= new.expires_at_unix


def _shape(ban: IpBan) -> IpBanShape:
    return IpBanShape(
        ban_id=ban.ban_id,
        source_user_id=ban.source_user_id,
        reason=ban.reason,
        created_at_unix=ban.created_at_unix,
        expires_at_unix=ban.expires_at_unix,
    )


def _forget_expired(caller: Caller, guild: Guild) -> None:
    now = caller.backend.clock.wall()
    guild.ip_bans = {
        ban_id: ban
        for ban_id, ban in guild.ip_bans.items()
        if ban.expires_at_unix is None or now < ban.expires_at_unix
    }


def _announce(
    caller: Caller, guild: Guild, action: Literal["upsert", "remove"], count: int, *, target_id: str | None
) -> None:
    """Tell those who may manage IP bans, and nobody else, how many changed (LEAK-IP-2)."""
    backend = caller.backend
    audited = "add" if action == "upsert" else "remove"
    auditing.record(
        backend, guild, f"moderation.ip_ban.{audited}", actor_id=caller.user_id, target_id=target_id
    )
    event = WorkspaceIpBanSync(
        guild_id=guild.guild_id,
        summary=IpBanSummary(action=action, changed_count=count),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(
        event,
        guild=guild,
        cause=caller.user_id,
        seen_by=lambda user_id: "manage_ip_bans" in access.in_guild(guild, user_id),
    )
