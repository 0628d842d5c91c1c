"""Why events were dropped and frames refused (METRIC-5, METRIC-6)."""

from sync_check.conformance.contract.counters import LABELS, LOSSES, LOSSES_OF_ENDS, Counter
from sync_check.conformance.judges.counters.conservation import Balance
from sync_check.conformance.judges.counters.reads import Growth, Values, told
from sync_check.conformance.judges.counters.refusals import INGRESS, Bounds, Refused
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.model.envelopes import UNKNOWN_EVENT
from sync_check.conformance.model.ingress import COUNTED
from sync_check.conformance.verdict import Kind

_REASON = LABELS[Counter.DROPPED].index("reason")


def judge_reasons(judgement: Judgement, growth: Growth, balance: Balance, refused: Refused) -> None:
    """Judge what was dropped between two reads, and what was counted as refused."""
    before = len(judgement.findings)
    for labels, by in growth.of(Counter.DROPPED).items():
        reason = labels[_REASON]
        if reason not in LOSSES:
            _find(judgement, growth, "METRIC-5", "events are dropped", told(Counter.DROPPED, labels), by)
        elif balance.quiet and reason in LOSSES_OF_ENDS:
            message = "events are dropped, although no connection was slow or ended"
            _find(judgement, growth, "METRIC-5", message, told(Counter.DROPPED, labels), by)
    if balance.held and len(judgement.findings) == before:
        judgement.witness("METRIC-5")
    _judge_labels(judgement, growth, refused)
    _judge_names(judgement, growth, refused)


def _judge_labels(judgement: Judgement, growth: Growth, refused: Refused) -> None:
    """Judge what was counted as refused under each label."""
    grown = growth.of(Counter.PARSE_REJECTED)
    known = {
        (INGRESS, label): label for label, counter in COUNTED.items() if counter is Counter.PARSE_REJECTED
    }
    for labels, by in grown.items():
        if labels not in known:
            _nobody_sent(judgement, growth, Counter.PARSE_REJECTED, labels, by)
    for labels, label in known.items():
        by, bounds = grown.get(labels, 0.0), refused.of(label)
        if bounds.least <= by <= bounds.most:
            judgement.witness("METRIC-6", times=bounds.least)
        elif not bounds.most:
            _nobody_sent(judgement, growth, Counter.PARSE_REJECTED, labels, by)
        else:
            message = "messages are counted as refused otherwise than they were sent"
            told_as = told(Counter.PARSE_REJECTED, labels)
            _miscounted(judgement, growth, message, told_as, by, bounds)


def _judge_names(judgement: Judgement, growth: Growth, refused: Refused) -> None:
    """Judge under which names unknown events were counted, and how many altogether."""
    grown = growth.of(Counter.UNKNOWN_RECEIVED)
    before = len(judgement.findings)
    for labels, by in grown.items():
        scope, name = labels
        if scope != INGRESS or by > refused.of_name(name):
            _nobody_sent(judgement, growth, Counter.UNKNOWN_RECEIVED, labels, by)
    if len(judgement.findings) > before:
        return
    by, bounds = sum(grown.values()), refused.of(UNKNOWN_EVENT)
    if bounds.least <= by <= bounds.most:
        judgement.witness("METRIC-6", times=bounds.least)
        return
    message = "unknown events are counted otherwise than they were sent"
    _miscounted(judgement, growth, message, Counter.UNKNOWN_RECEIVED, by, bounds)


def _nobody_sent(judgement: Judgement, growth: Growth, counter: Counter, labels: Values, by: float) -> None:
    message = "frames are counted as refused that nobody sent"
    _find(judgement, growth, "METRIC-6", message, told(counter, labels), by)


def _miscounted(
    judgement: Judgement, growth: Growth, message: str, series: str, by: float, bounds: Bounds
) -> None:
    _find(judgement, growth, "METRIC-6", message, series, by, str(bounds))


def _find(
    judgement: Judgement,
    growth: Growth,
    requirement: str,
    message: str,
    series: str,
    by: float,
    expected: str = "no growth",
) -> None:
    judgement.find(
        Kind.CONTRACT,
        requirement,
        f"metrics: {message}",
        expected=expected,
        received=f"{series} {by:+g}",
        cause=growth.after.call,
        excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
    )
