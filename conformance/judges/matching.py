"""Matches the frames of a connection with the emissions that explain them.

A frame is a delivery of an emission of the same event and identity whose operation was invoked before the
frame came. Of several, one whose payload agrees is preferred, then one in order; each emission explains at
most one frame of a connection, so that what is left over was delivered twice.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.history import canonical
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.connections import Connection, Frame
from sync_check.conformance.model.emissions import Disagreement, Standing, look_up
from sync_check.conformance.model.timeline import Timeline

_IDENTIFYING: Final = (
    "message_id",
    "request_id",
    "channel.channel_id",
    "role.role_id",
    "role_id",
    "channel_id",
    "user_id",
    "guild_id",
    "",
)
"""The member that tells most events of one name apart, the most telling first; none of a mirrored one."""
_RANK: Final = {Standing.DUE: 0, Standing.OPTIONAL: 1, Standing.NO_OP: 2, Standing.REFUSED: 3}
_QUIET: Final = (Standing.NO_OP, Standing.REFUSED)

_SEVERAL: Final = 2

_Key = tuple[str, str, str]


class Matched(NamedTuple):
    """A frame and what it is a delivery of; `copy` is set where that was delivered before."""

    frame: Frame
    reading: Reading
    emitted: Emitted | None = None
    copy: bool = False


class Matcher:
    """Finds the emissions that bodies tell of, once per body."""

    def __init__(self, readings: Mapping[int, Reading], timeline: Timeline) -> None:
        self._readings = readings
        self._timeline = timeline
        self._by_key: dict[_Key, list[Emitted]] = {}
        self._by_text: dict[tuple[_Key, str], list[Emitted]] = {}
        self._told: dict[int, tuple[int, list[Emitted]]] = {}
        self._said: dict[int, tuple[int, list[Emitted]]] = {}
        self._disagreements: dict[tuple[int, int, str | None], tuple[Disagreement, ...]] = {}
        self._indexed = 0

    def index(self, emitted: Sequence[Emitted]) -> None:
        """Take the emissions that are new since the last call."""
        for one in emitted[self._indexed :]:
            key = _key_of_identity(one.emission.name, one.emission.identity)
            self._by_key.setdefault(key, []).append(one)
            if one.emission.updated is not None:
                text = canonical(dict(one.emission.updated))
                self._by_text.setdefault((key, text), []).append(one)
        self._indexed = len(emitted)

    def disagreements(
        self, emitted: Emitted, reading: Reading, receiver: str | None
    ) -> tuple[Disagreement, ...]:
        """Where a body says something else than happened, to this receiver."""
        personal = emitted.emission.personal is not None
        key = (emitted.number, reading.body, receiver if personal else None)
        known = self._disagreements.get(key)
        if known is None:
            known = emitted.emission.disagreements(
                reading.payload, emitted.call.actor, receiver, partial(self._names, emitted.call)
            )
            self._disagreements[key] = known
        return known

    def _names(self, call: Call, user_id: str) -> frozenset[str]:
        """The usernames that a user had at some moment of an operation."""
        worlds = self._timeline.worlds(call.window(self._timeline).span)
        return frozenset(world.people[user_id].username for world in worlds if user_id in world.people)

    def match(self, connection: Connection) -> list[Matched]:
        """All frames of a connection, in order, each with what explains it."""
        used: dict[int, int] = {}
        latest = -1
        matched = []
        for arrival in connection.frames:
            frame = arrival.frame(connection.number)
            found = self._matched(connection, frame, used, latest)
            if found.emitted is not None and not found.copy:
                used[found.emitted.number] = frame.body
                latest = max(latest, found.emitted.call.invoked)
            elif found.reading.name == "subscribed":
                latest = max(latest, _asked(connection, frame))
            matched.append(found)
        return matched

    def _matched(self, connection: Connection, frame: Frame, used: Mapping[int, int], latest: int) -> Matched:
        reading = self._readings[frame.body]
        if reading.event is None or reading.event.scope is Scope.CONNECTION:
            return Matched(frame, reading)
        best = self._agreeing(connection, frame, reading, used, latest)
        if best is not None:
            return Matched(frame, reading, best)
        told = [
            one
            for one in self._candidates(reading)
            if one.call.invoked < frame.position
            and not _is_history(one, connection)
            and not _is_stale(one, latest, connection)
        ]
        if not told:
            return Matched(frame, reading)
        fresh = [one for one in told if one.number not in used]
        receiver = connection.user_id
        best = min(fresh, key=lambda one: self._rank(one, reading, connection, latest), default=None)
        repeated = next((one for one in told if used.get(one.number) == frame.body), None)
        if best is None:
            return Matched(frame, reading, repeated or told[-1], copy=True)
        if repeated is not None and self._is_doubtful(best, reading, receiver):
            return Matched(frame, reading, repeated, copy=True)
        return Matched(frame, reading, best)

    def _agreeing(
        self,
        connection: Connection,
        frame: Frame,
        reading: Reading,
        used: Mapping[int, int],
        latest: int,
    ) -> Emitted | None:
        """The best of the emissions that say just this, found by what they say: the usual case, and fast."""
        receiver = connection.user_id
        saying = [
            one
            for one in self._saying(reading)
            if one.number not in used
            and one.call.invoked < frame.position
            and one.emission.standing is not Standing.REFUSED
            and not _is_history(one, connection)
            and not _is_stale(one, latest, connection)
            and not self.disagreements(one, reading, receiver)
        ]
        if len(saying) < _SEVERAL:
            return saying[0] if saying else None
        return min(saying, key=lambda one: self._rank(one, reading, connection, latest))

    def _saying(self, reading: Reading) -> list[Emitted]:
        """The emissions about the same whose updated fields are those of the body."""
        known = self._said.get(reading.body)
        if known is not None and known[0] == self._indexed:
            return known[1]
        updated = reading.payload.get("updated_fields")
        if not isinstance(updated, Mapping):
            found = self._candidates(reading)
        else:
            text = canonical(dict(updated))
            found = [
                one
                for member in _IDENTIFYING
                for one in self._by_text.get(
                    (_key_of_payload(reading.name or "", reading.payload, member), text), ()
                )
                if one.emission.is_told_by(reading.payload)
            ]
        self._said[reading.body] = (self._indexed, found)
        return found

    def _is_doubtful(self, one: Emitted, reading: Reading, receiver: str | None) -> bool:
        """Whether a body seen before is rather a copy than a delivery of this emission."""
        return one.emission.standing is Standing.REFUSED or bool(self.disagreements(one, reading, receiver))

    def _rank(
        self, one: Emitted, reading: Reading, connection: Connection, latest: int
    ) -> tuple[bool, bool, bool, bool, int, int]:
        standing = one.emission.standing
        return (
            bool(self.disagreements(one, reading, connection.user_id)),
            # What was over when the connection opened is hardly told there if something else explains it.
            one.call.acknowledged < connection.opened,
            standing in _QUIET,
            one.call.acknowledged < latest,
            _RANK[standing],
            one.call.invoked,
        )

    def _candidates(self, reading: Reading) -> list[Emitted]:
        known = self._told.get(reading.body)
        if known is not None and known[0] == self._indexed:
            return known[1]
        found = [
            one
            for member in _IDENTIFYING
            for one in self._by_key.get(_key_of_payload(reading.name or "", reading.payload, member), ())
            if one.emission.is_told_by(reading.payload)
        ]
        found.sort(key=lambda one: one.number)
        self._told[reading.body] = (self._indexed, found)
        return found


def _is_history(one: Emitted, connection: Connection) -> bool:
    """Whether an emission of an earlier scenario was over before the connection began."""
    answered = one.call.answered_at
    return one.call.scenario < connection.born and answered is not None and answered < connection.began


def _asked(connection: Connection, confirmed: Frame) -> int:
    """When the subscribe was sent that a frame confirms: all that comes later was queued later than that."""
    asked = (lease.asked for lease in connection.leases if lease.confirmed == confirmed.position)
    return next(asked, -1)


def _is_stale(one: Emitted, latest: int, connection: Connection) -> bool:
    """Whether what comes now is told because of something else: all that the operation caused has come.

    That goes for an operation that changed nothing, and for departures: others, by the end of a connection,
    are told in the same words.
    """
    answered, departs = one.call.answered_at, one.emission.event in DEPARTURE
    if departs and answered is not None and answered < connection.began:
        return True
    return one.call.acknowledged < latest and (departs or one.emission.standing is Standing.NO_OP)


def _key_of_identity(name: str, identity: Mapping[str, Any]) -> _Key:
    for member in _IDENTIFYING:
        if isinstance(identity.get(member), str):
            return name, member, identity[member]
    return name, "", ""


def _key_of_payload(name: str, payload: Mapping[str, Any], member: str) -> _Key:
    value = look_up(payload, member)
    return name, member, value if isinstance(value, str) else ""
