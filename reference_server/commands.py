"""What a client may ask for on its connection: `subscribe` and `message_create` (contract 3.2)."""

from typing import Any

from sync_check.conformance.contract.events import PresenceSync, Subscribed
from sync_check.conformance.contract.features import Feature
from sync_check.reference_server import access, endings, membership
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.connections import Connection
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.errors import ApiError
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.ingress import (
    InvalidEnvelope,
    InvalidPayload,
    read_envelope,
    read_message_create,
    read_subscribe,
)
from sync_check.reference_server.posting import is_acceptable, post
from sync_check.reference_server.voice import attendance


def execute(backend: Backend, connection: Connection, text: str) -> Ending | None:
    """Judge one message in the order envelope, payload, execution, and carry it out.

    Returns how the connection must end for it (BAD-3 to BAD-7), or None.
    """
    try:
        received = read_envelope(text)
    except InvalidEnvelope:
        return _rejected(backend, endings.INVALID_ENVELOPE)
    try:
        match received.name:
            case "subscribe":
                return _subscribe(backend, connection, received.payload)
            case "message_create" if backend.settings.has(Feature.MESSAGES):
                return _message_create(backend, connection, received.payload)
    except InvalidPayload as fault:
        is_subscribe = fault.name == "subscribe"
        ending = endings.INVALID_SUBSCRIBE_PAYLOAD if is_subscribe else endings.INVALID_MESSAGE_CREATE_PAYLOAD
        return _rejected(backend, ending)
    backend.metrics.unknown_received(received.name)
    return endings.UNKNOWN_EVENT


def _rejected(backend: Backend, ending: Ending) -> Ending:
    backend.metrics.parse_rejected(ending.label)
    return ending


def _subscribe(backend: Backend, connection: Connection, payload: Any) -> Ending | None:
    wanted = read_subscribe(payload)
    if _is_shut_out(backend, connection, wanted.guild_id):
        return endings.IP_BANNED
    found = _readable(backend, connection.user_id, wanted.guild_id, wanted.channel_id)
    if found is None:
        return None  # unknown and forbidden alike: nothing at all (SUB-2, LEAK-SUB-1)
    guild, channel = found
    backend.connections.subscribe(connection, guild_id=guild.guild_id, channel_id=channel.channel_id)
    if backend.settings.has(Feature.PRESENCE):
        _enter(backend, connection, guild)
    # An acknowledgement that cannot be queued has ended the connection (3.3).
    if connection.outbound.is_open:
        acknowledgement = Subscribed(guild_id=guild.guild_id, channel_id=channel.channel_id)
        backend.fanout.to_connection(acknowledgement, connection)
    if backend.settings.has(Feature.VOICE) and connection.outbound.is_open:
        attendance.tell_participants(backend, connection, guild, channel)
    return None


def _enter(backend: Backend, connection: Connection, guild: Guild) -> None:
    """Tell who is online, the subscriber included, and the guild that the subscriber is (PRES-1, PRES-2)."""
    user_id = connection.user_id
    online = dict.fromkeys((*backend.presence.online(guild.guild_id), user_id))
    sync = PresenceSync(guild_id=guild.guild_id, user_ids=list(online))
    backend.fanout.to_connection(sync, connection)
    # A connection that this has ended was never present (PRES-4).
    if connection.outbound.is_open and backend.presence.enter(connection, guild.guild_id):
        membership.tell_presence(backend, guild, user_id, "online", cause=user_id)


def _is_shut_out(backend: Backend, connection: Connection, guild_id: str) -> bool:
    guild = backend.store.guilds.get(guild_id)
    return guild is not None and backend.shuts_out(guild, connection.user_id, connection.address)


def _message_create(backend: Backend, connection: Connection, payload: Any) -> Ending | None:
    wanted = read_message_create(payload)
    attachments = wanted.attachment_ids or []
    if not is_acceptable(wanted.content, len(attachments), backend.settings.limits):
        raise InvalidPayload("message_create")
    if _is_shut_out(backend, connection, wanted.guild_id):
        return endings.IP_BANNED
    found = _readable(backend, connection.user_id, wanted.guild_id, wanted.channel_id)
    if found is None:
        return endings.MESSAGE_REJECTED
    guild, channel = found
    try:
        post(
            backend,
            author_id=connection.user_id,
            guild=guild,
            channel=channel,
            content=wanted.content,
            attachment_ids=attachments,
        )
    except ApiError:
        return endings.MESSAGE_REJECTED
    return None


def _readable(backend: Backend, user_id: str, guild_id: str, channel_id: str) -> tuple[Guild, Channel] | None:
    guild = backend.store.guilds.get(guild_id)
    channel = None if guild is None else guild.channels.get(channel_id)
    if guild is None or channel is None or not access.can_read(guild, channel, user_id):
        return None
    return guild, channel
