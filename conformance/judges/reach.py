"""What is owed to each connection of a case, worked out once for all emissions of equal reach.

As long as neither memberships nor subscriptions change, all events of a channel have one reach. So cost grows
with the number of different situations, not with events times connections.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.banned_connections import is_timed
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.duties import Due, Duties, Duty, Window
from sync_check.conformance.model.emissions import Emission
from sync_check.conformance.model.timeline import Span, Timeline


class Reach(dict[int, Due]):
    """What is owed, by connection, to those that were not over when the operation was invoked."""

    __slots__ = ("__dict__",)

    @cached_property
    def groups(self) -> Mapping[Due, frozenset[int]]:
        """The connections by what is owed to them."""
        found: dict[Due, list[int]] = {}
        for number, due in self.items():
            found.setdefault(due, []).append(number)
        return {due: frozenset(numbers) for due, numbers in found.items()}

    @cached_property
    def forbidden(self) -> frozenset[int]:
        """Those to which nothing must come."""
        return frozenset(number for number, due in self.items() if due.duty is Duty.MUST_NOT)


class Reaches:
    """The reach of emissions on a fixed set of connections."""

    def __init__(self, timeline: Timeline, connections: Sequence[Connection]) -> None:
        self._timeline = timeline
        self._duties = Duties(timeline)
        self._connections = connections
        self._changes = sorted(_changes(connections))
        self._begun = sorted(connection.began for connection in connections)
        self._known: dict[Hashable, Reach] = {}
        self._of: dict[int, Reach] = {}

    def of(self, emitted: Emitted) -> Reach:
        """What an emission owes to whom."""
        reach = self._of.get(emitted.number)
        if reach is None:
            reach = self._of[emitted.number] = self._work_out(emitted)
        return reach

    def _work_out(self, emitted: Emitted) -> Reach:
        window = emitted.call.window(self._timeline)
        key = self._key(emitted.emission, window)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Reach(
                (connection.number, self._duties.due(emitted.emission, window, connection))
                for connection in self._connections
                if connection.ended > window.invoked
            )
        return known

    def _key(self, emission: Emission, window: Window) -> Hashable:
        return (
            emission.name,
            emission.guild_id,
            emission.channel_id,
            emission.subject,
            emission.concerned,
            emission.owed_by,
            emission.ends_membership,
            self._worlds(emission, window),
            bisect_left(self._changes, window.invoked),
            bisect_left(self._changes, window.acknowledged),
            bisect_right(self._begun, window.acknowledged_at),
        )

    def _worlds(self, emission: Emission, window: Window) -> Hashable:
        if emission.scope is Scope.USER:
            return window.span
        guild_id = emission.guild_id or ""
        after = Span(first=window.before.last + 1, last=window.span.last)
        return (
            self._timeline.guild_numbers(guild_id, window.span),
            self._timeline.guild_numbers(guild_id, window.before),
            self._timeline.guild_numbers(guild_id, after),
            (window.invoked_at, window.acknowledged_at) if self._is_timed(guild_id, window) else None,
        )

    def _is_timed(self, guild_id: str, window: Window) -> bool:
        return is_timed(self._timeline.guilds(guild_id, window.span))


def _changes(connections: Sequence[Connection]) -> list[int]:
    """The positions at which what a connection is entitled to may change on its own side."""
    moments = {NEVER}
    for connection in connections:
        moments |= {connection.opened, connection.ready, connection.ended}
        for lease in connection.leases:
            moments |= {lease.asked, lease.confirmed or NEVER}
    return sorted(moments)
