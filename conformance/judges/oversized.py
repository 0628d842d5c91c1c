"""The part of judge `limits` about events longer than a frame may be: each is counted, once (LIMIT-SIZE-1).

That nobody gets one is judged with the deliveries, and that REST should refuse its cause with the answers.
"""

from collections.abc import Iterator

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.counters import LABELS, Counter
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.reads import Growth, reads_of
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.model.oversize import Oversize, of_event
from sync_check.conformance.model.results import read_result
from sync_check.conformance.verdict import Kind

_REASON = LABELS[Counter.DROPPED].index("reason")


def judge(case: Case, judgement: Judgement) -> None:
    """Judge what was counted of messages that were stored and are too long to be told."""
    found = list(_accepted(case))
    growth = _growth(case) if Oversize.SURELY in found else None
    if growth is None:
        return
    least, most = found.count(Oversize.SURELY), len(found) - found.count(Oversize.NO)
    losses = growth.of(Counter.DROPPED).items()
    counted = int(sum(by for labels, by in losses if labels[_REASON] == "oversized_outbound"))
    if least <= counted <= most:
        judgement.witness("LIMIT-SIZE-1", "METRIC-5")
        return
    judgement.find(
        Kind.LIMIT,
        "LIMIT-SIZE-1",
        "metrics: events that are longer than a frame may be are not counted once each",
        expected=f"oversized_outbound +{least}" + ("" if least == most else f" to +{most}"),
        received=f"{counted:+d}",
        cause=growth.after.call,
        excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
    )


def _accepted(case: Case) -> Iterator[Oversize]:
    for call in case.calls:
        if isinstance(call.operation, ops.CreateMessage) and call.outcome is Outcome.OK:
            message = read_result(ops.CreateMessage, call.body).value
            if isinstance(message, shapes.Message):
                yield of_event(events.MessageCreate.name, message.wire(), case.header.limits)


def _growth(case: Case) -> Growth | None:
    """What was counted from the first to the last read of the scenario."""
    reads = [
        read for read in reads_of(case) if read.call.scenario == case.scenario.index and not read.page.faults
    ]
    return Growth(before=reads[0], after=reads[-1]) if len(reads) > 1 else None
