"""REST calls in virtual time: each client has its own chance."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

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


def answered(app: Any, method: str = "GET", content: bytes = b"") -> httpx.Response:
    """What an application answers to one request."""
    randomness = Randomness(1, entropy=b"")

    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=VirtualRest(app, randomness)) as client:
            return await client.request(method, "http://sim:8480/a%2Fb%20c?d=%20", content=content)

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(randomness)) as runner:
        return runner.run(run())


async def repeating(scope: Any, receive: Any, send: Any) -> None:
    """Answer in two parts: what was asked, and what came with it up to the end."""
    asked = [scope[part] for part in ("method", "path", "raw_path", "query_string", "server", "client")]
    received = [await receive()]
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x-one", b"1")]})
    await send({"type": "http.response.body", "body": f"{asked} ".encode(), "more_body": True})
    await send({"type": "http.response.body", "body": str(received).encode()})
    assert await receive() == {"type": "http.disconnect"}


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError


async def failing_late(scope: Any, receive: Any, send: Any) -> None:
    await nothing(scope, receive, send)
    raise ValueError


async def breaking_off(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def hanging(scope: Any, receive: Any, send: Any) -> None:
    """Wait for whoever asks to go away, while the answer is given by another task."""

    async def answer() -> None:
        await nothing(scope, receive, send)

    await receive()
    task = asyncio.create_task(answer())
    assert await receive() == {"type": "http.disconnect"}
    await task


def test_an_application_is_asked_as_by_a_server() -> None:
    response = answered(repeating, "POST", b"sent")
    asked = ["POST", "/a/b c", b"/a%2Fb%20c", b"d=%20", ("sim", 8480), ("127.0.0.1", 1)]
    received = {"type": "http.request", "body": b"sent", "more_body": False}
    assert (response.status_code, response.headers["x-one"]) == (201, "1")
    assert response.text == f"{asked} [{received}]"


def test_whoever_asks_stays_until_the_answer_is_there() -> None:
    assert answered(hanging).status_code == 204


def test_a_head_request_gets_no_body() -> None:
    assert answered(repeating, "HEAD").content == b""


def test_an_application_that_fails_is_a_server_that_answers_so() -> None:
    assert answered(failing).status_code == 500
    assert answered(failing_late).status_code == 204


def test_an_answer_that_breaks_off_is_none() -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        answered(breaking_off)
