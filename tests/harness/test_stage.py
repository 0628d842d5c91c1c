"""What a scenario can do with single connections: open one more, close one, subscribe in vain."""

from collections.abc import Iterable

import pytest

from sync_check.conformance.history import CommandSent, ConnectionEnded, ConnectionOpened, FrameReceived
from sync_check.harness import stage as stages
from sync_check.harness.client import Client
from sync_check.harness.room import Place, Room
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import Playing, playing

OFFLINE = "presence_update"


async def _furnished(here: Playing, clients: int = 3) -> tuple[Stage, Room, list[Client]]:
    stage = Stage(here.company, clients)
    room = await stage.workspace()
    return stage, room, await stage.cast(room)


def _labels(clients: Iterable[Client]) -> list[str]:
    return [connection.label for client in clients for connection in client.connections]


async def test_a_client_opens_one_more_connection_and_hears_the_room() -> None:
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        before = len(here.of(ConnectionOpened))
        await stage.connect(cast[2], room, session=2)
        opened = here.of(ConnectionOpened)[before:]
        assert [(record.client, record.number, record.session) for record in opened] == [(cast[2].name, 2, 2)]
        assert cast[2].connections[-1].subscriptions == set(room.channels.values())


async def test_a_client_closes_its_newest_connection_and_keeps_the_others() -> None:
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        ana = cast[1]
        assert _labels([ana]) == [f"{ana.name}#1", f"{ana.name}#2"]
        await stage.disconnect(ana, room)
        assert _labels([ana]) == [f"{ana.name}#1"]
        assert ana.is_connected
        assert len(here.of(ConnectionEnded)) == 1


async def test_the_script_goes_on_when_everybody_has_been_told_of_an_end() -> None:
    async with playing() as here:
        stage, room, (owner, ana, ben) = await _furnished(here)
        await stage.disconnect(ana, room)
        received = len(here.of(FrameReceived))
        await stage.disconnect(ana, room, told=(OFFLINE,))
        frames = {frame.connection for frame in here.of(FrameReceived)[received:]}
        assert frames == {connection.id for client in (owner, ben) for connection in client.connections}
        assert not ana.is_connected


async def test_the_script_goes_on_though_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "TOLD_BUDGET_S", 0.05)
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        began = here.company.clock.now_s()
        await stage.disconnect(cast[2], room, told=("never_told",))
        assert 0.05 <= here.company.clock.now_s() - began < 5


async def test_a_refused_subscribe_is_sent_and_not_waited_for() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        unknown = Place(guild_id=room.guild_id, channel_id=room.guild_id)
        before = len(here.of(CommandSent))
        await stage.subscribe(ana, unknown, refused=True)
        await stage.subscribe(ana, room.channel(GENERAL))
        sent = [record.arguments["channel_id"] for record in here.of(CommandSent)[before:]]
        assert sent == [unknown.channel_id] * 2 + list(room.channels.values()) * 2
        assert all(unknown.channel_id not in one.subscriptions for one in ana.connections)
        for connection in ana.connections:
            await connection.read_up()
