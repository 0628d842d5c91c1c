"""What follows when somebody joins, leaves, loses access or goes offline: the same for every cause."""

from collections.abc import Collection

from sync_check.conformance.contract.events import (
    MemberChanges,
    PresenceUpdate,
    WorkspaceMemberAdd,
    WorkspaceMemberRemove,
    WorkspaceMemberUpdate,
)
from sync_check.conformance.contract.values import LegacyRole, PresenceStatus, RemovalReason
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.connections import Connection
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.voice import attendance


def add(backend: Backend, guild: Guild, user_id: str, *, actor_id: str) -> None:
    """Make a user a member and announce it, to the user's every session too (SCOPE-8)."""
    backend.store.join(guild, user_id)
    event = WorkspaceMemberAdd(
        guild_id=guild.guild_id,
        user_id=user_id,
        role="member",
        joined_at_unix=backend.clock.unix(),
        actor_user_id=actor_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=actor_id, concerned=user_id)


def remove(backend: Backend, guild: Guild, user_id: str, reason: RemovalReason, *, actor_id: str) -> None:
    """End a membership: the removal is told first, then what follows of it (MEM-5, VOICE-5, PRES-6)."""
    backend.store.leave(guild, user_id)
    event = WorkspaceMemberRemove(
        guild_id=guild.guild_id,
        user_id=user_id,
        reason=reason,
        removed_at_unix=backend.clock.unix(),
        actor_user_id=actor_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=actor_id, concerned=user_id)
    attendance.depart_from_guild(backend, guild, user_id)
    if backend.presence.remove(guild.guild_id, user_id):
        tell_presence(backend, guild, user_id, "offline", cause=actor_id)
    backend.fanout.end_lost_subscriptions(guild)


def tell_legacy_role(
    backend: Backend, guild: Guild, user_id: str, role: LegacyRole, *, actor_id: str
) -> None:
    """Announce a changed legacy role (MEM-4)."""
    event = WorkspaceMemberUpdate(
        guild_id=guild.guild_id,
        user_id=user_id,
        updated_fields=MemberChanges(role=role),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=actor_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=actor_id)


def access_changed(backend: Backend, guild: Guild) -> None:
    """End what somebody lost by a change of roles, assignments or overrides; call it after its event.

    Subscriptions end for good (ACCESS-4, ACCESS-6), and voice participants depart (VOICE-6).
    """
    backend.fanout.end_lost_subscriptions(guild)
    attendance.depart_without_access(backend, guild)


def addresses_banned(backend: Backend, guild: Guild, addresses: Collection[str], *, actor_id: str) -> None:
    """End what connections from newly banned addresses have in a guild; call it after the ban's event.

    Subscriptions and presence end for good: once the ban is gone, a client subscribes anew instead of going
    on with a gap that it knows nothing of (ACCESS-6, ACCESS-8).
    """
    shut_out = {
        connection: None
        for connection in backend.connections.all()
        if connection.address in addresses
        and backend.shuts_out(guild, connection.user_id, connection.address)
    }
    backend.connections.end_subscriptions(guild.guild_id, lambda connection, _: connection in shut_out)
    here = [connection for connection in shut_out if guild.guild_id in connection.present_in]
    gone = [one.user_id for one in here if backend.presence.leave(one, guild.guild_id)]
    for user_id in gone:
        tell_presence(backend, guild, user_id, "offline", cause=actor_id)


def connection_ended(backend: Backend, connection: Connection) -> None:
    """Tell what ended with a user's last connection: the voice participation, and presence (PRES-3)."""
    attendance.depart_if_gone(backend, connection.user_id)
    for guild_id in backend.presence.end(connection):
        guild = backend.store.guilds[guild_id]
        tell_presence(backend, guild, connection.user_id, "offline", cause=connection.user_id)


def tell_presence(
    backend: Backend, guild: Guild, user_id: str, status: PresenceStatus, *, cause: str
) -> None:
    """Tell a guild that a user came online or went offline."""
    event = PresenceUpdate(guild_id=guild.guild_id, user_id=user_id, status=status)
    backend.fanout.to_guild(event, guild=guild, cause=cause)
