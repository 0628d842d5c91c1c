"""How well a fence proves that nothing came before it.

What a connection got of a later operation proves that nothing of an earlier one is still under way if one
order holds for all that is sent there (DELIV-2). Within one scope that is judged with every event. A target
that keeps a queue for each scope may break it across scopes, so there it is taken for proved only on a
connection that was seen to keep it in this run. No proof rests on time.
"""

from collections.abc import Sequence
from enum import StrEnum

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.matching import Matched
from sync_check.conformance.model.connections import NEVER


class Grade(StrEnum):
    """How an absence is proved: strongly if the order that it rests on was seen on its connection."""

    STRONG = "strong"
    WEAK = "weak"


class Passing:
    """What came to one connection, by scope, and between which scopes it kept the order of causes."""

    def __init__(self, matches: Sequence[Matched]) -> None:
        self._latest: dict[Scope, int] = {}
        self._answered: dict[Scope, int] = {}
        self._in_order: set[frozenset[Scope]] = set()
        for matched in matches:
            if matched.emitted is not None and not matched.copy:
                self._take(matched.emitted.emission.scope, matched.emitted.call)

    def _take(self, scope: Scope, call: Call) -> None:
        for other, answered in self._answered.items():
            if answered < call.invoked:
                self._in_order.add(frozenset((scope, other)))
        self._latest[scope] = max(call.invoked, self._latest.get(scope, -1))
        self._answered[scope] = min(call.acknowledged, self._answered.get(scope, NEVER))

    @property
    def latest(self) -> int:
        """When the latest-invoked operation was invoked of which an event came; -1 if none came."""
        return max(self._latest.values(), default=-1)

    def proves(self, scope: Scope, call: Call) -> Grade | None:
        """How it is proved that nothing of `scope` that `call` caused is still to come; None if it is not."""
        later = [fence for fence, invoked in self._latest.items() if invoked > call.acknowledged]
        if not later:
            return None
        strong = any(fence is scope or frozenset((fence, scope)) in self._in_order for fence in later)
        return Grade.STRONG if strong else Grade.WEAK
