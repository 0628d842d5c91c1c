"""Who may do and see what: effective permissions (contract 8.2) and hierarchy (8.3).

Written from the contract alone, apart from the reference server's own rules.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final

from sync_check.conformance.contract.permissions import (
    CANONICAL_ORDER,
    EVERYONE,
    LEGACY_RANK,
    ROLE_OF_LEGACY,
    Permission,
)
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.world import Guild, Override, Role

_EVERYTHING: frozenset[Permission] = frozenset(CANONICAL_ORDER)
_NOTHING: frozenset[Permission] = frozenset()
_NO_OVERRIDE: Final = Override()


def held_keys(guild: Guild, user_id: str) -> tuple[str, ...]:
    """The keys of the roles that a member holds beside `@everyone`, the implied one first."""
    legacy = guild.members.get(user_id)
    if legacy is None:
        return ()
    implied = ROLE_OF_LEGACY[legacy].name
    return (implied, *sorted(guild.assigned.get(user_id, frozenset()) - {implied}))


def held_roles(guild: Guild, user_id: str) -> tuple[Role, ...]:
    """The roles that a member holds, `@everyone` the last; none for anybody else.

    A seed role that was deleted is held no more (ROLE-5).
    """
    if user_id not in guild.members:
        return ()
    keys = (*held_keys(guild, user_id), EVERYONE.name)
    return tuple(guild.roles[key] for key in keys if key in guild.roles)


def is_owner(guild: Guild, user_id: str | None) -> bool:
    """Whether a user holds `workspace_owner`, who may do everything everywhere."""
    return guild.members.get(user_id or "") == "owner"


def guild_permissions(guild: Guild | None, user_id: str | None) -> frozenset[Permission]:
    """Effective permissions at guild level: the union over the held roles; nothing for a non-member."""
    if guild is None or user_id is None:
        return _NOTHING
    known = guild.permitted.get((None, user_id))
    if known is None:
        known = guild.permitted[None, user_id] = _in_guild(guild, user_id)
    return known


def _in_guild(guild: Guild, user_id: str) -> frozenset[Permission]:
    if is_owner(guild, user_id):
        return _EVERYTHING
    return frozenset(permission for role in held_roles(guild, user_id) for permission in role.permissions)


def channel_permissions(guild: Guild | None, channel_id: str, user_id: str | None) -> frozenset[Permission]:
    """Effective permissions in a channel; nothing for a non-member or in an unknown channel."""
    if guild is None or user_id is None:
        return _NOTHING
    known = guild.permitted.get((channel_id, user_id))
    if known is None:
        known = guild.permitted[channel_id, user_id] = _in_channel(guild, channel_id, user_id)
    return known


def _in_channel(guild: Guild, channel_id: str, user_id: str) -> frozenset[Permission]:
    if channel_id not in guild.channels or not is_member(guild, user_id):
        return _NOTHING
    permissions = guild_permissions(guild, user_id)
    if is_owner(guild, user_id) or channel_id not in guild.overrides:
        return permissions
    for layer in _layers(guild, channel_id, user_id):
        permissions = apply_layer(permissions, layer)
    return permissions


def _layers(guild: Guild, channel_id: str, user_id: str) -> tuple[list[Override], ...]:
    """The overrides that concern a member, by layer: `@everyone`, the other held roles, the member."""
    written = guild.overrides.get(channel_id, {})
    layers = ((EVERYONE.name,), held_keys(guild, user_id), (user_id,))
    return tuple([written.get(target, _NO_OVERRIDE) for target in layer] for layer in layers)


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


def would_access(states: Sequence[Guild | None], channel_id: str, user_id: str | None) -> bool:
    """Whether a user would have had access to a channel that comes to be in one of the states, but earlier.

    Of operations at the same time nobody knows in which order they were carried out: whoever leaves while a
    channel is made may have been told of it.
    """
    lacking = list(takewhile(lambda state: state is None or channel_id not in state.channels, states))
    return len(lacking) < len(states) and any(
        "create_message" in guild_permissions(state, user_id) for state in lacking
    )


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


def outranks(guild: Guild, actor_id: str, target_id: str) -> bool:
    """Whether the actor stands above a member; where rank and position disagree, position decides (8.3)."""
    return position(guild, actor_id) > position(guild, target_id)


def may_place(guild: Guild, actor_id: str, at: int) -> bool:
    """Whether the actor may have a role at a position: below the actor's own, owners apart (ROLE-1)."""
    return is_owner(guild, actor_id) or at < position(guild, actor_id)


def may_change_legacy_role(guild: Guild, actor_id: str, target_id: str, role: LegacyRole) -> bool:
    """Whether the actor may give a member this legacy role (MEM-3)."""
    if "owner" in (role, guild.members.get(target_id)):
        return False
    return rank(guild, actor_id) > max(rank(guild, target_id), LEGACY_RANK[role])


def in_canonical_order(permissions: frozenset[Permission]) -> list[Permission]:
    """A permission set as REST lists it (CHAN-2)."""
    return [permission for permission in CANONICAL_ORDER if permission in permissions]
