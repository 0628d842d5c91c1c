"""Where a run takes place: on sockets in real time, or in virtual time, in one process and in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from sync_check.harness.clock import Clock
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.target import Target
from sync_check.managed import ManagedProcess, managed
from sync_check.targets import SIM, open_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A target, and by which clock, over which transport and on which loop a run reaches it.

    None stands for the real ones. `process` is what the run started, if it did.
    """

    target: Target
    clock: Clock | None = None
    transport: httpx.AsyncBaseTransport | None = None
    loop: VirtualLoop | None = None
    process: ManagedProcess | None = None


def loop_factory(text: str, randomness: Randomness) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop for a target: a virtual one, the fastest real one there is, or asyncio's own (None)."""
    if text == SIM:
        return lambda: VirtualLoop(randomness)
    try:
        import uvloop
    except ImportError:  # not made for this platform
        return None
    factory: Any = uvloop.new_event_loop
    return factory  # type: ignore[no-any-return]


def randomness_for(text: str, seed: int) -> Randomness:
    """All chance of a run: in virtual time the seed alone, else mixed with what makes the run unique."""
    if text != SIM:
        return Randomness(seed)
    from sync_check.simulation import simulated_randomness

    return simulated_randomness(seed)


@asynccontextmanager
async def open_venue(
    text: str,
    randomness: Randomness,
    *,
    defect: str | None = None,
    variants: Sequence[str] = (),
    declared: Target | None = None,
) -> AsyncIterator[Venue]:
    """The venue that `text` names, on the running loop, which `loop_factory` made.

    `declared` is what is known of a server that is not ours.
    Raises `ProcessFailed` where that of a profile, `EmbeddedServerFailed` where an embedded server does
    not start or cannot be reached.
    """
    if text != SIM:
        async with (
            open_target(text, defect=defect, variants=variants, declared=declared) as target,
            managed(target, randomness.run_id()) as process,
        ):
            opened = target if process is None else replace(target, restarts=process)
            yield Venue(target=opened, process=process)
        return
    # Only for who asks for it: it loads the whole server.
    from sync_check.simulation import simulate

    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    simulation = simulate(loop, randomness, defect=defect, variants=variants)
    yield Venue(
        target=simulation.target,
        clock=simulation.clock,
        transport=simulation.transport,
        loop=loop,
    )
