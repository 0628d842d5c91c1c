"""The meter of our own lateness."""

import asyncio
import time

from sync_check.harness.lag import Health, LagMeter


def _block(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def _burn(seconds: float) -> None:
    """Take so much processor time, however busy the machine is."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


async def test_a_blocked_loop_is_late() -> None:
    meter = LagMeter()
    meter.start()
    await asyncio.get_running_loop().run_in_executor(None, len, ())
    _block(0.3)
    health = meter.stop()
    assert health.worst_us >= 200_000
    assert health.p99_us >= 200_000  # of so few looks it is the worst


def test_what_was_late_once_in_many_times_is_not_late_as_a_rule() -> None:
    assert Health.of([0.001] * 199 + [0.5], 0.2) == Health(worst_us=500_000, p99_us=1000, cpu=0.2)
    assert Health.of([0.001] * 97 + [0.5] * 3, 0.2).p99_us == 500_000


async def test_a_processor_that_is_taken_shows() -> None:
    meter = LagMeter()
    meter.start()
    _burn(0.2)
    assert meter.stop().cpu > 0.3


async def test_who_was_not_started_was_well() -> None:
    assert LagMeter().stop() == Health()


async def test_a_stopped_meter_measures_no_more() -> None:
    meter = LagMeter()
    meter.start()
    assert meter.stop().worst_us < 1_000_000
    assert meter.stop() == Health()
