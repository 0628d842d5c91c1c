"""Sharing equal steps: what one client worked out for a part of its state is taken over by the others.

Clients that hold the very same part and receive the very same event, decoded once, need one step between
them. So the cost of an event grows with the distinct views, not with the clients.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from sync_check.harness.memo import Memo

Take = Callable[[Callable[[Any, Any], Any], Any, Any], Any]
"""`take(step, part, cause)` is `step(part, cause)`; a cause is an event or a REST body."""
_MOST_STEPS: Final = 256
"""A step is needed while one event goes round; what it holds may be a large part of a state."""


def directly(step: Callable[[Any, Any], Any], part: Any, cause: Any) -> Any:
    """Carry out the step."""
    return step(part, cause)


class Sharing:
    """What the replicas of a run share; forgets what was not asked for of late."""

    __slots__ = ("_bodies", "_sets", "_steps")

    def __init__(self) -> None:
        self._steps: Memo[tuple[int, int, int], tuple[Any, Any, Any, Any]] = Memo(entries=_MOST_STEPS)
        self._sets: Memo[frozenset[str], frozenset[str]] = Memo(entries=_MOST_STEPS)
        self._bodies: Memo[str, dict[str, Any]] = Memo(entries=_MOST_STEPS)

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
                result = self._sets.get(result) or self._sets.put(result, result)
            # With what the ids stand for, or others could get them.
            known = self._steps.put(key, (step, part, cause, result))
        return known[3]

    def _same(self, body: dict[str, Any]) -> dict[str, Any]:
        """One object for all equal REST bodies: each client decoded its own."""
        text = json.dumps(body)
        known = self._bodies.get(text)
        return self._bodies.put(text, body, weight=len(text)) if known is None else known
