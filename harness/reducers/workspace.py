"""Steps of a guild: its own fields, channels and members (contract 9.2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.state import Channel, Guild, put, without


def workspace_update(guild: Guild, event: events.WorkspaceUpdate) -> Guild:
    """Set the fields."""
    told = event.updated_fields
    name = guild.name if told.name is None else told.name
    visibility = guild.visibility if told.visibility is None else told.visibility
    if (name, visibility) == (guild.name, guild.visibility):
        return guild
    return replace(guild, name=name, visibility=visibility)


def channel_create(guild: Guild, event: events.ChannelCreate) -> Guild:
    """Insert at the end, or replace."""
    told = event.channel
    channel = Channel(channel_id=told.channel_id, name=told.name, kind=told.kind)
    if guild.channels is None:
        return guild
    if guild.has_channel(channel.channel_id):
        return _with_channel(guild, channel)
    return replace(guild, channels=(*guild.channels, channel))


def channel_update(guild: Guild, event: events.ChannelUpdate) -> Guild:
    """Set the name of a held channel."""
    name = event.updated_fields.name
    held = next((c for c in guild.channels or () if c.channel_id == event.channel_id), None)
    return guild if held is None or name is None else _with_channel(guild, replace(held, name=name))


def channel_delete(guild: Guild, event: events.ChannelDelete) -> Guild:
    """Remove the channel with its overrides; what else hangs on it lies outside the guild."""
    if not guild.has_channel(event.channel_id):
        return guild
    channels = tuple(c for c in guild.channels or () if c.channel_id != event.channel_id)
    return replace(guild, channels=channels, overrides=without(guild.overrides, event.channel_id))


def channel_reorder(guild: Guild, event: events.ChannelReorder) -> Guild:
    """Order the listed channels as told; unlisted ones come after them as they were."""
    if guild.channels is None:
        return guild
    held = {channel.channel_id: channel for channel in guild.channels}
    listed = [held[channel_id] for channel_id in dict.fromkeys(event.channel_ids) if channel_id in held]
    ordered = (*listed, *(channel for channel in guild.channels if channel not in listed))
    return guild if ordered == guild.channels else replace(guild, channels=ordered)


def member_add(guild: Guild, event: events.WorkspaceMemberAdd) -> Guild:
    """Insert or replace."""
    return guild if guild.members is None else _with_member(guild, event.user_id, event.role)


def member_update(guild: Guild, event: events.WorkspaceMemberUpdate) -> Guild:
    """Set the legacy role of a held member."""
    role = event.updated_fields.role
    if role is None or event.user_id not in (guild.members or ()):
        return guild
    return _with_member(guild, event.user_id, role)


def member_gone(guild: Guild, event: events.WorkspaceMemberRemove | events.WorkspaceMemberBan) -> Guild:
    """Drop another member with the assignments; presence and voice lie outside the guild."""
    members = None if guild.members is None else without(guild.members, event.user_id)
    assignments = without(guild.assignments, event.user_id)
    if members is guild.members and assignments is guild.assignments:
        return guild
    return replace(guild, members=members, assignments=assignments)


def _with_channel(guild: Guild, channel: Channel) -> Guild:
    held = guild.channels or ()
    channels = tuple(channel if one.channel_id == channel.channel_id else one for one in held)
    return guild if channels == held else replace(guild, channels=channels)


def _with_member(guild: Guild, user_id: str, role: str) -> Guild:
    members = guild.members or {}
    return guild if members.get(user_id) == role else replace(guild, members=put(members, user_id, role))


STEPS: Final[Mapping[type[events.Event], Callable[[Guild, Any], Guild]]] = {
    events.WorkspaceUpdate: workspace_update,
    events.ChannelCreate: channel_create,
    events.ChannelUpdate: channel_update,
    events.ChannelReorder: channel_reorder,
    events.WorkspaceMemberAdd: member_add,
    events.WorkspaceMemberUpdate: member_update,
}
"""Events that concern nothing but the guild."""
