"""A run against a reference server inside the test's own event loop, which takes no start of processes."""

from collections.abc import Sequence

from sync_check.conformance.run import RunFinished
from sync_check.harness.engine import Engine, Order
from sync_check.harness.randomness import Randomness
from sync_check.harness.scenario import Scenario
from sync_check.harness.target import Target
from sync_check.targets import EMBEDDED_FEATURES, RAISED_LIMITS
from tests.reference_server.running import running

CLIENTS = 3


async def judged(
    scenarios: Sequence[Scenario], *, defect: str | None = None, variants: tuple[str, ...] = ()
) -> RunFinished:
    """Run scenarios against a server that deviates so; set up as `open_target` does."""
    async with running(
        limits=RAISED_LIMITS,
        defect=defect,
        variants=variants,
        trusted_proxies=("127.0.0.1/32",),
        without=frozenset(),
    ) as server:
        order = Order(
            target=Target(
                label="test",
                url=f"http://127.0.0.1:{server.port}",
                declared=EMBEDDED_FEATURES,
                limits=RAISED_LIMITS,
                trusts_proxy=True,
            ),
            scenarios=tuple(scenarios),
            clients=CLIENTS,
            strict=False,
            version="0",
            repeat=("sync-check", "run"),
        )
        *_, last = [event async for event in Engine(order, Randomness(1)).events()]
    assert isinstance(last, RunFinished)
    assert not last.faults
    return last
