import pytest

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from tests.reference_server.running import RAISED, Person, Room, command, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.parametrize("kind", ["text", "voice"])
@pytest.mark.witnesses("SCOPE-4", "SCOPE-5", "EVT-6")
async def test_creation_is_told_to_the_members_and_the_channel_works(kind: str) -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        watcher, stranger = await ben.connect(room), await eve.connect()
        channel = (await ana.post(f"{room.guild}/channels", {"name": "new", "kind": kind})).json()
        assert channel == {"channel_id": channel["channel_id"], "name": "new", "kind": kind}
        assert await watcher.until_now() == [
            ("channel_create", {"guild_id": room.guild_id, "channel": channel})
        ]
        assert await stranger.until_now() == []
        await watcher.send(command("subscribe", guild_id=room.guild_id, channel_id=channel["channel_id"]))
        assert (await watcher.next())[0] == "subscribed"


@pytest.mark.witnesses("CHAN-1")
async def test_the_list_is_in_order_of_creation_and_cut_off() -> None:
    async with running(limits=RAISED.model_copy(update={"listed_channels": 3})) as server:
        ana = server.person("ana")
        room = server.room(ana)
        for name in ("b", "a", "c"):
            await ana.post(f"{room.guild}/channels", {"name": name})
        listed = (await ana.get(f"{room.guild}/channels")).json()["channels"]
        assert [channel["name"] for channel in listed] == ["general", "b", "a"]
        assert listed[0] == {"channel_id": room.channel_id, "name": "general", "kind": "text"}


@pytest.mark.parametrize("body", [{}, {"name": "x", "kind": "video"}, {"name": "x", "topic": "y"}])
@pytest.mark.witnesses("REST-3")
async def test_refuses_other_bodies(body: dict[str, str]) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.post(f"{room.guild}/channels", body)).status_code == 422


@pytest.mark.witnesses("CHAN-2")
async def test_own_permissions_are_in_canonical_order_with_the_legacy_role() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        owner = (await ana.get(f"{room.channel}/permissions/self")).json()
        assert owner == {"role": "owner", "permissions": list(CANONICAL_ORDER)}
        member = (await ben.get(f"{room.channel}/permissions/self")).json()
        assert member == {"role": "member", "permissions": ["create_message", "subscribe_streams"]}
        await ana.patch(room.member(ben), {"role": "moderator"})
        assert (await ben.get(f"{room.channel}/permissions/self")).json()["role"] == "moderator"


