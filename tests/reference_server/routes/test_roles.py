"""Roles: list, create, change, delete, reorder, the default join role (ROLE-1 to 6, ROLE-9, PERM-ESC-1)."""

from typing import Any

import pytest

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from tests.reference_server.running import RAISED, Person, Room, Running, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


async def make(actor: Person, room: Room, name: str = "crew", **more: Any) -> dict[str, Any]:
    answer = await actor.post(f"{room.guild}/roles", {"name": name, "permissions": [], **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def roles_of(actor: Person, room: Room) -> dict[str, dict[str, Any]]:
    listed = (await actor.get(f"{room.guild}/roles")).json()["roles"]
    return {role["name"]: role for role in listed}


async def manager(server: Running, owner: Person, room: Room, *, position: int = 50) -> Person:
    """A member who may manage roles below `position` and holds little else."""
    person = server.person(f"manager{position}")
    server.backend.store.join(server.backend.store.guilds[room.guild_id], person.user_id)
    permissions = ["manage_member_roles", "manage_workspace_roles"]
    role = await make(owner, room, f"managers{position}", permissions=permissions, position=position)
    path = f"{room.guild}/roles/{role['role_id']}/members/{person.user_id}"
    assert (await owner.post(path)).status_code == 200
    return person


async def test_a_new_guild_lists_its_seed_roles_highest_first() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        listed = (await ben.get(f"{room.guild}/roles")).json()
        assert listed["default_join_role_id"] is None
        assert [(role["name"], role["position"], role["is_system"]) for role in listed["roles"]] == [
            ("workspace_owner", 10000, True),
            ("moderator", 100, False),
            ("member", 1, False),
            ("@everyone", 0, True),
        ]
        assert listed["roles"][0]["permissions"] == list(CANONICAL_ORDER)
        assert listed["roles"][3]["permissions"] == ["create_message", "subscribe_streams"]
        assert (await eve.get(f"{room.guild}/roles")).status_code == 403


@pytest.mark.witnesses("EVT-3", "DELIV-10")
async def test_a_created_role_is_told_as_it_is_stored() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        made = await make(
            ana,
            room,
            "  crew  ",
            permissions=["ban_member", "delete_message"],
            position=7,
            color_hex="#a0b1c2",
        )
        assert made | {"role_id": ""} == {
            "role_id": "",
            "name": "crew",
            "position": 7,
            "is_system": False,
            "permissions": ["delete_message", "ban_member"],
            "color_hex": "#A0B1C2",
        }
        plain = await make(ana, room, "plain")
        assert (plain["position"], plain["color_hex"]) == (9999, None)
        del plain["color_hex"]
        told = await watcher.until_now()
        assert [(name, payload["role"]) for name, payload in told] == [
            ("workspace_role_create", made),
            ("workspace_role_create", plain),
        ]
        assert [payload["actor_user_id"] for _, payload in told] == [ana.user_id] * 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x" * 32, "permissions": []}, 200),
        ({"name": "é" * 16, "permissions": []}, 200),
        ({"name": "x" * 33, "permissions": []}, 400),
        ({"name": "é" * 17, "permissions": []}, 400),
        ({"name": "   ", "permissions": []}, 400),
        ({"name": "a\u0007b", "permissions": []}, 400),
        ({"name": "a\u0085b", "permissions": []}, 400),
        ({"name": "@everyone", "permissions": []}, 400),
        ({"name": " workspace_owner ", "permissions": []}, 400),
        ({"name": "x", "permissions": [], "color_hex": "#12345"}, 400),
        ({"name": "x", "permissions": [], "color_hex": "#12345g"}, 400),
        ({"name": "x", "permissions": [], "color_hex": "#123456\n"}, 400),
        ({"name": "x", "permissions": [], "color_hex": None}, 422),
        ({"name": "x", "permissions": [], "position": -1}, 400),
        ({"name": "x", "permissions": [], "position": 10000}, 400),
        ({"name": "x", "permissions": [], "position": 9999}, 200),
        ({"name": "x", "permissions": [], "position": "1"}, 422),
        ({"name": "x", "permissions": ["fly"]}, 422),
        ({"name": "x"}, 422),
        ({"permissions": []}, 422),
        ({"name": "x", "permissions": [], "more": 1}, 422),
    ],
)
@pytest.mark.witnesses("REST-3", "REST-4", "LIMIT-1")
async def test_what_a_role_may_be(body: dict[str, Any], status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        watcher = await ana.connect(room)
        assert (await ana.post(f"{room.guild}/roles", body)).status_code == status
        assert len(await watcher.until_now()) == (1 if status == 200 else 0)


@pytest.mark.witnesses("LIMIT-1")
async def test_the_roles_of_a_guild_are_limited() -> None:
    async with running(limits=RAISED.model_copy(update={"roles_per_guild": 6})) as server:
        ana = server.person("ana")
        room = server.room(ana)
        await make(ana, room, "five")
        await make(ana, room, "six")
        refused = await ana.post(f"{room.guild}/roles", {"name": "seven", "permissions": []})
        assert (refused.status_code, refused.json()) == (409, {"error": "quota_exceeded"})
        assert len(await roles_of(ana, room)) == 6


@pytest.mark.witnesses("ROLE-3", "EVT-2", "AUDIT-1")
async def test_an_update_tells_the_stored_values_of_what_changed() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        role = await make(ana, room, "crew", color_hex="#ABCDEF")
        path = f"{room.guild}/roles/{role['role_id']}"
        watcher = await ben.connect(room)
        for body in (
            {"name": " hands ", "color_hex": "#abcdef"},
            {"permissions": ["view_audit_log", "manage_roles", "view_audit_log"]},
            {"color_hex": None},
            {"name": "hands", "color_hex": None},
        ):
            answer = await ana.patch(path, body)
            assert answer.status_code == 200, answer.text
        told = await watcher.until_now()
        assert {name for name, _ in told} == {"workspace_role_update"}
        assert [payload["updated_fields"] for _, payload in told] == [
            {"name": "hands"},
            {"permissions": ["manage_roles", "view_audit_log"]},
            {"color_hex": None},
        ]
        assert (await roles_of(ana, room))["hands"]["color_hex"] is None
        rows = (await ana.get(f"{room.guild}/audit?action_prefix=role.")).json()["events"]
        assert [row["action"] for row in rows] == [
            "role.color.update",
            "role.permissions.update",
            "role.update",
            "role.create",
        ]


@pytest.mark.witnesses("REST-3", "REST-4")
async def test_an_update_of_nothing_or_of_nonsense_is_refused() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        role = await make(ana, room)
        path = f"{room.guild}/roles/{role['role_id']}"
        bodies: list[tuple[dict[str, Any], int]] = [
            ({}, 400),
            ({"name": None}, 422),
            ({"permissions": None}, 422),
            ({"permissions": ["fly"]}, 422),
            ({"position": 1}, 422),
            ({"name": "@everyone"}, 400),
            ({"color_hex": "red"}, 400),
        ]
        for body, status in bodies:
            assert (await ana.patch(path, body)).status_code == status, body
        assert (await ana.patch(f"{room.guild}/roles/{UNKNOWN}", {"name": "x"})).status_code == 404
        assert (await roles_of(ana, room))["crew"] == role


@pytest.mark.witnesses("PERM-3")
async def test_changed_permissions_govern_access_with_the_response() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        roles = await roles_of(ana, room)
        listener = await ben.connect(room)
        for name in ("member", "@everyone"):
            answer = await ana.patch(f"{room.guild}/roles/{roles[name]['role_id']}", {"permissions": []})
            assert answer.status_code == (403 if name == "@everyone" else 200)
        await ana.say(room, "heard: @everyone still permits it")
        assert await listener.names_until_now() == ["workspace_role_update", "message_create"]


@pytest.mark.witnesses("ROLE-2")
async def test_system_roles_are_out_of_reach_even_for_the_owner() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        before = await roles_of(ana, room)
        watcher = await ana.connect(room)
        for name in ("@everyone", "workspace_owner"):
            path = f"{room.guild}/roles/{before[name]['role_id']}"
            ids = [before[name]["role_id"]]
            assert (await ana.patch(path, {"name": "x"})).status_code == 403
            assert (await ana.delete(path)).status_code == 403
            assert (await ana.post(f"{room.guild}/roles/reorder", {"role_ids": ids})).status_code == 403
            assert (await ana.post(f"{room.guild}/roles/default", {"role_id": ids[0]})).status_code == 403
        assert await roles_of(ana, room) == before
        assert await watcher.until_now() == []


@pytest.mark.witnesses("ROLE-5")
async def test_seed_roles_are_never_deleted() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        for name, role in (await roles_of(ana, room)).items():
            assert (await ana.delete(f"{room.guild}/roles/{role['role_id']}")).status_code == 403, name


@pytest.mark.witnesses("ROLE-4")
async def test_a_deleted_role_leaves_no_trace() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        role_id = (await make(ana, room, permissions=["view_audit_log"]))["role_id"]
        await ana.post(f"{room.guild}/roles/{role_id}/members/{ben.user_id}")
        await ana.post(f"{room.guild}/roles/default", {"role_id": role_id})
        overrides = f"{room.channel}/permission-overrides/role/{role_id}"
        await ana.post(overrides, {"allow": ["delete_message"], "deny": []})
        assert (await ben.get(f"{room.guild}/audit")).status_code == 200
        watcher = await ben.connect(room)
        assert (await ana.delete(f"{room.guild}/roles/{role_id}")).json() == {"accepted": True}
        assert await watcher.names_until_now() == ["workspace_role_delete"]
        assert (await ben.get(f"{room.guild}/audit")).status_code == 403
        members = (await ana.get(f"{room.guild}/members")).json()["members"]
        assert all(role_id not in member["role_ids"] for member in members)
        assert (await ana.get(f"{room.guild}/roles")).json()["default_join_role_id"] is None
        own = (await ben.get(f"{room.channel}/permissions/self")).json()["permissions"]
        assert own == ["create_message", "subscribe_streams"]
        assert (await ana.delete(f"{room.guild}/roles/{role_id}")).status_code == 404


@pytest.mark.witnesses("ROLE-6", "DELIV-6")
async def test_a_reorder_counts_down_to_one_and_leaves_the_rest() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        first, second, third = [await make(ana, room, name, position=9) for name in ("a", "b", "c")]
        watcher = await ben.connect(room)
        order = {"role_ids": [second["role_id"], first["role_id"]]}
        for _ in range(2):
            assert (await ana.post(f"{room.guild}/roles/reorder", order)).json() == {"accepted": True}
        ((name, payload),) = await watcher.until_now()
        assert (name, payload["role_ids"]) == ("workspace_role_reorder", order["role_ids"])
        now = await roles_of(ana, room)
        assert {name: now[name]["position"] for name in "abc"} == {"a": 1, "b": 2, "c": third["position"]}


@pytest.mark.witnesses("REST-4")
async def test_a_reorder_names_known_roles_once() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        role_id = (await make(ana, room))["role_id"]
        for ids in ([], [role_id, role_id], [role_id, UNKNOWN], ["x"], [role_id] * 65):
            refused = await ana.post(f"{room.guild}/roles/reorder", {"role_ids": ids})
            assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})


