"""Entering and leaving voice channels: what is stored, and what the channel is told in which order."""

import asyncio
from collections.abc import Collection
from contextvars import Context

from sync_check.conformance.contract.events import (
    Event,
    VoiceChanges,
    VoiceParticipantJoin,
    VoiceParticipantLeave,
    VoiceParticipantSync,
    VoiceParticipantUpdate,
    VoiceStreamPublish,
    VoiceStreamUnpublish,
)
from sync_check.conformance.contract.values import StreamSource
from sync_check.reference_server import access
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.connections import Connection
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.voice.participants import Participant


def enter(
    backend: Backend, guild: Guild, channel: Channel, user_id: str, streams: Collection[StreamSource]
) -> None:
    """Take in a user who got a token for these streams, out of any other channel (VOICE-1, VOICE-2)."""
    there = backend.voice.of_user(user_id)
    if there is not None and there.channel_id != channel.channel_id:
        depart(backend, there)
        there = None
    former = {} if there is None else there.streams
    if there is None:
        there = _joined(backend, guild, channel, user_id, streams)
    else:
        there.streams = dict.fromkeys(streams)
        _renewed(backend, guild, channel, there)
    ended = [_unpublished(backend, there, stream) for stream in former if stream not in there.streams]
    begun = [_published(backend, there, stream) for stream in there.streams if stream not in former]
    for event in (*ended, *begun):
        # What was told before may have ended the user's own connection, and with it the participation.
        if _is_there(backend, there):
            _tell(backend, guild, channel, event, user_id)
    if _is_there(backend, there):
        _expire_later(backend, there)


def set_state(backend: Backend, participant: Participant, **flags: bool | None) -> None:
    """Set `is_muted` and `is_deafened` where a value is given, and tell the changed ones (VOICE-4)."""
    changed = {
        name: value
        for name, value in flags.items()
        if value is not None and value != getattr(participant, name)
    }
    if not changed:
        return
    for name, value in changed.items():
        setattr(participant, name, value)
    guild, channel = _place(backend, participant)
    _tell_update(backend, guild, channel, participant, VoiceChanges(**changed))


def depart(backend: Backend, participant: Participant) -> None:
    """End a participation: every stream ends first (VOICE-3).

    One that has ended is left alone: telling a departure may end connections, and with them other ones.
    """
    if not _is_there(backend, participant):
        return
    guild, channel = _place(backend, participant)
    if participant.expiry is not None:
        participant.expiry.cancel()
    backend.voice.remove(participant)
    for stream in participant.streams:
        _tell(backend, guild, channel, _unpublished(backend, participant, stream), participant.user_id)
    event = VoiceParticipantLeave(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        user_id=participant.user_id,
        identity=participant.identity,
        left_at_unix=backend.clock.unix(),
    )
    _tell(backend, guild, channel, event, participant.user_id)


def depart_from_guild(backend: Backend, guild: Guild, user_id: str) -> None:
    """End the participation of a user who is no member any more (VOICE-5)."""
    participant = backend.voice.of_user(user_id)
    if participant is not None and participant.guild_id == guild.guild_id:
        depart(backend, participant)


def depart_if_gone(backend: Backend, user_id: str) -> None:
    """End the participation of a user whose last connection has ended (VOICE-5)."""
    participant = backend.voice.of_user(user_id)
    if participant is not None and not backend.connections.of_user(user_id):
        depart(backend, participant)


def depart_without_access(backend: Backend, guild: Guild) -> None:
    """End the participation of everybody in the guild who may not read the channel any more (VOICE-6)."""
    for channel in guild.channels.values():
        for participant in list(backend.voice.in_channel(channel.channel_id)):
            if not access.can_read(guild, channel, participant.user_id):
                depart(backend, participant)


def close(backend: Backend, channel: Channel) -> None:
    """End every participation in a channel that is about to be deleted."""
    for participant in list(backend.voice.in_channel(channel.channel_id)):
        depart(backend, participant)


def tell_participants(backend: Backend, connection: Connection, guild: Guild, channel: Channel) -> None:
    """Answer a subscriber with who is there, be it nobody (3.3)."""
    event = VoiceParticipantSync(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        participants=[participant.shape() for participant in backend.voice.in_channel(channel.channel_id)],
        synced_at_unix=backend.clock.unix(),
    )
    backend.metrics.voice_repaired("subscribe")
    backend.fanout.to_connection(event, connection)


def _joined(
    backend: Backend, guild: Guild, channel: Channel, user_id: str, streams: Collection[StreamSource]
) -> Participant:
    now = backend.clock.unix()
    participant = Participant(
        user_id=user_id,
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        joined_at_unix=now,
        updated_at_unix=now,
        streams=dict.fromkeys(streams),
    )
    backend.voice.add(participant)
    event = VoiceParticipantJoin(
        guild_id=guild.guild_id, channel_id=channel.channel_id, participant=participant.shape()
    )
    _tell(backend, guild, channel, event, user_id)
    return participant


def _renewed(backend: Backend, guild: Guild, channel: Channel, participant: Participant) -> None:
    flags = VoiceChanges(
        is_video_enabled=participant.is_video_enabled,
        is_screen_share_enabled=participant.is_screen_share_enabled,
    )
    _tell_update(backend, guild, channel, participant, flags)


def _tell_update(
    backend: Backend, guild: Guild, channel: Channel, participant: Participant, changes: VoiceChanges
) -> None:
    participant.updated_at_unix = max(participant.updated_at_unix, backend.clock.unix())
    event = VoiceParticipantUpdate(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        user_id=participant.user_id,
        identity=participant.identity,
        updated_fields=changes,
        updated_at_unix=participant.updated_at_unix,
    )
    _tell(backend, guild, channel, event, participant.user_id)


def _published(backend: Backend, participant: Participant, stream: StreamSource) -> Event:
    return VoiceStreamPublish(
        guild_id=participant.guild_id,
        channel_id=participant.channel_id,
        user_id=participant.user_id,
        identity=participant.identity,
        stream=stream,
        published_at_unix=backend.clock.unix(),
    )


def _unpublished(backend: Backend, participant: Participant, stream: StreamSource) -> Event:
    return VoiceStreamUnpublish(
        guild_id=participant.guild_id,
        channel_id=participant.channel_id,
        user_id=participant.user_id,
        identity=participant.identity,
        stream=stream,
        unpublished_at_unix=backend.clock.unix(),
    )


def _expire_later(backend: Backend, participant: Participant) -> None:
    if participant.expiry is not None:
        participant.expiry.cancel()
    # In a context of its own: no request is the cause of an expiry.
    participant.expiry = asyncio.get_running_loop().call_later(
        backend.settings.limits.voice_lease_s, depart, backend, participant, context=Context()
    )


def _is_there(backend: Backend, participant: Participant) -> bool:
    return backend.voice.of_user(participant.user_id) is participant


def _place(backend: Backend, participant: Participant) -> tuple[Guild, Channel]:
    # Both exist: participations end before their channel does, and guilds stay.
    guild = backend.store.guilds[participant.guild_id]
    return guild, guild.channels[participant.channel_id]


def _tell(backend: Backend, guild: Guild, channel: Channel, event: Event, cause: str) -> None:
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=cause)
