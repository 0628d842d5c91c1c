"""Channel overrides in both forms (OVR-1 to 6, EVT-5, LEAK-CHAN-2, ACCESS-4, ACCESS-5, PERM-ESC-2)."""

from typing import Any

import pytest

from sync_check.conformance.contract.events import Event
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.reference_server.fanout import FanOut
from sync_check.reference_server.settings import Revision
from tests.reference_server.routes.test_roles import UNKNOWN, make, roles_of
from tests.reference_server.running import Person, Room, Running, command, running

NOBODY: dict[str, list[str]] = {"allow": [], "deny": ["create_message"]}
NOTHING: dict[str, list[str]] = {"allow": [], "deny": []}
SPLIT = ("workspace_channel_role_override_update", "workspace_channel_permission_override_update")
SINGLE = "workspace_channel_override_update"


async def override(actor: Person, room: Room, kind: str, target_id: str, body: dict[str, list[str]]) -> int:
    return (await actor.post(f"{room.channel}/permission-overrides/{kind}/{target_id}", body)).status_code


async def everyone(owner: Person, room: Room) -> str:
    return str((await roles_of(owner, room))["@everyone"]["role_id"])


async def own(person: Person, room: Room) -> list[str]:
    return list((await person.get(f"{room.channel}/permissions/self")).json()["permissions"])


@pytest.mark.parametrize(
    ("revision", "by_role", "by_member"),
    [
        (Revision.ONE, [SINGLE], [SINGLE]),
        (Revision.TWO, [SPLIT[0]], [SPLIT[1]]),
        (Revision.BOTH, [SPLIT[0], SINGLE], [SPLIT[1], SINGLE]),
    ],
)
@pytest.mark.witnesses("EVT-5", "EVT-3")
async def test_each_revision_has_its_names(
    revision: Revision, by_role: list[str], by_member: list[str]
) -> None:
    async with running(revision=revision) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        body = {"allow": ["delete_message", "manage_roles"], "deny": ["publish_video"]}
        assert (await ana.post(f"{room.channel}/overrides/member", body)).json() == {"accepted": True}
        told = await watcher.until_now()
        assert [name for name, _ in told] == by_role
        changes = {"allow": ["manage_roles", "delete_message"], "deny": ["publish_video"]}
        common = {
            "guild_id": room.guild_id,
            "channel_id": room.channel_id,
            "updated_fields": changes,
            "actor_user_id": ana.user_id,
        }
        for _, payload in told:
            del payload["updated_at_unix"]
            assert payload == common | {"role": "member"}
        assert await override(ana, room, "member", ben.user_id, body) == 200
        told = await watcher.until_now()
        assert [name for name, _ in told] == by_member
        for _, payload in told:
            del payload["updated_at_unix"]
            assert payload == common | {"target_kind": "member", "target_id": ben.user_id}


@pytest.mark.witnesses(
    "OVR-3", "PERM-2", "PERM-3", "CHAN-1", "CHAN-3", "ACCESS-4", "ACCESS-5", "SUB-2", "BAD-7"
)
async def test_an_override_governs_everything_once_answered() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        listener, talker = await ben.connect(room), await ben.connect(room)
        assert await override(ana, room, "role", await everyone(ana, room), NOBODY) == 200
        await ana.say(room, "unheard")
        assert await listener.names_until_now() == [SPLIT[1], SINGLE]
        statuses = [
            (await ben.get(room.messages)).status_code,
            (await ben.post(room.messages, {"content": "x"})).status_code,
            (await ben.get(f"{room.channel}/permissions/self")).status_code,
        ]
        assert statuses == [403] * 3
        assert (await ben.get(f"{room.guild}/channels")).json() == {"channels": []}
        await listener.send(room.subscribe())
        assert await listener.until_now() == []
        await talker.send(
            command("message_create", guild_id=room.guild_id, channel_id=room.channel_id, content="x")
        )
        assert await talker.ended() == (1008, "message_rejected")
        assert len((await ana.get(room.messages)).json()["messages"]) == 1


@pytest.mark.witnesses("LEAK-CHAN-2")
async def test_who_never_had_access_is_told_nothing() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        hidden = (await ana.post(f"{room.guild}/channels", {"name": "hidden"})).json()["channel_id"]
        secret = Room(guild_id=room.guild_id, channel_id=hidden)
        listener, owner = await ben.connect(room), await ana.connect(room)
        assert await override(ana, secret, "role", await everyone(ana, room), NOBODY) == 200
        assert (
            await override(ana, secret, "member", ana.user_id, {"allow": ["ban_member"], "deny": []}) == 200
        )
        assert (
            await override(ana, secret, "member", ben.user_id, {"allow": ["create_message"], "deny": []})
            == 200
        )
        told = [payload["target_id"] for name, payload in await listener.until_now() if name == SINGLE]
        assert told == [await everyone(ana, room), ben.user_id]
        assert len(await owner.until_now()) == 6