@pytest.mark.witnesses("REST-5", "REST-6")
async def test_only_those_with_the_permission_manage_roles() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        role_id = (await make(ana, room))["role_id"]
        for person in (ben, eve):
            calls = [
                await person.post(f"{room.guild}/roles", {"name": "x", "permissions": []}),
                await person.patch(f"{room.guild}/roles/{role_id}", {"name": "x"}),
                await person.delete(f"{room.guild}/roles/{role_id}"),
                await person.post(f"{room.guild}/roles/reorder", {"role_ids": [role_id]}),
                await person.post(f"{room.guild}/roles/default", {"role_id": role_id}),
            ]
            assert [call.status_code for call in calls] == [403] * 5


@pytest.mark.witnesses("ROLE-1")
async def test_nobody_but_the_owner_reaches_the_own_position() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        peer = await make(ana, room, "peer", position=50)
        below = await make(ana, room, "below", position=49)
        boss = await manager(server, ana, room, position=50)
        assert (await make(boss, room, "default"))["position"] == 49
        roles = f"{room.guild}/roles"
        refused = [
            await boss.post(roles, {"name": "x", "permissions": [], "position": 50}),
            await boss.patch(f"{roles}/{peer['role_id']}", {"name": "x"}),
            await boss.delete(f"{roles}/{peer['role_id']}"),
            await boss.post(f"{roles}/reorder", {"role_ids": [below["role_id"], peer["role_id"]]}),
        ]
        assert [answer.status_code for answer in refused] == [403] * 4
        assert (await boss.patch(f"{roles}/{below['role_id']}", {"name": "x"})).status_code == 200
        assert (await boss.delete(f"{roles}/{below['role_id']}")).status_code == 200


