"""A connection that stalls, breaks or closes delays no other one, and no REST call (DELIV-9).

How long a target takes at all is judged with delivery (DELIV-3): only where it keeps the delivery window as
long as all is well, and fails to while a connection is disturbed, the disturbance is why.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.verdict import Kind

WINDOW_US: Final = 1_000_000
"""The delivery window (contract 0.4), in microseconds."""


class _Wait(NamedTuple):
    """How many microseconds something of an operation took: its event to a connection, or its answer."""

    call: Call
    took: int
    client: str
    event: str | None


def judge(case: Case, judgement: Judgement, disturbed: Sequence[Connection]) -> None:
    """Judge how long everybody else waited while connections were disturbed."""
    window = round(WINDOW_US * case.header.time_scale)
    spans = [span for connection in disturbed for span in _spans(connection)]
    during, besides = list[_Wait](), list[_Wait]()
    for wait in _waits(case):
        is_during = any(start <= wait.call.invoked_at <= end for start, end in spans)
        (during if is_during else besides).append(wait)
    if any(wait.took > window for wait in besides):
        return
    lag = case.scenario.health.lag_us
    late = [wait for wait in during if wait.took - lag > window]
    for wait in late:
        _find(judgement, wait, window)
    if not late:
        judgement.witness("DELIV-9", times=sum(wait.event is not None for wait in during))


def _spans(connection: Connection) -> Iterator[tuple[int, int]]:
    """When a connection is disturbed, in microseconds; its end is one more disturbance."""
    end = NEVER if connection.gone_at is None else connection.gone_at + WINDOW_US
    for fault in connection.faults:
        yield fault.put_at, end if fault.lifted_at is None else min(end, fault.lifted_at)
    if connection.gone_at is not None:
        yield connection.gone_at, end


def _waits(case: Case) -> Iterator[_Wait]:
    for call in case.calls:
        if call.answered_at is not None and not call.is_command and case.counts_for_witness(call):
            yield _Wait(call, call.answered_at - call.invoked_at, call.client, None)
    for emitted in case.emitted:
        answered_at = emitted.call.answered_at
        if answered_at is None or case.is_blind(emitted.call):
            continue
        for delivery in case.receipts(emitted).deliveries:
            for number, at in delivery.times.items():
                connection = case.by_number[number]
                if not connection.faults:
                    yield _Wait(emitted.call, at - answered_at, connection.name, emitted.emission.name)


def _find(judgement: Judgement, wait: _Wait, window: int) -> None:
    what = "an answer" if wait.event is None else "an event"
    judgement.find(
        Kind.LIVENESS,
        "DELIV-9",
        f"{what} was late while another connection was disturbed",
        client=wait.client,
        event=wait.event,
        expected=f"within {window / 1e6:g} s",
        received=f"after {wait.took / 1e6:.1f} s",
        cause=wait.call,
        excerpt=lines_of_call(wait.call),
        timed=True,
    )
