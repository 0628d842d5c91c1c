"""Presence and the answer to a subscribe (PRES-1 to 6, SUB-1, SUB-3)."""

import pytest
from websockets.exceptions import ConnectionClosed

from sync_check.conformance.contract.features import Feature
from sync_check.reference_server.gateway import Timing
from tests.reference_server.routes.test_channels import create
from tests.reference_server.running import RAISED, Gateway, Person, Room, running
from tests.reference_server.test_gateway import stalled_reader

ACKNOWLEDGED = ["presence_sync", "presence_update", "subscribed", "voice_participant_sync"]


async def subscribed(person: Person, room: Room) -> Gateway:
    """A subscribed connection, past everything that answers the subscribe."""
    gateway = await person.connect(room)
    assert (await gateway.next())[0] == "voice_participant_sync"
    return gateway


async def told(gateway: Gateway) -> list[tuple[str, str]]:
    """User and status of each presence update up to now."""
    return [
        (payload["user_id"], payload["status"])
        for name, payload in await gateway.until_now()
        if name == "presence_update"
    ]


async def next_names(gateway: Gateway, count: int) -> list[str]:
    return [(await gateway.next())[0] for _ in range(count)]


@pytest.mark.witnesses("SUB-1", "PRES-1", "PRES-2")
async def test_a_first_subscribe_is_answered_in_this_order() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await subscribed(ana, room)
        gateway = await ben.connect()
        await gateway.send(room.subscribe())
        answers = [await gateway.next() for _ in range(4)]
        assert [name for name, _ in answers] == ACKNOWLEDGED
        assert sorted(answers[0][1]["user_ids"]) == sorted((ana.user_id, ben.user_id))
        assert answers[1][1] == {"guild_id": room.guild_id, "user_id": ben.user_id, "status": "online"}
        assert answers[2][1] == {"guild_id": room.guild_id, "channel_id": room.channel_id}


@pytest.mark.witnesses("SUB-3", "PRES-1", "DELIV-1")
async def test_a_repeated_subscribe_tells_no_second_online_and_delivers_once() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        gateway, watcher = await subscribed(ben, room), await subscribed(ana, room)
        assert await gateway.names_until_now() == ["presence_update"]
        await gateway.send(room.subscribe())
        assert await next_names(gateway, 3) == ["presence_sync", "subscribed", "voice_participant_sync"]
        await ana.say(room, "once")
        assert await gateway.names_until_now() == ["message_create"]
        assert await told(watcher) == []


@pytest.mark.witnesses("PRES-2", "PRES-3", "PRES-4")
async def test_each_user_is_online_once_whatever_the_number_of_connections() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await subscribed(ana, room)
        first, second = await subscribed(ben, room), await subscribed(ben, room)
        await second.send(room.subscribe())
        _, sync = await second.next()
        assert sorted(sync["user_ids"]) == sorted((ana.user_id, ben.user_id))
        await first.socket.close()
        assert await told(watcher) == [(ben.user_id, "online")]
        await second.socket.close()
        assert await watcher.next() == (
            "presence_update",
            {"guild_id": room.guild_id, "user_id": ben.user_id, "status": "offline"},
        )


@pytest.mark.witnesses("PRES-4")
async def test_online_and_offline_alternate_over_reconnects() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await subscribed(ana, room)
        seen = []
        for _ in range(3):
            gateway = await subscribed(ben, room)
            await gateway.socket.close()
            seen += [(await watcher.next())[1]["status"] for _ in range(2)]
        assert seen == ["online", "offline"] * 3


@pytest.mark.witnesses("PRES-3", "PRES-5")
async def test_presence_is_told_in_each_guild_of_its_own() -> None:
    async with running(without=frozenset()) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        here, there = server.room(ana, ben), server.room(eve, ben)
        watcher, other = await subscribed(ana, here), await subscribed(eve, there)
        gateway = await subscribed(ben, here)
        assert await told(other) == []
        await gateway.send(there.subscribe())
        assert await next_names(gateway, 4) == ACKNOWLEDGED
        await gateway.socket.close()
        assert [(await other.next())[1]["status"] for _ in range(2)] == ["online", "offline"]
        assert await told(watcher) == [(ben.user_id, "online"), (ben.user_id, "offline")]


