"""How fast requests are is measured at the target, within its limits, and in no history."""

import asyncio
from typing import Any

import httpx
import pytest

from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.rest import IN_FLIGHT
from sync_check.harness.speed import Speed, measured
from tests.harness.playing import company_at, playing, respond


class Slow(httpx.AsyncBaseTransport):
    """Answers after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.wait((asyncio.get_running_loop().create_future(),), timeout=self._seconds)
        return respond(200, {"status": "ok"})


def at(transport: Slow, requests_per_minute: int = 10**6) -> Speed | None:
    """What is measured in virtual time, where our own work takes none."""
    records: list[Any] = []

    async def measure() -> Speed | None:
        company, _ = company_at("http://t.test", records, transport=transport)
        return await measured(company.caller, company.clock, requests_per_minute)

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(Randomness(1))) as runner:
        found = runner.run(measure())
    assert records == []
    return found


async def test_both_parts_of_a_request_are_measured_at_a_server() -> None:
    async with playing() as here:
        speed = await measured(here.company.caller, here.company.clock, 10**6)
        assert speed is not None
        assert 0 < speed.work_s < 1
        assert 0 < speed.round_trip_s < 1
        assert here.records == []


@pytest.mark.parametrize("seconds", [0.01, 0.05])
def test_what_is_only_waited_for_is_no_work(seconds: float) -> None:
    speed = at(Slow(seconds))
    assert speed is not None
    assert speed.round_trip_s == pytest.approx(seconds)
    assert speed.work_s == pytest.approx(0, abs=seconds / 100)
    assert speed.request_s == pytest.approx(seconds / 5, rel=0.1)


def test_little_is_asked_of_a_target_that_permits_little() -> None:
    assert at(few := Slow(0.001), requests_per_minute=300) is None
    assert few.asked == 0
    assert at(some := Slow(0.001), requests_per_minute=600) is not None
    assert some.asked <= 2 * IN_FLIGHT
    at(many := Slow(0.001))
    assert many.asked > some.asked


def test_who_takes_too_long_says_nothing() -> None:
    assert at(Slow(0.5)) is None
