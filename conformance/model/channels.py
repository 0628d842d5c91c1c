"""Channels in the model: list, create, rename, delete, reorder, own permissions (contract 2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.operations import (
    CreateChannel,
    DeleteChannel,
    ListChannels,
    Operation,
    OwnPermissions,
    ReorderChannels,
    UpdateChannel,
)
from sync_check.conformance.contract.slices import CHANNELS, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import channel_permissions, may_access
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.guilds import refused_choice, refused_name
from sync_check.conformance.model.membership import refused_without
from sync_check.conformance.model.messages import refused_without_access
from sync_check.conformance.model.touching import changes_access, channel_touches
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
from sync_check.conformance.model.world import Channel, Guild, World, with_entry, without_entry


def _expect_list(situation: Situation, operation: ListChannels) -> Expectation:
    return success_unless(expected(200), refused_outsider(situation, operation.guild_id))


def _expect_own_permissions(situation: Situation, operation: OwnPermissions) -> Expectation:
    return success_unless(
        expected(200), refused_without_access(situation, operation.guild_id, operation.channel_id)
    )


# --- create


def _expect_create(situation: Situation, operation: CreateChannel) -> Expectation:
    return success_unless(
        expected(200),
        refused_without(situation, operation.guild_id, "manage_channel_overrides"),
        refused_name(operation.channel_name, situation.limits.channel_name_bytes),
        refused_choice(operation.kind, ("text", "voice")),
    )


def _create(situation: Situation, operation: CreateChannel) -> Effect:
    kind = operation.kind or "text"
    stated = {"channel.name": operation.channel_name, "channel.kind": kind}
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_created(situation, operation, stated, None),))
    answer = situation.answer
    guild = situation.world.guilds.get(operation.guild_id)
    if not isinstance(answer, shapes.Channel) or guild is None:
        return Effect(world=None)
    channel = Channel(
        channel_id=answer.channel_id,
        name=operation.channel_name,
        kind="voice" if kind == "voice" else "text",
        asked_at=situation.asked_at,
        answered_at=situation.answered_at,
    )
    at_once = frozenset(
        frozenset((channel.channel_id, other.channel_id))
        for other in guild.channels.values()
        if other.answered_at > channel.asked_at
    )
    channels = with_entry(guild.channels, channel.channel_id, channel)
    made = replace(guild, channels=channels, unordered=guild.unordered | at_once)
    return Effect(
        world=situation.world.with_guild(made),
        emissions=(_created(situation, operation, stated, channel.channel_id),),
        touched=(
            (slice_key(CHANNELS, guild.guild_id), channel.channel_id),
            *channel_touches(channel.channel_id),
        ),
    )


def _created(
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


# --- rename and delete


def _refused_manager(situation: Situation, operation: UpdateChannel | DeleteChannel) -> Expectation | None:
    """The refusal of whoever lacks `manage_channel_overrides` in the channel, and of an unknown channel."""
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    if not ULID_PATTERN.fullmatch(operation.channel_id):
        return expected(400, 403, 404)
    if operation.channel_id not in guild.channels:
        permitted = "manage_channel_overrides" in channel_permissions(guild, "", situation.actor)
        return expected(404, *(() if permitted else (403,)), requirement="CHAN-5")
    held = channel_permissions(guild, operation.channel_id, situation.actor)
    return refused_unless("manage_channel_overrides" in held, 403, "REST-6")


def _expect_update(situation: Situation, operation: UpdateChannel) -> Expectation:
    return success_unless(
        expected(200),
        _refused_manager(situation, operation),
        refused_name(operation.channel_name, situation.limits.channel_name_bytes),
        refused_unless(operation.channel_name is not None, 400, "REST-4"),
    )


def _update(situation: Situation, operation: UpdateChannel) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    channel = guild.channels.get(operation.channel_id) if guild is not None else None
    name = operation.channel_name
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_updated(situation.standing, operation),))
    if guild is None or channel is None or name is None:
        return Effect(world=None, emissions=(_updated(Standing.OPTIONAL, operation),))
    if channel.name == name:
        return Effect(world=situation.world, emissions=(_updated(Standing.NO_OP, operation),))
    renamed = with_entry(guild.channels, channel.channel_id, replace(channel, name=name))
    return Effect(
        world=situation.world.with_guild(replace(guild, channels=renamed)),
        emissions=(_updated(Standing.DUE, operation),),
        touched=((slice_key(CHANNELS, guild.guild_id), channel.channel_id),),
    )


def _updated(standing: Standing, operation: UpdateChannel) -> Emission:
    identity = {"guild_id": operation.guild_id, "channel_id": operation.channel_id}
    if standing in (Standing.REFUSED, Standing.OPTIONAL):
        identity["updated_fields.name"] = operation.channel_name or ""
    return Emission(
        event=events.ChannelUpdate,
        standing=standing,
        identity=identity,
        updated={"name": operation.channel_name},
        surplus="CHAN-4",
        unless_changed="CHAN-4",
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
    )


def _expect_delete(situation: Situation, operation: DeleteChannel) -> Expectation:
    return success_unless(expected(200), _refused_manager(situation, operation))


def _delete(situation: Situation, operation: DeleteChannel) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    emission = Emission(
        event=events.ChannelDelete,
        standing=situation.standing,
        identity={"guild_id": operation.guild_id, "channel_id": operation.channel_id},
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
    )
    if not situation.happened:
        return Effect(world=situation.world, emissions=(emission,))
    if guild is None or operation.channel_id not in guild.channels:
        return Effect(world=None, emissions=(emission,))
    return Effect(
        world=_without_channel(situation.world, guild, operation.channel_id),
        emissions=(emission,),
        touched=(
            (slice_key(CHANNELS, guild.guild_id), operation.channel_id),
            *channel_touches(operation.channel_id),
        ),
    )


def _without_channel(world: World, guild: Guild, channel_id: str) -> World:
    """The world without a channel and all that is in it (CHAN-5)."""
    gone = world.messages_of(channel_id)
    rest = replace(
        guild,
        channels=without_entry(guild.channels, channel_id),
        overrides=without_entry(guild.overrides, channel_id),
    )
    return replace(
        world.with_guild(rest),
        messages=without_entry(world.messages, channel_id),
        reactions={key: value for key, value in world.reactions.items() if key not in gone},
        attachments={
            key: value for key, value in world.attachments.items() if value.channel_id != channel_id
        },
    )


# --- reorder


def _expect_reorder(situation: Situation, operation: ReorderChannels) -> Expectation:
    refused = refused_without(situation, operation.guild_id, "manage_channel_overrides")
    guild = situation.world.guilds.get(operation.guild_id)
    ids = operation.channel_ids
    visible = all(may_access(guild, channel_id, situation.actor) for channel_id in ids)
    sound = 0 < len(ids) <= situation.limits.listed_channels
    return success_unless(
        expected(200),
        refused,
        refused_unless(visible and len(set(ids)) == len(ids), 400, "CHAN-6"),
        refused_unless(sound, 400, "REST-4"),
    )


def _reorder(situation: Situation, operation: ReorderChannels) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_reordered(situation.standing, operation.guild_id, None),)
        )
    if guild is None or not set(operation.channel_ids) <= guild.channels.keys():
        return Effect(world=None, emissions=(_reordered(Standing.OPTIONAL, operation.guild_id, None),))
    order = in_new_order(guild.channels, operation.channel_ids)
    changed = replace(
        guild,
        channels={channel_id: guild.channels[channel_id] for channel_id in order},
        unordered=frozenset(pair for pair in guild.unordered if pair.isdisjoint(operation.channel_ids)),
    )
    if guild.unordered:
        # Nobody knows whether that was the order before, nor the order of all.
        effect = (_reordered(Standing.OPTIONAL, guild.guild_id, None),)
        touched = ((slice_key(CHANNELS, guild.guild_id), None),)
        return Effect(world=situation.world.with_guild(changed), emissions=effect, touched=touched)
    standing = Standing.NO_OP if order == list(guild.channels) else Standing.DUE
    # What happened at the same time may have changed which channels there are to list for somebody.
    certain = not any(_changes_list(other, guild.guild_id) for _, other in situation.beside)
    return Effect(
        world=situation.world if standing is Standing.NO_OP else situation.world.with_guild(changed),
        emissions=(_reordered(standing, guild.guild_id, changed if certain else None),),
        touched=() if standing is Standing.NO_OP else ((slice_key(CHANNELS, guild.guild_id), None),),
    )


def _changes_list(operation: Operation, guild_id: str) -> bool:
    if isinstance(operation, CreateChannel | DeleteChannel):
        return operation.guild_id == guild_id
    return changes_access(operation, guild_id)


def in_new_order(channels: Mapping[str, Channel], named: Sequence[str]) -> list[str]:
    """The named channels first, the rest in its former order (CHAN-6)."""
    return [*named, *(channel_id for channel_id in channels if channel_id not in named)]


def _reordered(standing: Standing, guild_id: str, guild: Guild | None) -> Emission:
    def listed(user_id: str) -> dict[str, Any]:
        if guild is None:
            return {}  # nobody knows what each is told, and it need not be the same
        return {"channel_ids": [channel for channel in guild.channels if may_access(guild, channel, user_id)]}

    return Emission(
        event=events.ChannelReorder,
        standing=standing,
        identity={"guild_id": guild_id},
        requirement="CHAN-7",
        personal=listed,
        guild_id=guild_id,
    )


rule(ListChannels, _expect_list)
rule(CreateChannel, _expect_create, _create)
rule(UpdateChannel, _expect_update, _update)
rule(DeleteChannel, _expect_delete, _delete)
rule(ReorderChannels, _expect_reorder, _reorder)
rule(OwnPermissions, _expect_own_permissions)
