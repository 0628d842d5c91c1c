"""Of the target's clock is told what it says first, and when it says something else."""

import asyncio
from email.utils import formatdate

from sync_check.harness.clock import Clock
from sync_check.harness.far_clock import FarClock
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness

_STARTED = 1_700_000_000


def news(*dates: tuple[float, str]) -> list[bool]:
    """What is news of the dates of answers to what was sent at these moments, in seconds of the run."""

    async def run() -> list[bool]:
        clock = Clock(started_unix=_STARTED)
        far, found = FarClock(clock), list[bool]()
        for moment, date in dates:
            await clock.until(moment)
            found.append(far.is_news(date, moment))
        return found

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(Randomness(1, entropy=b""))) as runner:
        return runner.run(run())


def at(seconds: float) -> str:
    return formatdate(_STARTED + seconds, usegmt=True)


def test_a_clock_that_goes_as_ours_is_told_of_once() -> None:
    assert news((0, at(90)), (1, at(91)), (50.5, at(140)), (60, at(151))) == [True, False, False, False]


def test_a_clock_that_is_set_is_told_of_again() -> None:
    assert news((0, at(0)), (10, at(30)), (11, at(31)), (12, at(2))) == [True, True, False, True]


def test_a_date_that_tells_nothing_is_no_news() -> None:
    assert news((0, "soon"), (1, at(1)), (5, at(1))) == [False, True, False]
