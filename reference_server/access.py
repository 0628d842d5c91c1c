"""What a member may do (contract 8), computed by the server on its own."""

from collections.abc import Iterable
from typing import Final

from sync_check.conformance.contract.permissions import CANONICAL_ORDER, LEGACY_RANK, Permission
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server.guild import Channel, Guild, Member, Override, Role

_NOTHING: Final[frozenset[Permission]] = frozenset()
_EVERYTHING: Final = frozenset(CANONICAL_ORDER)


def held_roles(guild: Guild, member: Member) -> list[Role]:
    """The roles that count for a member: `@everyone`, the implied seed role and the assigned ones (8.1)."""
    implied = guild.implied_role(member)
    assigned = [guild.roles[role_id] for role_id in member.role_ids if role_id != implied.role_id]
    return [guild.everyone, implied, *assigned]


def in_guild(guild: Guild, user_id: str) -> frozenset[Permission]:
    """Effective permissions at guild level; empty for who is no member (PERM-1)."""
    member = guild.members.get(user_id)
    if member is None:
        return _NOTHING
    if guild.legacy_role(member) == "owner":
        return _EVERYTHING
    return frozenset[Permission]().union(*(role.permissions for role in held_roles(guild, member)))


def in_channel(guild: Guild, channel: Channel, user_id: str) -> frozenset[Permission]:
    """Effective permissions in a channel: guild level, then three layers of overrides (8.2, PERM-1)."""
    member = guild.members.get(user_id)
    if member is None or channel.channel_id not in guild.channels:
        return _NOTHING
    effective = in_guild(guild, user_id)
    if guild.legacy_role(member) == "owner" or not channel.overrides:
        return effective
    everyone, *others = (role.role_id for role in held_roles(guild, member))
    for layer in ((everyone,), others, (user_id,)):
        effective = _through(effective, [channel.overrides.get(target) for target in layer])
    return effective


def _through(
    permissions: frozenset[Permission], overrides: Iterable[Override | None]
) -> frozenset[Permission]:
    """Apply one layer: a denial by any of its overrides beats every allowance in it."""
    present = [override for override in overrides if override is not None]
    denied = _NOTHING.union(*(override.deny for override in present))
    allowed = _NOTHING.union(*(override.allow for override in present))
    return (permissions - denied) | (allowed - denied)


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


def readable(guild: Guild, user_id: str) -> list[Channel]:
    """The channels that the user has access to, in the order of the list (CHAN-1)."""
    return [channel for channel in guild.channels.values() if can_read(guild, channel, user_id)]


def is_address_banned(guild: Guild, user_id: str, address: str, *, now_unix: float) -> bool:
    """Whether an active IP ban shuts the user out; owners are never shut out (IPBAN-2, IPBAN-3)."""
    if not guild.ip_bans:
        return False
    member = guild.members.get(user_id)
    if member is not None and guild.legacy_role(member) == "owner":
        return False
    return any(
        ban.address == address and (ban.expires_at_unix is None or now_unix < ban.expires_at_unix)
        for ban in guild.ip_bans.values()
    )


def position(guild: Guild, member: Member) -> int:
    """The highest position among the held roles (8.3)."""
    return max(role.position for role in held_roles(guild, member))


def is_owner(guild: Guild, user_id: str) -> bool:
    """Whether the user holds `workspace_owner`."""
    member = guild.members.get(user_id)
    return member is not None and guild.legacy_role(member) == "owner"


def outranks(guild: Guild, actor: Member, target: Member) -> bool:
    """Whether `actor` may kick or ban `target`: position decides (PERM-HIER-3), but for owners (MEM-9)."""
    return guild.legacy_role(target) != "owner" and position(guild, actor) > position(guild, target)


def may_give_role(guild: Guild, actor: Member, role: LegacyRole) -> bool:
    """Whether `actor` ranks above a legacy role that somebody is to get or to lose (MEM-3)."""
    return role != "owner" and LEGACY_RANK[guild.legacy_role(actor)] > LEGACY_RANK[role]


def may_place_role(guild: Guild, actor: Member, role_position: int) -> bool:
    """Whether `actor` may have a role at this position: below the own one, owners apart (ROLE-1)."""
    return guild.legacy_role(actor) == "owner" or role_position < position(guild, actor)


def may_manage_role(guild: Guild, actor: Member, role: Role) -> bool:
    """Whether `actor` may change, move, assign or delete a role (ROLE-1), never a system one (ROLE-2)."""
    return not role.is_system and may_place_role(guild, actor, role.position)
