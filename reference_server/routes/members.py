"""Members: list, add, legacy role, kick and ban (contract 2.4, feature `members`)."""

from sync_check.conformance.contract.events import (
    MemberChanges,
    WorkspaceMemberAdd,
    WorkspaceMemberBan,
    WorkspaceMemberRemove,
    WorkspaceMemberUpdate,
)
from sync_check.conformance.contract.shapes import Accepted, MemberEntry, MemberPage
from sync_check.conformance.contract.values import LegacyRole, RemovalReason
from sync_check.reference_server import access
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.store import Guild, Member

router = strict_router()

_ACCEPTED = Accepted(accepted=True)


class RolePatch(Body):
    role: LegacyRole


@router.get("/guilds/{guild_id}/members")
async def list_members(
    guild_id: str, caller: ThisCaller, limit: int = 50, cursor: str | None = None
) -> MemberPage:
    """List by user id (MEM-1); the cursor is the last id of the page before (PAGE-1, PAGE-2)."""
    guild = caller.guild(guild_id)
    if not 1 <= limit <= caller.backend.settings.limits.members_page:
        raise InvalidRequest
    after = "" if cursor is None else well_formed(cursor)
    rest = sorted(user_id for user_id in guild.members if user_id > after)
    page = rest[:limit]
    return MemberPage(
        members=[MemberEntry(user_id=user_id, role_ids=[]) for user_id in page],
        next_cursor=page[-1] if len(rest) > limit else None,
    )


@router.post("/guilds/{guild_id}/members/{user_id}")
async def add_member(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    backend = caller.backend
    guild = caller.guild(guild_id, needs="manage_member_roles")
    if well_formed(user_id) not in backend.store.users:
        raise NotFound
    if user_id in guild.banned:
        raise Forbidden
    if user_id in guild.members:
        return _ACCEPTED
    backend.store.join(guild, user_id, "member")
    event = WorkspaceMemberAdd(
        guild_id=guild.guild_id,
        user_id=user_id,
        role="member",
        joined_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, concerned=user_id)
    return _ACCEPTED


@router.patch("/guilds/{guild_id}/members/{user_id}")
async def change_role(guild_id: str, user_id: str, body: RolePatch, caller: ThisCaller) -> Accepted:
    backend = caller.backend
    guild = caller.guild(guild_id)
    well_formed(user_id)
    if not access.may_give_role(caller.member(guild), body.role):
        raise Forbidden
    target = _member(guild, user_id)
    if not access.may_give_role(caller.member(guild), target.role):
        raise Forbidden
    if target.role == body.role:
        return _ACCEPTED
    guild.put_member(user_id, body.role)
    event = WorkspaceMemberUpdate(
        guild_id=guild.guild_id,
        user_id=user_id,
        updated_fields=MemberChanges(role=body.role),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    backend.fanout.end_lost_subscriptions(guild, user_id)
    return _ACCEPTED


@router.post("/guilds/{guild_id}/members/{user_id}/kick")
async def kick(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    guild = caller.guild(guild_id, needs="ban_member")
    target = _member(guild, well_formed(user_id))
    if not access.may_remove(caller.member(guild), target):
        raise Forbidden
    _remove(caller, guild, user_id, "kick")
    return _ACCEPTED


@router.post("/guilds/{guild_id}/members/{user_id}/ban")
async def ban(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    """Ban a member, or one who is none (MEM-8): the ban is told before the removal (MEM-7)."""
    guild = caller.guild(guild_id, needs="ban_member")
    if well_formed(user_id) not in caller.backend.store.users:
        raise NotFound
    target = guild.members.get(user_id)
    if target is not None and not access.may_remove(caller.member(guild), target):
        raise Forbidden
    if user_id in guild.banned:
        return _ACCEPTED
    guild.banned[user_id] = None
    _announce_ban(caller, guild, user_id)
    if target is not None:
        _remove(caller, guild, user_id, "ban")
    return _ACCEPTED


def _member(guild: Guild, user_id: str) -> Member:
    target = guild.members.get(user_id)
    if target is None:
        raise NotFound
    return target


def _announce_ban(caller: Caller, guild: Guild, user_id: str) -> None:
    event = WorkspaceMemberBan(
        guild_id=guild.guild_id,
        user_id=user_id,
        banned_at_unix=caller.backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    concerned = user_id if user_id in guild.members else None
    caller.backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, concerned=concerned)


def _remove(caller: Caller, guild: Guild, user_id: str, reason: RemovalReason) -> None:
    """End a membership, tell the guild and the user (ACCESS-2), end the subscriptions (ACCESS-3)."""
    backend = caller.backend
    backend.store.leave(guild, user_id)
    event = WorkspaceMemberRemove(
        guild_id=guild.guild_id,
        user_id=user_id,
        reason=reason,
        removed_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, concerned=user_id)
    backend.fanout.end_lost_subscriptions(guild, user_id)
