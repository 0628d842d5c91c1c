"""Events come within the delivery window after the answer to what caused them (DELIV-3).

That they were enqueued before that answer nobody sees: answers and events come on ways of their own. Where we
make the network bad, or a client slow, what is late shows nothing of the target, or others judge it.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.duties import Duty
from sync_check.conformance.verdict import Kind

_WINDOW_US: Final = 1_000_000
"""The delivery window (contract 0.4), in microseconds."""


def judge(case: Case, judgement: Judgement) -> None:
    """Judge how long after the answer to its cause each event came."""
    if any(connection.faults or connection.takings for connection in case.connections):
        return
    excused = _window_us(case) + case.scenario.health.lag_us
    late: dict[int, list[Delivery]] = {}
    for delivery in case.own_deliveries:
        emitted = delivery.delivers
        answered_at = None if emitted is None else _answered_at(case, emitted)
        if emitted is None or answered_at is None:
            continue
        if max(delivery.times.values()) - answered_at <= excused:
            judgement.witness("DELIV-3", times=len(delivery.times))
        else:
            late.setdefault(emitted.number, []).append(delivery)
    for deliveries in late.values():
        _judge_late(case, judgement, deliveries, excused)


def _window_us(case: Case) -> int:
    return round(_WINDOW_US * case.header.time_scale)


def _answered_at(case: Case, emitted: Emitted) -> int | None:
    """When the cause of an event was answered; None where that shows nothing, as of a command."""
    call = emitted.call
    return None if call.is_command or not case.counts_for_witness(call) else call.answered_at


def _judge_late(case: Case, judgement: Judgement, deliveries: Sequence[Delivery], excused: int) -> None:
    """Find an event that came too late to those to whom it was due; the first of them is named."""
    emitted = deliveries[0].delivers
    assert emitted is not None
    answered_at, reach = emitted.call.answered_at or 0, case.reaches.of(emitted)
    late = [
        (number, delivery)
        for delivery in deliveries
        for number, at in delivery.times.items()
        if at - answered_at > excused and (due := reach.get(number)) is not None and due.duty is Duty.MUST
    ]
    for number, delivery in late[:1]:
        name = case.by_number[number].name
        judgement.find(
            Kind.LIVENESS,
            "DELIV-3",
            f"{emitted.emission.name} came late, to {len(late)} of the connections",
            client=name,
            event=emitted.emission.name,
            expected=f"within {_window_us(case) / 1e6:g} s after the answer to its cause",
            received=f"after {(delivery.times[number] - answered_at) / 1e6:.1f} s",
            cause=emitted.call,
            excerpt=[*lines_of_call(emitted.call), line_of_frame(delivery.to(number), name)],
            timed=True,
        )
