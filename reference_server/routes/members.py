"""Members: list, add, legacy role, kick, ban, lift and leave (contract 2.4)."""

from typing import Final

from sync_check.conformance.contract.events import WorkspaceMemberBan
from sync_check.conformance.contract.permissions import MODERATOR
from sync_check.conformance.contract.shapes import Accepted, MemberEntry, MemberPage
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server import access, assignments, auditing, membership
from sync_check.reference_server.errors import Forbidden, NotFound, QuotaExceeded
from sync_check.reference_server.guild import Guild, Member
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import Body, strict_router

router = strict_router()

_ACCEPTED: Final = Accepted(accepted=True)
_DEFAULT_LIMIT: Final = 50
_MEMBERS: Final = "/guilds/{guild_id}/members"


class RolePatch(Body):
    role: LegacyRole


@router.get(_MEMBERS)
async def list_members(
    guild_id: str, caller: ThisCaller, limit: Asked = None, cursor: str | None = None
) -> MemberPage:
    """List by user id (MEM-1); the cursor is the last id of the page before (PAGE-1, PAGE-2)."""
    guild = caller.guild(guild_id)
    size = page_size(limit, caller.backend.settings.limits.members_page, default=_DEFAULT_LIMIT)
    after = "" if cursor is None else well_formed(cursor)
    rest = sorted(user_id for user_id in guild.members if user_id > after)
    page = [guild.members[user_id] for user_id in rest[:size]]
    return MemberPage(
        members=[MemberEntry(user_id=member.user_id, role_ids=list(member.role_ids)) for member in page],
        next_cursor=page[-1].user_id if len(rest) > size else None,
    )


@router.post(_MEMBERS + "/{user_id}")
async def add_member(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    guild = caller.guild(guild_id, needs="manage_member_roles")
    if well_formed(user_id) not in caller.backend.store.users:
        raise NotFound
    if user_id in guild.banned:
        raise Forbidden
    if user_id not in guild.members:
        membership.add(caller.backend, guild, user_id, actor_id=caller.user_id)
    return _ACCEPTED


@router.patch(_MEMBERS + "/{user_id}")
async def change_role(guild_id: str, user_id: str, body: RolePatch, caller: ThisCaller) -> Accepted:
    guild = caller.guild(guild_id)
    well_formed(user_id)
    if not access.may_give_role(guild, caller.member(guild), body.role):
        raise Forbidden
    target = _member(guild, user_id)
    if not access.may_give_role(guild, caller.member(guild), guild.legacy_role(target)):
        raise Forbidden
    if guild.legacy_role(target) == body.role:
        return _ACCEPTED
    is_promotion = body.role == "moderator"
    if is_promotion and len(target.role_ids) >= caller.backend.settings.limits.assignments_per_member:
        raise QuotaExceeded
    moderator = guild.seed_role(MODERATOR)
    change = assignments.assign if is_promotion else assignments.unassign
    auditing.record(caller.backend, guild, "member.role.update", actor_id=caller.user_id, target_id=user_id)
    change(caller.backend, guild, target, moderator, actor_id=caller.user_id, legacy_first=True)
    return _ACCEPTED


@router.post(_MEMBERS + "/{user_id}/kick")
async def kick(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    backend = caller.backend
    guild = caller.guild(guild_id, needs="ban_member")
    target = _member(guild, well_formed(user_id))
    if not access.outranks(guild, caller.member(guild), target):
        raise Forbidden
    auditing.record(backend, guild, "member.kick", actor_id=caller.user_id, target_id=user_id)
    membership.remove(backend, guild, user_id, "kick", actor_id=caller.user_id)
    return _ACCEPTED


@router.post(_MEMBERS + "/{user_id}/ban")
async def ban(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    """Ban a member, or one who is none (MEM-8): the ban is told before the removal (MEM-7)."""
    backend = caller.backend
    guild = caller.guild(guild_id, needs="ban_member")
    if well_formed(user_id) not in backend.store.users:
        raise NotFound
    target = guild.members.get(user_id)
    if target is not None and not access.outranks(guild, caller.member(guild), target):
        raise Forbidden
    if user_id in guild.banned:
        return _ACCEPTED
    guild.banned[user_id] = None
    auditing.record(backend, guild, "member.ban", actor_id=caller.user_id, target_id=user_id)
    _tell_ban(caller, guild, user_id)
    if target is not None:
        membership.remove(backend, guild, user_id, "ban", actor_id=caller.user_id)
    return _ACCEPTED


@router.delete("/guilds/{guild_id}/bans/{user_id}")
async def lift_ban(guild_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    """Permit a banned user to come back, without bringing the user back (MEM-11)."""
    guild = caller.guild(guild_id, needs="ban_member")
    if well_formed(user_id) not in guild.banned:
        raise NotFound
    del guild.banned[user_id]
    auditing.record(caller.backend, guild, "member.ban.lift", actor_id=caller.user_id, target_id=user_id)
    return _ACCEPTED


@router.post("/guilds/{guild_id}/leave")
async def leave(guild_id: str, caller: ThisCaller) -> Accepted:
    """End the caller's own membership (MEM-10); the only owner must stay (MEM-9)."""
    guild = caller.guild(guild_id)
    if access.is_owner(guild, caller.user_id):
        raise Forbidden  # nobody else can hold `workspace_owner` (ROLE-2), so this is the last one
    auditing.record(caller.backend, guild, "member.leave", actor_id=caller.user_id, target_id=caller.user_id)
    membership.remove(caller.backend, guild, caller.user_id, "leave", actor_id=caller.user_id)
    return _ACCEPTED


def _member(guild: Guild, user_id: str) -> Member:
    target = guild.members.get(user_id)
    if target is None:
        raise NotFound
    return target


def _tell_ban(caller: Caller, guild: Guild, user_id: str) -> None:
    event = WorkspaceMemberBan(
        guild_id=guild.guild_id,
        user_id=user_id,
        banned_at_unix=caller.backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    concerned = user_id if user_id in guild.members else None
    caller.backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, concerned=concerned)