@pytest.mark.witnesses("PERM-ESC-1")
async def test_nobody_gives_a_role_what_they_do_not_hold() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        strong = await make(ana, room, "strong", permissions=["ban_member"], position=5)
        boss = await manager(server, ana, room)
        roles = f"{room.guild}/roles"
        new = {"name": "x", "permissions": ["ban_member"]}
        assert (await boss.post(roles, new)).status_code == 403
        path = f"{roles}/{strong['role_id']}"
        assert (await boss.patch(path, {"permissions": ["ban_member", "manage_roles"]})).status_code == 403
        kept = await boss.patch(path, {"permissions": ["ban_member", "manage_member_roles"]})
        assert kept.json()["permissions"] == ["manage_member_roles", "ban_member"]


@pytest.mark.witnesses("PERM-ESC-1")
async def test_nobody_lifts_roles_to_the_own_position_by_a_reorder() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        made = [await make(ana, room, name, position=0) for name in ("a", "b", "c")]
        boss = await manager(server, ana, room, position=2)
        reorder = f"{room.guild}/roles/reorder"
        ids = [role["role_id"] for role in made]
        assert (await boss.post(reorder, {"role_ids": ids[:2]})).status_code == 403
        assert (await boss.post(reorder, {"role_ids": ids[:1]})).status_code == 200
        assert (await ana.post(reorder, {"role_ids": ids})).status_code == 200


