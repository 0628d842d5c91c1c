"""The directory of public guilds: search and join (contract 2.4, feature `directory`)."""

from typing import Annotated, Final

from fastapi import Query

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import GuildList, JoinResult
from sync_check.reference_server import assignments, auditing, membership
from sync_check.reference_server.errors import (
    ApiError,
    InvalidRequest,
    JoinByBannedAddress,
    JoinByBannedUser,
    NotFound,
)
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import strict_router

router = strict_router()

_MAX_QUERY_BYTES: Final = 64


@router.get("/guilds/public")
async def list_public_guilds(
    caller: ThisCaller, q: Annotated[str, Query()] = "", limit: Asked = None
) -> GuildList:
    """List public guilds whose name contains `q` literally, in whatever case (GUILD-3), oldest first."""
    if len(q.encode()) > _MAX_QUERY_BYTES:
        raise InvalidRequest
    size = page_size(limit, caller.backend.settings.limits.public_guilds_page)
    wanted = q.lower()
    found = [
        guild.shape()
        for guild in caller.backend.store.guilds.values()
        if guild.visibility == "public" and wanted in guild.name.lower()
    ]
    return GuildList(guilds=found[:size])


@router.post("/guilds/{guild_id}/join")
async def join(guild_id: str, caller: ThisCaller) -> JoinResult:
    """Judge in the order visibility, user ban, IP ban, membership (JOIN-1)."""
    backend = caller.backend
    backend.rates.admit_join(user_id=caller.user_id, address=caller.address)
    guild = backend.store.guilds.get(guild_id)
    if guild is None:
        raise NotFound
    is_member = caller.user_id in guild.members
    if guild.visibility != "public" and not is_member:
        raise _rejected(caller, guild, "visibility", NotFound())  # as for an unknown guild (LEAK-JOIN-1)
    guild.observed_addresses.setdefault(caller.user_id, {})[caller.address] = None
    if caller.user_id in guild.banned:
        raise _rejected(caller, guild, "user_ban", JoinByBannedUser())
    if backend.shuts_out(guild, caller.user_id, caller.address):
        raise _rejected(caller, guild, "ip_ban", JoinByBannedAddress())
    if is_member:
        return JoinResult(guild_id=guild.guild_id, outcome="already_member")
    _accept(caller, guild)
    return JoinResult(guild_id=guild.guild_id, outcome="accepted")


def _accept(caller: Caller, guild: Guild) -> None:
    backend = caller.backend
    auditing.record(
        backend, guild, "directory.join.accepted", actor_id=caller.user_id, target_id=caller.user_id
    )
    membership.add(backend, guild, caller.user_id, actor_id=caller.user_id)
    default = guild.default_join_role_id
    if default is not None and backend.settings.has(Feature.ROLES):
        member = guild.members[caller.user_id]
        assignments.assign(backend, guild, member, guild.roles[default], actor_id=caller.user_id)  # JOIN-4


def _rejected(caller: Caller, guild: Guild, why: str, error: ApiError) -> ApiError:
    auditing.record(
        caller.backend,
        guild,
        f"directory.join.rejected.{why}",
        actor_id=caller.user_id,
        target_id=caller.user_id,
        ip_ban_match=why == "ip_ban",
    )
    return error
