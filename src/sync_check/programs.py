"""Programs as scenarios: played, judged and reported like any other."""

from typing import Final

from sync_check.conformance.contract.operations import BanAddressesOf, Login
from sync_check.conformance.judges.ledger import Ledger
from sync_check.harness.explorer.moves import VANISH
from sync_check.harness.explorer.oddities import SEND, is_flood
from sync_check.harness.explorer.playing import Player
from sync_check.harness.explorer.program import LAG, REFERENCE, SAY, SECRET, STALL, Program, Step
from sync_check.harness.hazards import Hazard
from sync_check.harness.journal import Listener
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage

FAMILY: Final = "programs"
_HAZARDS: Final = {
    STALL: Hazard.SLOW_CONSUMERS,
    VANISH: Hazard.SLOW_CONSUMERS,
    BanAddressesOf.name: Hazard.IP_BANS,
    SAY: Hazard.HOSTILE_INPUT,
    SEND: Hazard.HOSTILE_INPUT,
}
"""What is not safe by the kinds of steps that do it: a message by command may be one that must be refused."""
DRAWN: Final = frozenset(_HAZARDS.values())
"""What programs do on sockets that nobody wrote."""
_OF_A_LAG: Final = frozenset((Hazard.SLOW_CONSUMERS, Hazard.FLOODS))


def hazards_of(program: Program) -> frozenset[Hazard]:
    """What a program does that is not safe."""
    found = {_HAZARDS[step.do] for step in program.steps if step.do in _HAZARDS}
    if any(step.do == LAG for step in program.steps):
        found |= _OF_A_LAG
    if any(is_flood(step.do, step.args) for step in program.steps):
        found.add(Hazard.FLOODS)
    if any(map(_names_others, program.steps)):
        found.add(Hazard.LOCK_OUTS)
    return frozenset(found)


def _names_others(step: Step) -> bool:
    """Whether it logs in by a name that is written out, so that it may be that of somebody on the target."""
    username = str(step.args.get("username", SECRET))
    return step.do == Login.name and not username.startswith((REFERENCE, SECRET))


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
        hazards=hazards_of(program),
    )
    return scenario, ledger.take
