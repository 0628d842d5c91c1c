"""Messages and reactions."""

from typing import Annotated

from sync_check.conformance.contract.events.event import ChannelEvent, Event, Scope, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import (
    Attachment,
    MarkdownToken,
    Message,
)
from sync_check.conformance.contract.values import (
    Count,
    NotNull,
    OptionalStr,
    ReactionChange,
    Ulid,
    UnixTime,
    UpdatedFields,
)


class MessageCreate(Message, Event):
    name = "message_create"
    scope = Scope.CHANNEL
    visibility = Visibility.ACCESS
    feature = Feature.MESSAGES


class MessageChanges(UpdatedFields):
    content: OptionalStr = None
    markdown_tokens: Annotated[list[MarkdownToken] | None, NotNull] = None
    attachments: Annotated[list[Attachment] | None, NotNull] = None


class MessageUpdate(ChannelEvent):
    name = "message_update"
    feature = Feature.MESSAGES
    message_id: Ulid
    updated_fields: MessageChanges
    updated_at_unix: UnixTime


class MessageDelete(ChannelEvent):
    name = "message_delete"
    feature = Feature.MESSAGES
    message_id: Ulid
    deleted_at_unix: UnixTime


class MessageReaction(ChannelEvent):
    name = "message_reaction"
    feature = Feature.REACTIONS
    message_id: Ulid
    emoji: str
    count: Count
    operation: ReactionChange
    actor_user_id: Ulid
