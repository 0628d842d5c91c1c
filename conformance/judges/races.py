"""Who came last, where two operations set the same thing at the same time.

The answers do not say: they may come in another order than the server carried the operations out in. The
events do, on every connection alike (DELIV-2), and what they say last is what REST says (DELIV-10). Of an
operation that changed nothing where it came first there is no event at all: that shows once a fence has
passed that was raised after both were answered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.connections import Arrival, Connection
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Timeline

_REMEMBERED: Final = 32
"""Operations looked back at: those still under way when a later one was asked for are few."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An operation that was accepted, and one of its events."""

    call: Call
    emission: Emission

    def is_told_by(self, reading: Reading, receiver: str | None) -> bool:
        """Whether a body is about this very operation, as far as it can be told from its rival's."""
        one = self.emission
        if reading.name != one.name or not one.is_told_by(reading.payload):
            return False
        return not one.disagreements(reading.payload, self.call.actor, receiver)


class Turn(NamedTuple):
    """`last` came last of all, right behind `over` if that is given."""

    last: Call
    over: Call | None = None


@dataclass(slots=True)
class _Race:
    """Two of them, in the order of their answers; `told` is of which each connection was told so far."""

    first: _Done
    second: _Done
    told: dict[int, _Done] = field(default_factory=dict)

    @property
    def begun(self) -> int:
        """When the earlier of them was asked for."""
        return min(self.first.call.invoked, self.second.call.invoked)


