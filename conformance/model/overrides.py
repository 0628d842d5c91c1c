"""Channel overrides in the model, in both forms (contract 2.4)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import OverridePermission, OverrideRole
from sync_check.conformance.contract.permissions import CANONICAL_ORDER, ROLE_OF_LEGACY, Permission
from sync_check.conformance.contract.values import ULID_PATTERN, LegacyRole
from sync_check.conformance.model.access import channel_permissions, in_canonical_order, is_member, is_owner
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.roles import is_obscure
from sync_check.conformance.model.touching import access_touches
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    better_refused_unless,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Guild, Override, with_entry, without_entry

_Asked = OverrideRole | OverridePermission
_LEGACY: Final[Mapping[str, LegacyRole]] = {role: role for role in ROLE_OF_LEGACY}
_KNOWN: Final[Mapping[str, Permission]] = {name: name for name in CANONICAL_ORDER}


_SPLIT: Final = 2
"""The revision that gave each form a name of its own (EVT-5)."""


# --- who may, and what


def _expect_role(situation: Situation, operation: OverrideRole) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    return success_unless(
        expected(200),
        _refused_channel(situation, operation)
        or refused_unless(guild is not None and is_owner(guild, situation.actor), 403, "REST-6"),
        refused_unless(operation.role in _LEGACY, 400, "OVR-2"),
        *_refused_lists(situation, operation),
    )


def _expect_permission(situation: Situation, operation: OverridePermission) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    held = channel_permissions(guild, operation.channel_id, situation.actor)
    return success_unless(
        expected(200),
        _refused_channel(situation, operation)
        or refused_unless("manage_channel_overrides" in held, 403, "REST-6"),
        _refused_target(guild, operation),
        *_refused_lists(situation, operation),
    )


def _refused_channel(situation: Situation, operation: _Asked) -> Expectation | None:
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    if not ULID_PATTERN.fullmatch(operation.channel_id):
        return expected(400, 403, 404)
    if operation.channel_id in situation.world.guilds[operation.guild_id].channels:
        return None
    # Who may not write overrides anywhere can be told so before the channel is looked for.
    return expected(403, 404)


def _refused_target(guild: Guild | None, operation: OverridePermission) -> Expectation | None:
    target_id = operation.target_id
    if operation.target_kind not in ("role", "member"):
        return expected(400, requirement="OVR-2")
    if not ULID_PATTERN.fullmatch(target_id):
        return expected(400, 404, requirement="OVR-6")
    if guild is None or is_obscure(guild, [target_id] if operation.target_kind == "role" else []):
        return None
    is_role = operation.target_kind == "role"
    known = guild.role(target_id) is not None if is_role else is_member(guild, target_id)
    return better_refused_unless(known, 404, "OVR-6")


def _refused_lists(situation: Situation, operation: _Asked) -> tuple[Expectation | None, ...]:
    guild = situation.world.guilds.get(operation.guild_id)
    held = channel_permissions(guild, operation.channel_id, situation.actor)
    named = {*operation.allow, *operation.deny}
    return (
        refused_unless(named <= _KNOWN.keys(), 422, "OVR-2"),
        refused_unless(not set(operation.allow) & set(operation.deny), 400, "OVR-2"),
        better_refused_unless(_permissions(operation.allow) <= held, 403, "PERM-ESC-2"),
    )


# --- what it does


def _override(situation: Situation, operation: _Asked) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    written = Override(allow=_permissions(operation.allow), deny=_permissions(operation.deny))
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=_told(situation, situation.standing, operation, written)
        )
    target = _target(guild, operation)
    if guild is None or target is None or operation.channel_id not in guild.channels:
        return Effect(world=None, emissions=_told(situation, Standing.OPTIONAL, operation, written))
    before = guild.overrides.get(operation.channel_id, {})
    if before.get(target, Override()) == written:
        return Effect(
            world=situation.world, emissions=_told(situation, Standing.NO_OP, operation, written, target)
        )
    after = without_entry(before, target) if written == Override() else with_entry(before, target, written)
    changed = replace(guild, overrides=with_entry(guild.overrides, operation.channel_id, after))
    return Effect(
        world=situation.world.with_guild(changed),
        emissions=_told(situation, Standing.DUE, operation, written, target),
        touched=access_touches(guild),
    )


def _permissions(names: list[str]) -> frozenset[Permission]:
    return frozenset(_KNOWN[name] for name in names if name in _KNOWN)


def _target(guild: Guild | None, operation: _Asked) -> str | None:
    """Where the override is kept; None if the model cannot say whose it is."""
    if isinstance(operation, OverrideRole):
        legacy = _LEGACY.get(operation.role)
        return None if legacy is None else ROLE_OF_LEGACY[legacy].name
    if operation.target_kind == "member" or guild is None:
        return operation.target_id
    role = guild.role(operation.target_id)
    if role is not None:
        return role.key
    return None if is_obscure(guild, [operation.target_id]) else operation.target_id


# --- what is told of it


def _told(
    situation: Situation,
    standing: Standing,
    operation: _Asked,
    written: Override,
    target: str | None = None,
) -> tuple[Emission, ...]:
    """The event under the name of its form; the single name besides, where both may be sent (10.2)."""
    single = events.WorkspaceChannelOverrideUpdate
    if situation.revision < _SPLIT:
        return (_event(single, standing, operation, written, target),)
    split = (
        events.WorkspaceChannelRoleOverrideUpdate
        if isinstance(operation, OverrideRole)
        else events.WorkspaceChannelPermissionOverrideUpdate
    )
    told, beside = _event(split, standing, operation, written, target), standing
    if standing is Standing.DUE:
        beside = Standing.OPTIONAL if situation.migration_window else Standing.NO_OP
    former = _event(single, beside, operation, written)
    if not situation.migration_window and situation.happened:
        former = replace(former, unless_changed="EVT-5")
    return told, former


def _event(
    event: type[events.Event],
    standing: Standing,
    operation: _Asked,
    written: Override,
    target: str | None = None,
) -> Emission:
    identity: dict[str, Any] = {"guild_id": operation.guild_id, "channel_id": operation.channel_id}
    if isinstance(operation, OverrideRole):
        identity["role"] = operation.role
    else:
        identity |= {"target_kind": operation.target_kind, "target_id": operation.target_id}
    updated = {"allow": in_canonical_order(written.allow), "deny": in_canonical_order(written.deny)}
    return Emission(
        event=event,
        standing=standing,
        identity=identity,
        updated=updated,
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
        sets=None if target is None else ("override", operation.channel_id, target),
    )


rule(OverrideRole, _expect_role, _override)
rule(OverridePermission, _expect_permission, _override)
