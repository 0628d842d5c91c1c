"""Messages (contract 2.5, feature `messages`)."""

from fastapi import Response
from pydantic import Field

from sync_check.conformance.contract.events import MessageChanges, MessageDelete, MessageUpdate
from sync_check.conformance.contract.shapes import Message, MessagePage
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server import access, auditing, content, search, uploads
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.markdown import tokens_of
from sync_check.reference_server.posting import is_acceptable, post
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import Text

router = strict_router()

_MESSAGES = "/guilds/{guild_id}/channels/{channel_id}/messages"


class NewMessage(Body):
    content: Text
    attachment_ids: list[str] = Field(default_factory=list)


class MessagePatch(Body):
    content: Text


@router.post(_MESSAGES)
async def create_message(guild_id: str, channel_id: str, body: NewMessage, caller: ThisCaller) -> Message:
    backend = caller.backend
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    if not is_acceptable(body.content, len(body.attachment_ids), backend.settings.limits):
        raise InvalidRequest
    return post(
        backend,
        author_id=caller.user_id,
        guild=guild,
        channel=channel,
        content=body.content,
        attachment_ids=body.attachment_ids,
    )


@router.get(_MESSAGES)
async def history(
    guild_id: str, channel_id: str, caller: ThisCaller, limit: Asked = None, before: str | None = None
) -> MessagePage:
    backend = caller.backend
    channel = caller.channel(caller.content(guild_id), channel_id)
    size = page_size(limit, backend.settings.limits.history_page)
    if before is not None and not ULID_PATTERN.fullmatch(before):
        raise InvalidRequest
    page = [
        message.shape(caller.user_id, backend.settings.limits)
        for message in channel.newest_first(before=before, limit=size)
    ]
    return MessagePage(messages=page, next_before=page[-1].message_id if page else None)


@router.patch(_MESSAGES + "/{message_id}")
async def edit_message(
    guild_id: str, channel_id: str, message_id: str, body: MessagePatch, caller: ThisCaller
) -> Message:
    backend = caller.backend
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    message = _own_or_moderated(caller, guild, channel, message_id)
    if not is_acceptable(body.content, 0, backend.settings.limits):
        raise InvalidRequest
    if body.content == message.content:
        return message.shape(caller.user_id, backend.settings.limits)
    event = MessageUpdate(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        message_id=message_id,
        updated_fields=MessageChanges(content=body.content, markdown_tokens=tokens_of(body.content)),
        updated_at_unix=backend.clock.unix(),
    )
    if not backend.fanout.is_deliverable(event):
        raise InvalidRequest
    message.content = body.content
    search.note(channel, message)
    _audit_moderation(caller, guild, message, "message.edit.moderation")
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
    return message.shape(caller.user_id, backend.settings.limits)


@router.delete(_MESSAGES + "/{message_id}", status_code=204)
async def delete_message(guild_id: str, channel_id: str, message_id: str, caller: ThisCaller) -> Response:
    backend = caller.backend
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    message = _own_or_moderated(caller, guild, channel, message_id)
    del channel.messages[message_id]
    search.forget(channel, message_id)
    for attachment in message.attachments:
        uploads.forget(backend, channel, attachment)
    _audit_moderation(caller, guild, message, "message.delete.moderation")
    event = MessageDelete(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        message_id=message_id,
        deleted_at_unix=backend.clock.unix(),
    )
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
    return Response(status_code=204)


def _own_or_moderated(caller: Caller, guild: Guild, channel: Channel, message_id: str) -> content.Message:
    """A message that the caller may change (MSG-EDIT-1): else `NotFound` or `Forbidden`."""
    message = channel.messages.get(message_id)
    if message is None:
        raise NotFound
    is_moderator = "delete_message" in access.in_channel(guild, channel, caller.user_id)
    if message.author_id != caller.user_id and not is_moderator:
        raise Forbidden
    return message


def _audit_moderation(caller: Caller, guild: Guild, message: content.Message, action: str) -> None:
    if message.author_id != caller.user_id:
        auditing.record(caller.backend, guild, action, actor_id=caller.user_id, target_id=message.author_id)
