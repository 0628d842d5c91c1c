"""Programs as scenarios: played, judged and reported like any other."""

from typing import Final

from sync_check.conformance.judges.ledger import Ledger
from sync_check.harness.explorer.playing import Player
from sync_check.harness.explorer.program import Program
from sync_check.harness.journal import Listener
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage

FAMILY: Final = "programs"


def scenario_of(program: Program, scenario_id: str, title: str | None = None) -> tuple[Scenario, Listener]:
    """A scenario that plays a program, and what has to hear the records of its run.

    It covers nothing: what it is for is that nothing is found.
    """
    ledger = Ledger()

    async def body(stage: Stage) -> None:
        await Player(stage, program, ledger).play()

    scenario = Scenario(
        id=scenario_id,
        title=title or f"{len(program.steps)} steps by {program.members + program.strangers} users.",
        covers=(),
        features=frozenset(),
        body=body,
    )
    return scenario, ledger.take
