"""Sharing equal steps: what one client worked out for a part of its state is taken over by the others.

Clients that hold the very same part and receive the very same event, decoded once, need one step between
them. So the cost of an event grows with the distinct views, not with the clients.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.events import Event
from sync_check.harness.memo import Memo
from sync_check.harness.reducers.stretches import Edits, Updates, put_together

Take = Callable[[Callable[[Any, Any], Any], Any, Any], Any]
"""`take(step, part, cause)` is `step(part, cause)`; a cause is an event or a REST body."""
_MOST_STEPS: Final = 1024
"""A step is needed while one event goes round; what it holds may be a large part of a state."""
_MOST_STRETCHES: Final = 1024
"""What some were told so far, while others that are told the same are told it too."""
_MOST_BODIES: Final = 128
"""Bodies that are everybody's come again at once."""


def directly(step: Callable[[Any, Any], Any], part: Any, cause: Any) -> Any:
    """Carry out the step."""
    return step(part, cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Events one after the other, with those that are one step put together, and their kinds."""

    events: tuple[Event | Edits | Updates, ...]
    kinds: frozenset[type[Event]]


class Stretch:
    """Events that a connection was told one after the other: `event` as the last of `size`, after `before`.

    One object for all connections that were told the same.
    """

    __slots__ = ("_told", "before", "event", "size")

    def __init__(self, before: Stretch | None = None, event: Event | None = None) -> None:
        self.before = before
        self.event = event
        self.size: int = 0 if before is None else before.size + 1
        self._told: Told | None = None

    @property
    def told(self) -> Told:
        """The same as one step, worked out once."""
        if self._told is None:
            events: list[Event] = []
            at = self
            while at.before is not None and at.event is not None:
                events.append(at.event)
                at = at.before
            events.reverse()
            self._told = Told(events=tuple(put_together(events)), kinds=frozenset(map(type, events)))
        return self._told


NOTHING_TOLD: Final = Stretch()


class Sharing:
    """What the replicas of a run share; forgets what was not asked for of late."""

    __slots__ = ("_bodies", "_known", "_latest", "_mappings", "_sets", "_steps", "_stretches")

    def __init__(self) -> None:
        self._steps: Memo[tuple[int, int, int], tuple[Any, Any, Any, Any]] = Memo(entries=_MOST_STEPS)
        self._sets: Memo[frozenset[Any], frozenset[Any]] = Memo(entries=_MOST_STEPS)
        self._bodies: Memo[str, dict[str, Any]] = Memo(entries=_MOST_BODIES)
        self._known: Memo[int, tuple[dict[str, Any], dict[str, Any]]] = Memo(entries=_MOST_BODIES)
        self._mappings: Memo[tuple[tuple[str, int], ...], Mapping[str, Any]] = Memo(entries=_MOST_BODIES)
        self._stretches: Memo[tuple[int, int], Stretch] = Memo(entries=_MOST_STRETCHES)
        self._latest = NOTHING_TOLD

    def after(self, stretch: Stretch, event: Event) -> Stretch:
        """The stretch that `event` makes of another; one object for the very same two."""
        latest = self._latest
        if latest.before is stretch and latest.event is event:
            return latest
        key = (id(stretch), id(event))
        # It holds what the ids stand for, or others could get them.
        known = self._stretches.get(key) or self._stretches.put(key, Stretch(stretch, event))
        self._latest = known
        return known

    def take(self, step: Callable[[Any, Any], Any], part: Any, cause: Any) -> Any:
        """`step(part, cause)`, worked out once for this very part and this very cause."""
        if isinstance(cause, dict):
            cause = self._same(cause)
        key = (id(step), id(part), id(cause))
        known = self._steps.get(key)
        if known is None:
            result = step(part, cause)
            if result is not part and isinstance(result, frozenset):
                # A set that somebody was told and the set that events led to are one.
                result = self.one_set(result)
            # With what the ids stand for, or others could get them.
            known = self._steps.put(key, (step, part, cause, result))
        return known[3]

    def one_set(self, members: frozenset[Any]) -> frozenset[Any]:
        """One object for all equal sets."""
        return self._sets.get(members) or self._sets.put(members, members)

    def one_mapping(self, mapping: Mapping[str, Any]) -> Mapping[str, Any]:
        """One object for all mappings of equal keys to the very same values."""
        key = tuple([(name, id(value)) for name, value in mapping.items()])
        known = self._mappings.get(key)
        return self._mappings.put(key, mapping) if known is None else known

    def _same(self, body: dict[str, Any]) -> dict[str, Any]:
        """One object for all equal parts of REST bodies."""
        at_hand = self._known.get(id(body))
        if at_hand is None:
            text = json.dumps(body)
            known = self._bodies.get(text)
            same = self._bodies.put(text, body, weight=len(text)) if known is None else known
            at_hand = self._known.put(id(body), (body, same))
        return at_hand[1]
