"""REST calls in virtual time: each client has its own chance."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.clock import Clock
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.network.virtual.rest import VirtualRest
from sync_check.harness.randomness import Randomness


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def durations(calls: Mapping[int, str]) -> dict[int, float]:
    """How long each call takes, in virtual seconds: by when it is sent, the address that it comes from."""
    randomness = Randomness(1, entropy=b"")
    loop = VirtualLoop(randomness)

    async def run() -> dict[int, float]:
        clock, taken = Clock(), {}
        async with httpx.AsyncClient(transport=VirtualRest(nothing, randomness)) as client:
            for moment, caller in calls.items():
                await clock.until(moment)
                headers = {FORWARDED_FOR: caller} if caller else {}
                await client.get("http://sim/", headers=headers)
                taken[moment] = loop.time() - moment
        return taken

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())


def test_what_is_left_out_shifts_no_other_call() -> None:
    both = durations({1: "192.0.2.1", 2: "192.0.2.2", 3: "192.0.2.1", 4: "", 5: "192.0.2.2"})
    assert durations({2: "192.0.2.2", 3: "192.0.2.1"}) == {moment: both[moment] for moment in (2, 3)}
    assert len(set(both.values())) == 5


def test_callers_differ_at_one_moment() -> None:
    assert durations({1: "192.0.2.1"}) != durations({1: "192.0.2.2"})


def test_an_address_in_another_spelling_is_the_same_client() -> None:
    assert durations({1: "2001:db8::1"}) == durations({1: "2001:0DB8:0000:0000:0000:0000:0000:0001"})
