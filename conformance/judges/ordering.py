"""Judge `ordering`: the events of one operation in their order, and one order of a channel for everybody.

That the events of operations which followed one another come in that order is judged with each connection's
stream (DELIV-5, in `streams`); here are the orders that no single stream shows, and those inside one
operation. Reading one's own writes is judged with the answers: a read must say what held in its window.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Final

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Fold
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.voice import VOICE_ORDER
from sync_check.conformance.verdict import Kind

NAME: Final = "ordering"
BEFORE: Final[Mapping[tuple[str, str], str]] = {
    ("workspace_member_ban", "workspace_member_remove"): "MEM-7",
    ("workspace_member_add", "workspace_role_assignment_add"): "JOIN-4",
    **VOICE_ORDER,
}
"""Of the events of one operation about one user: which comes first, and what the reverse breaks."""

_Sequence = tuple[int, ...]


def judge(case: Case) -> Judgement:
    """Judge the orders in which a scenario's events came."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    _within_operations(case, judgement)
    _across_connections(case, judgement)
    return judgement


# --- inside one operation


def _within_operations(case: Case, judgement: Judgement) -> None:
    by_call: dict[int, list[Emitted]] = {}
    for emitted in (one for one in case.emitted if not one.emission.entangled):
        by_call.setdefault(emitted.call.op, []).append(emitted)
    for told in by_call.values():
        for one, other in combinations(told, 2):
            first, second = one.emission, other.emission
            if first.subject != second.subject:
                continue
            for pair in ((one, other), (other, one)):
                requirement = BEFORE.get((pair[0].emission.name, pair[1].emission.name))
                if requirement is not None:
                    _pair(case, judgement, *pair, requirement)


def _pair(case: Case, judgement: Judgement, first: Emitted, second: Emitted, requirement: str) -> None:
    """Whoever was told of both was told of `first` first."""
    one, other = case.receipts(first), case.receipts(second)
    for number in sorted(one.keys() & other.keys()):
        if one.position(number) < other.position(number):
            if case.counts_for_witness(first.call):
                judgement.witness(requirement)
            continue
        if second.emission.standing is Standing.OPTIONAL:
            continue  # it may have happened by itself before: a participation may have expired
        connection, name = case.by_number[number], first.emission.name
        judgement.find(
            Kind.CONTRACT,
            requirement,
            f"{name} came after {second.emission.name} of the same operation",
            client=connection.name,
            event=name,
            expected=f"{name} first",
            received=f"{second.emission.name} first",
            cause=first.call,
            excerpt=[
                *lines_of_call(first.call),
                line_of_frame(other[number], connection.name),
                line_of_frame(one[number], connection.name),
            ],
        )


# --- one order of each channel


class _Told:
    """The events of a channel that came to a connection, by number: the last one, and those before it."""

    __slots__ = ("_before", "_following", "_number")

    def __init__(self, before: "_Told | None" = None, number: int = -1) -> None:
        self._before = before
        self._number = number
        self._following: dict[int, _Told] = {}

    def after(self, number: int) -> "_Told":
        """One more; the same object for all to whom the same came."""
        known = self._following.get(number)
        if known is None:
            known = self._following[number] = _Told(self, number)
        return known

    def numbers(self) -> _Sequence:
        """All of them, in order."""
        found: list[int] = []
        told: _Told | None = self
        while told is not None and told._before is not None:
            found.append(told._number)
            told = told._before
        return tuple(reversed(found))


def _across_connections(case: Case, judgement: Judgement) -> None:
    """No two connections were told of a channel's events in different orders (DELIV-7)."""
    channels: dict[str, Fold[_Told, int]] = {}
    for delivery in case.deliveries:
        emitted = delivery.delivers
        if emitted is not None and _is_of_channel(emitted, case):
            channel_id = emitted.emission.channel_id or ""
            if channel_id not in channels:
                channels[channel_id] = Fold(case.by_number, _Told(), _Told.after)
            channels[channel_id].take(delivery.numbers, emitted.number)
    for told in channels.values():
        # Connections of equal sequences are one case: cost grows with the orders, not with clients.
        sequences = {min(some): sequence for one, some in told.groups.items() if (sequence := one.numbers())}
        seen = {sequences[number]: case.by_number[number] for number in sorted(sequences)}
        _compare(case, judgement, seen)


def _is_of_channel(emitted: Emitted, case: Case) -> bool:
    emission = emitted.emission
    is_own = emitted.call.scenario == case.scenario.index
    return emission.scope is Scope.CHANNEL and is_own and not emission.entangled


def _compare(case: Case, judgement: Judgement, sequences: Mapping[_Sequence, Connection]) -> None:
    known: list[tuple[_Sequence, Connection]] = []
    for sequence, connection in sequences.items():
        for other, witness in known:
            for swapped in swaps(other, sequence):
                if _swapped(case, judgement, connection, witness, swapped):
                    return
        known.append((sequence, connection))
    if any(next(swaps(one, other), None) is not None for one, other in combinations(sequences, 2)):
        return  # all of them break DELIV-5
    if len(sequences) > 1 or any(len(sequence) > 1 for sequence in sequences):
        judgement.witness("DELIV-7")


def swaps(one: _Sequence, other: _Sequence) -> Iterator[tuple[int, int]]:
    """Pairs of events that come in one order in `one` and, next to each other, in the reverse in `other`."""
    place = {number: index for index, number in enumerate(one)}
    common = [number for number in other if number in place]
    for earlier, later in pairwise(common):
        if place[earlier] > place[later]:
            yield earlier, later


def _swapped(
    case: Case,
    judgement: Judgement,
    connection: Connection,
    witness: Connection,
    swapped: tuple[int, int],
) -> bool:
    """Judge two events in reverse order; whether that is a fault of this kind."""
    by_number = {emitted.number: emitted for emitted in case.emitted}
    earlier, later = (by_number[number] for number in swapped)
    first, second = earlier.call, later.call
    if first.acknowledged < second.invoked or second.acknowledged < first.invoked:
        return False  # one followed the other, so whoever got them in reverse has broken DELIV-5
    judgement.find(
        Kind.CONTRACT,
        "DELIV-7",
        f"two connections were told of {earlier.emission.name} and {later.emission.name} in different orders",
        client=connection.name,
        event=later.emission.name,
        expected=f"the event of {later.call.label} first, as on {witness.name}",
        received=f"the event of {earlier.call.label} first",
        cause=later.call,
        excerpt=[*lines_of_call(earlier.call), *lines_of_call(later.call)],
    )
    return True