@pytest.mark.witnesses("OVR-4")
@pytest.mark.parametrize("role", ["moderator", "member"])
async def test_the_role_form_reaches_the_holders_of_that_seed_role_alone(role: str) -> None:
    async with running() as server:
        ana, ben, cat = server.person("ana"), server.person("ben"), server.person("cat")
        room = server.room(ana, ben, cat)
        await ana.patch(room.member(ben), {"role": "moderator"})
        before = {"moderator": await own(ben, room), "member": await own(cat, room)}
        await ana.post(f"{room.channel}/overrides/{role}", {"allow": [], "deny": ["subscribe_streams"]})
        after = {"moderator": await own(ben, room), "member": await own(cat, room)}
        assert {name for name in before if before[name] != after[name]} == {role}


@pytest.mark.witnesses("OVR-1", "OVR-4")
async def test_the_later_of_both_forms_wins_and_replaces() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        member = (await roles_of(ana, room))["member"]["role_id"]
        role_form = f"{room.channel}/overrides/member"
        await ana.post(role_form, {"allow": ["delete_message"], "deny": ["subscribe_streams"]})
        assert await own(ben, room) == ["delete_message", "create_message"]
        assert await override(ana, room, "role", member, {"allow": ["publish_video"], "deny": []}) == 200
        assert await own(ben, room) == ["create_message", "publish_video", "subscribe_streams"]
        await ana.post(role_form, NOTHING)
        assert await own(ben, room) == ["create_message", "subscribe_streams"]


@pytest.mark.witnesses("PERM-1")
async def test_the_owner_loses_nothing() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        deny: dict[str, list[str]] = {"allow": [], "deny": list(CANONICAL_ORDER)}
        assert (await ana.post(f"{room.channel}/overrides/owner", deny)).status_code == 200
        assert await override(ana, room, "member", ana.user_id, deny) == 200
        assert await own(ana, room) == list(CANONICAL_ORDER)


@pytest.mark.witnesses("PERM-1")
async def test_three_layers_decide_in_turn() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        one, two = [(await make(ana, room, name))["role_id"] for name in ("one", "two")]
        for role_id in (one, two):
            await ana.post(f"{room.guild}/roles/{role_id}/members/{ben.user_id}")
        video: dict[str, Any] = {"allow": ["publish_video"], "deny": []}
        mute: dict[str, Any] = {"allow": [], "deny": ["publish_video"]}
        target = await everyone(ana, room)
        await override(ana, room, "role", target, video)
        assert "publish_video" in await own(ben, room)
        await override(ana, room, "role", one, mute)
        assert "publish_video" not in await own(ben, room)
        await override(ana, room, "role", two, video)
        assert "publish_video" not in await own(ben, room)  # a denial beats an allowance in a layer
        await override(ana, room, "member", ben.user_id, video)
        assert "publish_video" in await own(ben, room)


@pytest.mark.witnesses("OVR-1", "DELIV-6")
async def test_a_repeated_override_is_told_once() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        for body in (NOTHING, NOBODY, {"allow": [], "deny": ["create_message"] * 2}, NOTHING, NOTHING):
            assert await override(ana, room, "member", ben.user_id, body) == 200
        assert await watcher.names_until_now() == [SPLIT[1], SINGLE, SPLIT[1], SINGLE]
        rows = (await ana.get(f"{room.guild}/audit?action_prefix=channel.")).json()["events"]
        assert [row["action"] for row in rows] == ["channel.permission_override.update"] * 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("overrides/member", {"allow": ["ban_member"], "deny": ["ban_member"]}, 400),
        ("overrides/member", {"allow": ["fly"], "deny": []}, 422),
        ("overrides/member", {"allow": []}, 422),
        ("overrides/member", {"deny": []}, 422),
        ("overrides/member", {"allow": [], "deny": None}, 422),
        ("overrides/king", NOTHING, 400),
        ("permission-overrides/guild/{member}", NOTHING, 400),
        ("permission-overrides/member/ben", NOTHING, 400),
        ("permission-overrides/member/{unknown}", NOTHING, 404),
        ("permission-overrides/role/{unknown}", NOTHING, 404),
        ("permission-overrides/role/{member}", NOTHING, 404),
        ("permission-overrides/member/{member}", {"allow": ["fly"], "deny": []}, 422),
        ("permission-overrides/member/{member}", {"allow": ["ban_member"], "deny": ["ban_member"]}, 400),
    ],
)
@pytest.mark.witnesses("OVR-1", "OVR-2", "OVR-6")
async def test_what_is_no_override(path: str, body: dict[str, Any], status: int) -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        target = path.format(member=ben.user_id, unknown=UNKNOWN)
        assert (await ana.post(f"{room.channel}/{target}", body)).status_code == status
        assert await watcher.until_now() == []


