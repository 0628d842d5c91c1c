"""The contract's own limits are in force where nobody sets others: at them accepted, beyond them refused."""

import asyncio
from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from tests.reference_server.running import RAISED, running

DEFAULTS = RAISED.model_copy(
    update={"guilds_per_user": Limits().guilds_per_user, "requests_per_minute": 10**6}
)
GUILD, CHANNEL = "{guild}", "{channel}"


def message(size: int) -> dict[str, Any]:
    return {"content": "x" * size}


CASES: list[tuple[str, str, Any, Any]] = [
    ("POST", CHANNEL + "/messages", message(2000), message(2001)),
    ("POST", CHANNEL + "/messages", {"content": "é" * 1000}, {"content": "é" * 1000 + "x"}),
    ("PATCH", "/users/me/profile", {"about_markdown": "x" * 2048}, {"about_markdown": "x" * 2049}),
    ("PATCH", GUILD, {"name": "x" * 64}, {"name": "x" * 65}),
    ("POST", "/guilds", {"name": "x" * 64}, {"name": "x" * 65}),
    ("POST", GUILD + "/channels", {"name": "x" * 64}, {"name": "x" * 65}),
    ("GET", CHANNEL + "/messages?limit={}", 100, 101),
    ("GET", GUILD + "/audit?limit={}", 100, 101),
    ("GET", GUILD + "/ip-bans?limit={}", 100, 101),
    ("GET", GUILD + "/members?limit={}", 200, 201),
    ("GET", GUILD + "/search?q=x&limit={}", 50, 51),
    ("GET", "/guilds/public?limit={}", 50, 51),
]


@pytest.mark.witnesses("LIMIT-1", "LIMIT-4", "REST-4")
@pytest.mark.parametrize(("method", "path", "within", "beyond"), CASES)
async def test_limits_of_one_request(method: str, path: str, within: Any, beyond: Any) -> None:
    async with running(limits=DEFAULTS) as server:
        ana = server.person("ana")
        room = server.room(ana)
        for value, status in ((within, 200), (beyond, 400)):
            url = path.replace("{guild}", room.guild).replace("{channel}", room.channel)
            body = None if isinstance(value, int) else value
            assert (await ana.call(method, url.format(value), body)).status_code == status


PAGES = Limits(
    history_page=3, audit_page=3, ip_bans_page=3, members_page=3, search_page=3, public_guilds_page=3
)


@pytest.mark.parametrize("path", [path.partition("limit=")[0] for _, path, *_ in CASES if "limit=" in path])
async def test_a_page_that_is_not_asked_for_by_number_is_no_longer_than_one_can_be(path: str) -> None:
    async with running(limits=PAGES) as server:
        ana = server.person("ana")
        room = server.room(ana, *map(server.person, ("ben", "cleo", "dan")))
        for content in "xxxx":
            await ana.say(room, content)
        url = path.replace("{guild}", room.guild).replace("{channel}", room.channel).rstrip("?&")
        answer = await ana.get(url)
        assert answer.status_code == 200
        (items,) = (
            one for name, one in answer.json().items() if isinstance(one, list) and name != "message_ids"
        )
        assert len(items) == (3 if any(word in path for word in ("messages", "members", "search")) else 0)


@pytest.mark.witnesses("LIMIT-1", "LIMIT-4")
async def test_five_guilds_each() -> None:
    async with running(limits=DEFAULTS) as server:
        ana = server.person("ana")
        answers = [await ana.post("/guilds", {"name": "x"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [403]
        assert answers[5].json() == {"error": "guild_creation_limit_reached"}


@pytest.mark.witnesses("LIMIT-1", "LIMIT-4")
async def test_sixty_registrations_a_minute_and_six_hundred_requests() -> None:
    async with running(limits=Limits()) as server:
        statuses = []
        for number in range(61):
            account = {"username": f"user{number}", "password": "long enough, too"}
            statuses.append((await server.http.post("/auth/register", json=account)).status_code)
        assert statuses == [200] * 60 + [429]
        ana = server.person("ana")
        loop = asyncio.get_running_loop()
        began, passed = loop.time(), 0
        while (await ana.get("/auth/me")).status_code == 200:
            passed += 1
        # It is refilled while we ask, ten a second.
        assert 600 <= passed <= 601 + 10 * (loop.time() - began)
