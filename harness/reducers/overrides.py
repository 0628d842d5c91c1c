"""Steps of a guild: overrides, and which target a role form means (contract 9.2, OVR-4, COMPAT-3)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.permissions import ROLE_OF_LEGACY
from sync_check.conformance.contract.values import LegacyRole
from sync_check.harness.state import Guild, Override, put, without

_Told = (
    events.WorkspaceChannelOverrideUpdate
    | events.WorkspaceChannelRoleOverrideUpdate
    | events.WorkspaceChannelPermissionOverrideUpdate
)


def target_of(guild: Guild, role: LegacyRole | None, kind: str | None, target_id: str | None) -> str:
    """The key of an override's target: `role:<id>` or `member:<id>`.

    A role form stands for the seed role of that name and has its key; while no such role is known it is
    the legacy role's name alone.
    """
    if role is None:
        return f"{kind}:{target_id}"
    seed = _seed_role_id(guild, role)
    return role if seed is None else f"role:{seed}"


def override_update(guild: Guild, event: _Told) -> Guild:
    """Replace the target's override in a held channel; two empty lists drop it."""
    if not guild.has_channel(event.channel_id):
        return guild
    target = target_of(
        guild,
        getattr(event, "role", None),
        getattr(event, "target_kind", None),
        getattr(event, "target_id", None),
    )
    told = event.updated_fields
    override = Override(allow=tuple(told.allow), deny=tuple(told.deny))
    # Removed first, so that the order is that of the last writes.
    kept = without(guild.overrides.get(event.channel_id, {}), target)
    changed = put(kept, target, override) if override.allow or override.deny else kept
    return _with_channel(guild, event.channel_id, changed)


def without_role(guild: Guild, role_id: str) -> Guild:
    """The guild without the overrides of a role, in all channels."""
    for channel_id, targets in guild.overrides.items():
        guild = _with_channel(guild, channel_id, without(targets, f"role:{role_id}"))
    return guild


def resolved(guild: Guild) -> Guild:
    """The guild whose roles became known: what role forms wrote before goes to the seed roles.

    Where both forms wrote, the later one wins.
    """
    keys: dict[str, str] = {name: target_of(guild, name, None, None) for name in ROLE_OF_LEGACY}
    for channel_id, targets in guild.overrides.items():
        if targets.keys() & keys.keys():
            merged = {keys.get(target, target): override for target, override in targets.items()}
            guild = _with_channel(guild, channel_id, merged)
    return guild


def _with_channel(guild: Guild, channel_id: str, targets: Mapping[str, Override]) -> Guild:
    held = guild.overrides.get(channel_id, {})
    if [*targets.items()] == [*held.items()]:
        return guild
    kept = without(guild.overrides, channel_id)
    return replace(guild, overrides=put(kept, channel_id, targets) if targets else kept)


def _seed_role_id(guild: Guild, legacy: LegacyRole) -> str | None:
    """The seed role that a role form stands for; of several roles of that name the oldest (ROLE-9)."""
    seed = ROLE_OF_LEGACY[legacy]
    return min(
        (
            role_id
            for role_id, role in (guild.roles or {}).items()
            if role.name == seed.name and role.is_system == seed.is_system
        ),
        default=None,
    )


STEPS: Final[Mapping[type[events.Event], Callable[[Guild, Any], Guild]]] = {
    events.WorkspaceChannelOverrideUpdate: override_update,
    events.WorkspaceChannelRoleOverrideUpdate: override_update,
    events.WorkspaceChannelPermissionOverrideUpdate: override_update,
}
"""Both namings: revision 1 and revision 2."""
