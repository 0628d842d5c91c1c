"""The reference server and all clients in one process, on a clock and a network that exist in memory only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

import httpx

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.clock import Clock
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.target import Metrics, Target
from sync_check.reference_server.settings import Revision, Settings
from sync_check.simulated_server import HOST, SimulatedServer
from sync_check.targets import EMBEDDED_FEATURES, RAISED_LIMITS, SIM, label_of

STARTED_UNIX: Final = 1_767_225_600
"""When every run in virtual time begins: 2026-01-01, midnight UTC."""
_PROXY: Final = IPv4Network("127.0.0.1/32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A target in virtual time, and what a run needs to reach it."""

    target: Target
    clock: Clock
    transport: httpx.AsyncBaseTransport


def simulated_randomness(seed: int) -> Randomness:
    """All chance of a run in virtual time: nothing comes from the operating system."""
    return Randomness(seed, entropy=hashlib.blake2b(f"sim/{seed}".encode(), digest_size=16).digest())


def simulate(
    loop: VirtualLoop,
    randomness: Randomness,
    *,
    defect: str | None = None,
    variants: Sequence[str] = (),
    without: frozenset[Feature] = frozenset(),
    revision: Revision = Revision.BOTH,
    limits: Limits = RAISED_LIMITS,
    metric_prefix: str = "",
) -> Simulation:
    """A reference server on the running virtual loop, with the defect and the variants of these ids."""
    settings = Settings(
        seed=randomness.seed,
        limits=limits,
        without=without,
        revision=revision,
        metric_prefix=metric_prefix,
        trusted_proxies=(_PROXY,),
        defect=defect,
        variants=tuple(variants),
        log="off",
    )
    began = loop.time()
    own_clock = Clock(started_unix=STARTED_UNIX)
    own_clock.on_pause = loop.progress
    own_clock.leap = loop.leap
    server = SimulatedServer(loop, randomness, settings, lambda: STARTED_UNIX + loop.time() - began)
    target = Target(
        label=label_of(SIM, defect, variants),
        url=f"http://{HOST}",
        declared=EMBEDDED_FEATURES - without,
        revision=1 if revision is Revision.ONE else 2,
        migration_window=revision is Revision.BOTH,
        limits=limits,
        metrics=Metrics(prefix=metric_prefix),
        trusts_proxy=True,
        restarts=server,
        notes=(
            "the simulated server runs with raised rate limits; all times are virtual, not how long you wait",
        ),
    )
    return Simulation(
        target=target,
        clock=own_clock,
        transport=server.transport,
    )
