import pytest

from sync_check.conformance.contract.permissions import WORKSPACE_OWNER
from tests.reference_server.running import RAISED, running


@pytest.mark.parametrize("name", ["x", "y" * 64, " ", "~!@#"])
@pytest.mark.parametrize("visibility", [{}, {"visibility": "private"}, {"visibility": "public"}])
@pytest.mark.witnesses("GUILD-1")
async def test_creation_makes_an_owner_and_nothing_else(name: str, visibility: dict[str, str]) -> None:
    async with running() as server:
        ana = server.person("ana")
        watcher = await ana.connect()
        made = await ana.post("/guilds", {"name": name, **visibility})
        guild = made.json()
        assert guild == {"visibility": "private"} | visibility | {"guild_id": guild["guild_id"], "name": name}
        path = f"/guilds/{guild['guild_id']}"
        assert (await ana.get(f"{path}/channels")).json() == {"channels": []}
        members = (await ana.get(f"{path}/members")).json()["members"]
        owner_role = server.backend.store.guilds[guild["guild_id"]].seed_role(WORKSPACE_OWNER)
        assert members == [{"user_id": ana.user_id, "role_ids": [owner_role.role_id]}]
        assert await watcher.until_now() == []


@pytest.mark.parametrize("name", ["", "x" * 65, "ä", "a\nb", "\x7f"])
@pytest.mark.witnesses("REST-4", "LIMIT-1")
async def test_names_are_printable_ascii_of_64_bytes(name: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        for answer in (
            await ana.post("/guilds", {"name": name}),
            await ana.patch(room.guild, {"name": name}),
            await ana.post(f"{room.guild}/channels", {"name": name}),
        ):
            assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.witnesses("LIMIT-1")
async def test_a_user_creates_at_most_so_many_guilds() -> None:
    async with running(limits=RAISED.model_copy(update={"guilds_per_user": 2})) as server:
        ana, ben = server.person("ana"), server.person("ben")
        answers = [await ana.post("/guilds", {"name": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 403]
        assert answers[2].json() == {"error": "guild_creation_limit_reached"}
        assert len((await ana.get("/guilds")).json()["guilds"]) == 2
        assert (await ben.post("/guilds", {"name": "x"})).status_code == 200


@pytest.mark.witnesses("GUILD-2")
async def test_the_list_holds_the_callers_memberships() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        first, second = server.room(ana, ben), server.room(ben)
        listed = (await ben.get("/guilds")).json()["guilds"]
        assert [guild["guild_id"] for guild in listed] == [first.guild_id, second.guild_id]
        assert (await ana.post(first.member(ben) + "/kick")).status_code == 200
        assert [guild["guild_id"] for guild in (await ben.get("/guilds")).json()["guilds"]] == [
            second.guild_id
        ]


@pytest.mark.witnesses("GUILD-4", "EVT-2", "EVT-3")
async def test_an_update_tells_what_changed_and_by_whom() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        answer = await ana.patch(room.guild, {"name": "guild", "visibility": "public"})
        assert answer.json() == {"guild_id": room.guild_id, "name": "guild", "visibility": "public"}
        [(name, payload)] = await watcher.until_now()
        assert name == "workspace_update"
        assert payload["updated_fields"] == {"visibility": "public"}
        assert payload["actor_user_id"] == ana.user_id


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "guild"}, 200),
        ({"name": "guild", "visibility": "private"}, 200),
        ({}, 400),
        ({"visibility": "hidden"}, 422),
        ({"name": None}, 422),
        ({"name": 1}, 422),
        ({"name": "x", "more": 1}, 422),
    ],
)
@pytest.mark.witnesses("GUILD-4", "REST-3", "REST-4", "DELIV-4", "DELIV-6")
async def test_what_changes_nothing_is_not_told(body: dict[str, object], status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        watcher = await ana.connect(room)
        assert (await ana.patch(room.guild, body)).status_code == status
        assert await watcher.until_now() == []
        assert (await ana.get("/guilds")).json()["guilds"][0]["name"] == "guild"
