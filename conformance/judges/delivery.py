"""Judge `delivery`: every event reached exactly those that it must, and every frame is explained.

This module looks from the emissions' side (missing, unentitled, disagreeing, caused by nothing); what a
connection's stream shows by itself is in `streams`.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Final

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges import delays, silence, streams
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.contexts import Contexts
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Context, Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.judges.proof import Grade
from sync_check.conformance.judges.reach import Reach
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.duties import Due, Duty
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "delivery"
_AGREEMENT: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("message_create", "message_create"): ("CMD-2",),
    ("message_create", None): ("MSG-1",),
    ("message_update", None): ("EVT-2",),
    ("workspace_update", None): ("EVT-2", "GUILD-4"),
    ("channel_update", None): ("EVT-2", "CHAN-4"),
    ("channel_reorder", None): ("CHAN-7",),
    ("workspace_role_update", None): ("EVT-2", "ROLE-3"),
    ("workspace_role_reorder", None): ("ROLE-6",),
    ("workspace_channel_override_update", None): ("EVT-2", "OVR-1"),
    ("workspace_channel_role_override_update", None): ("EVT-2", "OVR-1"),
    ("workspace_channel_permission_override_update", None): ("EVT-2", "OVR-1"),
    ("workspace_member_update", None): ("EVT-2", "MEM-4"),
    ("workspace_member_add", "join_guild"): ("JOIN-3",),
    ("workspace_member_remove", "leave_guild"): ("MEM-10",),
    ("workspace_member_add", None): ("MEM-2",),
    ("profile_update", None): ("EVT-2", "PROF-2"),
    ("profile_avatar_update", None): ("PROF-4",),
    ("profile_banner_update", None): ("PROF-4",),
    ("friend_request_update", None): ("FRIEND-4",),
    ("friend_remove", None): ("FRIEND-4",),
}
"""What an event that agrees with its operation witnesses, by its name and, if it matters, the operation's."""

_UNWANTED: Final = {
    "EVT-5": "an event came under its former name, outside of the migration window",
    "LIMIT-SIZE-1": "an event came that is longer than a frame may be",
}
"""What is wrong with an event that breaks one of these by coming."""


