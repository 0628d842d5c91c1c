"""Every seeded defect is found by the judge and the requirement that the table names.

`make test` tries one defect of each judge and scope; with SYNC_CHECK_MATRIX=1 all are tried.
"""

import asyncio
import os
from typing import Final

import pytest

from sync_check.conformance.contract.requirements import REQUIREMENTS, Level
from sync_check.conformance.examination import JUDGES
from sync_check.conformance.judges import noninterference
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Verdict
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage
from sync_check.noninterference import Share, examine
from sync_check.reference_server.defects import DEFECTS, NONINTERFERENCE, Defect
from sync_check.reference_server.defects.reach import LateLeak
from sync_check.scenarios.catalogue import catalogue, select
from tests.sync_check.simulated import judged

MATRIX: Final = os.environ.get("SYNC_CHECK_MATRIX") == "1"
LATE: Final = DEFECTS["late-leak"]
# What is missing is played again to rule out chance, so none of these is a missing delivery.
ONE_OF_EACH: Final = (
    "remove-before-ban",
    "profile-in-part",
    "reaction-miscounted",
    "edit-names-actor",
    "refusal-shows-token",
    "subscribed-twice",
    "foreign-guild-unknown",
    "deleted-still-read",
    "page-skips",
    "restart-keeps-online",
    "command-out-of-turn",
    "forbidden-subscribe-ends",
    "binary-refused",
    "ping-charged",
    "repair-counted-twice",
    "queue-tighter",
    "page-looser",
    "header-token-wins",
    "content-type-ignored",
    "events-numbered",
    "audit-without-times",
)
COMPARED: Final = 1
"""Programs: enough for a defect that every observer can see."""
COMPARED_AT_LENGTH: Final = 100
"""Programs: enough for one that shows to few of them, whatever is drawn."""
_AT_A_TIME: Final = 25
TRIED: Final = tuple(one for one in DEFECTS if one != LATE.id) if MATRIX else ONE_OF_EACH
LEVELS: Final = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.LAX}


def check(defect: Defect, result: ScenarioResult) -> None:
    """The scenario has the verdict that the broken requirement gives, by a finding such as the table says."""
    verdict = Verdict.LAX if defect.lax else LEVELS[REQUIREMENTS[defect.requirement].level]
    assert result.verdict is verdict, result.note
    told = {(one.judge, one.requirement, str(one.kind), str(one.level)) for one in result.findings}
    assert (defect.judge, defect.requirement, defect.kind, str(verdict)) in told


def find_by_comparing(defect: Defect) -> None:
    """Comparing what observers see finds what the table says."""
    programs = COMPARED_AT_LENGTH if MATRIX else COMPARED
    told: set[tuple[str, str, str]] = set()
    for first in range(0, programs, _AT_A_TIME):
        some = Share(
            seed=1, programs=min(_AT_A_TIME, programs - first), steps=20, first=first, defect=defect.id
        )
        told |= {(one.judge, one.requirement, str(one.kind)) for one in examine(some).findings.values()}
        if (defect.judge, defect.requirement, defect.kind) in told:
            break
    assert (defect.judge, defect.requirement, defect.kind) in told


def test_the_table_names_what_exists() -> None:
    judges = {judge.NAME for judge in JUDGES} | {noninterference.NAME}
    shown_by = {one.id for one in catalogue()} | {NONINTERFERENCE}
    for defect in DEFECTS.values():
        assert defect.judge in judges
        assert defect.requirement in REQUIREMENTS
        assert defect.shown_by in shown_by
        assert (defect.judge == noninterference.NAME) == (defect.shown_by == NONINTERFERENCE)


def test_one_of_each_scope_and_of_each_judge_that_scenarios_need_is_tried_every_time() -> None:
    tried = [DEFECTS[one] for one in ONE_OF_EACH]
    assert {one.scope for one in tried} == {"channel", "guild", "user", "connection", "rest"}
    assert {one.judge for one in tried} == {one.judge for one in DEFECTS.values()}
    assert {one.judge for one in tried} >= {
        "delivery",
        "ordering",
        "agreement",
        "convergence",
        "schema",
        "leaks",
        "answers",
        "surfaces",
    }


@pytest.mark.parametrize("defect_id", TRIED)
def test_a_defect_is_found_as_the_table_says(defect_id: str) -> None:
    defect = DEFECTS[defect_id]
    if defect.shown_by == NONINTERFERENCE:
        find_by_comparing(defect)
        return
    run = judged(select((defect.shown_by,)), defect=defect_id)
    check(defect, run.results[0])


def test_a_leak_long_after_its_scenario_is_found_all_the_same() -> None:
    async def until_leaked(stage: Stage) -> None:
        parked = [one for client in stage.company.parked for one in client.connections]
        heard = [one.watch('"guild_id"') for one in parked]
        await asyncio.wait(heard, timeout=2 * LateLeak.after_s, return_when=asyncio.FIRST_COMPLETED)

    lasting = Scenario(
        id="test/wait", title="Wait.", covers=("REST-1",), features=frozenset(), body=until_leaked
    )
    run = judged((*select((LATE.shown_by,)), lasting), defect=LATE.id)
    check(LATE, run.results[0])
