"""A server whose gateway has ports of its own, one or one for each node, used by real clients."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.reference_server.processes import announced
from tests.reference_server.running import PASSWORD, RAISED, WITHIN_S, command

RAISED_FLAGS = [f"--limit={name}={value}" for name, value in RAISED.model_dump(exclude_defaults=True).items()]
TOKEN = "only-for-the-scraper"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server process by its addresses, and calls by people of it."""

    rest: str
    gateways: tuple[str, ...]
    http: httpx.AsyncClient

    async def person(self, name: str) -> dict[str, str]:
        """The headers of somebody new."""
        account = {"username": name, "password": PASSWORD}
        assert (await self.http.post("/auth/register", json=account)).status_code == 200
        token = (await self.http.post("/auth/login", json=account)).json()["access_token"]
        return {"authorization": f"Bearer {token}"}

    async def post(self, who: dict[str, str], path: str, body: Any = None) -> Any:
        answer = await self.http.post(path, json=body, headers=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def emitted(self, event: str) -> float:
        """What `gateway_events_emitted_total` says of an event."""
        lines = (await self.http.get("/metrics")).text.splitlines()
        label = f'event_type="{event}"'
        return sum(
            float(line.split()[-1])
            for line in lines
            if label in line and line.startswith("gateway_events_emitted_total")
        )


@contextmanager
def process(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """A server process; what it announces."""
    with announced("--port=0", *RAISED_FLAGS, *options, environment=environment) as (server, told):
        yield told
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


@asynccontextmanager
async def served(*options: str) -> AsyncIterator[Served]:
    with process(*options) as told:
        async with httpx.AsyncClient(base_url=told["listening"], trust_env=False, timeout=WITHIN_S) as http:
            yield Served(rest=told["listening"], gateways=tuple(told.get("gateways", ())), http=http)


@dataclass(frozen=True, kw_only=True)
class Ear:
    socket: ClientConnection

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            event: dict[str, Any] = json.loads(await self.socket.recv())
        return event

    async def until(self, name: str) -> dict[str, Any]:
        """The payload of the next event of this name."""
        while (event := await self.next())["t"] != name:
            pass
        payload: dict[str, Any] = event["d"]
        return payload

    async def contents(self, count: int) -> list[str]:
        return [(await self.until("message_create"))["content"] for _ in range(count)]


@asynccontextmanager
async def listening(gateway: str, who: dict[str, str], room: dict[str, str]) -> AsyncIterator[Ear]:
    """A connection of somebody to a node, subscribed to a channel."""
    async with connect(gateway, additional_headers=who, proxy=None, compression=None) as socket:
        ear = Ear(socket=socket)
        assert (await ear.next())["t"] == "ready"
        await socket.send(command("subscribe", **room))
        await ear.until("subscribed")
        yield ear


async def a_room(server: Served, owner: dict[str, str]) -> dict[str, str]:
    guild = (await server.post(owner, "/guilds", {"name": "guild", "visibility": "public"}))["guild_id"]
    channel = (await server.post(owner, f"/guilds/{guild}/channels", {"name": "general"}))["channel_id"]
    return {"guild_id": guild, "channel_id": channel}


def messages(room: dict[str, str]) -> str:
    return f"/guilds/{room['guild_id']}/channels/{room['channel_id']}/messages"


async def refused(url: str, who: dict[str, str]) -> int:
    """The status that answers an upgrade instead of 101."""
    with pytest.raises(InvalidStatus) as answer:
        await connect(url, additional_headers=who, proxy=None)
    return answer.value.response.status_code


async def test_a_gateway_of_its_own_has_no_rest_and_rest_no_gateway() -> None:
    async with served("--gateway-port=0") as server:
        (gateway,) = server.gateways
        assert gateway.startswith("ws://127.0.0.1:")
        assert gateway.endswith("/gateway/ws")
        base = f"http{gateway.removeprefix('ws').removesuffix('/gateway/ws')}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=WITHIN_S) as beside:
            found = {
                path: ((await server.http.get(path)).status_code, (await beside.get(path)).status_code)
                for path in ("/health", "/gateway/ws", "/metrics", "/auth/me", "/app", "/openapi.json")
            }
        assert found == {
            "/health": (200, 200),
            "/gateway/ws": (404, 426),
            "/metrics": (200, 404),
            "/auth/me": (401, 404),
            "/app": (404, 404),
            "/openapi.json": (200, 404),
        }
        ana = await server.person("ana")
        assert await refused(f"ws{server.rest.removeprefix('http')}/gateway/ws", ana) == 404
        assert await refused(gateway, {}) == 401
        room = await a_room(server, ana)
        async with listening(gateway, ana, room) as ear:
            await server.post(ana, messages(room), {"content": "hello"})
            assert await ear.contents(1) == ["hello"]


@pytest.mark.witnesses("DELIV-2", "DELIV-5", "SCOPE-2", "METRIC-3")
async def test_two_nodes_tell_all_their_connections_in_one_order() -> None:
    async with served("--nodes=2", "--seed=7") as server:
        first, second = server.gateways
        ana, ben = await server.person("ana"), await server.person("ben")
        room = await a_room(server, ana)
        await server.post(ben, f"/guilds/{room['guild_id']}/join")
        async with (
            listening(first, ana, room) as here,
            listening(second, ben, room) as there,
            listening(second, ana, room) as also_there,
        ):
            # By REST and by command at both nodes, all at once.
            await asyncio.gather(
                *(server.post(ana, messages(room), {"content": f"rest {number}"}) for number in range(20)),
                *(
                    ear.socket.send(command("message_create", content=f"{ear is here} {number}", **room))
                    for number in range(20)
                    for ear in (here, there)
                ),
            )
            seen = [await ear.contents(60) for ear in (here, there, also_there)]
            assert seen[0] == seen[1] == seen[2]
            assert len(set(seen[0])) == 60
            for ear in (True, False):  # and those of one connection in the order sent (CMD-1)
                sent = [content for content in seen[0] if content.startswith(str(ear))]
                assert sent == [f"{ear} {number}" for number in range(20)]
            assert await server.emitted("message_create") == 180


@pytest.mark.witnesses("PRES-1", "PRES-3", "ACCESS-1", "SCOPE-8")
async def test_presence_and_removal_cross_from_node_to_node() -> None:
    async with served("--nodes=2") as server:
        first, second = server.gateways
        ana, ben = await server.person("ana"), await server.person("ben")
        ben_id = (await server.http.get("/auth/me", headers=ben)).json()["user_id"]
        room = await a_room(server, ana)
        await server.post(ben, f"/guilds/{room['guild_id']}/join")
        async with listening(first, ana, room) as here:
            async with listening(second, ben, room):
                assert (await here.until("presence_update"))["status"] == "online"
            assert (await here.until("presence_update"))["status"] == "offline"
            async with listening(second, ben, room) as there:
                assert (await here.until("presence_update"))["status"] == "online"
                await server.post(ana, messages(room), {"content": "before"})
                await server.post(ana, f"/guilds/{room['guild_id']}/members/{ben_id}/kick")
                await server.post(ana, messages(room), {"content": "after"})
                assert await there.contents(1) == ["before"]
                assert (await there.until("workspace_member_remove"))["user_id"] == ben_id
                # A fence: what must not have come would have come before it.
                patched = await server.http.patch(
                    "/users/me/profile", json={"about_markdown": "x"}, headers=ben
                )
                assert patched.status_code == 200
                assert (await there.next())["t"] == "profile_update"


async def test_counters_are_read_at_their_path_by_who_has_the_token() -> None:
    environment = {"SYNC_CHECK_METRICS_TOKEN": TOKEN}
    with process(
        "--metrics-path=/internal/counters", "--metric-prefix=chat_", environment=environment
    ) as told:
        async with httpx.AsyncClient(base_url=told["listening"], trust_env=False) as http:
            assert (await http.get("/metrics")).status_code == 404
            for given in ({}, {"authorization": "Bearer another"}, {"authorization": TOKEN}):
                answer = await http.get("/internal/counters", headers=given)
                assert (answer.status_code, answer.json()) == (401, {"error": "invalid_credentials"})
            scraped = await http.get("/internal/counters", headers={"authorization": f"Bearer {TOKEN}"})
            assert scraped.status_code == 200
            assert 'chat_auth_failures_total{reason="unauthorized"} 3.0' in scraped.text


async def test_an_undeclared_feature_of_metrics_is_not_there() -> None:
    async with served("--without=metrics") as server:
        assert (await server.http.get("/metrics")).status_code == 404


@pytest.mark.witnesses("LIMIT-1")
async def test_the_sixty_first_sign_up_of_a_minute_is_refused() -> None:
    async with served("--limit=auth_requests_per_minute=60") as server:
        answers = [
            (
                await server.http.post("/auth/register", json={"username": f"user{n}", "password": PASSWORD})
            ).status_code
            for n in range(61)
        ]
        assert answers == [200] * 60 + [429]
