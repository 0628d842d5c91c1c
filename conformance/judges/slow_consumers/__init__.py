"""Judge `slow_consumers`: what a target does with clients that take less than comes (contract 6.2).

A client that is slow sees little of what becomes of it, and late. So its connection is judged by what was due
to it (`piling`), by what others are told, by what it gets when it reads again (`ends`), and by the counters
(`counted`); those who were not slow by the delay of what they got (`bystanders`).
"""

from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.slow_consumers import bystanders, counted, memory, promised
from sync_check.conformance.judges.slow_consumers.ends import judge_end
from sync_check.conformance.judges.slow_consumers.piling import pilings

NAME: Final = "slow_consumers"


def judge(case: Case) -> Judgement:
    """Judge what became of a scenario's slow clients, and of the others meanwhile."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    found = pilings(case)
    for piling in found:
        judge_end(case, judgement, piling)
    if found:
        counted.judge(case, judgement, found)
        bystanders.judge(case, judgement, found)
        promised.judge(case, judgement, found)
        memory.judge(case, judgement, found)
        judgement.evidence["slow_clients"] = len(found)
        judgement.evidence["piled_up"] = max(len(piling.piled) for piling in found)
    return judgement