@pytest.mark.witnesses("ROLE-9")
async def test_the_name_of_a_custom_role_means_nothing() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        for name in ("moderator", "owner", "manage_roles"):
            role_id = (await make(ana, room, name, position=3))["role_id"]
            assert (await ana.post(f"{room.guild}/roles/{role_id}/members/{ben.user_id}")).status_code == 200
        own = (await ben.get(f"{room.channel}/permissions/self")).json()
        assert own == {"role": "member", "permissions": ["create_message", "subscribe_streams"]}


@pytest.mark.witnesses("JOIN-4")
async def test_joiners_get_the_default_role() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = server.room(ana)
        server.backend.store.guilds[room.guild_id].visibility = "public"
        role_id = (await make(ana, room))["role_id"]
        default = f"{room.guild}/roles/default"
        assert (await ana.post(default, {"role_id": UNKNOWN})).status_code == 400
        assert (await ana.post(default, {"role_id": role_id})).json() == {"accepted": True}
        assert (await ana.get(f"{room.guild}/roles")).json()["default_join_role_id"] == role_id
        watcher = await ana.connect(room)
        assert (await eve.post(f"{room.guild}/join")).json()["outcome"] == "accepted"
        (_, joined), (name, assigned) = await watcher.until_now()
        assert joined["user_id"] == eve.user_id
        assert (name, assigned["user_id"], assigned["role_id"]) == (
            "workspace_role_assignment_add",
            eve.user_id,
            role_id,
        )
        for body in ({"role_id": None}, {"role_id": role_id}, {}):
            assert (await ana.post(default, body)).status_code == 200
        assert (await ana.get(f"{room.guild}/roles")).json()["default_join_role_id"] is None
        assert await watcher.until_now() == []
