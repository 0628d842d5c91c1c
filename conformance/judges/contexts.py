"""In which situation a requirement was seen to hold: the cells of the coverage matrix.

A rule that holds for the second session of a member who reconnected is not shown by one that never left. A
cell is a requirement with an event, its scope, who the receiver was, and what its connection had seen.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Context
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import Emission
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.model.world import Guild


class Receiver(StrEnum):
    """Who a connection's user is for an event."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    FORMER = "former"  # was a member, and is none any more
    OUTSIDER = "outsider"
    CONCERNED = "concerned"  # the event is about this user, and of user scope
    OTHER = "other"


class State(StrEnum):
    """What a connection had been through when the event's cause began."""

    LIVE = "live"
    SECOND = "second"  # not the first of its user's open connections
    RECONNECTED = "reconnected"  # another connection of its user had ended
    FRESH = "fresh"  # opened after the scenario's first operation
    OLD = "old"  # opened before the scenario


class Contexts:
    """Works out contexts, once for all events of equal reach."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._receivers: dict[tuple[int, str], dict[int, str]] = {}
        self._states: dict[int, str] = {}
        self._pasts: dict[int, tuple[Guild | None, ...]] = {}
        self._of_client: dict[str, list[Connection]] = {}
        for connection in case.ledger.connections.values():
            self._of_client.setdefault(connection.client, []).append(connection)
        self._split: dict[tuple[int, str, frozenset[int]], Mapping[tuple[str, str], frozenset[int]]] = {}
        asked = [call.invoked for call in case.calls if case.counts_for_witness(call)]
        self._first = min(asked, default=0)

    def of(self, emitted: Emitted, dues: Mapping[int, object], connection: Connection) -> Context:
        """The context of an event at a connection; `dues` is the event's reach."""
        emission = emitted.emission
        known = self._receivers.setdefault((id(dues), _about(emission)), {})
        receiver = known.get(connection.number)
        if receiver is None:
            receiver = known[connection.number] = self._receiver(emitted, connection)
        return Context(emission.name, emission.scope, receiver, self._state(connection))

    def split(
        self, emitted: Emitted, dues: Mapping[int, object], numbers: frozenset[int]
    ) -> Iterator[tuple[Context, frozenset[int]]]:
        """The contexts of an event at some connections of its reach, each with those that are in it."""
        emission = emitted.emission
        key = id(dues), _about(emission), numbers
        known = self._split.get(key)
        if known is None:
            found: dict[tuple[str, str], set[int]] = {}
            for number in numbers:
                context = self.of(emitted, dues, self._case.by_number[number])
                found.setdefault((context.receiver, context.state), set()).add(number)
            known = self._split[key] = {where: frozenset(some) for where, some in found.items()}
        for (receiver, state), some in known.items():
            yield Context(emission.name, emission.scope, receiver, state), some

    def _receiver(self, emitted: Emitted, connection: Connection) -> str:
        emission, user_id = emitted.emission, connection.user_id or ""
        if emission.scope is Scope.USER:
            concerned = user_id == emission.subject or user_id in emission.concerned
            return Receiver.CONCERNED if concerned else Receiver.OTHER
        past = self._past(emitted)
        now = past[-1]
        if now is not None and user_id in now.members:
            return Receiver(now.members[user_id])
        return Receiver.FORMER if any(is_member(state, user_id) for state in past) else Receiver.OUTSIDER

    def _past(self, emitted: Emitted) -> tuple[Guild | None, ...]:
        """The states of the event's guild up to when its operation was asked for."""
        past = self._pasts.get(emitted.number)
        if past is None:
            first = emitted.call.window(self._case.timeline).span.first
            guild_id = emitted.emission.guild_id or ""
            past = self._case.timeline.guilds(guild_id, Span(first=0, last=first))
            self._pasts[emitted.number] = past
        return past

    def _state(self, connection: Connection) -> str:
        known = self._states.get(connection.number)
        if known is None:
            known = self._states[connection.number] = self._worked_out(connection)
        return known

    def _worked_out(self, connection: Connection) -> str:
        if connection.opened < self._case.scenario.begun:
            return State.OLD
        earlier = [
            other
            for other in self._of_client[connection.client]
            if self._case.scenario.begun < other.opened < connection.opened
        ]
        if any(other.ended < connection.opened for other in earlier):
            return State.RECONNECTED
        if earlier:
            return State.SECOND
        return State.FRESH if connection.opened > self._first else State.LIVE


def _about(emission: Emission) -> str:
    """Whom an event concerns, where that makes a difference to its receivers."""
    return (emission.subject or "") if emission.scope is Scope.USER else ""
