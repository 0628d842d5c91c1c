"""How well a fence proves that nothing came before it.

What a connection got of a later operation proves that nothing of an earlier one is still under way if one
order holds for all that is sent there (DELIV-2). Within one scope that is judged with every event. A target
that keeps a queue for each scope may break it across scopes, so there it is taken for proved only on a
connection that was seen to keep it in this run. No proof rests on time.
"""

from collections.abc import Hashable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.model.connections import NEVER

_NOTHING: Final[Mapping[Scope, int]] = MappingProxyType({})


class Grade(StrEnum):
    """How an absence is proved: strongly if the order that it rests on was seen on its connection."""

    STRONG = "strong"
    WEAK = "weak"


class Passing:
    """What came to a connection, by scope, and between which scopes it kept the order of causes.

    It never changes; all that grow from one by `after` are one object where they are equal.
    """

    __slots__ = ("_all", "_answered", "_following", "_in_order", "_latest", "latest")

    def __init__(
        self,
        latest: Mapping[Scope, int] = _NOTHING,
        answered: Mapping[Scope, int] = _NOTHING,
        in_order: frozenset[frozenset[Scope]] = frozenset(),
        all_of_them: "dict[Hashable, Passing] | None" = None,
    ) -> None:
        self._all = {} if all_of_them is None else all_of_them
        self._latest = latest
        self._answered = answered
        self._in_order = in_order
        self._following: dict[tuple[Scope, int, int], Passing] = {}
        self.latest = max(latest.values(), default=-1)
        """When the latest-invoked operation was invoked of which an event came; -1 if none came."""

    def after(self, emitted: Emitted) -> "Passing":
        """The same and an event besides; one object for all to whom the same came."""
        scope, call = emitted.emission.scope, emitted.call
        key = scope, call.invoked, call.acknowledged
        known = self._following.get(key)
        if known is None:
            known = self._following[key] = self._with(scope, call)
        return known

    def _with(self, scope: Scope, call: Call) -> "Passing":
        kept = {
            frozenset((scope, other)) for other, answered in self._answered.items() if answered < call.invoked
        }
        latest = max(call.invoked, self._latest.get(scope, -1))
        answered = min(call.acknowledged, self._answered.get(scope, NEVER))
        if (
            latest == self._latest.get(scope)
            and answered == self._answered.get(scope)
            and kept <= self._in_order
        ):
            return self
        latest_of, answered_of = {**self._latest, scope: latest}, {**self._answered, scope: answered}
        in_order = self._in_order | kept
        key = frozenset(latest_of.items()), frozenset(answered_of.items()), in_order
        known = self._all.get(key)
        if known is None:
            known = self._all[key] = Passing(latest_of, answered_of, in_order, self._all)
        return known

    def proves(self, scope: Scope, call: Call) -> Grade | None:
        """How it is proved that nothing of `scope` that `call` caused is still to come; None if it is not."""
        later = [fence for fence, invoked in self._latest.items() if invoked > call.acknowledged]
        if not later:
            return None
        strong = any(fence is scope or frozenset((fence, scope)) in self._in_order for fence in later)
        return Grade.STRONG if strong else Grade.WEAK
