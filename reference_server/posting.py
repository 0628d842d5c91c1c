"""Creating a message, which REST and the gateway do alike (CMD-2)."""

from sync_check.conformance.contract.events import MessageCreate
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.store import Channel, Guild, Message

_MAX_ATTACHMENTS = 5


def is_acceptable(content: str, attachment_count: int, limits: Limits) -> bool:
    """Whether the content's rules hold (2.5): at most `message_bytes`, empty only with attachments."""
    within = len(content.encode()) <= limits.message_bytes and attachment_count <= _MAX_ATTACHMENTS
    return within and bool(content or attachment_count)


def post(backend: Backend, *, author_id: str, guild: Guild, channel: Channel, content: str) -> MessageCreate:
    """Store a message and announce it; the caller has checked access and content.

    Raises `InvalidRequest` if the event could not be delivered (LIMIT-SIZE-2).
    """
    message = Message(
        message_id=backend.ids.message(),
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        author_id=author_id,
        content=content,
        created_at_unix=backend.clock.unix(),
    )
    event = MessageCreate(**dict(message.shape()))
    if not backend.fanout.is_deliverable(event):
        raise InvalidRequest
    channel.messages[message.message_id] = message
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=author_id)
    return event
