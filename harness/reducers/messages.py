"""Steps of a channel's content: messages and reactions (contract 9.2)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.harness.state import Attachment, Content, Message, Reaction, put, without


def message_create(content: Content, event: events.MessageCreate) -> Content:
    """Insert or replace by id."""
    message = Message(
        message_id=event.message_id,
        author_id=event.author_id,
        content=event.content,
        markdown_tokens=tuple(event.markdown_tokens),
        attachments=_attachments(event.attachments),
        created_at_unix=event.created_at_unix,
    )
    reactions = {
        one.emoji: Reaction(count=one.count, users=frozenset(one.reactor_user_ids or ()))
        for one in event.reactions
        if one.count
    }
    return _with_reactions(_with_message(content, message), event.message_id, reactions)


def message_update(content: Content, event: events.MessageUpdate) -> Content:
    """Set the given fields of a held message."""
    message, told = content.messages.get(event.message_id), event.updated_fields
    if message is None:
        return content
    if told.content is not None:
        message = replace(message, content=told.content)
    if told.markdown_tokens is not None:
        message = replace(message, markdown_tokens=tuple(told.markdown_tokens))
    if told.attachments is not None:
        message = replace(message, attachments=_attachments(told.attachments))
    return _with_message(content, message)


def message_delete(content: Content, event: events.MessageDelete) -> Content:
    """Remove the message and its reactions."""
    if event.message_id not in content.messages:
        return content
    return replace(
        content,
        messages=without(content.messages, event.message_id),
        reactions=without(content.reactions, event.message_id),
    )


def message_reaction(content: Content, event: events.MessageReaction) -> Content:
    """Set the count as told, add or remove the actor; count 0 removes the entry. A held message's only."""
    if event.message_id not in content.messages:
        return content
    held = content.reactions.get(event.message_id, {})
    before = held[event.emoji].users if event.emoji in held else frozenset()
    actor = {event.actor_user_id}
    users = before | actor if event.operation == "add" else before - actor
    reaction = Reaction(count=event.count, users=users)
    entries = put(held, event.emoji, reaction) if event.count else without(held, event.emoji)
    return _with_reactions(content, event.message_id, entries)


def _with_message(content: Content, message: Message) -> Content:
    if content.messages.get(message.message_id) == message:
        return content
    return replace(content, messages=put(content.messages, message.message_id, message))


def _with_reactions(content: Content, message_id: str, entries: Mapping[str, Reaction]) -> Content:
    if entries == content.reactions.get(message_id, {}):
        return content
    kept = without(content.reactions, message_id)
    return replace(content, reactions=put(kept, message_id, entries) if entries else kept)


def _attachments(told: Iterable[shapes.Attachment]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            attachment_id=one.attachment_id,
            owner_id=one.owner_id,
            filename=one.filename,
            mime_type=one.mime_type,
            size_bytes=one.size_bytes,
            sha256_hex=one.sha256_hex,
        )
        for one in told
    )


STEPS: Final[Mapping[type[events.Event], Callable[[Content, Any], Content]]] = {
    events.MessageCreate: message_create,
    events.MessageUpdate: message_update,
    events.MessageDelete: message_delete,
    events.MessageReaction: message_reaction,
}
"""Events about what is said in a channel."""
