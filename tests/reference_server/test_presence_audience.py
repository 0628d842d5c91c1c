"""Who is told of presence, and about whom (PRES-5)."""

from typing import Final

import pytest

from tests.reference_server.running import Gateway, Person, Room, Running, running
from tests.reference_server.test_presence import subscribed, told

REMOVALS: Final = ("kick", "ban", "leave")


async def remove(way: str, ana: Person, room: Room, who: Person) -> None:
    if way == "leave":
        assert (await who.post(f"{room.guild}/leave")).status_code == 200
    else:
        assert (await ana.post(f"{room.member(who)}/{way}")).status_code == 200


async def listed(gateway: Gateway, room: Room) -> set[str]:
    """Who is online in the guild, by a further subscribe."""
    await gateway.until_now()
    await gateway.send(room.subscribe())
    name, payload = await gateway.next()
    assert name == "presence_sync"
    assert len(set(payload["user_ids"])) == len(payload["user_ids"])
    for _ in range(2):
        await gateway.next()
    return set(payload["user_ids"])


async def come_and_go(server: Running, who: Person, room: Room) -> None:
    """Be online for a while, with two connections, until the offline is enqueued."""
    ears = [await subscribed(who, room) for _ in range(2)]
    for ear in ears:
        await ear.socket.close()
    while who.user_id in server.backend.presence.online(room.guild_id):
        await server.http.get("/health")


@pytest.mark.parametrize("way", REMOVALS)
@pytest.mark.witnesses("PRES-5", "SCOPE-5", "ACCESS-3")
async def test_presence_is_told_to_subscribed_members_and_to_no_other_connection(way: str) -> None:
    async with running(without=frozenset()) as server:
        names = ("ana", "ben", "cat", "dan", "eve", "former")
        ana, ben, cat, dan, eve, former = map(server.person, names)
        room, other = server.room(ana, ben, cat, dan, former), server.room(eve, cat, former)
        watcher = await subscribed(ana, room)
        idle = await ben.connect()
        elsewhere = await subscribed(cat, other)
        stranger, foreign = await eve.connect(), await subscribed(eve, other)
        await stranger.send(room.subscribe())  # refused, in silence
        removed = [await subscribed(former, room) for _ in range(2)]
        await removed[0].send(other.subscribe())
        await remove(way, ana, room, former)
        others = (idle, elsewhere, stranger, foreign, *removed)
        for ear in (watcher, *others):
            await ear.until_now()
        await come_and_go(server, dan, room)
        assert await told(watcher) == [(dan.user_id, "online"), (dan.user_id, "offline")]
        # Members who are not subscribed might be told (4.1); this server does not.
        assert [await ear.until_now() for ear in others] == [[]] * len(others)


@pytest.mark.parametrize("way", REMOVALS)
@pytest.mark.witnesses("PRES-5", "PRES-2", "PRES-6")
async def test_who_was_removed_is_named_once_more_as_offline_and_then_never(way: str) -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room, other = server.room(ana, ben), server.room(ana, ben)
        watcher = await subscribed(ana, room)
        ears = [await subscribed(ben, room) for _ in range(2)]
        await ears[0].send(other.subscribe())
        assert await listed(watcher, room) == {ana.user_id, ben.user_id}
        await remove(way, ana, room, ben)
        assert await told(watcher) == [(ben.user_id, "offline")]
        assert await listed(watcher, room) == {ana.user_id}
        assert await listed(await subscribed(ana, other), other) == {ana.user_id, ben.user_id}
        await ears[1].socket.close()
        await ears[0].send(room.subscribe())  # refused, in silence
        await ears[0].until_now()
        assert await told(watcher) == []
        await ears[0].socket.close()
        while server.backend.connections.of_user(ben.user_id):
            await server.http.get("/health")
        assert await told(watcher) == []
        assert await listed(watcher, room) == {ana.user_id}


@pytest.mark.parametrize("way", ["kick", "leave"])
@pytest.mark.witnesses("PRES-5", "PRES-1", "ACCESS-6")
async def test_who_is_a_member_again_is_online_from_a_new_subscribe_on(way: str) -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher, ear = await subscribed(ana, room), await subscribed(ben, room)
        await remove(way, ana, room, ben)
        assert (await ana.post(room.member(ben))).status_code == 200
        assert await told(watcher) == [(ben.user_id, "online"), (ben.user_id, "offline")]
        assert await listed(watcher, room) == {ana.user_id}
        await ear.send(room.subscribe())
        await ear.until_now()
        assert await told(watcher) == [(ben.user_id, "online")]
        assert await listed(watcher, room) == {ana.user_id, ben.user_id}
