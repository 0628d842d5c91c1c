"""Runs in virtual time, which take no start of processes and no waiting."""

import asyncio
from typing import Final

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.run import RunFinished
from sync_check.harness.engine import Engine, Order
from sync_check.harness.journal import Listener
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.scenario import Scenario
from sync_check.simulation import simulate, simulated_randomness
from sync_check.targets import RAISED_LIMITS

NOTHING_TO_DO: Final = {"limits/outbound": "no message makes an event longer than 65536 bytes"}
"""Scenarios that have nothing to do at a target with the limits of the embedded one, and what they say."""


def simulated(
    seed: int,
    scenarios: tuple[Scenario, ...],
    *,
    clients: int = 4,
    defect: str | None = None,
    variants: tuple[str, ...] = (),
    strict: bool = True,
    limits: Limits = RAISED_LIMITS,
    hears: Listener | None = None,
) -> tuple[bytes, RunFinished]:
    """The history and the end of a run in virtual time."""
    randomness = simulated_randomness(seed)
    loop = VirtualLoop(randomness)
    lines: list[bytes] = []

    async def run() -> RunFinished:
        simulation = simulate(loop, randomness, defect=defect, variants=variants, limits=limits)
        order = Order(
            target=simulation.target,
            scenarios=scenarios,
            clients=clients,
            strict=strict,
            version="0",
            repeat=("sync-check", "run"),
        )
        engine = Engine(
            order, randomness, write=lines.append, clock=simulation.clock, transport=simulation.transport
        )
        engine.watch(loop)
        if hears is not None:
            engine.listen(hears)
        *_, last = [event async for event in engine.events()]
        assert isinstance(last, RunFinished)
        return last

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        finished = runner.run(run())
    return b"".join(lines), finished


def judged(
    scenarios: tuple[Scenario, ...], *, defect: str | None = None, variants: tuple[str, ...] = ()
) -> RunFinished:
    """The end of a run against a server that deviates so."""
    _, finished = simulated(1, scenarios, clients=3, defect=defect, variants=variants, strict=False)
    assert not finished.faults
    return finished