@pytest.mark.parametrize("way", ["kick", "ban", "leave"])
@pytest.mark.witnesses("PRES-5", "PRES-6")
async def test_a_removed_member_goes_offline_after_the_removal(way: str) -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher, gone = await subscribed(ana, room), await subscribed(ben, room)
        assert await told(watcher) == [(ben.user_id, "online")]
        if way == "leave":
            assert (await ben.post(f"{room.guild}/leave")).status_code == 200
        else:
            assert (await ana.post(f"{room.member(ben)}/{way}")).status_code == 200
        ban = ["workspace_member_ban"] if way == "ban" else []
        assert await watcher.names_until_now() == [*ban, "workspace_member_remove", "presence_update"]
        assert await gone.names_until_now() == [*ban, "workspace_member_remove"]
        await watcher.send(room.subscribe())
        name, sync = await watcher.next()
        assert (name, sync["user_ids"]) == ("presence_sync", [ana.user_id])
        await gone.socket.close()
        assert await told(watcher) == []


@pytest.mark.witnesses("PRES-4")
async def test_a_lost_channel_ends_no_presence() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        watcher, reader = await subscribed(ana, room), await subscribed(ben, other)
        assert (await ana.delete(other.channel)).status_code == 200
        assert await told(watcher) == [(ben.user_id, "online")]
        await reader.send(room.subscribe())
        assert await next_names(reader, 4) == [
            "channel_delete",
            "presence_sync",
            "subscribed",
            ACKNOWLEDGED[3],
        ]
        assert await told(watcher) == []
        await reader.socket.close()
        assert (await watcher.next())[1]["status"] == "offline"


@pytest.mark.witnesses("PRES-3")
async def test_invalid_input_ends_presence_too() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher, bad = await subscribed(ana, room), await subscribed(ben, room)
        await bad.send("{")
        assert [(await watcher.next())[1]["status"] for _ in range(2)] == ["online", "offline"]


@pytest.mark.witnesses("PRES-3", "LIMIT-SLOW-6")
async def test_a_slow_consumer_goes_offline_once_and_the_others_miss_nothing() -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 4})
    timing = Timing(end_grace_s=0.01)
    async with running(limits=limits, without=frozenset(), send_buffer=8192, timing=timing) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await subscribed(ana, room)
        slow = await stalled_reader(server, ben, room)
        said = 0
        seen: list[str] = []
        while "offline" not in seen:
            said += 1
            await ana.say(room, "x" * 2000)
            seen += [payload.get("status", name) for name, payload in await watcher.until_now()]
            assert said < 500
        assert seen.count("message_create") == said
        assert [status for status in seen if status != "message_create"] == ["online", "offline"]
        assert server.counters()['ws_disconnects_total{reason="slow_consumer"}'] == 1
        slow.close()


async def test_a_server_that_stops_tells_nobody_who_else_is_ended() -> None:
    async with running(without=frozenset()) as server:
        people = [server.person(name) for name in ("ana", "ben", "cat")]
        room = server.room(*people)
        ears = [await subscribed(person, room) for person in people]
        for ear in ears:
            await ear.until_now()
        server.stop()
        for ear in ears:
            with pytest.raises(ConnectionClosed) as closed:
                await ear.raw()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001


@pytest.mark.witnesses("PRES-4")
async def test_who_could_not_be_told_who_is_online_was_never_present() -> None:
    limits = RAISED.model_copy(update={"max_gateway_event_bytes": 130})
    async with running(without=frozenset({Feature.VOICE}), limits=limits) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        late = await ben.connect()
        await late.send(room.subscribe())
        assert await late.ended() == (1008, "outbound_payload_too_large")
        assert server.backend.presence.online(room.guild_id) == [ana.user_id]
        await watcher.send(room.subscribe())
        assert [(await watcher.next())[0] for _ in range(2)] == ["presence_sync", "subscribed"]
