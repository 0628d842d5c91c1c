"""The part of judge `delivery` about what did not come: how well that is proved, and what a proof costs.

An absence is proved by something later that came instead (`proof`), never by time. Where that was of another
scope, on a connection that was never seen to keep one order across the two, the proof is weak: it takes for
granted of the target what is to be shown (DELIV-2).
"""

from typing import Final, NamedTuple

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.proof import Grade
from sync_check.conformance.verdict import Kind, Level

ABSENCES: Final = "absences"
WEAK: Final = "absences_weak"


class Fences(NamedTuple):
    """How many fences were raised, and for how many microseconds each was under way, added up."""

    raised: int
    total_us: int


def count(judgement: Judgement, grade: Grade) -> None:
    """Note one proof of absence."""
    judgement.evidence[ABSENCES] += 1
    judgement.evidence[WEAK] += grade is Grade.WEAK


def judge(case: Case, judgement: Judgement) -> None:
    """Tell of weak proofs, once all were counted, and what the fences took."""
    fences = fences_of(case)
    judgement.evidence["fences"] = fences.raised
    judgement.evidence["fences_us"] = fences.total_us
    weak, all_of_them = judgement.evidence[WEAK], judgement.evidence[ABSENCES]
    if not weak:
        return
    judgement.find(
        Kind.LIMIT,
        "DELIV-2",
        "absences rest on fences of another scope, and their connections showed no order across the two",
        level=Level.INFO,
        expected="events of both scopes, in the order of their causes, on the same connection",
        received=f"no such order behind {weak} of {all_of_them} absences",
    )


def fences_of(case: Case) -> Fences:
    """The fences of a scenario, from their sending until the last connection got them."""
    spent = []
    for emitted in case.emitted:
        call = emitted.call
        if call.purpose is Purpose.FENCE and call.answered_at is not None:
            arrivals = [max(one.times.values()) for one in case.receipts(emitted).deliveries]
            spent.append(max([call.answered_at, *arrivals]) - call.invoked_at)
    return Fences(raised=len(spent), total_us=sum(spent))
