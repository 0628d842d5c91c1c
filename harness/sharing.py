"""Sharing equal steps: what one client worked out for a part of its state is taken over by the others.

Clients that hold the very same part and receive the very same event, decoded once, need one step between
them. So the cost of an event grows with the distinct views, not with the clients.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.events import Event
from sync_check.harness.memo import Memo
from sync_check.harness.reducers.stretches import Edits, Updates, put_together

Take = Callable[[Callable[[Any, Any], Any], Any, Any], Any]
"""`take(step, part, cause)` is `step(part, cause)`; a cause is an event or a REST body."""
_MOST_STEPS: Final = 1024
"""A step is needed while one event goes round; what it holds may be a large part of a state."""
_MOST_TOLD: Final = 32
"""Stretches of events, which may be long ones, while connections that were told the same catch up."""
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


class Sharing:
    """What the replicas of a run share; forgets what was not asked for of late."""

    __slots__ = ("_bodies", "_known", "_mappings", "_sets", "_steps", "_told")

    def __init__(self) -> None:
        self._steps: Memo[tuple[int, int, int], tuple[Any, Any, Any, Any]] = Memo(entries=_MOST_STEPS)
        self._sets: Memo[frozenset[Any], frozenset[Any]] = Memo(entries=_MOST_STEPS)
        self._bodies: Memo[str, dict[str, Any]] = Memo(entries=_MOST_BODIES)
        self._known: Memo[int, tuple[dict[str, Any], dict[str, Any]]] = Memo(entries=_MOST_BODIES)
        self._mappings: Memo[tuple[tuple[str, int], ...], Mapping[str, Any]] = Memo(entries=_MOST_BODIES)
        self._told: Memo[tuple[int, ...], tuple[Sequence[Event], Told]] = Memo(entries=_MOST_TOLD)

    def told(self, events: Sequence[Event]) -> Told:
        """What a connection was told, worked out once for all that were told these very events."""
        key = tuple(map(id, events))
        known = self._told.get(key)
        if known is None:
            told = Told(events=tuple(put_together(events)), kinds=frozenset(map(type, events)))
            known = self._told.put(key, (events, told))
        return known[1]

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
