"""Matches the frames of a connection with the emissions that explain them.

A frame is a delivery of an emission of the same event and identity whose operation was invoked before the
frame came. Of several, one whose payload agrees is preferred, then one in order; each emission explains at
most one frame of a connection, so that what is left over was delivered twice.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.history import canonical
from sync_check.conformance.judges.deliveries import Delivery
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.connections import Arrival, Connection, Frame
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


_Used = Callable[[int], int | None]
"""The body by which an emission of that number was delivered to the connection in question; None so far."""


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

    def reading(self, body: int) -> Reading:
        """What a body says."""
        return self._readings[body]

    def is_about_something(self, reading: Reading) -> bool:
        """Whether any emission is about what a body tells of."""
        return bool(self._saying(reading) or self._candidates(reading))

    def obvious(self, reading: Reading, position: int) -> Emitted | None:
        """The one emission that a body received at a position is a delivery of, whoever received it.

        That takes one that alone says just this, to everybody alike, and that nothing makes stale.
        """
        saying = self._saying(reading)
        if any(one.emission.personal is not None for one in saying):
            return None
        plain = [one for one in saying if self._may_say(one, reading, position, None)]
        if len(plain) != 1 or plain[0].emission.event in DEPARTURE:
            return None
        return None if plain[0].emission.standing is Standing.NO_OP else plain[0]

    def _may_say(self, one: Emitted, reading: Reading, position: int, receiver: str | None) -> bool:
        return (
            one.call.invoked < position
            and one.emission.standing is not Standing.REFUSED
            and not self.disagreements(one, reading, receiver)
        )

    def match(
        self, connection: Connection, frame: Frame, used: _Used, latest: int
    ) -> tuple[Emitted | None, bool]:
        """What a frame of a connection is a delivery of, and whether that was delivered there before.

        `latest` is when the latest operation was invoked of which the connection was told by then.
        """
        reading = self._readings[frame.body]
        best = self._agreeing(connection, frame, reading, used, latest)
        if best is not None:
            return best, False
        told = [
            one
            for one in self._candidates(reading)
            if one.call.invoked < frame.position
            and not is_history(one, connection)
            and not _is_stale(one, latest, connection)
        ]
        if not told:
            return None, False
        fresh = [one for one in told if used(one.number) is None]
        receiver = connection.user_id
        best = self._preferred(fresh, connection, frame, used, latest)
        repeated = next((one for one in told if used(one.number) == frame.body), None)
        if best is None:
            return repeated or told[-1], True
        if repeated is not None and self._is_doubtful(best, reading, receiver):
            return repeated, True
        return best, False

    def _agreeing(
        self,
        connection: Connection,
        frame: Frame,
        reading: Reading,
        used: _Used,
        latest: int,
    ) -> Emitted | None:
        """The best of the emissions that say just this, found by what they say: the usual case, and fast."""
        receiver = connection.user_id
        saying = [
            one
            for one in self._saying(reading)
            if used(one.number) is None
            and self._may_say(one, reading, frame.position, receiver)
            and not is_history(one, connection)
            and not _is_stale(one, latest, connection)
        ]
        if len(saying) < _SEVERAL:
            return saying[0] if saying else None
        return self._preferred(saying, connection, frame, used, latest)

    def _preferred(
        self, some: Sequence[Emitted], connection: Connection, frame: Frame, used: _Used, latest: int
    ) -> Emitted | None:
        """The best of some; None of none.

        What an earlier operation may have said comes before what a later one must say (DELIV-5): it is
        preferred to that where more in these words is still to come than must.
        """
        reading = self._readings[frame.body]
        best = min(some, key=lambda one: self._rank(one, reading, connection, latest), default=None)
        if best is None or best.emission.standing is not Standing.DUE:
            return best
        earlier = [
            one
            for one in some
            if one.emission.standing is Standing.OPTIONAL
            and one.call.acknowledged < best.call.invoked
            and not self.disagreements(one, reading, connection.user_id)
        ]
        if not earlier or not self._are_more_to_come(connection, frame, used):
            return best
        return min(earlier, key=lambda one: one.call.invoked)

    def _are_more_to_come(self, connection: Connection, frame: Frame, used: _Used) -> bool:
        """Whether all that is due in the words of a frame can come still if it is no delivery of that."""
        reading, receiver = self._readings[frame.body], connection.user_id
        due = [
            one
            for one in self._candidates(reading)
            if one.emission.standing is Standing.DUE
            and used(one.number) is None
            and not self.disagreements(one, reading, receiver)
        ]
        here = bisect_left(connection.frames, frame.position, key=lambda arrival: arrival.position)
        alike = (
            arrival
            for arrival in islice(connection.frames, here, None)
            if self._is_of_one(due, arrival.body, receiver)
        )
        return len(list(islice(alike, len(due) + 1))) > len(due)

    def _is_of_one(self, due: Sequence[Emitted], body: int, receiver: str | None) -> bool:
        reading = self._readings[body]
        return any(
            one.emission.name == reading.name
            and one.emission.is_told_by(reading.payload)
            and not self.disagreements(one, reading, receiver)
            for one in due
        )

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
            bool(self.disagreements(one, reading, connection.user_id)) or _is_vague(one, connection.user_id),
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


class Sorting:
    """Sorts the frames of some connections, in the order in which they came, by what they deliver."""

    def __init__(self, matcher: Matcher, connections: Sequence[Connection]) -> None:
        self._matcher = matcher
        self._connections = {connection.number: connection for connection in connections}
        self._youngest = max((connection.born for connection in connections), default=0)
        self._used: dict[int, dict[int, int]] = {}
        self._latest = dict.fromkeys(self._connections, -1)
        self._peak = -1

    def take(self, arrival: Arrival) -> Iterator[Delivery]:
        """What one arrival is a delivery of, to each of the connections."""
        times = arrival.times
        if not times.keys() <= self._connections.keys():
            times = {number: at for number, at in times.items() if number in self._connections}
        reading = self._matcher.reading(arrival.body)
        if reading.event is None or reading.event.scope is Scope.CONNECTION:
            if reading.name == "subscribed":
                self._confirmed(arrival, times)
            yield Delivery(arrival=arrival, reading=reading, times=times)
            return
        if not self._matcher.is_about_something(reading):
            yield Delivery(arrival=arrival, reading=reading, times=times)
            return
        one = self._matcher.obvious(reading, arrival.position)
        if one is not None and self._is_new_to_all(one, times):
            self._use(one, times, arrival.body)
            yield Delivery(arrival=arrival, reading=reading, times=times, emitted=one)
        else:
            yield from self._one_by_one(arrival, reading, times)

    def _is_new_to_all(self, one: Emitted, times: Mapping[int, int]) -> bool:
        if one.call.scenario < self._youngest:
            return False
        used = self._used.get(one.number)
        return used is None or times.keys().isdisjoint(used)

    def _one_by_one(self, arrival: Arrival, reading: Reading, times: Mapping[int, int]) -> Iterator[Delivery]:
        sorted_by: dict[tuple[Emitted | None, bool], dict[int, int]] = {}
        for number, at in times.items():
            frame = Frame(arrival.position, at, arrival.body)
            used = partial(self._body_of, number)
            found = self._matcher.match(self._connections[number], frame, used, self._latest[number])
            if found[0] is not None and not found[1]:
                self._use(found[0], {number: at}, arrival.body)
            sorted_by.setdefault(found, {})[number] = at
        for (emitted, copy), some in sorted_by.items():
            yield Delivery(arrival=arrival, reading=reading, times=some, emitted=emitted, copy=copy)

    def _body_of(self, connection: int, emission: int) -> int | None:
        used = self._used.get(emission)
        return None if used is None else used.get(connection)

    def _use(self, one: Emitted, times: Mapping[int, int], body: int) -> None:
        self._used.setdefault(one.number, {}).update(dict.fromkeys(times, body))
        self._hear(times, one.call.invoked)

    def _confirmed(self, arrival: Arrival, times: Mapping[int, int]) -> None:
        for number in times:
            self._hear((number,), _asked(self._connections[number], arrival.position))

    def _hear(self, numbers: Iterable[int], invoked: int) -> None:
        """Note the latest operation that connections were told of."""
        if invoked >= self._peak:
            self._peak = invoked
            self._latest.update(dict.fromkeys(numbers, invoked))
        else:
            self._latest.update({number: max(self._latest[number], invoked) for number in numbers})


def is_history(one: Emitted, connection: Connection) -> bool:
    """Whether an emission of an earlier scenario was over before the connection began."""
    answered = one.call.answered_at
    return one.call.scenario < connection.born and answered is not None and answered < connection.began


def _is_vague(one: Emitted, receiver: str | None) -> bool:
    """Whether nothing is known of what a refused operation would have told, so that nothing shows it."""
    emission = one.emission
    if emission.standing is not Standing.REFUSED or emission.updated is not None or emission.stated:
        return False
    return emission.personal is None or receiver is None or not emission.personal(receiver)


def _asked(connection: Connection, confirmed: int) -> int:
    """When the subscribe was sent that was confirmed there: what comes later was queued later than that."""
    asked = (lease.asked for lease in connection.leases if lease.confirmed == confirmed)
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
