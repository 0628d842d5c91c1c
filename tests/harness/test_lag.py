"""The meter of our own lateness."""

import asyncio
import time

from sync_check.harness.lag import LagMeter


def _block(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


async def test_a_blocked_loop_is_late() -> None:
    meter = LagMeter()
    meter.start()
    await asyncio.get_running_loop().run_in_executor(None, len, ())
    _block(0.3)
    assert meter.stop() >= 200_000


async def test_a_stopped_meter_measures_no_more() -> None:
    meter = LagMeter()
    meter.start()
    first = meter.stop()
    assert first < 1_000_000
    assert meter.stop() == first