async def create(owner: Person, room: Room, name: str) -> str:
    answer = await owner.post(f"{room.guild}/channels", {"name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["channel_id"])


async def hide(owner: Person, room: Room, channel_id: str, *, open_to: Person | None = None) -> None:
    """Shut everybody out but the owner, and perhaps one more."""
    roles = (await owner.get(f"{room.guild}/roles")).json()["roles"]
    everyone = next(role["role_id"] for role in roles if role["name"] == "@everyone")
    overrides = f"{room.guild}/channels/{channel_id}/permission-overrides"
    await owner.post(f"{overrides}/role/{everyone}", {"allow": [], "deny": ["create_message"]})
    if open_to is not None:
        body = {"allow": ["create_message"], "deny": []}
        await owner.post(f"{overrides}/member/{open_to.user_id}", body)


async def listed(person: Person, room: Room) -> list[str]:
    channels = (await person.get(f"{room.guild}/channels")).json()["channels"]
    return [channel["channel_id"] for channel in channels]


@pytest.mark.witnesses("CHAN-4", "LEAK-CHAN-1", "EVT-3")
async def test_a_rename_is_told_once_to_those_with_access() -> None:
    async with running() as server:
        ana, ben, cat = server.person("ana"), server.person("ben"), server.person("cat")
        room = server.room(ana, ben, cat)
        hidden = await create(ana, room, "hidden")
        await hide(ana, room, hidden, open_to=cat)
        kept_out, let_in = await ben.connect(room), await cat.connect(room)
        path = f"{room.guild}/channels/{hidden}"
        for _ in range(2):
            renamed = (await ana.patch(path, {"name": "den"})).json()
            assert renamed == {"channel_id": hidden, "name": "den", "kind": "text"}
        assert await kept_out.until_now() == []
        ((name, payload),) = await let_in.until_now()
        assert (name, payload["channel_id"], payload["updated_fields"]) == (
            "channel_update",
            hidden,
            {"name": "den"},
        )
        assert payload["actor_user_id"] == ana.user_id


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": None}, 422),
        ({"name": 1}, 422),
        ({"kind": "voice"}, 422),
        ({"name": ""}, 400),
        ({"name": "é"}, 400),
        ({"name": "x" * 65}, 400),
        ({"name": "x" * 64}, 200),
    ],
)
@pytest.mark.witnesses("REST-3", "REST-4", "LIMIT-1")
async def test_what_a_channel_may_be_called(body: dict[str, object], status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        watcher = await ana.connect(room)
        assert (await ana.patch(room.channel, body)).status_code == status
        assert len(await watcher.until_now()) == (status == 200)


@pytest.mark.witnesses("CHAN-5", "AUDIT-1")
async def test_a_deleted_channel_leaves_nothing() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        await ben.say(other, "soon gone")
        reader, bystander = await ben.connect(other), await ben.connect(room)
        assert (await ana.delete(other.channel)).json() == {"accepted": True}
        assert await reader.names_until_now() == ["channel_delete"]
        ((name, payload),) = await bystander.until_now()
        assert (name, payload["channel_id"]) == ("channel_delete", other.channel_id)
        assert await listed(ben, room) == [room.channel_id]
        gone = [
            await ben.get(other.messages),
            await ben.post(other.messages, {"content": "x"}),
            await ben.get(f"{other.channel}/permissions/self"),
            await ana.patch(other.channel, {"name": "x"}),
            await ana.delete(other.channel),
        ]
        assert [answer.status_code for answer in gone] == [404] * 5
        await ana.patch(room.guild, {"name": "renamed"})
        assert await reader.until_now() == []  # its only subscription in the guild has ended
        rows = (await ana.get(f"{room.guild}/audit?action_prefix=channel.")).json()["events"]
        assert [row["action"] for row in rows] == ["channel.delete"]


@pytest.mark.witnesses("LEAK-CHAN-2")
async def test_the_deletion_of_a_hidden_channel_is_told_to_nobody_without_access() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        hidden = await create(ana, room, "hidden")
        await hide(ana, room, hidden)
        watcher = await ben.connect(room)
        assert (await ana.delete(f"{room.guild}/channels/{hidden}")).status_code == 200
        assert await watcher.until_now() == []


@pytest.mark.witnesses("CHAN-1", "CHAN-6", "CHAN-7", "DELIV-6")
async def test_a_reorder_tells_everybody_the_own_list() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        first, hidden, last = [await create(ana, room, name) for name in ("first", "hidden", "last")]
        await hide(ana, room, hidden)
        owner, member = await ana.connect(room), await ben.connect(room)
        order = {"channel_ids": [last, hidden]}
        for _ in range(2):
            answer = await ana.post(f"{room.guild}/channels/reorder", order)
            assert answer.json() == {"accepted": True}
        ((name, whole),), ((_, narrowed),) = await owner.until_now(), await member.until_now()
        assert (name, whole["actor_user_id"]) == ("channel_reorder", ana.user_id)
        assert whole["channel_ids"] == [last, hidden, room.channel_id, first] == await listed(ana, room)
        assert narrowed["channel_ids"] == [last, room.channel_id, first] == await listed(ben, room)


@pytest.mark.witnesses("CHAN-6", "DELIV-4")
async def test_a_reorder_names_channels_that_the_caller_sees_once() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await ana.patch(room.member(ben), {"role": "moderator"})
        hidden = await create(ana, room, "hidden")
        await hide(ana, room, hidden)
        watcher = await ana.connect(room)
        for ids in ([], [room.channel_id] * 2, [UNKNOWN], [hidden], ["x"], [UNKNOWN] * 501):
            refused = await ben.post(f"{room.guild}/channels/reorder", {"channel_ids": ids})
            assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})
        assert await watcher.until_now() == []


@pytest.mark.witnesses("REST-5", "REST-6", "DELIV-4")
@pytest.mark.witnesses("LIMIT-SIZE-2")
async def test_an_order_that_could_not_be_told_is_refused() -> None:
    limits = RAISED.model_copy(update={"max_gateway_event_bytes": 400})
    async with running(limits=limits) as server:
        ana = server.person("ana")
        room = server.room(ana)
        ids = [await create(ana, room, str(number)) for number in range(9)]
        before = await listed(ana, room)
        refused = await ana.post(f"{room.guild}/channels/reorder", {"channel_ids": ids[:1]})
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})
        assert await listed(ana, room) == before


async def test_who_may_change_channels() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        for person in (ben, eve):
            refused = [
                await person.post(f"{room.guild}/channels", {"name": "x"}),
                await person.patch(room.channel, {"name": "x"}),
                await person.delete(room.channel),
                await person.post(f"{room.guild}/channels/reorder", {"channel_ids": [room.channel_id]}),
            ]
            assert [answer.status_code for answer in refused] == [403] * 4
        assert await watcher.until_now() == []
