"""Judge `limits`: those in force are those that the target declares, neither looser nor tighter (LIMIT-4).

Where input decides (`model.gauges`) the limit in force shows exactly: what was accepted is within it, and
what was refused though the contract lets it pass, while less of the same was accepted, is beyond it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from sync_check.conformance.contract.limits import declared
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges import oversized
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.expecting import expected_in, worlds_of
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.gauges import GAUGES, Gauge
from sync_check.conformance.verdict import Kind

NAME: Final = "limits"
_BODY: Final = Gauge("max_body_bytes", lambda _: None, 413)
"""Measured in the bytes that went out."""


class _Point(NamedTuple):
    """An operation that asked for so much of a limit."""

    call: Call
    gauge: Gauge
    asked: int

    @property
    def is_accepted(self) -> bool:
        return self.call.outcome is Outcome.OK

    @property
    def is_refused(self) -> bool:
        return self.call.outcome is Outcome.FAIL and self.call.status == self.gauge.refusal


def judge(case: Case) -> Judgement:
    """Judge the limits that a scenario's operations came near."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    by_limit: dict[str, list[_Point]] = {}
    for point in _points(case):
        by_limit.setdefault(point.gauge.limit, []).append(point)
    for limit, points in sorted(by_limit.items()):
        _judge(case, judgement, points, declared(case.header.limits, limit))
    oversized.judge(case, judgement)
    return judgement


def _points(case: Case) -> Iterator[_Point]:
    for call in case.calls:
        sent = case.ledger.body_bytes.get(call.op)
        if sent is not None:
            yield _Point(call, _BODY, sent)
        if call.operation is None or call.is_command:
            continue
        for gauge in GAUGES.get(type(call.operation), ()):
            asked = gauge.of(call.operation)
            if asked is not None:
                yield _Point(call, gauge, asked)


def _judge(case: Case, judgement: Judgement, points: Sequence[_Point], bound: int) -> None:
    accepted = [point for point in points if point.is_accepted]
    refused = [point for point in points if point.is_refused]
    most = max(accepted, key=lambda point: point.asked, default=None)
    if most is not None and most.asked > bound:
        _find(judgement, most, "looser", bound, f"{most.asked} accepted")
        return
    unexplained = (one for one in refused if one.asked <= bound and not _is_due(case, one))
    least = min(unexplained, key=lambda point: point.asked, default=None)
    if least is not None and most is not None and most.asked < least.asked:
        _find(judgement, least, "tighter", bound, f"{least.asked} refused, {most.asked} accepted")
    elif most is not None and most.asked == bound and any(one.asked == bound + 1 for one in refused):
        judgement.witness("LIMIT-1", "LIMIT-4")
        judgement.evidence["limits_measured"] += 1


def _is_due(case: Case, point: _Point) -> bool:
    """Whether the operation had to be refused, or may have been, in a world in which it may have come."""
    call = point.call
    return call.invoked > case.blind_from or any(
        call.status in expectation.statuses | expectation.tolerated
        for expectation in (expected_in(case, call, world) for world in worlds_of(case, call))
    )


def _find(judgement: Judgement, point: _Point, how: str, limit: int, received: str) -> None:
    name = point.gauge.limit
    judgement.find(
        Kind.LIMIT,
        "LIMIT-4",
        f"{name} is {how} than declared: {received}, {limit} declared",
        client=point.call.client,
        expected=f"{limit} accepted, {limit + 1} refused with {point.gauge.refusal}",
        received=received,
        cause=point.call,
        excerpt=lines_of_call(point.call),
    )
