"""Where a finding points in the history: the frame, answer, end or comparison that is wrong or missing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.cone import Act
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.history import EndOfConnection, Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.cones.bearing import named_by
from sync_check.conformance.judges.cones.subject import PLACES, Ids, Subject, ids_in, joined, leaf_of
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.emissions import Emission
from sync_check.conformance.verdict import Finding, Kind

_CONVERGENCE: Final = "convergence"
_ABSENT: Final = "nothing"
_EVERYWHERE: Final = ("guild", "user")
"""What many operations name that have nothing else in common."""
_WORD: Final = re.compile(r"[\w-]+")
_NOTHING: Final[Mapping[str, object]] = {}
_ENDS: Final = {EndOfConnection.CLOSED_BY_TARGET: Act.CLOSED, EndOfConnection.DROPPED: Act.CUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is wrong, at a position in the history; of what is missing, where it was due at the latest.

    `frames` are those of `connection` with what explains them. `causes` are the operations that the finding
    names, and the one that explains its frame; `others` are frames that it shows of other connections. `due`
    are members of the event that is missing.
    """

    act: Act
    position: int
    connection: Connection | None
    frames: tuple[Matched, ...]
    matched: Matched | None
    call: Call | None
    causes: tuple[Call, ...]
    others: tuple[tuple[Connection, Matched], ...]
    subject: Subject
    due: Mapping[str, object]


def point(case: Case, finding: Finding) -> Mark | None:
    """Where a finding points; None if it says of nothing that it came, was due, or was wrong."""
    return _Pointing(case, finding).mark()


