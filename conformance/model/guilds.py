"""Guilds and channels in the model: create, rename, list (contract 2.4)."""

from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import (
    CreateChannel,
    CreateGuild,
    ListChannels,
    ListGuilds,
    OwnPermissions,
    UpdateGuild,
)
from sync_check.conformance.contract.slices import CHANNELS, MESSAGES, PERMISSIONS, WORKSPACES, slice_key
from sync_check.conformance.model.access import guild_permissions
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.messages import refused_without_access
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Channel, Guild, with_entry

_LIMITS: Final = Limits()
_VISIBILITIES: Final = ("private", "public")


def _refused_name(name: str | None, most: int) -> Expectation | None:
    if name is None:
        return None
    fits = 0 < len(name) <= most and name.isascii() and name.isprintable()
    return refused_unless(fits, 400, "REST-4")


def _refused_choice(value: str | None, choices: tuple[str, ...]) -> Expectation | None:
    return refused_unless(value is None or value in choices, 422, "REST-3")


# --- guilds


def _expect_create_guild(situation: Situation, operation: CreateGuild) -> Expectation:
    owned = sum(
        guild.members.get(situation.actor or "") == "owner" for guild in situation.world.guilds.values()
    )
    # The limit in force is not part of a history, so from the default on both answers are possible.
    success = expected(200, 403) if owned >= _LIMITS.guilds_per_user else expected(200)
    return success_unless(
        success,
        _refused_name(operation.guild_name, _LIMITS.guild_name_bytes),
        _refused_choice(operation.visibility, _VISIBILITIES),
    )


def _create_guild(situation: Situation, operation: CreateGuild) -> Effect:
    if not situation.happened:
        return Effect(world=situation.world)
    answer = situation.answer
    if not isinstance(answer, shapes.Guild) or situation.actor is None:
        return Effect(world=None)
    guild = Guild(
        guild_id=answer.guild_id,
        name=operation.guild_name,
        visibility="public" if operation.visibility == "public" else "private",
        members={situation.actor: "owner"},
    )
    return Effect(world=situation.world.with_guild(guild), touched=((WORKSPACES, guild.guild_id),))


def _expect_update_guild(situation: Situation, operation: UpdateGuild) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    permitted = "manage_roles" in guild_permissions(guild, situation.actor)
    return success_unless(
        expected(200),
        refused_outsider(situation, operation.guild_id) or refused_unless(permitted, 403, "REST-6"),
        _refused_name(operation.guild_name, _LIMITS.guild_name_bytes),
        _refused_choice(operation.visibility, _VISIBILITIES),
        refused_unless(operation.guild_name is not None or operation.visibility is not None, 400, "REST-4"),
    )


def _update_guild(situation: Situation, operation: UpdateGuild) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    asked = {"name": operation.guild_name, "visibility": operation.visibility}
    given = {name: value for name, value in asked.items() if value is not None}
    if guild is None:
        world = None if situation.happened else situation.world
        return Effect(world=world, emissions=(_guild_updated(situation.standing, operation, given),))
    changes: dict[str, Any] = {name: value for name, value in given.items() if getattr(guild, name) != value}
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_guild_updated(situation.standing, operation, given),)
        )
    standing = Standing.DUE if changes else Standing.NO_OP
    return Effect(
        world=situation.world.with_guild(replace(guild, **changes)) if changes else situation.world,
        emissions=(_guild_updated(standing, operation, changes or given),),
        touched=((WORKSPACES, guild.guild_id),) if changes else (),
    )


def _guild_updated(standing: Standing, operation: UpdateGuild, changes: dict[str, Any]) -> Emission:
    identity = {"guild_id": operation.guild_id}
    if standing in (Standing.REFUSED, Standing.OPTIONAL):
        identity |= {f"updated_fields.{name}": value for name, value in changes.items()}
    return Emission(
        event=events.WorkspaceUpdate,
        standing=standing,
        identity=identity,
        updated=changes,
        surplus="GUILD-4",
        unless_changed="GUILD-4",
        guild_id=operation.guild_id,
    )


def _expect_any(_situation: Situation, _operation: ListGuilds) -> Expectation:
    return expected(200)


# --- channels


def _expect_create_channel(situation: Situation, operation: CreateChannel) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    permitted = "manage_channel_overrides" in guild_permissions(guild, situation.actor)
    return success_unless(
        expected(200),
        refused_outsider(situation, operation.guild_id) or refused_unless(permitted, 403, "REST-6"),
        _refused_name(operation.channel_name, _LIMITS.channel_name_bytes),
        _refused_choice(operation.kind, ("text", "voice")),
    )


def _create_channel(situation: Situation, operation: CreateChannel) -> Effect:
    kind = operation.kind or "text"
    stated = {"channel.name": operation.channel_name, "channel.kind": kind}
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_channel_created(situation, operation, stated, None),)
        )
    answer = situation.answer
    guild = situation.world.guilds.get(operation.guild_id)
    if not isinstance(answer, shapes.Channel) or guild is None:
        return Effect(world=None)
    channel = Channel(
        channel_id=answer.channel_id,
        name=operation.channel_name,
        kind="voice" if kind == "voice" else "text",
    )
    channels = with_entry(guild.channels, channel.channel_id, channel)
    return Effect(
        world=situation.world.with_guild(replace(guild, channels=channels)),
        emissions=(_channel_created(situation, operation, stated, channel.channel_id),),
        touched=(
            (slice_key(CHANNELS, guild.guild_id), channel.channel_id),
            (slice_key(PERMISSIONS, channel.channel_id), None),
            (slice_key(MESSAGES, channel.channel_id), None),
        ),
    )


def _channel_created(
    situation: Situation, operation: CreateChannel, stated: dict[str, str], channel_id: str | None
) -> Emission:
    known = {"channel.channel_id": channel_id} if channel_id is not None else stated
    return Emission(
        event=events.ChannelCreate,
        standing=situation.standing,
        identity={"guild_id": operation.guild_id, **known},
        stated=stated,
        guild_id=operation.guild_id,
        channel_id=channel_id,
    )


def _expect_list_channels(situation: Situation, operation: ListChannels) -> Expectation:
    return success_unless(expected(200), refused_outsider(situation, operation.guild_id))


def _expect_own_permissions(situation: Situation, operation: OwnPermissions) -> Expectation:
    return success_unless(
        expected(200), refused_without_access(situation, operation.guild_id, operation.channel_id)
    )


rule(CreateGuild, _expect_create_guild, _create_guild)
rule(ListGuilds, _expect_any)
rule(UpdateGuild, _expect_update_guild, _update_guild)
rule(CreateChannel, _expect_create_channel, _create_channel)
rule(ListChannels, _expect_list_channels)
rule(OwnPermissions, _expect_own_permissions)
