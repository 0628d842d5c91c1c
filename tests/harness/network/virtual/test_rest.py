"""REST calls in virtual time: each client has its own chance."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx

from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.network.virtual.rest import VirtualRest
from sync_check.harness.randomness import Randomness


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def durations(*callers: str) -> list[tuple[str, float]]:
    """How long the calls of these addresses take, one after the other, in virtual seconds."""
    randomness = Randomness(1, entropy=b"")
    loop = VirtualLoop(randomness)

    async def run() -> list[tuple[str, float]]:
        taken = []
        async with httpx.AsyncClient(transport=VirtualRest(nothing, randomness)) as client:
            for caller in callers:
                began = loop.time()
                headers = {FORWARDED_FOR: caller} if caller else {}
                await client.get("http://sim/", headers=headers)
                taken.append((caller, round(loop.time() - began, 7)))
        return taken

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())


def of(caller: str, taken: Sequence[tuple[str, float]]) -> list[float]:
    return [seconds for one, seconds in taken if one == caller]


def test_what_a_client_leaves_out_shifts_no_other_clients_calls() -> None:
    both = durations("192.0.2.1", "192.0.2.2", "192.0.2.1", "", "192.0.2.2")
    assert of("192.0.2.2", both) == of("192.0.2.2", durations("192.0.2.2", "192.0.2.2"))
    assert of("192.0.2.1", both) != of("192.0.2.2", both)


def test_an_address_in_another_spelling_is_the_same_client() -> None:
    spelled = durations("2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001")
    assert [seconds for _, seconds in spelled] == of("2001:db8::1", durations("2001:db8::1", "2001:db8::1"))
