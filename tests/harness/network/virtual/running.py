"""Running a test's coroutine in virtual time."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness

_Result = TypeVar("_Result")


def run(
    coroutine: Coroutine[Any, Any, _Result], seed: int = 1, quality: LinkQuality | None = None
) -> _Result:
    """What the coroutine returns."""
    loop = VirtualLoop(Randomness(seed, entropy=b"test"), quality=quality)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(coroutine)


def this_loop() -> VirtualLoop:
    """The running virtual loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop
