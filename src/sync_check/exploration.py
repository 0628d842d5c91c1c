"""Plays one program against a target, judges it, and says what was found."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sync_check import __version__
from sync_check.conformance.history import Record
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.run import RunFinished, ScenarioResult
from sync_check.conformance.verdict import Finding, Level
from sync_check.harness.engine import Engine, Order
from sync_check.harness.explorer.playing import Player
from sync_check.harness.explorer.program import Program
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage
from sync_check.simulation import simulate, simulated_randomness

FAMILY = "programs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What makes two findings the same: who found it, what it breaks, in which event."""

    judge: str
    requirement: str
    event: str | None

    @classmethod
    def of(cls, finding: Finding) -> "Kind":
        """The kind of a finding."""
        return cls(judge=finding.judge, requirement=finding.requirement, event=finding.event)


def failures(result: ScenarioResult, *, strict: bool = False) -> tuple[Finding, ...]:
    """The findings that make a program red."""
    red = (Level.FAIL, Level.LAX) if strict else (Level.FAIL,)
    return tuple(finding for finding in result.findings if finding.level in red)


def scenario_of(program: Program, name: str) -> tuple[Scenario, Callable[[Record], None]]:
    """A scenario that plays a program, and what has to hear the records of its run."""
    ledger = Ledger()

    async def body(stage: Stage) -> None:
        await Player(stage, program, lambda: ledger.timeline.present).play()

    scenario = Scenario(
        id=f"{FAMILY}/{name}",
        title=f"{len(program.steps)} steps by {program.members + program.strangers} users.",
        covers=(),
        features=frozenset(),
        body=body,
    )
    return scenario, ledger.take


def played(
    program: Program,
    seed: int,
    *,
    defect: str | None = None,
    sweeps: bool = True,
    write: Callable[[bytes], None] | None = None,
) -> RunFinished:
    """The end of a run of one program in virtual time, all by itself."""
    randomness = simulated_randomness(seed)
    loop = VirtualLoop(randomness)

    async def run() -> RunFinished:
        simulation = simulate(loop, randomness, defect=defect)
        scenario, hears = scenario_of(program, "one")
        order = Order(
            target=simulation.target,
            scenarios=(scenario,),
            clients=program.members,
            strict=False,
            version=__version__,
            repeat=("sync-check", "replay"),
            sweeps=sweeps,
        )
        engine = Engine(
            order, randomness, write=write, clock=simulation.clock, transport=simulation.transport
        )
        engine.listen(hears)
        engine.watch(loop)
        *_, last = [event async for event in engine.events()]
        assert isinstance(last, RunFinished)
        return last

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())
