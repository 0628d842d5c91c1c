"""Giving and taking roles, whichever way it is asked for: the events of both kinds are sent (MEM-12)."""

from sync_check.conformance.contract.events import (
    Event,
    WorkspaceRoleAssignmentAdd,
    WorkspaceRoleAssignmentRemove,
)
from sync_check.conformance.contract.features import Feature
from sync_check.reference_server import membership
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.guild import Guild, Member, Role


def assign(
    backend: Backend, guild: Guild, member: Member, role: Role, *, actor_id: str, legacy_first: bool = False
) -> None:
    """Give a member a role that the member does not hold, and announce it.

    With `legacy_first` a changed legacy role is told before the assignment: it is what was asked for.
    """
    before = guild.legacy_role(member)
    member.role_ids[role.role_id] = None
    event = WorkspaceRoleAssignmentAdd(
        guild_id=guild.guild_id,
        user_id=member.user_id,
        role_id=role.role_id,
        assigned_at_unix=backend.clock.unix(),
        actor_user_id=actor_id,
    )
    _announce(backend, guild, member, event, before, actor_id, legacy_first)


def unassign(
    backend: Backend, guild: Guild, member: Member, role: Role, *, actor_id: str, legacy_first: bool = False
) -> None:
    """Take a role that the member holds, and announce it; `legacy_first` as for `assign`."""
    before = guild.legacy_role(member)
    del member.role_ids[role.role_id]
    event = WorkspaceRoleAssignmentRemove(
        guild_id=guild.guild_id,
        user_id=member.user_id,
        role_id=role.role_id,
        removed_at_unix=backend.clock.unix(),
        actor_user_id=actor_id,
    )
    _announce(backend, guild, member, event, before, actor_id, legacy_first)


def _announce(
    backend: Backend,
    guild: Guild,
    member: Member,
    event: Event,
    former_role: str,
    actor_id: str,
    legacy_first: bool,
) -> None:
    guild.access_changed()

    def tell_assignment() -> None:
        if backend.settings.has(Feature.ROLES):
            backend.fanout.to_guild(event, guild=guild, cause=actor_id)

    def tell_legacy_role() -> None:
        role = guild.legacy_role(member)
        if role != former_role:
            membership.tell_legacy_role(backend, guild, member.user_id, role, actor_id=actor_id)

    told = (tell_legacy_role, tell_assignment) if legacy_first else (tell_assignment, tell_legacy_role)
    for tell in told:
        tell()
    membership.access_changed(backend, guild)
