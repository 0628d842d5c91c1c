"""Operations that no event tells of, at the same time as one whose events depend on which of them came first.

Whoever joins gets the default join role, if that was set before; to ban somebody who is banned changes
nothing, unless the ban was lifted before. What is told of the one shows where the other one came: an event
that is told only in one of the two orders, or, once something later has come, that it was not told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.connections import Arrival, Connection
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.transitions import Effect

_PAIRS: Final[frozenset[tuple[type[ops.Operation], type[ops.Operation]]]] = frozenset(
    (
        (ops.SetDefaultRole, ops.JoinGuild),
        (ops.DeleteRole, ops.JoinGuild),
        (ops.LiftBan, ops.BanMember),
    )
)
"""What is not heard, and what tells of it."""
_PATIENCE: Final = 32
"""Events of later operations, after which nobody will be told any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two operations in the order in which they were taken to be carried out.

    `loud` is the one whose events depend on the order: `told` comes in this order alone, `otherwise` in the
    other one.
    """

    first: Call
    second: Call
    loud: Call
    told: Sequence[Emission]
    otherwise: Sequence[Emission]

    @property
    def begun(self) -> int:
        """When the earlier of them was asked for."""
        return min(self.first.invoked, self.second.invoked)

    @property
    def over(self) -> int:
        """When both were answered."""
        return max(self.first.acknowledged, self.second.acknowledged)

    def is_told(self, reading: Reading) -> bool | None:
        """Whether a body shows this order to be the right one (True) or the other one; None if neither."""
        for emissions, right in ((self.told, True), (self.otherwise, False)):
            if any(_tells(reading, emission, self.loud) for emission in emissions):
                return right
        return None


def loud_of(first: Call, second: Call) -> Call | None:
    """Which of two operations may tell where the other one came; None where neither does."""
    for one, other in ((first, second), (second, first)):
        if (type(one.operation), type(other.operation)) in _PAIRS:
            alike = getattr(one.operation, "guild_id", None) == getattr(other.operation, "guild_id", "")
            return other if alike else None
    return None


def differing(effect: Effect, other: Effect) -> Sequence[Emission]:
    """What is due after an effect and not after another one."""
    known = [emission for emission in other.emissions if emission.standing is Standing.DUE]
    return [
        one
        for one in effect.emissions
        if one.standing is Standing.DUE and not any(map(one.says_the_same, known))
    ]


class Unheard:
    """The pairs of which no frame has shown yet which of the two came first."""

    def __init__(
        self, connections: Mapping[int, Connection], readings: Mapping[int, Reading], timeline: Timeline
    ) -> None:
        self._connections = connections
        self._readings = readings
        self._timeline = timeline
        self._open: list[Pair] = []
        self._later: list[tuple[Call, Emission]] = []

    @property
    def is_open(self) -> bool:
        """Whether a frame may show it of one."""
        return bool(self._open)

    def enter(self, pair: Pair) -> Iterator[Pair]:
        """Both of a pair were answered; yields it if its other order is the right one."""
        self._open.append(pair)
        self._later.clear()
        yield from self._looked_back(pair.begun)

    def answered(self, call: Call, emission: Emission) -> Iterator[Pair]:
        """An operation was answered of whose event others may have been told behind those of a pair."""
        if not self._open or emission.standing is not Standing.DUE:
            return
        if len(self._later) == _PATIENCE:
            self._open.clear()
            return
        self._later.append((call, emission))
        yield from self._looked_back(call.invoked)

    def arrival(self, arrival: Arrival) -> Iterator[Pair]:
        """Frames came; yields each pair that they show to have come in its other order."""
        for pair in tuple(self._open):
            right = pair.is_told(self._readings[arrival.body])
            if right is None and self._has_passed(pair, arrival):
                # What is told in this order alone would have come before.
                right = not pair.told
            if right is not None:
                self._open.remove(pair)
            if right is False:
                yield pair

    def _looked_back(self, position: int) -> Iterator[Pair]:
        arrivals = {
            one.position: one for each in self._connections.values() for one in _since(each, position)
        }
        for _, arrival in sorted(arrivals.items()):
            yield from self.arrival(arrival)

    def _has_passed(self, pair: Pair, arrival: Arrival) -> bool:
        """Whether something caused after a pair came to a connection that is told all of both."""
        reading = self._readings[arrival.body]
        return any(
            call.invoked > pair.over and _tells(reading, emission, call) for call, emission in self._later
        ) and any(self._hears(self._connections[number], pair) for number in arrival.times)

    def _hears(self, connection: Connection, pair: Pair) -> bool:
        guild_id = getattr(pair.loud.operation, "guild_id", "")
        subscribed = any(lease.confirmed_before(pair.begun) for lease in connection.leases_of(guild_id))
        return subscribed and is_member(self._timeline.present.guilds.get(guild_id), connection.user_id)


def _since(connection: Connection, position: int) -> Iterator[Arrival]:
    """What came to a connection after a position, the latest first."""
    for arrival in reversed(connection.frames):
        if arrival.position < position:
            return
        yield arrival


def _tells(reading: Reading, emission: Emission, call: Call) -> bool:
    if reading.name != emission.name or not emission.is_told_by(reading.payload):
        return False
    return not emission.disagreements(reading.payload, call.actor)
