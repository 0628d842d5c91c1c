"""Steps of a guild's presence: who is online (contract 4.4 and 9.2)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import events

Online = frozenset[str]


def presence_sync(online: Online, event: events.PresenceSync) -> Online:
    """Replace the set."""
    told = frozenset(event.user_ids)
    return online if told == online else told


def presence_update(online: Online, event: events.PresenceUpdate) -> Online:
    """Add or remove one user."""
    if event.status == "offline":
        return gone(online, event)
    return online if event.user_id in online else online | {event.user_id}


def gone(online: Online, event: events.PresenceUpdate | events.WorkspaceMemberRemove) -> Online:
    """Remove one user."""
    return online - {event.user_id} if event.user_id in online else online


STEPS: Final[Mapping[type[events.Event], Callable[[Online, Any], Online]]] = {
    events.PresenceSync: presence_sync,
    events.PresenceUpdate: presence_update,
}
"""Events about who is online."""
