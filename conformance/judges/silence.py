"""What proofs of absence cost: the time in which fences were under way, shared by what they proved."""

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case

Interval = tuple[int, int]


def fenced_us(case: Case) -> int:
    """Microseconds in which at least one fence of the scenario was under way to somebody."""
    return united(_under_way(case))


def _under_way(case: Case) -> list[Interval]:
    intervals = []
    for emitted in case.emitted:
        call = emitted.call
        if call.purpose is not Purpose.FENCE or call.answered_at is None:
            continue
        arrivals = [matched.frame.at for matched in case.received.get(emitted.number, {}).values()]
        intervals.append((call.invoked_at, max([call.answered_at, *arrivals])))
    return intervals


def united(intervals: list[Interval]) -> int:
    """How long the union of intervals is."""
    total, until = 0, 0
    for begin, end in sorted(intervals):
        if end > until:
            total += end - max(begin, until)
            until = end
    return total
