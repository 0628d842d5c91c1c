"""Finding public guilds and joining them (GUILD-3, JOIN-1 to 4, LEAK-JOIN-1)."""

import pytest

from sync_check.conformance.contract.limits import Limits
from tests.reference_server.running import Person, Room, Running, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
LOOPBACK = ("127.0.0.1/32",)


def public(server: Running, owner: Person, *others: Person) -> Room:
    room = server.room(owner, *others)
    server.backend.store.guilds[room.guild_id].visibility = "public"
    return room


@pytest.mark.witnesses("GUILD-3", "REST-4")
async def test_the_directory_lists_public_guilds_whose_name_contains_the_query_literally() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        for name in ("Red one", "red%two", "blue"):
            await ana.post("/guilds", {"name": name, "visibility": "public"})
        await ana.post("/guilds", {"name": "red secret"})

        async def found(query: str) -> list[str]:
            return [guild["name"] for guild in (await eve.get(f"/guilds/public{query}")).json()["guilds"]]

        assert await found("") == ["Red one", "red%two", "blue"]
        assert await found("?q=RED") == ["Red one", "red%two"]
        assert await found("?q=d%25t") == ["red%two"]
        assert await found("?q=d_") == []
        assert await found("?q=red&limit=1") == ["Red one"]
        for bad in ("?limit=0", "?limit=51", "?limit=x", f"?q={'x' * 65}"):
            assert (await eve.get(f"/guilds/public{bad}")).status_code == 400


@pytest.mark.witnesses("JOIN-2", "JOIN-3", "SCOPE-8")
async def test_an_accepted_join_is_told_once_with_the_joiner_as_actor() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = public(server, ana)
        watcher, own = await ana.connect(room), await eve.connect()
        for outcome in ("accepted", "already_member"):
            answer = await eve.post(f"{room.guild}/join")
            assert answer.json() == {"guild_id": room.guild_id, "outcome": outcome}
        ((name, payload),) = await watcher.until_now()
        assert name == "workspace_member_add"
        assert (payload["user_id"], payload["actor_user_id"]) == (eve.user_id, eve.user_id)
        assert payload["role"] == "member"
        assert await own.names_until_now() == ["workspace_member_add"]
        assert (await eve.get(f"{room.guild}/channels")).status_code == 200


@pytest.mark.witnesses("JOIN-4")
async def test_a_default_join_role_is_assigned_after_the_join() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = public(server, ana)
        guild = server.backend.store.guilds[room.guild_id]
        guild.default_join_role_id = next(role.role_id for role in guild.roles.values() if role.position == 1)
        watcher = await ana.connect(room)
        await eve.post(f"{room.guild}/join")
        assert await watcher.names_until_now() == ["workspace_member_add", "workspace_role_assignment_add"]


@pytest.mark.witnesses("LEAK-JOIN-1")
async def test_private_and_unknown_guilds_answer_an_outsider_alike() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        private, unknown = await eve.post(f"{room.guild}/join"), await eve.post(f"/guilds/{UNKNOWN}/join")
        assert (private.status_code, private.content) == (404, unknown.content)
        assert unknown.status_code == 404
        assert (await ben.post(f"{room.guild}/join")).json()["outcome"] == "already_member"
        assert await watcher.until_now() == []


@pytest.mark.witnesses("JOIN-1", "JOIN-2", "IPBAN-2")
async def test_bans_are_judged_in_order_before_membership() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = public(server, ana)
        guild = server.backend.store.guilds[room.guild_id]

        async def join(address: str) -> tuple[int, str]:
            headers = {**eve.headers, "x-forwarded-for": address}
            answer = await server.http.post(f"{room.guild}/join", headers=headers)
            return answer.status_code, answer.json().get("error", "")

        assert await join("192.0.2.7") == (200, "")
        banned = await ana.post(f"{room.guild}/ip-bans/by-user", {"target_user_id": eve.user_id})
        assert banned.json()["created_count"] == 1
        assert await join("192.0.2.7") == (403, "directory_join_ip_banned")
        assert await join("192.0.2.8") == (200, "")
        watcher = await ana.connect(room)
        guild.banned[eve.user_id] = None
        assert await join("192.0.2.7") == (403, "directory_join_user_banned")
        guild.visibility = "private"
        server.backend.store.leave(guild, eve.user_id)
        assert await join("192.0.2.7") == (404, "not_found")
        guild.visibility = "public"
        assert await join("192.0.2.8") == (403, "directory_join_user_banned")
        del guild.banned[eve.user_id]
        assert await join("192.0.2.7") == (403, "directory_join_ip_banned")
        assert await watcher.until_now() == []


@pytest.mark.witnesses("LIMIT-1")
async def test_joins_are_limited_by_user_and_by_address() -> None:
    async with running(limits=Limits(joins_per_minute_user=1, joins_per_minute_address=2)) as server:
        ana, ben, eve, dan = [server.person(name) for name in ("ana", "ben", "eve", "dan")]
        room = public(server, ana)
        # What the limit per user refuses does not count for the address.
        statuses = [(await who.post(f"{room.guild}/join")).status_code for who in (ben, ben, eve, dan)]
        assert statuses == [200, 429, 200, 429]
