"""The causal cone of a finding, worked out from the history: a pure function, so live and offline alike.

What the finding points at (`pointing`), which operations bear on that (`bearing`), and in which words it is
told (`drafts`, `naming`) come together here.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sync_check.conformance.cone import Act, Cone, Part, Step
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.cones.bearing import Bearing
from sync_check.conformance.judges.cones.drafts import (
    Draft,
    Words,
    called,
    ended,
    fence_missed,
    is_broken_off,
    just,
    opened,
    received,
    restarted,
    subscribed,
    taking,
)
from sync_check.conformance.judges.cones.naming import DETAIL, Names
from sync_check.conformance.judges.cones.pointing import Mark, point
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Finding, Kind

MOST_STEPS: Final = 60
MOST_LANES: Final = 6
"""Callers, and connections, that have a lane of their own; the rest share one."""
OTHERS: Final = "others"
_SHOWN: Final = 30
_BREAKS: Final = 3
_TAKINGS: Final = 6
_OF_CONNECTIONS: Final = ("presence", "voice")
"""How the names of events begin that depend on the connections of whom they are about."""
_CLOSING_US: Final = 1_000_000
"""The delivery window: the end of a connection, told by us once it is over, began so long before at most."""


def cone_of(case: Case, finding: Finding) -> Cone | None:
    """The cone of a finding of this case; None where it points at nothing that has one."""
    mark = point(case, finding)
    return None if mark is None else _Collection(case, finding, mark).cone()


class _Collection:
    def __init__(self, case: Case, finding: Finding, mark: Mark) -> None:
        self._case = case
        self._finding = finding
        self._mark = mark
        calls = case.ledger.calls_of.get(case.scenario.index, ())
        bearing = Bearing(mark.subject, calls, case.timeline.present).calls(mark.position)
        self._calls = {call.op: call for call in (*bearing, *mark.causes)}

    def cone(self) -> Cone:
        """The steps in order, as many of them as can be looked at."""
        drafts = list(self._drafts())
        drafts += self._restarts()
        drafts.sort(key=lambda draft: (draft.position, draft.after))
        kept = _shortened(drafts)
        users = {user_id: client for client, user_id in self._case.ledger.users.items()}
        names = Names(users, several_guilds=len(self._mark.subject.all_of("guild")) > 1)
        own = [self._mark.connection.name] if self._mark.connection is not None else []
        callers = _lanes(draft.lane for draft in kept if draft.is_rest)
        connections = _lanes([*own, *(draft.lane for draft in kept if not draft.is_rest)])
        return Cone(
            callers=callers,
            connections=connections,
            steps=tuple(_told(draft, names, callers if draft.is_rest else connections) for draft in kept),
            names=names.given,
            left_out=len(drafts) - len(kept),
        )

    def _drafts(self) -> Iterator[Draft]:
        for connection in self._connections():
            yield from self._life(connection)
        yield from self._breaks()
        for call in self._calls.values():
            yield from self._called(call, self._part(call))
        yield from self._heard()
        for other, matched in self._mark.others:
            yield received(other, matched, Part.OTHER)
        yield from self._wrong()
        if self._mark.act is Act.MISSING and self._mark.connection is not None:
            yield from self._proof(self._mark.connection)

    def _restarts(self) -> Iterator[Draft]:
        """Those of the scenario before what is wrong: whatever was made before had to survive them."""
        for restart in self._case.ledger.restarts:
            is_here = restart.scenario == self._case.scenario.index
            if is_here and restart.down < self._mark.position:
                yield from restarted(restart, self._mark.position)

    def _part(self, call: Call) -> Part:
        if call is self._mark.call and self._mark.act is Act.ANSWER:
            return Part.BAD
        return Part.CAUSE if call in self._mark.causes else Part.CONTEXT

    def _called(self, call: Call, part: Part) -> Iterator[Draft]:
        return called(call, part, self._case.ledger.connections.get(call.connection or 0))

    # --- connections

    def _connections(self) -> Iterator[Connection]:
        """The receiver's; those of whom the event is about, where it depends on their connections."""
        if self._mark.connection is not None:
            yield self._mark.connection
        if not (self._finding.event or "").startswith(_OF_CONNECTIONS):
            return
        for connection in self._case.connections:
            if connection is not self._mark.connection and connection.user_id in self._mark.subject.leaf:
                yield connection

    def _life(self, connection: Connection) -> Iterator[Draft]:
        """How it was opened, what it asked to hear of the subject, and how it ended."""
        until = self._mark.position
        if connection.opened < until:
            yield opened(connection)
        for lease in connection.leases:
            if lease.asked < until and self._is_of_subject(lease):
                yield subscribed(connection, lease, until)
        takings = [one for one in connection.takings if one.position < until]
        yield from (taking(connection, one) for one in takings[-_TAKINGS:])
        end = ended(connection, Part.CONTEXT)
        if end is not None and (connection.ended < until or self._had_begun_to_end(connection)):
            yield end

    def _breaks(self) -> Iterator[Draft]:
        """The latest ends without a word of others who heard of the subject: a server may then harm more."""
        mine = {connection.number for connection in self._connections()}
        broken = [
            connection
            for connection in self._case.connections
            if connection.number not in mine
            and connection.ended < self._mark.position
            and (is_broken_off(connection) or connection.cut is not None)
            and any(map(self._is_of_subject, connection.leases))
        ]
        for connection in sorted(broken, key=lambda one: one.ended)[-_BREAKS:] if mine else ():
            end = ended(connection, Part.CONTEXT)
            if end is not None:
                yield end

    def _had_begun_to_end(self, connection: Connection) -> bool:
        matched = self._mark.matched
        if connection is self._mark.connection or matched is None or connection.ended_at is None:
            return False
        return connection.ended_at - matched.frame.at < _CLOSING_US

    def _is_of_subject(self, lease: Lease) -> bool:
        channels = self._mark.subject.all_of("channel")
        is_there = lease.guild_id in self._mark.subject.all_of("guild")
        return is_there and (not channels or lease.channel_id in channels)

    # --- frames

    def _heard(self) -> Iterator[Draft]:
        """What the receiver was told of the operations in the cone, up to what is wrong."""
        connection = self._mark.connection
        for matched in self._mark.frames if connection is not None else ():
            if matched.frame.position >= self._mark.position or matched.emitted is None:
                continue
            call = self._calls.get(matched.emitted.call.op)
            if call is not None and connection is not None:
                part = Part.CAUSE if call in self._mark.causes else Part.CONTEXT
                yield received(connection, matched, part)

    # --- what is wrong

    def _wrong(self) -> Iterator[Draft]:
        mark = self._mark
        if mark.act is Act.ANSWER:
            return  # with its request
        if mark.connection is not None and mark.matched is not None:
            yield received(mark.connection, mark.matched, Part.BAD)
            return
        end = ended(mark.connection, Part.BAD) if mark.connection is not None else None
        if mark.act in (Act.CLOSED, Act.CUT) and end is not None:
            yield end
            return
        lane = mark.call.client if mark.call is not None else ""
        yield Draft(
            position=mark.position,
            after=True,
            act=mark.act,
            part=Part.BAD,
            lane=lane if mark.connection is None else mark.connection.name,
            at_us=None,
            words=self._compared() if mark.act is Act.COMPARED else self._due,
            detail=shown(self._finding.message, DETAIL),
        )

    def _compared(self) -> Words:
        finding = self._finding
        who = "client has" if finding.kind is Kind.LIVENESS else "REST says"
        wanted, given = (shown(text or "nothing", _SHOWN) for text in (finding.expected, finding.received))
        return just(f"{who} {given}, not {wanted}")

    def _due(self, names: Names) -> str:
        event = self._finding.event or self._finding.requirement
        return names.said(event, self._mark.due) if self._mark.due else shown(event, DETAIL)

    def _proof(self, connection: Connection) -> Iterator[Draft]:
        """What came though it was caused later, so that what is missing is not under way any more."""
        acknowledged = max([call.acknowledged for call in self._mark.causes] or [self._mark.position])
        for matched in self._mark.frames:
            emitted = matched.emitted
            is_later = emitted is not None and emitted.call.invoked > acknowledged
            if emitted is not None and is_later and not matched.copy:
                yield from self._called(emitted.call, Part.PROOF)
                yield received(connection, matched, Part.PROOF)
                return
        for position, missed in self._case.ledger.missed:
            if missed.connection == connection.number and position > self._mark.position:
                yield fence_missed(connection, position, missed)
                return
        end = ended(connection, Part.PROOF)
        if end is not None and connection.ended >= self._mark.position:
            yield end


def _told(draft: Draft, names: Names, lanes: tuple[str, ...]) -> Step:
    return Step(
        act=draft.act,
        part=draft.part,
        lane=draft.lane if draft.lane in ("", *lanes) else OTHERS,
        at_us=draft.at_us,
        text=draft.words(names),
        detail=draft.detail,
    )


def _lanes(lanes: Iterable[str]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(lane for lane in lanes if lane))
    return known if len(known) <= MOST_LANES else (*known[: MOST_LANES - 1], OTHERS)


def _shortened(drafts: list[Draft]) -> list[Draft]:
    """The latest drafts; what has a part of its own in the finding goes last, and what is wrong stays."""
    surplus = len(drafts) - MOST_STEPS
    if surplus <= 0:
        return drafts
    context = [number for number, draft in enumerate(drafts) if draft.part is Part.CONTEXT]
    rest = [number for number, draft in enumerate(drafts) if draft.part not in (Part.CONTEXT, Part.BAD)]
    gone = set((context + rest)[:surplus])
    return [draft for number, draft in enumerate(drafts) if number not in gone]