class Races:
    """The races that no event has decided yet.

    `may_swap` tells of two operations, the first one answered first, whether the answers leave it open which
    of them was carried out first. `won` is, by the numbers of two operations, the one of them that events
    have shown to have come last.
    """

    def __init__(
        self,
        connections: Mapping[int, Connection],
        readings: Mapping[int, Reading],
        timeline: Timeline,
        may_swap: Callable[[Call, Call], bool],
    ) -> None:
        self.won: dict[frozenset[int], int] = {}
        self._may_swap = may_swap
        self._connections = connections
        self._readings = readings
        self._timeline = timeline
        self._done: list[_Done] = []
        self._open: list[_Race] = []
        self._repeated: set[int] = set()

    @property
    def is_open(self) -> bool:
        """Whether a frame may decide one."""
        return bool(self._open)

    def enter(self, call: Call, emission: Emission) -> Iterator[Turn]:
        """An operation was answered; yields each that came after it though its answer came before."""
        if emission.standing not in (Standing.DUE, Standing.NO_OP):
            return
        if not emission.identity and emission.sets is None:
            return
        done = _Done(call, emission)
        if call.purpose is Purpose.FENCE:
            yield from self._raised(done)
        for other in self._done:
            if self._is_open_between(other, done):
                race = _Race(other, done)
                winner = self._looked_back(race)
                if winner is None:
                    self._open.append(race)
                    continue
                self._note(race, winner)
                if winner is other:
                    yield self._again(other.call, call)
        self._done = [*self._done[1 - _REMEMBERED :], done]

    def _is_open_between(self, first: _Done, second: _Done) -> bool:
        """Whether it matters, and is not known, which of two came last; `first` was answered first."""
        one, other = first.emission, second.emission
        if first.call is second.call or first.call.acknowledged < second.call.invoked:
            return False
        if not one.is_rival_of(other):
            return False
        if one.says_the_same(other) or {one.standing, other.standing} == {Standing.NO_OP}:
            return False  # whichever came last, what holds is the same
        return one.name == other.name or self._may_swap(first.call, second.call)

    def arrival(self, arrival: Arrival) -> Iterator[Turn]:
        """Frames came; yields each operation that they show to have been carried out last."""
        for race in tuple(self._open):
            tellings = (self._told(race, arrival, number) for number in arrival.times)
            winner = next((one for one in tellings if one is not None), None)
            if winner is not None:
                yield from self._decided(race, winner)
        if self._open:
            for fence in self._done:
                if fence.call.purpose is Purpose.FENCE:
                    yield from self._passed(fence, arrival)

    def _raised(self, fence: _Done) -> Iterator[Turn]:
        """A fence was answered, which may have passed some connections already."""
        for connection in self._connections.values() if self._open else ():
            for arrival in _since(connection, fence.call.invoked):
                yield from self._passed(fence, arrival)

    def _passed(self, fence: _Done, arrival: Arrival) -> Iterator[Turn]:
        """Where a fence passes that was told of one only, the other was told of nothing: it came first.

        Had it come last and changed nothing, what holds would be the same. Who was shut out meanwhile may
        have missed it for that.
        """
        # What a fence says is the same for everybody.
        if not fence.is_told_by(self._readings[arrival.body], None):
            return
        for race in tuple(self._open):
            if fence.call.invoked > max(race.first.call.acknowledged, race.second.call.acknowledged):
                heard = (number for number in arrival.times if number in race.told)
                told = next(
                    (race.told[number] for number in heard if self._is_told_still(race, number)), None
                )
                if told is not None:
                    yield from self._decided(race, told)

    def _is_told_still(self, race: _Race, number: int) -> bool:
        """Whether a connection is entitled to such events after all that was done."""
        emission, user_id = race.first.emission, self._connections[number].user_id
        if emission.guild_id is None:
            return True
        guild = self._timeline.present.guilds.get(emission.guild_id)
        if emission.scope is Scope.CHANNEL and emission.channel_id is not None:
            return may_access(guild, emission.channel_id, user_id)
        return is_member(guild, user_id)

    def _note(self, race: _Race, winner: _Done) -> None:
        self.won[frozenset((race.first.call.op, race.second.call.op))] = winner.call.op

    def _decided(self, race: _Race, winner: _Done) -> Iterator[Turn]:
        self._open.remove(race)
        self._note(race, winner)
        if winner is not race.first and race.first.call.op not in self._repeated:
            return
        yield self._again(winner.call, race.second.call if winner is race.first else None)
        # What was asked for after both were answered came after both, whenever it shows which was the last.
        over = max(race.first.call.acknowledged, race.second.call.acknowledged)
        for later in self._done:
            if later.call.invoked > over and later.emission.is_rival_of(winner.emission):
                yield self._again(later.call)

    def _again(self, call: Call, over: Call | None = None) -> Turn:
        self._repeated.add(call.op)
        return Turn(call, over)

    def _looked_back(self, race: _Race) -> _Done | None:
        """Who came last, by the frames that are there already."""
        for connection in self._connections.values():
            for arrival in _since(connection, race.begun):
                winner = self._told(race, arrival, connection.number)
                if winner is not None:
                    return winner
        return None

    def _told(self, race: _Race, arrival: Arrival, number: int) -> _Done | None:
        """Who came last, if this frame decides it: of the other one the connection was told before."""
        reading, receiver = self._readings[arrival.body], self._connections[number].user_id
        told = [one for one in (race.first, race.second) if one.is_told_by(reading, receiver)]
        # What seemed to change nothing says nothing in particular: it is told of where the other is not.
        due = [one for one in told if one.emission.standing is Standing.DUE]
        if len(told) > 1 and len(due) == 1:
            told = due
        if len(told) != 1:
            return None
        now, before = told[0], race.told.get(number)
        if before is None:
            if not self._is_late(race, arrival, self._connections[number]):
                race.told[number] = now
            return None
        return None if before is now else now

    def _is_late(self, race: _Race, arrival: Arrival, connection: Connection) -> bool:
        """Whether a frame tells of an operation that was over before both, in the words of one of them."""
        reading, receiver = self._readings[arrival.body], connection.user_id
        earlier = [
            one
            for one in self._done
            if one.call.acknowledged < race.begun
            and one.emission.standing is Standing.DUE
            and one.is_told_by(reading, receiver)
            and _hears(connection, one)
        ]
        if not earlier:
            return False
        since = min(one.call.invoked for one in earlier)
        told = (other for other in _since(connection, since) if other.position < arrival.position)
        count = sum(earlier[0].is_told_by(self._readings[one.body], receiver) for one in told)
        return count < len(earlier)


def _since(connection: Connection, position: int) -> list[Arrival]:
    """What came to a connection after a position, in order."""
    recent = list(takewhile(lambda arrival: arrival.position >= position, reversed(connection.frames)))
    return recent[::-1]


def _hears(connection: Connection, done: _Done) -> bool:
    """Whether a connection can have been told of an operation."""
    guild_id = done.emission.guild_id
    asked = (lease.asked < done.call.acknowledged for lease in connection.leases_of(guild_id))
    return connection.opened < done.call.acknowledged and (guild_id is None or any(asked))
