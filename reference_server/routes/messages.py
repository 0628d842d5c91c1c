"""Messages (contract 2.5, feature `messages`)."""

from fastapi import Response
from pydantic import Field

from sync_check.conformance.contract.events import MessageChanges, MessageDelete, MessageUpdate
from sync_check.conformance.contract.shapes import Message, MessagePage
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server import access, store
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound
from sync_check.reference_server.markdown import tokens_of
from sync_check.reference_server.posting import is_acceptable, post
from sync_check.reference_server.routes.caller import Caller, ThisCaller
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
    guild = caller.guild(guild_id)
    channel = caller.channel(guild, channel_id)
    if body.attachment_ids or not is_acceptable(body.content, 0, backend.settings.limits):
        raise InvalidRequest  # nobody can have uploaded an attachment (ATT-2)
    return post(backend, author_id=caller.user_id, guild=guild, channel=channel, content=body.content)


@router.get(_MESSAGES)
async def history(
    guild_id: str, channel_id: str, caller: ThisCaller, limit: int = 20, before: str | None = None
) -> MessagePage:
    channel = caller.channel(caller.guild(guild_id), channel_id)
    if not 1 <= limit <= caller.backend.settings.limits.history_page:
        raise InvalidRequest
    if before is not None and not ULID_PATTERN.fullmatch(before):
        raise InvalidRequest
    page = [message.shape() for message in channel.newest_first(before=before, limit=limit)]
    return MessagePage(messages=page, next_before=page[-1].message_id if page else None)


@router.patch(_MESSAGES + "/{message_id}")
async def edit_message(
    guild_id: str, channel_id: str, message_id: str, body: MessagePatch, caller: ThisCaller
) -> Message:
    backend = caller.backend
    guild = caller.guild(guild_id)
    channel = caller.channel(guild, channel_id)
    message = _own_or_moderated(caller, guild, channel, message_id)
    if not is_acceptable(body.content, 0, backend.settings.limits):
        raise InvalidRequest
    if body.content == message.content:
        return message.shape()
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
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
    return message.shape()


@router.delete(_MESSAGES + "/{message_id}", status_code=204)
async def delete_message(guild_id: str, channel_id: str, message_id: str, caller: ThisCaller) -> Response:
    backend = caller.backend
    guild = caller.guild(guild_id)
    channel = caller.channel(guild, channel_id)
    del channel.messages[_own_or_moderated(caller, guild, channel, message_id).message_id]
    event = MessageDelete(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        message_id=message_id,
        deleted_at_unix=backend.clock.unix(),
    )
    backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
    return Response(status_code=204)


def _own_or_moderated(
    caller: Caller, guild: store.Guild, channel: store.Channel, message_id: str
) -> store.Message:
    """A message that the caller may change (MSG-EDIT-1): else `NotFound` or `Forbidden`."""
    message = channel.messages.get(message_id)
    if message is None:
        raise NotFound
    is_moderator = "delete_message" in access.in_channel(guild, channel, caller.user_id)
    if message.author_id != caller.user_id and not is_moderator:
        raise Forbidden
    return message
