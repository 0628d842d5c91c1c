"""Why events were dropped and frames refused (METRIC-5, METRIC-6)."""

from sync_check.conformance.contract.counters import LABELS, LOSSES, LOSSES_OF_ENDS, Counter
from sync_check.conformance.judges.counters.conservation import Balance
from sync_check.conformance.judges.counters.reads import Growth, Values, told
from sync_check.conformance.judges.counters.refusals import REFUSED_MESSAGES, Bounds
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.verdict import Kind

_REASON = LABELS[Counter.DROPPED].index("reason")


def judge_reasons(judgement: Judgement, growth: Growth, balance: Balance, refused: Bounds) -> None:
    """Judge what was dropped between two reads, and what was refused beside the messages that had to be."""
    before = len(judgement.findings)
    for labels, by in growth.of(Counter.DROPPED).items():
        reason = labels[_REASON]
        if reason not in LOSSES:
            _find(judgement, growth, "METRIC-5", Counter.DROPPED, labels, by, "events are dropped")
        elif balance.quiet and reason in LOSSES_OF_ENDS:
            message = "events are dropped, although no connection was slow or ended"
            _find(judgement, growth, "METRIC-5", Counter.DROPPED, labels, by, message)
    if balance.held and len(judgement.findings) == before:
        judgement.witness("METRIC-5")
    for counter in (Counter.UNKNOWN_RECEIVED, Counter.PARSE_REJECTED):
        for labels, by in growth.of(counter).items():
            if labels != REFUSED_MESSAGES:
                message = "frames are counted as refused that nobody sent"
                _find(judgement, growth, "METRIC-6", counter, labels, by, message)
    _judge_refused(judgement, growth, refused)


def _judge_refused(judgement: Judgement, growth: Growth, refused: Bounds) -> None:
    by = growth.of(Counter.PARSE_REJECTED).get(REFUSED_MESSAGES, 0.0)
    if refused.least <= by <= refused.most:
        if refused.least:
            judgement.witness("METRIC-6")
        return
    wanted = str(refused.least) if refused.least == refused.most else f"{refused.least} to {refused.most}"
    message = "messages are counted as refused otherwise than they were sent"
    labels, expected = REFUSED_MESSAGES, f"+{wanted}" if refused.most else "no growth"
    _find(judgement, growth, "METRIC-6", Counter.PARSE_REJECTED, labels, by, message, expected)


def _find(
    judgement: Judgement,
    growth: Growth,
    requirement: str,
    counter: Counter,
    labels: Values,
    by: float,
    message: str,
    expected: str = "no growth",
) -> None:
    judgement.find(
        Kind.CONTRACT,
        requirement,
        f"metrics: {message}",
        expected=expected,
        received=f"{told(counter, labels)} {by:+g}",
        cause=growth.after.call,
        excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
    )
