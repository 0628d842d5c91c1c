"""The clock reads the running loop, and its pause is the only one."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple, Unpack

import pytest

from sync_check.harness.clock import Clock

_Arguments = TypeVarTuple("_Arguments")


class _Timeless(asyncio.SelectorEventLoop):
    """A loop whose time is set by hand and whose timers come due at once."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Arguments]], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        self.now = max(self.now, when)
        return super().call_at(when, callback, *args, context=context)


@pytest.fixture
def runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=_Timeless)


def test_time_is_that_of_the_loop_since_the_clock_was_made(runner: asyncio.Runner) -> None:
    async def read() -> tuple[int, float, float]:
        clock = Clock(started_unix=1_700_000_000.25)
        _Timeless.now = 102.5
        return clock.now_us(), clock.now_s(), clock.unix_s()

    with runner:
        assert runner.run(read()) == (2_500_000, 2.5, 1_700_000_002.75)


def test_start_is_told_in_utc(runner: asyncio.Runner) -> None:
    async def read() -> str:
        return Clock(started_unix=1_700_000_000.25).started_at()

    with runner:
        assert runner.run(read()) == "2023-11-14T22:13:20+00:00"


def test_pauses_pass_and_are_counted_by_reason(runner: asyncio.Runner) -> None:
    async def pause() -> tuple[float, dict[str, float]]:
        clock = Clock()
        await clock.pause(30)
        await clock.pause(5, "Retry-After")
        await clock.pause(6, "Retry-After")
        await clock.pause(0, "nothing")
        return clock.now_s(), clock.waited_s

    with runner:
        assert runner.run(pause()) == (41.0, {"pacing": 30.0, "Retry-After": 11.0})


def test_until_a_moment_is_waited_and_no_longer_once_it_is_past(runner: asyncio.Runner) -> None:
    async def wait() -> tuple[float, dict[str, float]]:
        clock = Clock()
        await clock.until(12.5, "schedule")
        await clock.until(3, "schedule")
        return clock.now_s(), clock.waited_s

    with runner:
        assert runner.run(wait()) == (12.5, {"schedule": 12.5})


async def test_cancelled_pause_leaves_no_timer() -> None:
    task = asyncio.create_task(Clock().pause(3600))
    await asyncio.wait((task,), timeout=0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_deadline_ends_what_takes_too_long() -> None:
    with pytest.raises(TimeoutError):
        async with Clock().deadline(0.001):
            await asyncio.get_running_loop().create_future()


async def test_wall_time_is_read_where_none_is_given() -> None:
    assert Clock().unix_s() > 1_700_000_000
