"""Judge `counters`: the counters of `GET /metrics` tell what happened (contract 7, METRIC-1 to METRIC-8).

They are process-wide and may be older than the run, so differences between reads are judged, and whatever a
target counts beyond what this run did is wrong: a run is alone (appendix B 10). All that clients of ours send
and a target must refuse to understand are messages (`refusals`). Where a run restarts the target they begin
anew, so what is compared lies in one life of its process.
"""

from functools import partial
from itertools import groupby, pairwise
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.conservation import NOTHING, Conservation
from sync_check.conformance.judges.counters.disconnects import judge_disconnects, judge_labels
from sync_check.conformance.judges.counters.pages import Pages, judge_refusals
from sync_check.conformance.judges.counters.reads import Growth, life_of, reads_of
from sync_check.conformance.judges.counters.reasons import judge_reasons
from sync_check.conformance.judges.counters.refusals import Refusals
from sync_check.conformance.judges.judgement import Judgement

NAME: Final = "counters"


def judge(case: Case) -> Judgement:
    """Judge what a scenario did to the counters."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    judge_refusals(case, judgement)
    reads = reads_of(case)
    pages = Pages(case, judgement)
    conservation = Conservation(case, judgement)
    refusals = Refusals(case, max((read.call.acknowledged for read in reads), default=0))
    for read in reads:
        if _is_own(case, read.call.scenario):
            pages.judge(read)
    intact = [read for read in reads if not read.page.faults]
    for before, after in pairwise(intact):
        if life_of(case.ledger, before) != life_of(case.ledger, after):
            continue
        growth = Growth(before=before, after=after)
        if not _is_own(case, after.call.scenario) or not pages.judge_growth(growth):
            continue
        # Before the first read of a scenario the connections of the one before came to their end.
        balance = conservation.judge(growth) if _is_own(case, before.call.scenario) else NOTHING
        judge_reasons(judgement, growth, balance, refusals.between(growth))
        judge_labels(judgement, growth)
        if balance.held:
            pages.witness(growth)
    for life, some in groupby(intact, key=partial(life_of, case.ledger)):
        judge_disconnects(case, judgement, tuple(some), life)
    return judgement


def _is_own(case: Case, scenario: int) -> bool:
    return scenario == case.scenario.index
