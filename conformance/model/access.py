"""Who may do and see what: effective permissions (contract 8.2) and hierarchy (8.3).

Written from the contract alone, apart from the reference server's own rules. A member's held roles are the
seed role of the legacy role and `@everyone`; assigned roles and overrides join in `held_roles` and `_layers`.
"""

from collections.abc import Iterable

from sync_check.conformance.contract.permissions import (
    CANONICAL_ORDER,
    EVERYONE,
    LEGACY_RANK,
    ROLE_OF_LEGACY,
    WORKSPACE_OWNER,
    Permission,
    SeedRole,
)
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.world import Guild, Override

_EVERYTHING: frozenset[Permission] = frozenset(CANONICAL_ORDER)
_NOTHING: frozenset[Permission] = frozenset()


def held_roles(guild: Guild, user_id: str) -> tuple[SeedRole, ...]:
    """The roles that a member holds, the one implied by the legacy role first; none for anybody else."""
    legacy = guild.members.get(user_id)
    return () if legacy is None else (ROLE_OF_LEGACY[legacy], EVERYONE)


def guild_permissions(guild: Guild | None, user_id: str | None) -> frozenset[Permission]:
    """Effective permissions at guild level: the union over the held roles; nothing for a non-member."""
    if guild is None or user_id is None:
        return _NOTHING
    return frozenset(permission for role in held_roles(guild, user_id) for permission in role.permissions)


def channel_permissions(guild: Guild | None, channel_id: str, user_id: str | None) -> frozenset[Permission]:
    """Effective permissions in a channel; nothing for a non-member or in an unknown channel."""
    if guild is None or user_id is None or channel_id not in guild.channels or not is_member(guild, user_id):
        return _NOTHING
    if WORKSPACE_OWNER in held_roles(guild, user_id):
        return _EVERYTHING
    permissions = guild_permissions(guild, user_id)
    for layer in _layers(guild, channel_id, user_id):
        permissions = apply_layer(permissions, layer)
    return permissions


def _layers(guild: Guild, channel_id: str, user_id: str) -> tuple[tuple[Override, ...], ...]:
    """The overrides that concern a member, by layer: `@everyone`, the other held roles, the member."""
    # No operation of the contract's present slice writes an override.
    del guild, channel_id, user_id
    return ()


def apply_layer(permissions: frozenset[Permission], layer: Iterable[Override]) -> frozenset[Permission]:
    """What is left of `permissions` under the united overrides of one layer: a denial beats an allowance."""
    denied: frozenset[Permission] = frozenset()
    allowed: frozenset[Permission] = frozenset()
    for override in layer:
        denied |= override.deny
        allowed |= override.allow
    return (permissions - denied) | (allowed - denied)


def may_access(guild: Guild | None, channel_id: str, user_id: str | None) -> bool:
    """Whether a channel is visible, readable, writable and subscribable to a user (PERM-2)."""
    return "create_message" in channel_permissions(guild, channel_id, user_id)


def is_member(guild: Guild | None, user_id: str | None) -> bool:
    """Whether a user is a member of the guild."""
    return guild is not None and user_id in guild.members


def position(guild: Guild, user_id: str) -> int:
    """The highest position among a member's roles (8.3); -1 for a non-member."""
    return max((role.position for role in held_roles(guild, user_id)), default=-1)


def rank(guild: Guild, user_id: str) -> int:
    """A member's legacy rank; 0 for a non-member."""
    legacy = guild.members.get(user_id)
    return 0 if legacy is None else LEGACY_RANK[legacy]


def may_remove(guild: Guild, actor_id: str, target_id: str) -> bool:
    """Whether the actor may kick or ban a member (PERM-HIER-1 to 3, MEM-9): where both orders disagree,
    position decides."""
    if WORKSPACE_OWNER in held_roles(guild, target_id):
        return False
    return "ban_member" in guild_permissions(guild, actor_id) and (
        position(guild, actor_id) > position(guild, target_id)
    )


def may_change_legacy_role(guild: Guild, actor_id: str, target_id: str, role: LegacyRole) -> bool:
    """Whether the actor may give a member this legacy role (MEM-3)."""
    if "owner" in (role, guild.members.get(target_id)):
        return False
    return rank(guild, actor_id) > max(rank(guild, target_id), LEGACY_RANK[role])


def in_canonical_order(permissions: frozenset[Permission]) -> list[Permission]:
    """A permission set as REST lists it (CHAN-2)."""
    return [permission for permission in CANONICAL_ORDER if permission in permissions]
