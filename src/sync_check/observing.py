"""One run of a program with an observer, in virtual time: what they saw, and what the model makes of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from sync_check import __version__
from sync_check.conformance.history import SCHEMA, Header, Record
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.noninterference import NAME
from sync_check.conformance.judges.noninterference.observation import Observed, observations
from sync_check.conformance.judges.noninterference.secrecy import Mark, Secrecy
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.assembly import assemble
from sync_check.harness.estimate import estimate
from sync_check.harness.explorer.observers import Watched
from sync_check.harness.explorer.program import Step
from sync_check.harness.explorer.timing import TimedPlayer
from sync_check.harness.journal import Journal
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.stage import Stage
from sync_check.harness.target import Target

if TYPE_CHECKING:
    from sync_check.simulation import Simulation

_ORDINARY: Final = frozenset(("date",))
"""What answers say of the time is no secret; all else that they say is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One run: what the observer saw, what became of each step, and what the model makes of it."""

    observed: tuple[Observed, ...]
    marks: Mapping[int, Mark]
    ledger: Ledger
    secrecy: Secrecy


def play(watched: Watched, steps: Sequence[Step | None], number: int, *, defect: str | None = None) -> Played:
    """Play these steps of a program in virtual time, with all chance from the seed `number`."""
    # Only for who asks for it: it loads the whole server.
    from sync_check.simulation import simulate, simulated_randomness

    randomness = simulated_randomness(number)
    loop = VirtualLoop(randomness)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        make = partial(simulate, loop, randomness, defect=defect)
        return runner.run(_play(watched, steps, make, loop, randomness))


async def _play(
    watched: Watched,
    steps: Sequence[Step | None],
    make: Callable[[], "Simulation"],
    loop: VirtualLoop,
    randomness: Randomness,
) -> Played:
    simulation = make()
    target, clock, secrets = simulation.target, simulation.clock, Secrets()
    ledger, records = Ledger(), list[Record]()
    listeners = (ledger.take, records.append, lambda _: loop.progress())
    journal = Journal(secrets=secrets, clock=clock, listeners=listeners)
    journal.record(_header(target, randomness, clock.started_at()))
    rest = TargetRest(target, clock, transport=simulation.transport, ordinary=_ORDINARY)
    company = assemble(target, rest, journal, clock=clock, randomness=randomness, secrets=secrets)
    company.follows = False
    player = TimedPlayer(Stage(company, watched.program.members), watched.program, ledger, steps)
    try:
        await player.play()
        seen = tuple(records)
        await company.disband()
    finally:
        await rest.aclose()
    client = player.client(watched.name).name
    return Played(
        observed=observations(seen, client),
        marks={mark.number: mark for mark in player.marks},
        ledger=ledger,
        secrecy=Secrecy(ledger, player.marks, client, player.guild_id),
    )


def _header(target: Target, randomness: Randomness, started_at: str) -> Header:
    return Header(
        schema=SCHEMA,
        run_id=randomness.run_id(),
        seed=randomness.seed,
        target=target.label,
        contract_revision=target.revision,
        declared=tuple(sorted(target.declared)),
        features=tuple(sorted(target.features)),
        version=__version__,
        clients=0,
        strict=False,
        started_at=started_at,
        plan=(),
        estimate=estimate((), 0, target).whole,
        limits=target.limits,
        repeat=("sync-check", NAME),
    )
