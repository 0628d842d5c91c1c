"""Steps of what the user itself reacted with, which no other client shares (contract 2.2 and 9.2).

Kept apart from the content of a channel: the reactors that REST names end at 32, so they cannot tell. Each
step is given the content that the event led to; these are worked out for every client, so they ask first
whether the event concerns it at all.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.state import Content, put, without

Own = Mapping[str, frozenset[str]]
"""The emojis that the user put on messages, by message; messages without any are left out."""

_NONE: Final[frozenset[str]] = frozenset()


def message_create(own: Own, event: events.MessageCreate, content: Content, user_id: str) -> Own:
    """A message that is told anew tells its reactors."""
    shown = content.reactions.get(event.message_id)
    if shown is None:
        return without(own, event.message_id)
    emojis = frozenset(emoji for emoji, reaction in shown.items() if user_id in reaction.users)
    return _with_emojis(own, event.message_id, emojis)


def message_delete(own: Own, event: events.MessageDelete, _: Content, _user_id: str) -> Own:
    """Remove them with the message."""
    return without(own, event.message_id)


def message_reaction(own: Own, event: events.MessageReaction, content: Content, user_id: str) -> Own:
    """Add or remove one's own; what the message does not show any more is nobody's."""
    held = own.get(event.message_id, _NONE)
    if event.actor_user_id != user_id and event.emoji not in held:
        return own
    kept = event.operation == "add" or event.actor_user_id != user_id
    shown = event.emoji in content.reactions.get(event.message_id, ())
    emojis = held | {event.emoji} if kept and shown else held - {event.emoji}
    return _with_emojis(own, event.message_id, emojis)


def _with_emojis(own: Own, message_id: str, emojis: frozenset[str]) -> Own:
    if emojis == own.get(message_id, _NONE):
        return own
    return put(own, message_id, emojis) if emojis else without(own, message_id)


Step = Callable[[Own, Any, Content, str], Own]

STEPS: Final[Mapping[type[events.Event], Step]] = {
    events.MessageCreate: message_create,
    events.MessageDelete: message_delete,
    events.MessageReaction: message_reaction,
}
"""Events that can change what the user reacted with."""
