"""Who came last, where two operations set the same thing at the same time.

The answers do not say: they may come in another order than the server carried the operations out in. The
events do, on every connection alike (DELIV-2), and what they say last is what REST says (DELIV-10).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.connections import Arrival, Connection
from sync_check.conformance.model.emissions import Emission, Standing

_REMEMBERED: Final = 32
"""Operations looked back at: those still under way when a later one was asked for are few."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An operation that was accepted, and one of its events."""

    call: Call
    emission: Emission

    def is_told_by(self, reading: Reading) -> bool:
        """Whether a body is about this very operation, as far as it can be told from its rival's."""
        one = self.emission
        if reading.name != one.name or not one.is_told_by(reading.payload):
            return False
        return not one.disagreements(reading.payload, self.call.actor)


@dataclass(slots=True)
class _Race:
    """Two of them, in the order of their answers; `told` is of which each connection was told so far."""

    first: _Done
    second: _Done
    told: dict[int, _Done] = field(default_factory=dict)


class Races:
    """The races that no event has decided yet."""

    def __init__(self, connections: Mapping[int, Connection], readings: Mapping[int, Reading]) -> None:
        self._connections = connections
        self._readings = readings
        self._done: list[_Done] = []
        self._open: list[_Race] = []

    @property
    def is_open(self) -> bool:
        """Whether a frame may decide one."""
        return bool(self._open)

    def enter(self, call: Call, emission: Emission) -> Iterator[Call]:
        """An operation was answered; yields each whose effect came after it though its answer came before."""
        if emission.standing not in (Standing.DUE, Standing.NO_OP) or not emission.identity:
            return
        done = _Done(call, emission)
        for other in self._done:
            if other.call.acknowledged > call.invoked and _rival(other.emission, emission):
                race = _Race(other, done)
                winner = self._looked_back(race)
                if winner is None:
                    self._open.append(race)
                elif winner is other:
                    yield other.call
        self._done = [*self._done[1 - _REMEMBERED :], done]

    def arrival(self, arrival: Arrival) -> Iterator[Call]:
        """Frames came; yields each operation that they show to have been carried out last."""
        reading = self._readings[arrival.body]
        for race in tuple(self._open):
            tellings = (_told(race, reading, connection) for connection in arrival.times)
            winner = next((one for one in tellings if one is not None), None)
            if winner is not None:
                self._open.remove(race)
            if winner is race.first:
                yield race.first.call

    def _looked_back(self, race: _Race) -> _Done | None:
        """Who came last, by the frames that are there already."""
        since = min(race.first.call.invoked, race.second.call.invoked)
        for connection in self._connections.values():
            if connection.ended < since:
                continue
            recent = []
            for frame in reversed(connection.frames):
                if frame.position < since:
                    break
                recent.append(frame)
            for frame in reversed(recent):
                winner = _told(race, self._readings[frame.body], connection.number)
                if winner is not None:
                    return winner
        return None


def _told(race: _Race, reading: Reading, connection: int) -> _Done | None:
    """Who came last, if this frame decides it: of the other one the connection was told before."""
    told = [one for one in (race.first, race.second) if one.is_told_by(reading)]
    # What seemed to change nothing says nothing in particular: it is told of where the other is not.
    due = [one for one in told if one.emission.standing is Standing.DUE]
    if len(told) > 1 and len(due) == 1:
        told = due
    if len(told) != 1:
        return None
    now = told[0]
    before = race.told.setdefault(connection, now)
    return None if before is now else now


def _rival(one: Emission, other: Emission) -> bool:
    return one.name == other.name and one.identity == other.identity
