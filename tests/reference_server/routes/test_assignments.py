"""Assigning and unassigning roles (ROLE-1, ROLE-2, ROLE-7, ROLE-8, MEM-9, MEM-12, PERM-ESC-3)."""

import pytest

from tests.reference_server.routes.test_roles import UNKNOWN, make, manager, roles_of
from tests.reference_server.running import RAISED, Person, Room, running


def path(room: Room, role_id: str, person: Person) -> str:
    return f"{room.guild}/roles/{role_id}/members/{person.user_id}"


@pytest.mark.witnesses("ROLE-8", "PERM-3", "EVT-3", "AUDIT-1")
async def test_a_role_comes_and_goes_once() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        role_id = (await make(ana, room, permissions=["view_audit_log"]))["role_id"]
        watcher = await ben.connect(room)
        for _ in range(2):
            assert (await ana.post(path(room, role_id, ben))).json() == {"accepted": True}
        assert (await ben.get(f"{room.guild}/audit")).status_code == 200
        members = (await ana.get(f"{room.guild}/members")).json()["members"]
        assert {m["user_id"]: m["role_ids"] for m in members}[ben.user_id] == [role_id]
        for _ in range(2):
            assert (await ana.delete(path(room, role_id, ben))).json() == {"accepted": True}
        assert (await ben.get(f"{room.guild}/audit")).status_code == 403
        told = await watcher.until_now()
        assert [name for name, _ in told] == [
            "workspace_role_assignment_add",
            "workspace_role_assignment_remove",
        ]
        for _, payload in told:
            assert (payload["user_id"], payload["role_id"]) == (ben.user_id, role_id)
            assert payload["actor_user_id"] == ana.user_id
        rows = (await ana.get(f"{room.guild}/audit")).json()["events"][:2]
        assert [(row["action"], row["target_user_id"]) for row in rows] == [
            ("role.unassign", ben.user_id),
            ("role.assign", ben.user_id),
        ]


@pytest.mark.witnesses("MEM-12")
async def test_the_moderator_role_is_the_legacy_role() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        moderator = (await roles_of(ana, room))["moderator"]["role_id"]
        watcher = await ana.connect(room)
        await ana.post(path(room, moderator, ben))
        assert (await ben.get(f"{room.channel}/permissions/self")).json()["role"] == "moderator"
        await ana.delete(path(room, moderator, ben))
        assert [
            (name, payload.get("updated_fields", {}).get("role"))
            for name, payload in await watcher.until_now()
        ] == [
            ("workspace_role_assignment_add", None),
            ("workspace_member_update", "moderator"),
            ("workspace_role_assignment_remove", None),
            ("workspace_member_update", "member"),
        ]


@pytest.mark.witnesses("ROLE-8")
async def test_an_implied_role_is_held_already() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        member = (await roles_of(ana, room))["member"]["role_id"]
        watcher = await ana.connect(room)
        assert (await ana.post(path(room, member, ben))).status_code == 200
        assert (await ana.delete(path(room, member, ben))).status_code == 200
        assert await watcher.until_now() == []


@pytest.mark.witnesses("ROLE-2", "ROLE-7", "MEM-9", "REST-5", "REST-6", "DELIV-4")
async def test_who_and_what_cannot_be_assigned() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        roles = await roles_of(ana, room)
        role_id = (await make(ana, room))["role_id"]
        everyone, owner = (roles[name]["role_id"] for name in ("@everyone", "workspace_owner"))
        watcher = await ana.connect(room)
        for call in (ana.post, ana.delete):
            assert (await call(path(room, role_id, eve))).status_code == 404
            assert (await call(path(room, UNKNOWN, ben))).status_code == 404
            assert (await call(f"{room.guild}/roles/{role_id}/members/ben")).status_code == 400
            assert (await call(path(room, everyone, ben))).status_code == 400
            assert (await call(path(room, owner, ben))).status_code == 403
            assert (await call(path(room, owner, ana))).status_code == 403
        assert (await ben.post(path(room, role_id, ben))).status_code == 403
        assert (await eve.post(path(room, role_id, ben))).status_code == 403
        assert await watcher.until_now() == []


@pytest.mark.witnesses("ROLE-7", "ROLE-8", "LIMIT-1")
async def test_assignments_of_a_member_are_limited() -> None:
    async with running(limits=RAISED.model_copy(update={"assignments_per_member": 2})) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        ids = [(await make(ana, room, name))["role_id"] for name in ("a", "b", "c")]
        statuses = [(await ana.post(path(room, role_id, ben))).status_code for role_id in (*ids, ids[0])]
        assert statuses == [200, 200, 409, 200]


@pytest.mark.witnesses("ROLE-7", "DELIV-4", "LIMIT-1")
async def test_a_legacy_role_is_an_assignment_like_any_other_at_the_limit() -> None:
    async with running(limits=RAISED.model_copy(update={"assignments_per_member": 2})) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben, eve)
        ids = [(await make(ana, room, name))["role_id"] for name in ("a", "b")]
        for role_id in ids:
            await ana.post(path(room, role_id, ben))
        await ana.post(path(room, ids[0], eve))
        watcher = await ana.connect(room)
        refused = await ana.patch(room.member(ben), {"role": "moderator"})
        assert (refused.status_code, refused.json()) == (409, {"error": "quota_exceeded"})
        assert (await ana.patch(room.member(ben), {"role": "member"})).status_code == 200
        assert await watcher.until_now() == []
        promotion = [(await ana.patch(room.member(eve), {"role": "moderator"})).status_code for _ in range(2)]
        assert promotion == [200, 200]
        assert (await ana.patch(room.member(eve), {"role": "member"})).status_code == 200


@pytest.mark.witnesses("ROLE-1", "PERM-ESC-3")
async def test_rank_bounds_who_assigns_what_to_whom() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        low, high = await make(ana, room, "low", position=4), await make(ana, room, "high", position=5)
        boss = await manager(server, ana, room, position=5)
        assert (await boss.post(path(room, high["role_id"], ben))).status_code == 403
        assert (await boss.post(path(room, low["role_id"], boss))).status_code == 200
        assert (await boss.post(path(room, low["role_id"], ben))).status_code == 200
        assert (await boss.post(path(room, low["role_id"], ana))).status_code == 403
        await ana.post(path(room, high["role_id"], ben))
        assert (await boss.delete(path(room, low["role_id"], ben))).status_code == 403


@pytest.mark.witnesses("ACCESS-4", "ACCESS-5", "ACCESS-6", "PERM-3")
async def test_a_lost_role_ends_the_stream_it_opened() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        everyone = (await roles_of(ana, room))["@everyone"]["role_id"]
        role_id = (await make(ana, room))["role_id"]
        overrides = f"{room.channel}/permission-overrides/role"
        await ana.post(f"{overrides}/{everyone}", {"allow": [], "deny": ["create_message"]})
        await ana.post(f"{overrides}/{role_id}", {"allow": ["create_message"], "deny": []})
        await ana.post(path(room, role_id, ben))
        listener = await ben.connect(room)
        await ana.delete(path(room, role_id, ben))
        await ana.say(room, "unheard")
        await ana.post(path(room, role_id, ben))
        await ana.say(room, "unheard: it takes a new subscribe")
        assert await listener.names_until_now() == ["workspace_role_assignment_remove"]
        await listener.send(room.subscribe())
        assert await listener.next() == (
            "subscribed",
            {"guild_id": room.guild_id, "channel_id": room.channel_id},
        )
        await ana.say(room, "heard")
        assert await listener.names_until_now() == ["message_create"]