async def test_an_unknown_channel_is_not_found() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        nowhere = f"{room.guild}/channels/{UNKNOWN}"
        for form in ("overrides/member", f"permission-overrides/member/{ana.user_id}"):
            assert (await ana.post(f"{nowhere}/{form}", NOTHING)).status_code == 404


async def _moderated(server: Running) -> tuple[Person, Person, Room]:
    ana, ben = server.person("ana"), server.person("ben")
    room = server.room(ana, ben)
    assert (await ana.patch(room.member(ben), {"role": "moderator"})).status_code == 200
    return ana, ben, room


@pytest.mark.witnesses("REST-5", "REST-6")
async def test_who_may_override() -> None:
    async with running() as server:
        ana, ben, room = await _moderated(server)
        cat, eve = server.person("cat"), server.person("eve")
        server.backend.store.join(server.backend.store.guilds[room.guild_id], cat.user_id)
        by_role = f"{room.channel}/overrides/member"
        assert [(await person.post(by_role, NOBODY)).status_code for person in (ben, cat, eve)] == [403] * 3
        by_target = [
            await override(person, room, "member", cat.user_id, NOBODY) for person in (ben, cat, eve)
        ]
        assert by_target == [200, 403, 403]
        assert (await ana.post(by_role, NOBODY)).status_code == 200


@pytest.mark.witnesses("PERM-ESC-2")
async def test_nobody_allows_what_they_do_not_hold_there() -> None:
    async with running() as server:
        _, ben, room = await _moderated(server)
        allow = {"allow": ["manage_roles"], "deny": []}
        assert await override(ben, room, "member", ben.user_id, allow) == 403
        assert await override(ben, room, "member", ben.user_id, {"allow": ["ban_member"], "deny": []}) == 200


async def test_who_hid_a_channel_can_open_it_again() -> None:
    async with running() as server:
        ana, ben, room = await _moderated(server)
        target = await everyone(ana, room)
        assert await override(ben, room, "role", target, NOBODY) == 200
        assert (await ben.get(room.messages)).status_code == 403
        assert await override(ben, room, "role", target, NOTHING) == 200
        assert (await ben.get(room.messages)).status_code == 200


@pytest.mark.witnesses("OVR-5", "DELIV-3", "AUDIT-1")
async def test_the_row_is_stored_before_the_event_and_the_event_before_the_response(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        audit = server.backend.store.guilds[room.guild_id].audit
        deliver = FanOut.to_guild
        rows: list[int] = []

        def watched(fanout: FanOut, event: Event, **more: Any) -> None:
            rows.append(len(audit))
            deliver(fanout, event, **more)

        monkeypatch.setattr(FanOut, "to_guild", watched)
        assert await override(ana, room, "member", ben.user_id, NOBODY) == 200
        assert rows == [1, 1]


@pytest.mark.witnesses("MSG-EDIT-3", "ACCESS-7", "PERM-3")
async def test_a_lost_channel_costs_nothing_but_itself() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        made = (await ana.post(f"{room.guild}/channels", {"name": "other"})).json()["channel_id"]
        other = Room(guild_id=room.guild_id, channel_id=made)
        message = await ben.say(room, "mine")
        listener = await ben.connect(room)
        await listener.send(other.subscribe())
        assert (await listener.next())[0] == "subscribed"
        assert await override(ana, room, "member", ben.user_id, NOBODY) == 200
        edit = await ben.patch(f"{room.messages}/{message['message_id']}", {"content": "x"})
        assert (edit.status_code, edit.json()) == (403, {"error": "forbidden"})
        await ana.say(room, "unheard")
        await ana.say(other, "heard")
        await ana.patch(room.guild, {"name": "renamed"})
        assert await listener.names_until_now() == [SPLIT[1], SINGLE, "message_create", "workspace_update"]


@pytest.mark.witnesses("DELIV-2", "DELIV-5", "DELIV-7")
async def test_everybody_hears_the_events_of_all_scopes_in_the_order_of_their_causes() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        ears = [await person.connect(room) for person in (ana, ben, ben)]
        due = []
        for number in range(5):
            await (ana if number % 2 else ben).say(room, str(number))
            await ana.patch(room.guild, {"name": f"name {number}"})
            due += ["message_create", "workspace_update"]
        told = [[event for event in await ear.until_now() if event[0] in due] for ear in ears]
        assert [name for name, _ in told[0]] == due
        assert told[0] == told[1] == told[2]
