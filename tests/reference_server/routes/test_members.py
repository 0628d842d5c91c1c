import pytest

from tests.reference_server.running import running


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
@pytest.mark.witnesses("MEM-1", "PAGE-1", "PAGE-2")
async def test_walking_the_list_yields_each_member_once_by_id(limit: int) -> None:
    async with running() as server:
        people = [server.person(f"person{number}") for number in range(7)]
        room = server.room(*people)
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await people[0].get(f"{room.guild}/members?limit={limit}{cursor}")).json()
            assert len(page["members"]) <= limit
            seen += [member["user_id"] for member in page["members"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == sorted(person.user_id for person in people)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x"])
@pytest.mark.witnesses("REST-4")
async def test_refuses_other_queries(query: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        assert (await ana.get(f"{server.room(ana).guild}/members?{query}")).status_code == 400


@pytest.mark.witnesses("MEM-2", "SCOPE-5", "SCOPE-8", "EVT-3")
async def test_adding_is_told_to_the_guild_and_to_the_one_added_once() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana)
        watcher, added, stranger = await ana.connect(room), await ben.connect(), await eve.connect()
        for _ in range(2):
            assert (await ana.post(room.member(ben))).json() == {"accepted": True}
        [(name, payload)] = await watcher.until_now()
        assert name == "workspace_member_add"
        assert (payload["user_id"], payload["role"]) == (ben.user_id, "member")
        assert payload["actor_user_id"] == ana.user_id
        assert await added.until_now() == [(name, payload)]
        assert await stranger.until_now() == []


@pytest.mark.witnesses("MEM-4", "MEM-12", "PERM-3")
async def test_a_changed_role_is_told_once_and_takes_effect_at_once() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        own, idle = await ben.connect(room), await ben.connect()
        for _ in range(2):
            assert (await ana.patch(room.member(ben), {"role": "moderator"})).json() == {"accepted": True}
        assert (await ben.post(f"{room.guild}/channels", {"name": "x"})).status_code == 200
        (name, payload), (companion, assigned), (created, _) = await own.until_now()
        assert (name, created) == ("workspace_member_update", "channel_create")
        assert (companion, assigned["user_id"]) == ("workspace_role_assignment_add", ben.user_id)
        assert payload["updated_fields"] == {"role": "moderator"}
        assert await idle.until_now() == []


@pytest.mark.parametrize(
    ("actor", "target", "role"),
    [
        ("moderator", "member", "moderator"),
        ("moderator", "other moderator", "member"),
        ("moderator", "owner", "member"),
        ("moderator", "moderator", "member"),
        ("owner", "owner", "member"),
        ("owner", "member", "owner"),
        ("member", "member", "member"),
    ],
)
@pytest.mark.witnesses("MEM-3", "DELIV-4")
async def test_a_role_needs_a_rank_above_it(actor: str, target: str, role: str) -> None:
    async with running() as server:
        names = ("owner", "moderator", "other moderator", "member")
        people = {name: server.person(name.replace(" ", ".")) for name in names}
        room = server.room(*people.values())
        for name in names[1:3]:
            await people["owner"].patch(room.member(people[name]), {"role": "moderator"})
        watcher = await people["owner"].connect(room)
        answer = await people[actor].patch(room.member(people[target]), {"role": role})
        assert (answer.status_code, answer.json()) == (403, {"error": "forbidden"})
        assert await watcher.until_now() == []


@pytest.mark.parametrize("body", [{}, {"role": "admin"}, {"role": None}, {"role": "member", "more": 1}])
@pytest.mark.witnesses("REST-3")
async def test_refuses_other_roles(body: dict[str, object]) -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        assert (await ana.patch(room.member(ben), body)).status_code == 422


@pytest.mark.witnesses("MEM-5", "ACCESS-2", "ACCESS-3", "SCOPE-8", "REST-5")
async def test_a_kicked_user_hears_of_it_everywhere_and_then_nothing_of_the_guild() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room, elsewhere = server.room(ana, ben), server.room(ana, ben)
        subscribed, idle = await ben.connect(room), await ben.connect(elsewhere)
        watcher = await ana.connect(room)
        assert (await ana.post(room.member(ben) + "/kick")).json() == {"accepted": True}
        await ana.patch(room.guild, {"name": "unheard"})
        await ana.say(room, "unheard")
        told = await ana.say(elsewhere, "heard")
        [(name, removal)] = await subscribed.until_now()
        assert name == "workspace_member_remove"
        assert (removal["user_id"], removal["reason"]) == (ben.user_id, "kick")
        assert await idle.until_now() == [(name, removal), ("message_create", told)]
        assert (await watcher.names_until_now())[0] == name
        assert (await ben.get(room.messages)).status_code == 403
        assert (await ana.post(room.member(ben) + "/kick")).status_code == 404


@pytest.mark.witnesses("ACCESS-6")
async def test_a_regained_membership_needs_a_new_subscription() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        connection = await ben.connect(room)
        await ana.post(room.member(ben) + "/kick")
        await ana.post(room.member(ben))
        await ana.say(room, "unheard")
        assert await connection.names_until_now() == ["workspace_member_remove", "workspace_member_add"]
        await connection.send(room.subscribe())
        assert (await connection.next())[0] == "subscribed"
        await ana.say(room, "heard")
        assert await connection.names_until_now() == ["message_create"]


@pytest.mark.witnesses("MEM-6", "MEM-7", "MEM-8")
async def test_a_ban_is_told_before_the_removal_and_keeps_the_user_out() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        banned, watcher = await ben.connect(room), await ana.connect(room)
        for _ in range(2):
            assert (await ana.post(room.member(ben) + "/ban")).status_code == 200
        expected = ["workspace_member_ban", "workspace_member_remove"]
        assert await banned.names_until_now() == expected
        events = await watcher.until_now()
        assert [name for name, _ in events] == expected
        assert events[1][1]["reason"] == "ban"
        assert (await ana.post(room.member(ben))).status_code == 403


@pytest.mark.witnesses("MEM-6", "MEM-8")
async def test_the_ban_of_a_stranger_is_told_to_members_only() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = server.room(ana)
        watcher, stranger = await ana.connect(room), await eve.connect()
        assert (await ana.post(room.member(eve) + "/ban")).status_code == 200
        assert await watcher.names_until_now() == ["workspace_member_ban"]
        assert await stranger.until_now() == []
        assert (await ana.post(room.member(eve))).status_code == 403


@pytest.mark.parametrize("action", ["kick", "ban"])
@pytest.mark.parametrize("actor", ["owner", "moderator"])
@pytest.mark.parametrize("target", ["owner", "moderator", "other"])
@pytest.mark.witnesses("PERM-HIER-1", "PERM-HIER-2", "MEM-9")
async def test_nobody_removes_an_equal_or_a_superior(action: str, actor: str, target: str) -> None:
    async with running() as server:
        people = {name: server.person(name) for name in ("owner", "moderator", "other")}
        room = server.room(*people.values())
        for name in ("moderator", "other"):
            await people["owner"].patch(room.member(people[name]), {"role": "moderator"})
        answer = await people[actor].post(f"{room.member(people[target])}/{action}")
        assert answer.status_code == (200 if actor == "owner" and target != "owner" else 403)


@pytest.mark.witnesses("MEM-10", "ACCESS-2", "ACCESS-3", "ACCESS-6")
async def test_who_leaves_is_told_so_and_may_come_back() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        role_ids = {
            role.name: role.role_id for role in server.backend.store.guilds[room.guild_id].roles.values()
        }
        await ana.post(f"{room.guild}/roles/{role_ids['moderator']}/members/{ben.user_id}")
        leaver, watcher = await ben.connect(room), await ana.connect(room)
        assert (await ben.post(f"{room.guild}/leave")).json() == {"accepted": True}
        await ana.say(room, "unheard")
        ((name, payload),) = await leaver.until_now()
        assert (name, payload["reason"], payload["actor_user_id"]) == (
            "workspace_member_remove",
            "leave",
            ben.user_id,
        )
        assert await watcher.names_until_now() == ["workspace_member_remove", "message_create"]
        assert (await ben.post(f"{room.guild}/leave")).status_code == 403
        assert (await ana.post(room.member(ben))).status_code == 200
        (rejoined,) = [
            member
            for member in (await ana.get(f"{room.guild}/members")).json()["members"]
            if member["user_id"] == ben.user_id
        ]
        assert rejoined["role_ids"] == []
        await ana.say(room, "unheard: it takes a new subscribe")
        assert await leaver.names_until_now() == ["workspace_member_add"]


@pytest.mark.witnesses("MEM-9")
async def test_the_owner_can_neither_leave_nor_be_removed() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await ana.patch(room.member(ben), {"role": "moderator"})
        refused = [
            await ana.post(f"{room.guild}/leave"),
            await ben.post(f"{room.member(ana)}/kick"),
            await ben.post(f"{room.member(ana)}/ban"),
            await ana.post(f"{room.member(ana)}/kick"),
        ]
        assert [answer.status_code for answer in refused] == [403] * 4


@pytest.mark.witnesses("MEM-6", "MEM-11")
async def test_a_lifted_ban_lets_the_user_come_back_and_does_not_bring_back() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        server.backend.store.guilds[room.guild_id].visibility = "public"
        await ana.post(f"{room.member(ben)}/ban")
        assert (await ana.post(room.member(ben))).status_code == 403
        refused = await ben.post(f"{room.guild}/join")
        assert (refused.status_code, refused.json()) == (403, {"error": "directory_join_user_banned"})
        watcher = await ana.connect(room)
        assert (await ana.delete(f"{room.guild}/bans/{ben.user_id}")).json() == {"accepted": True}
        assert (await ana.delete(f"{room.guild}/bans/{ben.user_id}")).status_code == 404
        assert await watcher.until_now() == []
        assert (await ben.get(f"{room.guild}/channels")).status_code == 403
        assert (await ben.post(f"{room.guild}/join")).json()["outcome"] == "accepted"
