"""What a scenario can do with single connections: open one more, close one, subscribe in vain."""

from collections.abc import Iterable

import pytest

from sync_check.conformance.history import (
    CanaryPlaced,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    FramesReceived,
    OperationInvoked,
    Purpose,
    Record,
    SettleBegun,
)
from sync_check.harness import stage as stages
from sync_check.harness.client import Client
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.room import Place, Room
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.network.virtual.running import in_virtual_time
from tests.harness.playing import Playing, playing

OFFLINE = "presence_update"


async def _furnished(here: Playing, clients: int = 3) -> tuple[Stage, Room, list[Client]]:
    stage = Stage(here.company, clients)
    room = await stage.workspace()
    return stage, room, await stage.cast(room)


def _labels(clients: Iterable[Client]) -> list[str]:
    return [connection.label for client in clients for connection in client.connections]


@in_virtual_time
async def test_a_client_opens_one_more_connection_and_hears_the_room() -> None:
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        before = len(here.of(ConnectionOpened))
        await stage.connect(cast[2], room, session=2)
        opened = here.of(ConnectionOpened)[before:]
        assert [(record.client, record.number, record.session) for record in opened] == [(cast[2].name, 2, 2)]
        assert cast[2].connections[-1].subscriptions == set(room.channels.values())


@in_virtual_time
async def test_a_client_closes_its_newest_connection_and_keeps_the_others() -> None:
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        ana = cast[1]
        assert _labels([ana]) == [f"{ana.name}#1", f"{ana.name}#2"]
        await stage.disconnect(ana, room)
        assert _labels([ana]) == [f"{ana.name}#1"]
        assert ana.is_connected
        assert len(here.of(ConnectionEnded)) == 1


@in_virtual_time
async def test_the_script_goes_on_when_everybody_has_been_told_of_an_end() -> None:
    async with playing() as here:
        stage, room, (owner, ana, ben) = await _furnished(here)
        await stage.disconnect(ana, room)
        received = len(here.of(FramesReceived))
        await stage.disconnect(ana, room, told=(OFFLINE,))
        frames = {one for frames in here.of(FramesReceived)[received:] for one in frames.connections}
        assert frames == {connection.id for client in (owner, ben) for connection in client.connections}
        assert not ana.is_connected


@in_virtual_time
async def test_the_script_goes_on_though_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "TOLD_BUDGET_S", 0.05)
    async with playing() as here:
        stage, room, cast = await _furnished(here)
        began = here.company.clock.now_s()
        await stage.disconnect(cast[2], room, told=("never_told",))
        assert 0.05 <= here.company.clock.now_s() - began < 5


@in_virtual_time
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


# --- what is said by command


def _sent(here: Playing, since: int) -> list[Record]:
    """The commands, operations of a scenario and settles since a record, in order."""
    return [
        record
        for record in here.records[since:]
        if isinstance(record, CommandSent | SettleBegun)
        or (isinstance(record, OperationInvoked) and record.purpose is Purpose.SCENARIO)
    ]


@in_virtual_time
async def test_what_is_said_is_written_down_with_its_canary_before_anything_answers() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        since = len(here.records)
        content = await stage.say(ana, room.channel(GENERAL), "hello", connection=1)
        command, canary = here.records[since:]
        assert isinstance(command, CommandSent)
        assert isinstance(canary, CanaryPlaced)
        assert (command.command, command.connection) == ("message_create", ana.connections[1].id)
        assert command.arguments["content"] == content == f"hello {canary.text}"
        assert (canary.what, canary.op) == ("message", command.op)


@in_virtual_time
async def test_a_later_subscribe_shows_that_all_that_was_said_is_over() -> None:
    async with playing() as here:
        stage, room, (owner, ana, _) = await _furnished(here)
        place, since = room.channel(GENERAL), len(here.records)
        await stage.say(ana, place, "one")
        await stage.say(ana, place, "two")
        await stage.post(owner, place, "three")
        sent = [
            record.command if isinstance(record, CommandSent) else type(record).__name__
            for record in _sent(here, since)
        ]
        assert sent[:4] == ["message_create", "message_create", "subscribe", "OperationInvoked"]


@in_virtual_time
async def test_a_settle_begins_when_all_that_was_said_is_over() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        since = len(here.records)
        await stage.say(ana, room.channel(GENERAL), "one")
        await stage.settle()
        _, bound, settle = _sent(here, since)[:3]
        assert isinstance(bound, CommandSent)
        assert bound.command == "subscribe"
        assert isinstance(settle, SettleBegun)


@in_virtual_time
async def test_who_does_not_listen_where_it_speaks_waits_elsewhere() -> None:
    async with playing() as here:
        stage, room, (owner, ana, _) = await _furnished(here)
        aside = await stage.add_channel(owner, room, "aside")
        since = len(here.records)
        said = await stage.say(ana, aside, "one")
        note = await stage.find(owner, aside, said)
        bound = _sent(here, since)[1]
        assert isinstance(bound, CommandSent)
        assert bound.arguments["channel_id"] == room.channels[GENERAL]
        assert aside.channel_id not in ana.connections[0].subscriptions
        await stage.edit(ana, note, "two")


@in_virtual_time
async def test_who_listens_nowhere_listens_from_then_on_where_it_spoke() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        await ana.open()
        await stage.say(ana, room.channel(GENERAL), "one", connection=2)
        await stage.settle()
        assert ana.connections[2].subscriptions == {room.channels[GENERAL]}


@in_virtual_time
async def test_a_refused_message_is_waited_for_until_its_connection_has_ended() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        stranger = await stage.stranger()
        await stage.say(stranger, room.channel(GENERAL), "let me in", refused=True)
        assert not stranger.is_connected
        assert here.of(ConnectionEnded)[-1].code == 1008
        await stage.say(ana, room.channel(GENERAL), "x" * 2001, connection=1, refused=True)
        await stage.settle()
        kept, ended = ana.connections
        await stage.reconnect(stranger)
        await stage.reconnect(ana, room)
        assert stranger.is_listening
        assert ana.connections[0] is kept
        assert ana.connections[1] is not ended
        assert ana.connections[1].session is ended.session
        assert ana.connections[1].subscriptions == ended.subscriptions


@in_virtual_time
async def test_what_is_not_in_the_history_cannot_be_found() -> None:
    async with playing() as here:
        stage, room, (_, ana, _) = await _furnished(here)
        with pytest.raises(ScenarioHalted, match="is not in the history"):
            await stage.find(ana, room.channel(GENERAL), "never said")
