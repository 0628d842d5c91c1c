"""Running a test's coroutine in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness

_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")


def run(
    coroutine: Coroutine[Any, Any, _Result], seed: int = 1, quality: LinkQuality | None = None
) -> _Result:
    """What the coroutine returns."""
    loop = VirtualLoop(Randomness(seed, entropy=b"test"), quality=quality)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(coroutine)


def in_virtual_time(
    function: Callable[_Given, Coroutine[Any, Any, _Result]],
) -> Callable[_Given, _Result]:
    """A plain function that runs what was a coroutine function, such as a test, in virtual time."""

    @wraps(function)
    def runs(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        return run(function(*args, **kwargs))

    return runs


def this_loop() -> VirtualLoop:
    """The running virtual loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop
