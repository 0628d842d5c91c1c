"""What a proof of absence costs: the time until a fence has arrived wherever it had to."""

from typing import NamedTuple

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case


class Fences(NamedTuple):
    """How many fences were raised, and for how many microseconds each was under way, added up."""

    raised: int
    total_us: int


def fences_of(case: Case) -> Fences:
    """The fences of a scenario, from their sending until the last connection got them."""
    spent = []
    for emitted in case.emitted:
        call = emitted.call
        if call.purpose is Purpose.FENCE and call.answered_at is not None:
            arrivals = [matched.frame.at for matched in case.received.get(emitted.number, {}).values()]
            spent.append(max([call.answered_at, *arrivals]) - call.invoked_at)
    return Fences(raised=len(spent), total_us=sum(spent))
