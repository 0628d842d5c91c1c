"""Giving and taking roles, whichever way it is asked for: the events of both kinds are sent (MEM-12)."""

from sync_check.conformance.contract.events import WorkspaceRoleAssignmentAdd, WorkspaceRoleAssignmentRemove
from sync_check.conformance.contract.features import Feature
from sync_check.reference_server import membership
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.guild import Guild, Member, Role


def assign(backend: Backend, guild: Guild, member: Member, role: Role, *, actor_id: str) -> None:
    """Give a member a role that the member does not hold, and announce it."""
    before = guild.legacy_role(member)
    member.role_ids[role.role_id] = None
    guild.access_changed()
    if backend.settings.has(Feature.ROLES):
        event = WorkspaceRoleAssignmentAdd(
            guild_id=guild.guild_id,
            user_id=member.user_id,
            role_id=role.role_id,
            assigned_at_unix=backend.clock.unix(),
            actor_user_id=actor_id,
        )
        backend.fanout.to_guild(event, guild=guild, cause=actor_id)
    _tell_consequences(backend, guild, member, before, actor_id)


def unassign(backend: Backend, guild: Guild, member: Member, role: Role, *, actor_id: str) -> None:
    """Take a role that the member holds, and announce it."""
    before = guild.legacy_role(member)
    del member.role_ids[role.role_id]
    guild.access_changed()
    if backend.settings.has(Feature.ROLES):
        event = WorkspaceRoleAssignmentRemove(
            guild_id=guild.guild_id,
            user_id=member.user_id,
            role_id=role.role_id,
            removed_at_unix=backend.clock.unix(),
            actor_user_id=actor_id,
        )
        backend.fanout.to_guild(event, guild=guild, cause=actor_id)
    _tell_consequences(backend, guild, member, before, actor_id)


def _tell_consequences(
    backend: Backend, guild: Guild, member: Member, former_role: str, actor_id: str
) -> None:
    role = guild.legacy_role(member)
    if role != former_role:
        membership.tell_legacy_role(backend, guild, member.user_id, role, actor_id=actor_id)
    membership.access_changed(backend, guild)
