"""Attachments (contract 2.5, feature `attachments`)."""

import hashlib
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import MessageChanges, MessageUpdate
from sync_check.reference_server import access, uploads
from sync_check.reference_server.content import Attachment
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound, QuotaExceeded
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.strict import strict_router
from sync_check.reference_server.sniffing import recognised

router = strict_router()

_ATTACHMENTS: Final = "/guilds/{guild_id}/channels/{channel_id}/attachments"
_FILENAME_BYTES: Final = range(1, 129)
_FORBIDDEN_IN_NAMES: Final = frozenset("/\\\0")


@router.post(_ATTACHMENTS)
async def upload_attachment(
    guild_id: str, channel_id: str, request: Request, caller: ThisCaller, filename: str = "upload.bin"
) -> shapes.Attachment:
    """Store a file, bound to no message yet (ATT-1)."""
    channel = caller.channel(caller.content(guild_id), channel_id)
    limits = caller.backend.settings.limits
    if len(filename.encode()) not in _FILENAME_BYTES or not _FORBIDDEN_IN_NAMES.isdisjoint(filename):
        raise InvalidRequest
    data = await caller.upload(request, max_bytes=limits.attachment_bytes)
    mime_type = recognised(data, request.headers.get("content-type"))
    # Reading took time: the channel, or the access to it, may be gone.
    channel = caller.channel(caller.content(guild_id), channel_id)
    if caller.user.attachment_bytes + len(data) > limits.attachment_quota_bytes:
        raise QuotaExceeded
    attachment = Attachment(
        attachment_id=caller.backend.ids.attachment(),
        guild_id=guild_id,
        channel_id=channel_id,
        owner_id=caller.user_id,
        filename=filename,
        mime_type=mime_type,
        data=data,
        sha256_hex=hashlib.sha256(data).hexdigest(),
    )
    uploads.keep(caller.backend, channel, attachment)
    return attachment.shape()


@router.get(_ATTACHMENTS + "/{attachment_id}", response_class=Response)
async def read_attachment(guild_id: str, channel_id: str, attachment_id: str, caller: ThisCaller) -> Response:
    """Serve the bytes to whoever has access to the channel (ATT-3)."""
    attachment = _attachment(caller.channel(caller.content(guild_id), channel_id), attachment_id)
    headers = {
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(attachment.filename, safe='')}",
    }
    return Response(attachment.data, media_type=attachment.mime_type, headers=headers)


@router.delete(_ATTACHMENTS + "/{attachment_id}", status_code=204)
async def delete_attachment(
    guild_id: str, channel_id: str, attachment_id: str, caller: ThisCaller
) -> Response:
    """Delete a file; the message that it was bound to is told anew."""
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    attachment = _attachment(channel, attachment_id)
    is_moderator = "delete_message" in access.in_channel(guild, channel, caller.user_id)
    if attachment.owner_id != caller.user_id and not is_moderator:
        raise Forbidden
    uploads.forget(caller.backend, channel, attachment)
    _unbind(caller, guild, channel, attachment)
    return Response(status_code=204)


def _attachment(channel: Channel, attachment_id: str) -> Attachment:
    attachment = channel.attachments.get(attachment_id)
    if attachment is None:
        raise NotFound
    return attachment


def _unbind(caller: Caller, guild: Guild, channel: Channel, attachment: Attachment) -> None:
    message = channel.messages.get(attachment.message_id or "")
    if message is None:
        return
    message.attachments.remove(attachment)
    event = MessageUpdate(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        message_id=message.message_id,
        updated_fields=MessageChanges(attachments=[kept.shape() for kept in message.attachments]),
        updated_at_unix=caller.backend.clock.unix(),
    )
    caller.backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
