"""Judge `reactions`: what the events of reactions count, and that the last of several says what REST says.

The model claims these events without their count, because others may react at the same time. What the count
of one event may be follows from who reacted before, during and after its operation (`reactors`). Operations
on one message and emoji that overlap, be it through a third, are in a race: after it the count is certain
again, and the last event of the race has to say it, on every connection that heard the end of it (REACT-3).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sync_check.conformance.contract.operations import AddReaction, RemoveReaction
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.reactors import Reactors, reactors
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import Standing, shown
from sync_check.conformance.verdict import Kind

NAME: Final = "reactions"
_Reacting = AddReaction | RemoveReaction


def judge(case: Case) -> Judgement:
    """Judge the counts that a scenario's reactions told."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    told = [emitted for emitted in case.emitted if isinstance(emitted.call.operation, _Reacting)]
    for emitted in told:
        if case.standing(emitted) in (Standing.DUE, Standing.OPTIONAL) and not case.is_blind(emitted.call):
            _Counted(case, judgement, emitted).judge()
    by_op = {emitted.call.op: emitted for emitted in told}
    for race in _races(case.calls):
        if len(race) > 1 and _is_certain(race) and not any(map(case.is_blind, race)):
            _Race(case, judgement, race, by_op).judge()
    return judgement


def _asked(call: Call) -> _Reacting | None:
    """The reaction that was asked for and accepted."""
    if call.outcome is Outcome.OK and isinstance(call.operation, _Reacting):
        return call.operation
    return None


# --- each event


class _Counted:
    """The event of one operation, as it was told."""

    def __init__(self, case: Case, judgement: Judgement, emitted: Emitted) -> None:
        self._case = case
        self._judgement = judgement
        self._call = emitted.call
        self._received = case.receipts(emitted)

    def judge(self) -> None:
        operation = _asked(self._call)
        if operation is None:
            return
        added = isinstance(operation, AddReaction)
        worlds = list(self._case.timeline.worlds(self._call.window(self._case.timeline).span))
        possible = reactors(worlds, operation.message_id, operation.emoji)
        possible = possible.with_own(self._call.actor, reacted=added)
        is_last = not added and not possible.possibly
        names = {connection.number: connection.name for connection in self._case.connections}
        for number, matched in self._received.of_each_body():
            if not _says(matched, possible.counts):
                self._find(matched, names[number], possible, "REACT-2" if is_last else "DELIV-10")
            elif is_last and self._case.counts_for_witness(self._call):
                self._judgement.witness("REACT-2")

    def _find(self, matched: Matched, who: str, possible: Reactors, requirement: str) -> None:
        self._judgement.find(
            Kind.CONTRACT,
            requirement,
            "message_reaction counts other users than reacted",
            client=who,
            event="message_reaction",
            expected=possible.shown,
            received=shown(matched.reading.payload.get("count")),
            cause=self._call,
            excerpt=[*lines_of_call(self._call), line_of_frame(matched, who)],
        )


def _says(matched: Matched, counts: range) -> bool:
    count = matched.reading.payload.get("count")
    # A count that is no integer is malformed, which is judged elsewhere.
    return type(count) is not int or count in counts


# --- several at a time


def _races(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """The accepted reactions of equal message and emoji that overlap, by race; most are alone in theirs."""
    latest: dict[tuple[str, str], list[Call]] = {}
    for call in sorted(calls, key=lambda call: call.invoked):
        operation = _asked(call)
        if operation is None:
            continue
        race = latest.setdefault((operation.message_id, operation.emoji), [])
        if race and call.invoked > _end(race):
            yield race
            race = latest[operation.message_id, operation.emoji] = []
        race.append(call)
    yield from latest.values()


def _end(race: Sequence[Call]) -> int:
    return max(call.acknowledged for call in race)


def _is_certain(race: Sequence[Call]) -> bool:
    """Whether it is known who reacted in the end: nobody added and removed at the same time."""
    return not any(
        one.actor == other.actor and one.name != other.name and one.acknowledged > other.invoked
        for index, other in enumerate(race)
        for one in race[:index]
    )


class _Race:
    """The operations of a race and the events that they caused."""

    def __init__(
        self, case: Case, judgement: Judgement, calls: Sequence[Call], told: Mapping[int, Emitted]
    ) -> None:
        self._case = case
        self._judgement = judgement
        self._calls = calls
        self._told = [told[call.op] for call in calls if call.op in told]
        self._last_invoked = max(call.invoked for call in calls)

    def judge(self) -> None:
        operation = _asked(self._calls[0])
        count = None if operation is None else self._count_after(operation)
        if count is None:
            return
        known: set[int] = set()
        for connection in self._case.connections:
            last = self._last_on(connection)
            if last is None or last.reading.body in known:
                continue
            known.add(last.reading.body)
            if not _says(last, range(count, count + 1)):
                self._find(last, connection, count)
            elif all(map(self._case.counts_for_witness, self._calls)):
                self._judgement.witness("REACT-3")

    def _count_after(self, operation: _Reacting) -> int | None:
        """How many have reacted when all were answered; None if the message is gone by then."""
        world = self._case.timeline.world(self._case.timeline.at(_end(self._calls) + 1))
        if operation.message_id not in world.messages_of(operation.channel_id):
            return None
        return len(world.reactors(operation.message_id, operation.emoji))

    def _last_on(self, connection: Connection) -> Matched | None:
        """The last event of these on a connection that got all of which one must be the last."""
        received = {
            one.number: matched
            for one in self._told
            if (matched := self._case.receipts(one).get(connection.number)) is not None
        }
        if not all(one.number in received for one in self._told if self._may_be_last(one)):
            return None
        return max(received.values(), key=lambda matched: matched.frame.position, default=None)

    def _may_be_last(self, emitted: Emitted) -> bool:
        due = self._case.standing(emitted) is Standing.DUE
        return due and emitted.call.acknowledged > self._last_invoked

    def _find(self, last: Matched, connection: Connection, count: int) -> None:
        cause = last.emitted.call if last.emitted is not None else self._calls[-1]
        self._judgement.find(
            Kind.CONTRACT,
            "REACT-3",
            "the last of several simultaneous reactions leaves a wrong count",
            client=connection.name,
            event="message_reaction",
            expected=str(count),
            received=shown(last.reading.payload.get("count")),
            cause=cause,
            excerpt=[
                *(line for call in self._calls for line in lines_of_call(call)),
                line_of_frame(last, connection.name),
            ],
        )