def judge(case: Case) -> Judgement:
    """Judge the delivery of a scenario's events."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    contexts = Contexts(case)
    for emitted in case.emitted:
        _Emission(case, judgement, emitted, contexts).judge()
    streams.judge(case, judgement)
    delays.judge(case, judgement)
    judgement.evidence["frames"] = sum(len(delivery.times) for delivery in case.own_deliveries)
    judgement.evidence["connections"] = len(case.connections)
    silence.judge(case, judgement)
    return judgement


class _Emission:
    """One emission against all connections: those to which the same is owed are looked at together."""

    def __init__(self, case: Case, judgement: Judgement, emitted: Emitted, contexts: Contexts) -> None:
        self._contexts = contexts
        self._case = case
        self._judgement = judgement
        self._emitted = emitted
        self._connections = case.by_number
        self._call = emitted.call
        self._received = case.receipts(emitted)
        self._counts = case.counts_for_witness(emitted.call)

    def judge(self) -> None:
        standing = self._case.standing(self._emitted)
        dues = self._case.reaches.of(self._emitted)
        if standing is Standing.REFUSED:
            self._silent(dues, "DELIV-4", "an operation that was refused caused an event")
        elif standing is Standing.NO_OP:
            requirement = self._emitted.emission.unless_changed
            self._silent(dues, requirement, _UNWANTED.get(requirement, "a change of nothing caused an event"))
        else:
            self._agreement()
            self._reach(dues, standing)
            self._one_of_several(dues)

    # --- the operation changed something

    def _reach(self, dues: Reach, standing: Standing) -> None:
        blind = self._case.is_blind(self._call) or standing is not Standing.DUE
        # What the contract itself leaves to the server is decided: both ways are fine.
        free = self._emitted.emission.standing is Standing.OPTIONAL and self._call.outcome is Outcome.OK
        evidence = self._judgement.evidence
        evidence["pairs"] += len(dues)
        for due, numbers in dues.groups.items():
            if due.duty in (Duty.MUST_NOT, Duty.SHOULD_NOT):
                evidence["pairs_decided"] += len(numbers) * due.decided
                for number in sorted(numbers):
                    self._forbidden(self._connections[number], due)
            elif blind:
                evidence["pairs_decided"] += len(numbers) * (free and not self._call.blind)
            else:
                evidence["pairs_decided"] += len(numbers) * due.decided
                self._owed(due, numbers)

    def _one_of_several(self, dues: Reach) -> None:
        """Where operations at the same time set the same thing, one at least has told of it."""
        rivals = self._case.rivals.one_of(self._emitted)
        if not rivals or any(self._case.is_blind(one.call) for one in rivals):
            return
        owed = {number for number, due in dues.items() if due.duty in (Duty.MUST, Duty.SHOULD)}
        for one in rivals:
            reach = self._case.reaches.of(one)
            owed &= {number for number, due in reach.items() if due.duty in (Duty.MUST, Duty.SHOULD)}
            owed -= self._case.receipts(one).keys()
        for number in sorted(owed):
            connection = self._connections[number]
            if all(self._case.is_over_for(connection, one.call) for one in rivals):
                self._missing(connection, dues[number])

    def _forbidden(self, connection: Connection, due: Due) -> None:
        matched = self._received.get(connection.number)
        if matched is None:
            self._absent(connection, due)
        elif not self._case.is_blind(self._call):
            self._leaked(connection, due, matched)

    def _leaked(self, connection: Connection, due: Due, matched: Matched) -> None:
        name = self._emitted.emission.name
        removal = self._case.removal_behind(connection, self._emitted)
        expected = "nothing"
        if removal is not None:
            expected = f"nothing of that guild after {removal.label}"
        elif self._emitted.emission.guild_id is not None and self._case.is_outside(connection, self._emitted):
            expected = f"nothing: {connection.client} is no member of that guild"
        self._judgement.find(
            Kind.SAFETY,
            due.requirement,
            f"{name} reached a connection that is not entitled to it",
            client=connection.name,
            event=name,
            expected=expected,
            received=f"{name}, caused by {self._call.label}",
            cause=removal or self._call,
            excerpt=[
                *(lines_of_call(removal) if removal is not None else ()),
                *lines_of_call(self._call),
                line_of_frame(matched, connection.name),
            ],
        )

    def _absent(self, connection: Connection, due: Due) -> None:
        if not self._counts or not self._was_told_during(connection):
            return
        grade = self._proof_of_absence(connection)
        if grade is not None:
            self._judgement.witness(due.requirement, *due.also, context=self._context(connection))
            silence.count(self._judgement, grade)

    def _was_told_during(self, connection: Connection) -> bool:
        """Whether another connection got the event while this one was open."""
        return any(
            connection.opened < delivery.position < connection.ended for delivery in self._received.deliveries
        )

    def _proof_of_absence(self, connection: Connection) -> Grade | None:
        """How it is proved that the event has not come to a connection and will not."""
        return self._case.passing(connection).proves(self._emitted.emission.scope, self._call)

    def _owed(self, due: Due, numbers: frozenset[int]) -> None:
        arrived = numbers & self._received.keys()
        if arrived and due.duty is not Duty.MAY and self._counts:
            self._arrived(due, numbers, arrived)
        if due.duty in (Duty.MUST, Duty.SHOULD) and len(arrived) < len(numbers):
            for number in sorted(numbers - arrived):
                connection = self._connections[number]
                if self._case.is_over_for(connection, self._call):
                    self._missing(connection, due)

    def _arrived(self, due: Due, numbers: frozenset[int], arrived: Set[int]) -> None:
        """Count what its coming shows, in each context."""
        emission, witness = self._emitted.emission, self._judgement.witness
        own = arrived & self._case.connections_of(self._call.actor)
        # That who acts is told of it does not show that others are, unless it is about them.
        told = self._case.connections_of(emission.subject)
        trivial = frozenset[int]() if emission.scope is Scope.USER else own - told
        passed = self._case.passed(arrived, self._call)
        for context, some in self._contexts.split(
            self._emitted, self._case.reaches.of(self._emitted), numbers
        ):
            here = arrived if len(some) == len(numbers) else arrived & some
            witness("DELIV-8", context=context, times=len(own & here))
            witness(due.requirement, *due.also, context=context, times=len(here) - len(trivial & here))
            if emission.scope is Scope.CHANNEL:
                witness("SUB-4", context=context, times=len(here) - len(own & here))
            witness("DELIV-1", context=context, times=len(here if passed is arrived else passed & here))

    def _context(self, connection: Connection) -> Context:
        return self._contexts.of(self._emitted, self._case.reaches.of(self._emitted), connection)

    def _missing(self, connection: Connection, due: Due) -> None:
        self._judgement.find(
            Kind.LIVENESS,
            due.requirement,
            f"{self._emitted.emission.name} never came",
            client=connection.name,
            event=self._emitted.emission.name,
            expected=self._emitted.emission.name,
            received=f"nothing, {self._afterwards(connection)}",
            cause=self._call,
            excerpt=[*lines_of_call(self._call), *self._proof(connection)],
        )

    def _afterwards(self, connection: Connection) -> str:
        came = self._case.is_heard_out(connection, self._call)
        return "though later events came" if came else "and nothing later in the time that a fence has"

    def _proof(self, connection: Connection) -> list[Excerpt]:
        """Who else got the event, and what came later on the connection that did not."""
        lines = [
            line_of_frame(self._received[number], self._connections[number].name)
            for number in sorted(self._received)[:1]
        ]
        later = self._case.passed_fence(connection, self._call)
        if later is not None:
            lines.append(line_of_frame(later, connection.name))
        return lines

    def _agreement(self) -> None:
        """What the payload says, once for each distinct body."""
        for matched, receiver, number in self._told_apart():
            disagreements = self._case.matcher.disagreements(self._emitted, matched.reading, receiver)
            for wrong in disagreements:
                self._judgement.find(
                    Kind.CONTRACT,
                    wrong.requirement,
                    f"{self._emitted.emission.name} says something else than happened: {wrong.path}",
                    client=self._connections[number].name,
                    event=self._emitted.emission.name,
                    expected=wrong.expected,
                    received=wrong.received,
                    cause=self._call,
                    excerpt=[
                        *lines_of_call(self._call),
                        line_of_frame(matched, self._connections[number].name),
                    ],
                )
            if not disagreements and self._counts:
                name = self._emitted.emission.name
                told = _AGREEMENT.get((name, self._call.name)) or _AGREEMENT.get((name, None), ())
                self._judgement.witness(*told)

    def _told_apart(self) -> Iterator[tuple[Matched, str | None, int]]:
        """The first frame of each body, or, where it may be personal, of each user; with who received it."""
        personal = self._emitted.emission.personal is not None
        if not personal:
            for number, matched in self._received.of_each_body():
                yield matched, self._connections[number].user_id, number
            return
        known: set[tuple[int, str | None]] = set()
        for number in sorted(self._received):
            matched, receiver = self._received[number], self._connections[number].user_id
            if (matched.reading.body, receiver) not in known:
                known.add((matched.reading.body, receiver))
                yield matched, receiver, number

    # --- the operation changed nothing

    def _silent(self, dues: Reach, requirement: str, message: str) -> None:
        for number, matched in self._received.items():
            self._unwanted(self._connections[number], matched, requirement, message)
        owed = [number for number, due in dues.items() if due.duty is Duty.MUST]
        if not self._counts or self._received:
            return
        grades = {self._proof_of_absence(self._connections[number]) for number in owed} - {None}
        if grades:
            self._judgement.witness(requirement)
            silence.count(self._judgement, Grade.STRONG if Grade.STRONG in grades else Grade.WEAK)

    def _unwanted(self, connection: Connection, matched: Matched, requirement: str, message: str) -> None:
        self._judgement.find(
            Kind.SAFETY,
            requirement,
            message,
            client=connection.name,
            event=self._emitted.emission.name,
            expected="nothing",
            received=self._emitted.emission.name,
            cause=self._call,
            excerpt=[*lines_of_call(self._call), line_of_frame(matched, connection.name)],
        )