class _Pointing:
    def __init__(self, case: Case, finding: Finding) -> None:
        self._case = case
        self._finding = finding
        connections = {connection.name: connection for connection in case.ledger.connections.values()}
        self._connection = connections.get(finding.client or "")
        self._frames = self._matches(self._connection)
        self._shown = dict(self._shown_frames(connections))
        self._causes = list(self._named_calls())

    def _matches(self, connection: Connection | None) -> tuple[Matched, ...]:
        return () if connection is None else tuple(self._case.stream(connection))

    def _named_calls(self) -> Iterator[Call]:
        """The operations of which the finding shows a line, and the one that placed the secret in it."""
        records = {line.record for line in self._finding.excerpt}
        for call in self._case.ledger.calls.values():
            if call.invoked in records or call.label == self._finding.cause:
                yield call
        told = (self._finding.received or "").lower()
        for canary in self._case.ledger.canaries:
            if canary.text.lower() == told and canary.op in self._case.ledger.calls:
                yield self._case.ledger.calls[canary.op]

    def _shown_frames(
        self, connections: Mapping[str, Connection]
    ) -> Iterator[tuple[int, tuple[Connection, Matched]]]:
        for line in self._finding.excerpt:
            connection = connections.get(line.who)
            if connection is None or line.record is None:
                continue
            for matched in self._frames if connection is self._connection else self._matches(connection):
                if matched.frame.position == line.record:
                    yield line.record, (connection, matched)

    def mark(self) -> Mark | None:
        own = [matched for connection, matched in self._shown.values() if connection is self._connection]
        if self._finding.judge == _CONVERGENCE and self._connection is not None:
            return self._compared()
        if self._is_missing():
            return self._missing()
        if own:
            return self._wrong(max(own, key=lambda matched: matched.frame.position))
        how = None if self._connection is None else self._connection.how
        if self._connection is not None and how in _ENDS and not self._causes:
            return self._marked(_ENDS[how], self._connection.ended, self._leased())
        if not self._causes:
            return None
        call = max(self._causes, key=lambda call: call.invoked)
        end = call.acknowledged if call.acknowledged != NEVER else call.invoked
        act = Act.COMMAND if call.is_command else Act.ANSWER
        return self._marked(act, end, [named_by(call)], call=call)

    def _is_missing(self) -> bool:
        absent = (self._finding.received or "").startswith(_ABSENT)
        return absent and self._finding.kind is Kind.LIVENESS and self._connection is not None

    def _wrong(self, matched: Matched) -> Mark:
        if matched.emitted is not None and matched.emitted.call not in self._causes:
            self._causes.append(matched.emitted.call)
        about = [ids_in(matched.reading.payload)]
        return self._marked(Act.FRAME, matched.frame.position, about, matched=matched)

    def _missing(self) -> Mark:
        """It was due once its operation was acknowledged, or somebody else had it; else when all was over."""
        emissions = list(self._due())
        due = _members_of(emissions[0]) if emissions else {}
        about: Sequence[Ids] = [ids_in(due)] if emissions else [named_by(call) for call in self._causes]
        about = about or [*self._people(), *self._leased()]
        moments = [call.acknowledged for call in self._causes if call.acknowledged != NEVER]
        moments += [
            matched.frame.position
            for connection, matched in self._shown.values()
            if connection is not self._connection
        ]
        over = min(self._case.until, self._connection.ended if self._connection is not None else NEVER)
        return self._marked(Act.MISSING, max(moments, default=over), about, due=due)

    def _due(self) -> Iterator[Emission]:
        for emitted in self._case.emitted:
            if emitted.call in self._causes and emitted.emission.name == self._finding.event:
                yield emitted.emission

    def _compared(self) -> Mark:
        after = max((call.invoked for call in self._causes), default=-1)
        number = -1 if self._connection is None else self._connection.number
        taken = [settle.replicas.get(number) or settle.snapshots.get(number) for settle in self._case.settles]
        positions = [one.position for one in taken if one is not None and one.position > after]
        about: Sequence[Ids] = [named_by(call) for call in self._causes] or self._leased()
        return self._marked(Act.COMPARED, min(positions, default=self._case.until), about)

    def _leased(self) -> Sequence[Ids]:
        """What the connection asked to hear."""
        leases = self._connection.leases if self._connection is not None else []
        return [ids_in({"guild_id": lease.guild_id, "channel_id": lease.channel_id}) for lease in leases]

    def _people(self) -> Iterator[Ids]:
        """Whom the finding calls by name, where no operation is its cause."""
        words = set(_WORD.findall(self._finding.message))
        named = [user for client, user in self._case.ledger.users.items() if client in words]
        if named:
            yield {"user": frozenset(named)}

    def _mentioned(self) -> Iterator[tuple[Ids, Ids]]:
        """What the finding names by its id, and where that is, as far as operations tell."""
        finding = self._finding
        texts = (finding.message, finding.expected or "", finding.received or "")
        mentioned = {entity for text in texts for entity in ULID_PATTERN.findall(text)}
        for call in self._case.calls if mentioned else ():
            named = named_by(call)
            things = {kind: ids & mentioned for kind, ids in named.items() if kind not in _EVERYWHERE}
            places = {kind: ids for kind, ids in named.items() if kind in PLACES}
            if any(things.values()):
                yield things, places if leaf_of(named) & mentioned else {}

    def _marked(
        self,
        act: Act,
        position: int,
        about: Sequence[Ids],
        *,
        matched: Matched | None = None,
        call: Call | None = None,
        due: Mapping[str, object] = _NOTHING,
    ) -> Mark:
        receiver = self._connection.user_id if self._connection is not None else None
        mentioned = [*self._mentioned()] if act in (Act.ANSWER, Act.COMPARED) else []
        actors = {one.actor for one in self._causes if call is not None or one.outcome is Outcome.FAIL}
        return Mark(
            act=act,
            position=position,
            connection=self._connection,
            frames=self._frames,
            matched=matched,
            call=call,
            causes=tuple(self._causes),
            others=tuple(one for one in self._shown.values() if one[0] is not self._connection),
            subject=Subject.of(
                about,
                users=[receiver, *actors],
                where=[*map(named_by, self._causes), *(place for _, place in mentioned)],
                things=joined(*(thing for thing, _ in mentioned)),
            ),
            due=due,
        )


def _members_of(emission: Emission) -> dict[str, object]:
    """The members that tell an event apart, and whom it concerns."""
    members: dict[str, object] = {"guild_id": emission.guild_id, "channel_id": emission.channel_id}
    members["user_id"] = emission.subject
    for path, value in emission.identity.items():
        members[path.rpartition(".")[2]] = value
    members["user_ids"] = sorted(emission.concerned | emission.pair)
    return {name: value for name, value in members.items() if value}
