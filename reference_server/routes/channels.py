"""Channels: list, create, rename, delete, reorder (contract 2.4), each change a feature of its own."""

from typing import Final

from sync_check.conformance.contract.events import (
    ChannelChanges,
    ChannelCreate,
    ChannelDelete,
    ChannelReorder,
    ChannelUpdate,
    Event,
)
from sync_check.conformance.contract.shapes import Accepted, Channel, ChannelList, OwnPermissions
from sync_check.conformance.contract.values import ChannelKind
from sync_check.reference_server import access, auditing, uploads
from sync_check.reference_server import guild as guilds
from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.routes.caller import ThisCaller
from sync_check.reference_server.routes.guilds import require_name
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText, Text
from sync_check.reference_server.voice import attendance

router = strict_router()

_ACCEPTED: Final = Accepted(accepted=True)
_CHANNELS: Final = "/guilds/{guild_id}/channels"
_MANAGE: Final = "manage_channel_overrides"


class NewChannel(Body):
    name: Text
    kind: ChannelKind = "text"


class ChannelPatch(Body):
    name: OptionalText = None


class NewOrder(Body):
    channel_ids: list[Text]


@router.get(_CHANNELS)
async def list_channels(guild_id: str, caller: ThisCaller) -> ChannelList:
    guild = caller.content(guild_id)
    visible = access.readable(guild, caller.user_id)
    listed = visible[: caller.backend.settings.limits.listed_channels]
    return ChannelList(channels=[channel.shape() for channel in listed])


@router.post(_CHANNELS)
async def create_channel(guild_id: str, body: NewChannel, caller: ThisCaller) -> Channel:
    backend = caller.backend
    guild = caller.content(guild_id, needs=_MANAGE)
    require_name(body.name, backend.settings.limits.channel_name_bytes)
    channel = guilds.Channel(channel_id=backend.ids.channel(), name=body.name, kind=body.kind)
    guild.channels[channel.channel_id] = channel

    def can_read(user_id: str) -> bool:
        return access.can_read(guild, channel, user_id)

    event = ChannelCreate(guild_id=guild.guild_id, channel=channel.shape())
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, seen_by=can_read)
    return channel.shape()


@router.post(_CHANNELS + "/reorder")
async def reorder_channels(guild_id: str, body: NewOrder, caller: ThisCaller) -> Accepted:
    """Put the named channels first; each receiver is told its own list (CHAN-6, CHAN-7)."""
    backend = caller.backend
    guild = caller.guild(guild_id, needs=_MANAGE)
    limit = backend.settings.limits.listed_channels
    named = dict.fromkeys(body.channel_ids)
    if not 1 <= len(body.channel_ids) <= limit or len(named) != len(body.channel_ids):
        raise InvalidRequest
    for channel_id in named:
        channel = guild.channels.get(channel_id)
        if channel is None or not access.can_read(guild, channel, caller.user_id):
            raise InvalidRequest  # unknown and hidden alike (LEAK-READ-1)
    ordered = {channel_id: guild.channels[channel_id] for channel_id in {**named, **guild.channels}}
    if list(ordered) == list(guild.channels):
        return _ACCEPTED
    now = backend.clock.unix()

    def told(channel_ids: list[str]) -> Event:
        return ChannelReorder(
            guild_id=guild.guild_id,
            channel_ids=channel_ids[:limit],
            updated_at_unix=now,
            actor_user_id=caller.user_id,
        )

    if not backend.fanout.is_deliverable(told(list(ordered))):
        raise InvalidRequest  # LIMIT-SIZE-2
    guild.channels = ordered
    auditing.record(backend, guild, "channel.reorder", actor_id=caller.user_id)

    def view_of(user_id: str) -> Event:
        return told([channel.channel_id for channel in access.readable(guild, user_id)])

    backend.fanout.to_guild_by_view(guild, caller.user_id, view_of=view_of)
    return _ACCEPTED


@router.patch(_CHANNELS + "/{channel_id}")
async def update_channel(guild_id: str, channel_id: str, body: ChannelPatch, caller: ThisCaller) -> Channel:
    backend = caller.backend
    guild = caller.guild(guild_id)
    channel = caller.managed_channel(guild, channel_id)
    if body.name is None:
        raise InvalidRequest
    require_name(body.name, backend.settings.limits.channel_name_bytes)
    if body.name == channel.name:
        return channel.shape()
    channel.name = body.name
    auditing.record(backend, guild, "channel.update", actor_id=caller.user_id)
    event = ChannelUpdate(
        guild_id=guild.guild_id,
        channel_id=channel_id,
        updated_fields=ChannelChanges(name=body.name),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(
        event,
        guild=guild,
        cause=caller.user_id,
        seen_by=lambda user_id: access.can_read(guild, channel, user_id),
    )
    return channel.shape()


@router.delete(_CHANNELS + "/{channel_id}")
async def delete_channel(guild_id: str, channel_id: str, caller: ThisCaller) -> Accepted:
    """Delete a channel with all that is in it; who could read it is told as the last thing (CHAN-5)."""
    backend = caller.backend
    guild = caller.guild(guild_id)
    channel = caller.managed_channel(guild, channel_id)
    attendance.close(backend, channel)
    readers = backend.fanout.readers(guild, channel)
    uploads.forget_all(backend, channel)
    del guild.channels[channel_id]
    auditing.record(backend, guild, "channel.delete", actor_id=caller.user_id)
    event = ChannelDelete(
        guild_id=guild.guild_id,
        channel_id=channel_id,
        deleted_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(
        event, guild=guild, cause=caller.user_id, seen_by=lambda user_id: user_id in readers
    )
    backend.fanout.end_lost_subscriptions(guild)
    return _ACCEPTED


@router.get(_CHANNELS + "/{channel_id}/permissions/self")
async def own_permissions(guild_id: str, channel_id: str, caller: ThisCaller) -> OwnPermissions:
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    effective = access.in_channel(guild, channel, caller.user_id)
    return OwnPermissions(
        role=guild.legacy_role(caller.member(guild)), permissions=guilds.in_canonical_order(effective)
    )
