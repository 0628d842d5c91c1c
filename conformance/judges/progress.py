"""Judge `progress`: a run in virtual time went on until it was over."""

from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "progress"


def judge(case: Case) -> Judgement:
    """Say where a scenario hung; on sockets each wait has a budget instead, which names who is missing."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for index, stalled in case.ledger.stalls:
        if index == case.scenario.index:
            judgement.find(
                Kind.LIVENESS,
                "HEALTH-1",
                "nothing happened any more but periodic timers",
                expected="progress, or an end",
                received="; ".join(stalled.waiting) or "nobody waits",
                excerpt=[
                    Excerpt(at_us=stalled.at, who="harness", text=f"waits in {one}")
                    for one in stalled.waiting
                ],
            )
    return judgement
