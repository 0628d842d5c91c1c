"""Creating a message, which REST and the gateway do alike (CMD-2)."""

from collections.abc import Sequence

from sync_check.conformance.contract.events import MessageCreate
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server import search
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.content import Attachment, Message
from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.guild import Channel, Guild


def is_acceptable(content: str, attachment_count: int, limits: Limits) -> bool:
    """Whether the content's rules hold (2.5): at most `message_bytes`, empty only with attachments."""
    within = (
        len(content.encode()) <= limits.message_bytes and attachment_count <= limits.attachments_per_message
    )
    return within and bool(content or attachment_count)


def post(
    backend: Backend,
    *,
    author_id: str,
    guild: Guild,
    channel: Channel,
    content: str,
    attachment_ids: Sequence[str] = (),
) -> MessageCreate:
    """Store a message and announce it; the caller has checked access and content.

    Raises `InvalidRequest` if an attachment cannot be bound (ATT-2) or the event could not be delivered
    (LIMIT-SIZE-2).
    """
    attachments = _unbound(channel, author_id, attachment_ids)
    message = Message(
        message_id=backend.ids.message(),
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        author_id=author_id,
        content=content,
        created_at_unix=backend.clock.unix(),
        attachments=attachments,
    )
    event = MessageCreate(**dict(message.shape(author_id, backend.settings.limits)))
    if not backend.fanout.is_deliverable(event):
        raise InvalidRequest
    channel.messages[message.message_id] = message
    search.note(channel, message)
    for attachment in attachments:
        attachment.message_id = message.message_id
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=author_id)
    return event


def _unbound(channel: Channel, author_id: str, attachment_ids: Sequence[str]) -> list[Attachment]:
    """The author's own unbound attachments of these ids; raises `InvalidRequest` for any other id (ATT-2)."""
    found = [channel.attachments.get(attachment_id) for attachment_id in dict.fromkeys(attachment_ids)]
    usable = [
        attachment
        for attachment in found
        if attachment is not None and attachment.owner_id == author_id and attachment.message_id is None
    ]
    if len(usable) != len(attachment_ids):
        raise InvalidRequest
    return usable
