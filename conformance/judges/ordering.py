"""Judge `ordering`: the events of one operation in their order, and one order of a channel for everybody.

That the events of operations which followed one another come in that order is judged with each connection's
stream (DELIV-5, in `streams`); here are the orders that no single stream shows, and those inside one
operation. Reading one's own writes is judged with the answers: a read must say what held in its window.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.judges.matching import Matched
from sync_check.conformance.model.connections import Connection
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
    delivered = {
        connection: [
            matched
            for matched in case.matches[connection.number]
            if matched.emitted is not None and not matched.copy
        ]
        for connection in case.connections
    }
    for connection, matches in delivered.items():
        _within_operations(case, judgement, connection, matches)
    _across_connections(case, judgement, delivered)
    return judgement


# --- inside one operation


def _within_operations(
    case: Case, judgement: Judgement, connection: Connection, matches: Sequence[Matched]
) -> None:
    by_call: dict[int, list[Matched]] = {}
    for matched in matches:
        if matched.emitted is not None and matched.emitted.call.scenario == case.scenario.index:
            by_call.setdefault(matched.emitted.call.op, []).append(matched)
    for told in by_call.values():
        for index, later in enumerate(told):
            for earlier in told[:index]:
                _pair(case, judgement, connection, earlier, later)


def _pair(case: Case, judgement: Judgement, connection: Connection, earlier: Matched, later: Matched) -> None:
    if earlier.emitted is None or later.emitted is None:
        return
    first, second = earlier.emitted.emission, later.emitted.emission
    call = later.emitted.call
    if first.subject != second.subject:
        return
    kept = BEFORE.get((first.name, second.name))
    if kept is not None and case.counts_for_witness(call):
        judgement.witness(kept)
    broken = BEFORE.get((second.name, first.name))
    if broken is not None:
        judgement.find(
            Kind.CONTRACT,
            broken,
            f"{second.name} came after {first.name} of the same operation",
            client=connection.name,
            event=second.name,
            expected=f"{second.name} first",
            received=f"{first.name} first",
            cause=call,
            excerpt=[
                *lines_of_call(call),
                line_of_frame(earlier, connection.name),
                line_of_frame(later, connection.name),
            ],
        )


# --- one order of each channel


def _across_connections(
    case: Case, judgement: Judgement, delivered: Mapping[Connection, Sequence[Matched]]
) -> None:
    """No two connections were told of a channel's events in different orders (DELIV-7)."""
    seen: dict[str, dict[_Sequence, Connection]] = {}
    for connection, matches in delivered.items():
        told: dict[str, list[int]] = {}
        for matched in matches:
            emitted = matched.emitted
            if emitted is not None and _is_of_channel(emitted, case):
                told.setdefault(emitted.emission.channel_id or "", []).append(emitted.number)
        for channel_id, numbers in told.items():
            # Connections of equal sequences are one case: cost grows with the orders, not with clients.
            seen.setdefault(channel_id, {}).setdefault(tuple(numbers), connection)
    for sequences in seen.values():
        _compare(case, judgement, sequences)


def _is_of_channel(emitted: Emitted, case: Case) -> bool:
    return emitted.emission.scope is Scope.CHANNEL and emitted.call.scenario == case.scenario.index


def _compare(case: Case, judgement: Judgement, sequences: Mapping[_Sequence, Connection]) -> None:
    known: list[tuple[_Sequence, Connection]] = []
    for sequence, connection in sequences.items():
        for other, witness in known:
            swapped = first_swap(other, sequence)
            if swapped is not None:
                _swapped(case, judgement, connection, witness, swapped)
                return
        known.append((sequence, connection))
    if len(sequences) > 1 or any(len(sequence) > 1 for sequence in sequences):
        judgement.witness("DELIV-7")


def first_swap(one: _Sequence, other: _Sequence) -> tuple[int, int] | None:
    """Two events that come in one order in `one` and in the reverse in `other`; None if there are none."""
    place = {number: index for index, number in enumerate(one)}
    common = [number for number in other if number in place]
    for earlier, later in pairwise(common):
        if place[earlier] > place[later]:
            return earlier, later
    return None


def _swapped(
    case: Case,
    judgement: Judgement,
    connection: Connection,
    witness: Connection,
    swapped: tuple[int, int],
) -> None:
    by_number = {emitted.number: emitted for emitted in case.emitted}
    earlier, later = (by_number[number] for number in swapped)
    first, second = earlier.call, later.call
    if first.acknowledged < second.invoked or second.acknowledged < first.invoked:
        return  # one followed the other, so whoever got them in reverse has broken DELIV-5
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
