"""Events of one kind right after each other, carried out in a single step: most of what comes is such."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.reducers.messages import message_update
from sync_check.harness.reducers.presence import Online
from sync_check.harness.state import Content


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """Edits in one channel: a single step of its content."""

    guild_id: str
    channel_id: str
    events: tuple[events.MessageUpdate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Updates:
    """Updates of who is online in a guild: a single step of its presence."""

    guild_id: str
    events: tuple[events.PresenceUpdate, ...]


def put_together(told: Iterable[events.Event]) -> Iterator[events.Event | Edits | Updates]:
    """The events in their order; edits in one channel as one, and updates of presence in one guild."""
    for key, group in groupby(told, _key):
        if key is None:
            yield from group
            continue
        stretch = tuple(group)
        if len(stretch) == 1:
            yield stretch[0]
        else:
            yield _KINDS[type(stretch[0])](*key, stretch)


def edits(content: Content, told: Edits) -> Content:
    """Carry all of them out."""
    return reduce(message_update, told.events, content)


def updates(online: Online, told: Updates) -> Online:
    """Carry all of them out; the same object if nothing changed."""
    last = {one.user_id: one.status != "offline" for one in told.events}
    come = {user_id for user_id, is_online in last.items() if is_online}
    after = (online - last.keys()) | come
    return online if after == online else after


def _key(event: events.Event) -> tuple[str, ...] | None:
    match event:
        case events.MessageUpdate():
            return event.guild_id, event.channel_id
        case events.PresenceUpdate():
            return (event.guild_id,)
        case _:
            return None


_KINDS: Final[Mapping[type[Any], Callable[..., Edits | Updates]]] = {
    events.MessageUpdate: Edits,
    events.PresenceUpdate: Updates,
}
