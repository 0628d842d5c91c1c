import pytest

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from tests.reference_server.running import RAISED, command, running


@pytest.mark.parametrize("kind", ["text", "voice"])
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
async def test_refuses_other_bodies(body: dict[str, str]) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.post(f"{room.guild}/channels", body)).status_code == 422


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
