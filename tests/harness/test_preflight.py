"""Before a run: does the target refuse what nobody knows, and tell us what we told it?"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.preflight import BUDGET_S, check_target
from sync_check.harness.randomness import Randomness
from tests.harness.playing import company_at, respond

PROFILE = {
    "user_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "about_markdown": "",
    "about_markdown_tokens": [],
    "avatar_version": 0,
    "banner_version": 0,
}
ANSWERS: Mapping[str, Any] = {
    "/health": {"status": "ok"},
    "/auth/register": {"accepted": True},
    "/auth/login": {"access_token": "a" * 20, "refresh_token": "r" * 20, "expires_in_secs": 900},
    "/auth/me": {**PROFILE, "username": "somebody.else"},
}


class Backend(httpx.AsyncBaseTransport):
    """`busy_s` is what it asks for once by Retry-After."""

    def __init__(self, unknown: int, busy_s: int = 0) -> None:
        self._unknown = unknown
        self._busy_s = busy_s

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._busy_s and request.url.path == "/auth/register":
            asked, self._busy_s = self._busy_s, 0
            return respond(429, headers={"retry-after": str(asked)})
        if request.url.path.startswith("/sync-check-made-up-"):
            return respond(self._unknown, {})
        return respond(200, ANSWERS[request.url.path])


async def test_a_target_that_knows_everything_shows_nothing_by_its_refusals() -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(200))
    with pytest.raises(TargetUnavailable, match="it answers 200 to a request that nobody knows"):
        await check_target(company)


@pytest.mark.parametrize("status", [404, 403, 401, 500])
async def test_an_account_that_comes_back_as_another_is_none(status: int) -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(status))
    with pytest.raises(TargetUnavailable, match="own_profile got status 200, but of another user"):
        await check_target(company)


def test_what_a_target_asks_us_to_wait_does_not_count() -> None:
    async def checked() -> None:
        company, _ = company_at("http://t.test", [], transport=Backend(404, busy_s=3 * int(BUDGET_S)))
        await check_target(company)

    with (
        asyncio.Runner(loop_factory=lambda: VirtualLoop(Randomness(1))) as runner,
        pytest.raises(TargetUnavailable, match="but of another user"),
    ):
        runner.run(checked())


async def test_a_target_that_asks_for_more_than_a_window_is_not_waited_for() -> None:
    company, _ = company_at("http://t.test", [], transport=Backend(404, busy_s=365 * 24 * 3600))
    with pytest.raises(TargetUnavailable, match=r"lets a first client wait for \d+ s; at most 90 s"):
        await check_target(company)


async def test_what_was_made_up_is_in_no_history() -> None:
    records: list[Any] = []
    company, _ = company_at("http://t.test", records, transport=Backend(404))
    with pytest.raises(TargetUnavailable):
        await check_target(company)
    assert [one.operation for one in records if hasattr(one, "operation")] == [
        "health",
        "register",
        "login",
        "own_profile",
    ]
