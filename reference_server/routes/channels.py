"""Channels (contract 2.4; POST is feature `channels.create`)."""

from sync_check.conformance.contract.events import ChannelCreate
from sync_check.conformance.contract.shapes import Channel, ChannelList, OwnPermissions
from sync_check.conformance.contract.values import ChannelKind
from sync_check.reference_server import access
from sync_check.reference_server import guild as guilds
from sync_check.reference_server.routes.caller import ThisCaller
from sync_check.reference_server.routes.guilds import require_name
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import Text

router = strict_router()


class NewChannel(Body):
    name: Text
    kind: ChannelKind = "text"


@router.get("/guilds/{guild_id}/channels")
async def list_channels(guild_id: str, caller: ThisCaller) -> ChannelList:
    guild = caller.content(guild_id)
    visible = [
        channel.shape()
        for channel in guild.channels.values()
        if access.can_read(guild, channel, caller.user_id)
    ]
    return ChannelList(channels=visible[: caller.backend.settings.limits.listed_channels])


@router.post("/guilds/{guild_id}/channels")
async def create_channel(guild_id: str, body: NewChannel, caller: ThisCaller) -> Channel:
    backend = caller.backend
    guild = caller.content(guild_id, needs="manage_channel_overrides")
    require_name(body.name, backend.settings.limits.channel_name_bytes)
    channel = guilds.Channel(channel_id=backend.ids.channel(), name=body.name, kind=body.kind)
    guild.channels[channel.channel_id] = channel

    def can_read(user_id: str) -> bool:
        return access.can_read(guild, channel, user_id)

    event = ChannelCreate(guild_id=guild.guild_id, channel=channel.shape())
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id, seen_by=can_read)
    return channel.shape()


@router.get("/guilds/{guild_id}/channels/{channel_id}/permissions/self")
async def own_permissions(guild_id: str, channel_id: str, caller: ThisCaller) -> OwnPermissions:
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    effective = access.in_channel(guild, channel, caller.user_id)
    return OwnPermissions(
        role=guild.legacy_role(caller.member(guild)), permissions=guilds.in_canonical_order(effective)
    )
