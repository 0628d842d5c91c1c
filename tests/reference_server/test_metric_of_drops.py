"""What counts as dropped, and that nothing else does (METRIC-5)."""

from typing import Final

import pytest

from sync_check.conformance.contract.features import Feature
from tests.reference_server.peers import Peer, close_frame, text
from tests.reference_server.routes.test_channels import create, hide
from tests.reference_server.routes.test_ip_bans import HOME
from tests.reference_server.running import RAISED, Person, Room, Running, command, running
from tests.reference_server.test_gateway import stalled_reader

_DROPPED: Final = "gateway_events_dropped_total"


def dropped(server: Running) -> dict[str, float]:
    """Every series of dropped events, without the name."""
    return {
        series.removeprefix(_DROPPED): count
        for series, count in server.counters().items()
        if series.startswith(_DROPPED)
    }


async def live(ana: Person, ben: Person, eve: Person, room: Room) -> None:
    """Cause events of all scopes: for many, for one, for nobody, for some only; and be refused a lot."""
    hidden = await create(ana, room, "hidden")
    await hide(ana, room, hidden)
    secret = Room(guild_id=room.guild_id, channel_id=hidden)
    await ana.patch(secret.channel, {"name": "for the owner only"})
    await ana.say(secret, "for nobody")
    said = await ben.say(room, "for all")
    for content in ("changed", "changed"):
        await ben.patch(f"{room.messages}/{said['message_id']}", {"content": content})
    for method in ("POST", "POST", "DELETE", "DELETE"):
        await ana.call(method, f"{room.messages}/{said['message_id']}/reactions/x")
    await ana.post(f"{room.guild}/channels/reorder", {"channel_ids": [hidden, room.channel_id]})
    await ana.post(f"{room.guild}/ip-bans/by-user", {"target_user_id": eve.user_id})
    await ben.post("/friends/requests", {"recipient_user_id": eve.user_id})
    await eve.patch("/users/me/profile", {"about_markdown": "seen by nobody"})
    for path in (room.messages, secret.messages):
        assert (await eve.post(path, {"content": "refused"})).status_code == 403
    assert (await ben.patch(room.guild, {"name": "refused"})).status_code == 403
    assert (await ana.patch(room.guild, {"name": ""})).status_code == 400


@pytest.mark.witnesses("METRIC-5", "METRIC-3")
async def test_nothing_is_dropped_while_everybody_reads_and_nobody_ends() -> None:
    async with running(without=frozenset()) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        server.backend.store.guilds[room.guild_id].observed_addresses[eve.user_id] = {HOME: None}
        ears = [await ana.connect(room), await ben.connect(room), await ben.connect(), await eve.connect()]
        await ears[3].send(room.subscribe())  # refused, in silence
        await live(ana, ben, eve, room)
        assert (await ben.post(f"{room.channel}/voice/token", {})).status_code == 200
        assert (await ana.post(f"{room.member(ben)}/ban")).status_code == 200
        for ear in ears:
            await ear.until_now()
        assert dropped(server) == {}


@pytest.mark.witnesses("METRIC-5")
async def test_nothing_but_closed_is_dropped_however_connections_end() -> None:
    async with running(without=frozenset(), trusted_proxies=("127.0.0.1/32",)) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        ends = (text("{"), text(command("typing")), text("x" * 70_000), text(b"\xff"), close_frame(), b"")
        for frames in ends:
            peer = await Peer.connected(ben)
            peer.send(text(room.subscribe()))
            await peer.until(b"voice_participant_sync")
            if frames:
                peer.send(frames)
            else:
                peer.reset()
            await live(ana, ben, eve, room)
        await watcher.until_now()
        await ben.connect(room)
        await server.http.post("/auth/logout", json={"refresh_token": ben.tokens["refresh_token"]})
        await watcher.until_now()
        counted = server.counters()
        ended = sum(count for series, count in counted.items() if series.startswith("ws_disconnects"))
        assert ended == len(ends) + 1
        assert all('reason="closed"' in series for series in dropped(server))


@pytest.mark.witnesses("METRIC-5", "LIMIT-SLOW-2")
async def test_of_a_slow_consumer_the_event_that_finds_the_queue_full_is_dropped_and_no_other() -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 8})
    async with running(limits=limits, send_buffer=8192) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        slow = await stalled_reader(server, ben, room)
        said = 0
        while not dropped(server):
            await ana.say(room, "x" * 2000)
            said += 1
            assert said < 500
        for _ in range(20):
            await ana.say(room, "after the end")
            await ana.patch(room.guild, {"name": "renamed"})
        assert len(await watcher.until_now()) == said + 21
        slow.close()
        await watcher.until_now()
        full = '{event_type="message_create",reason="full_queue",scope="channel"}'
        assert dropped(server) == {full: 1}


@pytest.mark.witnesses("METRIC-5")
async def test_an_oversized_event_is_dropped_and_the_end_that_it_brings_drops_nothing_more() -> None:
    # Too small for a list of two users online, and for nothing else.
    limits = RAISED.model_copy(update={"max_gateway_event_bytes": 140})
    async with running(without=frozenset({Feature.VOICE}), limits=limits) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await ana.connect(room)
        late = await ben.connect()
        await late.send(room.subscribe())
        await late.ended()
        oversized = '{event_type="presence_sync",reason="oversized_outbound",scope="connection"}'
        assert dropped(server) == {oversized: 1}
