"""What a member may do (contract 8), computed by the server on its own.

A guild-level set is the union over all held roles; a channel-level set is meant to start from it and to apply
the overrides in layers. Today nobody can create a role or an override, so roles are the seed roles.
"""

from typing import Final

from sync_check.conformance.contract.permissions import (
    CANONICAL_ORDER,
    EVERYONE,
    LEGACY_RANK,
    ROLE_OF_LEGACY,
    Permission,
    SeedRole,
)
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server.store import Channel, Guild, Member

_NOTHING: Final[frozenset[Permission]] = frozenset()


def held_roles(member: Member) -> tuple[SeedRole, ...]:
    """The roles that count for a member: `@everyone` and the one that the legacy role implies (8.1)."""
    return (EVERYONE, ROLE_OF_LEGACY[member.role])


def in_guild(guild: Guild, user_id: str) -> frozenset[Permission]:
    """Effective permissions at guild level; empty for who is no member (PERM-1)."""
    member = guild.members.get(user_id)
    if member is None:
        return _NOTHING
    return frozenset(permission for role in held_roles(member) for permission in role.permissions)


def in_channel(guild: Guild, channel: Channel, user_id: str) -> frozenset[Permission]:
    """Effective permissions in a channel (PERM-1); without overrides every channel is like its guild."""
    if channel.channel_id not in guild.channels:
        return _NOTHING
    return in_guild(guild, user_id)


def can_read(guild: Guild, channel: Channel, user_id: str) -> bool:
    """Whether the user has access to the channel: sees, reads, writes and subscribes (PERM-2).

    Fan-out asks this for every connection and event, so conclusions about members are kept in the channel
    until something changes.
    """
    if user_id not in guild.members:
        return False
    known = channel.readers.get(user_id)
    if known is None:
        known = channel.readers[user_id] = "create_message" in in_channel(guild, channel, user_id)
    return known


def in_canonical_order(permissions: frozenset[Permission]) -> list[Permission]:
    return [permission for permission in CANONICAL_ORDER if permission in permissions]


def position(member: Member) -> int:
    """The highest position among the held roles (8.3)."""
    return max(role.position for role in held_roles(member))


def may_remove(actor: Member, target: Member) -> bool:
    """Whether the rank lets `actor` kick or ban `target`: position decides (PERM-HIER-1 to 3, MEM-9)."""
    return target.role != "owner" and position(actor) > position(target)


def may_give_role(actor: Member, role: LegacyRole) -> bool:
    """Whether `actor` ranks above a legacy role that somebody is to get or to lose (MEM-3)."""
    return role != "owner" and LEGACY_RANK[actor.role] > LEGACY_RANK[role]
