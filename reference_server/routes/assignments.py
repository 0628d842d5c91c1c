"""Assigning roles to members and taking them away (contract 2.4, feature `roles`)."""

from typing import Final

from sync_check.conformance.contract.permissions import EVERYONE
from sync_check.conformance.contract.shapes import Accepted
from sync_check.reference_server import access, assignments, auditing
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound, QuotaExceeded
from sync_check.reference_server.guild import Guild, Member, Role
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.strict import strict_router

router = strict_router()

_ACCEPTED: Final = Accepted(accepted=True)
_ASSIGNMENT: Final = "/guilds/{guild_id}/roles/{role_id}/members/{user_id}"


@router.post(_ASSIGNMENT)
async def assign_role(guild_id: str, role_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    """Give a member a role; one that is held already, be it implied, changes nothing (ROLE-7, ROLE-8)."""
    guild, role, target = _asked_for(caller, guild_id, role_id, user_id)
    if role in access.held_roles(guild, target):
        return _ACCEPTED
    if len(target.role_ids) >= caller.backend.settings.limits.assignments_per_member:
        raise QuotaExceeded
    auditing.record(caller.backend, guild, "role.assign", actor_id=caller.user_id, target_id=user_id)
    assignments.assign(caller.backend, guild, target, role, actor_id=caller.user_id)
    return _ACCEPTED


@router.delete(_ASSIGNMENT)
async def unassign_role(guild_id: str, role_id: str, user_id: str, caller: ThisCaller) -> Accepted:
    """Take an assigned role from a member; one that is not assigned changes nothing (ROLE-8)."""
    guild, role, target = _asked_for(caller, guild_id, role_id, user_id)
    if role_id not in target.role_ids:
        return _ACCEPTED
    auditing.record(caller.backend, guild, "role.unassign", actor_id=caller.user_id, target_id=user_id)
    assignments.unassign(caller.backend, guild, target, role, actor_id=caller.user_id)
    return _ACCEPTED


def _asked_for(caller: Caller, guild_id: str, role_id: str, user_id: str) -> tuple[Guild, Role, Member]:
    """What the path names, if the caller may assign it there.

    Raises `NotFound` for an unknown role and for who is no member, `InvalidRequest` for `@everyone` (ROLE-2)
    and a malformed user id, and `Forbidden` for a role (ROLE-1) or a member (PERM-ESC-3) out of reach.
    """
    guild = caller.guild(guild_id, needs="manage_member_roles")
    role, target = guild.roles.get(role_id), guild.members.get(well_formed(user_id))
    if role is None or target is None:
        raise NotFound
    if role.seed == EVERYONE:
        raise InvalidRequest
    actor = caller.member(guild)
    is_in_reach = user_id == caller.user_id or access.position(guild, target) < access.position(guild, actor)
    if not is_in_reach or not access.may_manage_role(guild, actor, role):
        raise Forbidden
    return guild, role, target
