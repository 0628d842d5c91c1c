"""The part of judge `limits` about events longer than a frame may be: each is counted, once (LIMIT-SIZE-1).

That nobody gets one is judged with the deliveries, and that REST should refuse its cause with the answers.
"""

from collections.abc import Iterator
from functools import partial
from itertools import groupby

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.counters import LABELS, Counter
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.reads import Growth, life_of, reads_of
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.model.oversize import Oversize, of_event
from sync_check.conformance.model.results import read_result
from sync_check.conformance.verdict import Kind

_REASON = LABELS[Counter.DROPPED].index("reason")


def judge(case: Case, judgement: Judgement) -> None:
    """Judge what was counted of messages that were stored and are too long to be told."""
    reads = [
        read for read in reads_of(case) if read.call.scenario == case.scenario.index and not read.page.faults
    ]
    for _, some in groupby(reads, key=partial(life_of, case.ledger)):
        first, *others = some
        if others:
            _judge_between(case, judgement, Growth(before=first, after=others[-1]))


def _judge_between(case: Case, judgement: Judgement, growth: Growth) -> None:
    found = list(_accepted(case, growth))
    if Oversize.SURELY not in found:
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


def _accepted(case: Case, growth: Growth) -> Iterator[Oversize]:
    """How long the messages are that were stored between two reads, or perhaps then."""
    first, last = growth.before.call, growth.after.call
    for call in case.calls:
        if call.acknowledged < first.invoked or call.invoked > last.acknowledged:
            continue
        if isinstance(call.operation, ops.CreateMessage) and call.outcome is Outcome.OK:
            message = read_result(ops.CreateMessage, call.body).value
            if isinstance(message, shapes.Message):
                size = of_event(events.MessageCreate.name, message.wire(), case.header.limits)
                is_between = first.acknowledged < call.invoked and call.acknowledged < last.invoked
                yield size if is_between or size is Oversize.NO else Oversize.PERHAPS
