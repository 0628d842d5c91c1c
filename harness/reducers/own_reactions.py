"""What the user itself reacted with, which no other client shares (contract 2.2 and 9.2).

Kept apart from the content of a channel: the reactors that REST names end at 32, so they cannot tell.
"""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract import events
from sync_check.harness.state import NOTHING, Content, put, without

Own = Mapping[str, frozenset[str]]
"""The emojis that the user put on messages, by message; messages without any are left out."""

_NONE: Final[frozenset[str]] = frozenset()


def own_after(
    own: Own,
    event: events.MessageCreate | events.MessageUpdate | events.MessageDelete | events.MessageReaction,
    content: Content,
    user_id: str,
) -> Own:
    """The own reactions after an event that led to `content`; what that does not show is nobody's."""
    shown = content.reactions.get(event.message_id, NOTHING)
    held = own.get(event.message_id, _NONE)
    changed = held
    if isinstance(event, events.MessageCreate):
        changed = frozenset(emoji for emoji, reaction in shown.items() if user_id in reaction.users)
    elif isinstance(event, events.MessageReaction) and event.actor_user_id == user_id:
        changed = held | {event.emoji} if event.operation == "add" else held - {event.emoji}
    changed = changed.intersection(shown)
    if changed == held:
        return own
    return put(own, event.message_id, changed) if changed else without(own, event.message_id)
