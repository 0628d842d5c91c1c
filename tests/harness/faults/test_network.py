"""A network of ours between clients and a reference server on sockets: put, lifted, cut off, written down."""

import asyncio

import pytest

from sync_check.conformance.history import (
    ConnectionCut,
    ConnectionEnded,
    ConnectionOpened,
    EndedBy,
    EndOfConnection,
    FarEnded,
    FaultLifted,
    FaultPut,
)
from sync_check.harness import returning
from sync_check.harness.client import Client
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.faults.network import Elsewhere, Network
from sync_check.harness.faults.toxics import Direction, HalfOpen, Latency, LimitData, LimitEvents, ResetPeer
from sync_check.harness.gateway import GatewayAddress
from sync_check.harness.randomness import Randomness
from sync_check.harness.room import Room
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import Playing, playing

OFFLINE = ("presence_update",)


async def furnished(here: Playing, clients: int = 3) -> tuple[Stage, Network, Room, list[Client]]:
    stage = Stage(here.company, clients)
    room = await stage.workspace()
    network = stage.open_network()
    return stage, network, room, await stage.cast(room)


async def test_a_reset_is_written_down_and_the_client_comes_back_as_it_was() -> None:
    async with playing() as here:
        stage, _, room, (_, ana, _) = await furnished(here)
        before = [(one.session.number, one.subscriptions) for one in ana.connections]
        async with stage.breaking(ana, room, ResetPeer(), told=OFFLINE):
            pass
        assert not ana.is_connected
        ended = [(one.how, one.reason) for one in here.of(ConnectionEnded)]
        assert ended == [(EndOfConnection.DROPPED, None)] * 2
        assert [one.fault for one in here.of(ConnectionCut)] == ["reset_peer"] * 2
        assert [one.by for one in here.of(FarEnded)] == [EndedBy.US] * 2
        await stage.reconnect(ana, room)
        assert [(one.session.number, one.subscriptions) for one in ana.connections] == before
        assert ana.is_listening
        await stage.settle()
        await stage.strike()


@pytest.mark.parametrize(
    ("direction", "passes"),
    [(Direction.UPSTREAM, 40), (Direction.DOWNSTREAM, 0), (Direction.DOWNSTREAM, 60)],
)
async def test_an_upgrade_that_is_cut_is_written_down_and_made_again(
    direction: Direction, passes: int
) -> None:
    async with playing() as here:
        stage, network, room, (_, ana, _) = await furnished(here)
        async with stage.breaking(ana, room, ResetPeer(), told=OFFLINE):
            pass
        before = len(here.of(ConnectionOpened))
        network.cut_upgrade(ana, LimitData(bytes=passes), direction)
        await stage.reconnect(ana, room)
        cut, *others = here.of(ConnectionOpened)[before:]
        assert cut.connection not in [one.id for one in ana.connections]
        assert [one.connection for one in others] == [one.id for one in ana.connections]
        assert (here.of(ConnectionCut)[-1].connection, here.of(ConnectionCut)[-1].fault) == (
            cut.connection,
            "limit_data",
        )
        last = here.of(FaultPut)[-1]
        assert (last.connection, last.directions) == (cut.connection, (direction,))
        ended = here.of(ConnectionEnded)[-1]
        assert (ended.connection, ended.how, ended.at) == (
            cut.connection,
            EndOfConnection.CLOSED_BY_US,
            cut.at,
        )
        assert ana.is_listening
        await stage.settle()
        await stage.strike()


async def test_what_is_put_and_lifted_concerns_one_client_and_the_directions_asked_for() -> None:
    async with playing() as here:
        stage, network, room, (owner, ana, _) = await furnished(here)
        down = (Direction.DOWNSTREAM,)
        network.put(ana, Latency(latency_s=0.01), LimitEvents(name="message_create"), directions=down)
        put = [(one.connection, one.fault, one.directions, one.attributes) for one in here.of(FaultPut)]
        latency = ("latency", down, {"latency_s": 0.01, "jitter_s": 0.0})
        limit = ("limit_events", down, {"name": "message_create", "count": 1})
        assert put == [(one.id, *toxic) for one in ana.connections for toxic in (latency, limit)]
        network.lift(ana, LimitEvents, ResetPeer)
        assert [(one.connection, one.fault) for one in here.of(FaultLifted)] == [
            (one.id, "limit_events") for one in ana.connections
        ]
        await stage.post(owner, room.channel(GENERAL), "told to all")
        await stage.settle()
        assert here.of(ConnectionCut) == []
        await stage.strike()


async def test_a_dead_connection_is_not_waited_for_and_let_go_of_at_the_end() -> None:
    async with playing() as here:
        stage, network, _, (_, ana, _) = await furnished(here)
        network.put(ana, HalfOpen())
        assert [one.is_silent for one in ana.connections] == [True, True]
        assert not any(one.hears for one in ana.connections)
        await stage.settle()
        dead = list(ana.connections)
        for connection in dead:
            await connection.cut()
        assert here.of(FarEnded) == []
        await stage.strike()
        assert [(one.connection, one.by) for one in here.of(FarEnded) if one.by is EndedBy.US][:2] == [
            (one.id, EndedBy.US) for one in dead
        ]


@pytest.mark.witnesses("CLIENT-9")
async def test_who_is_cut_off_comes_back_once_the_network_is_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing() as here:
        stage, network, room, (_, ana, _) = await furnished(here)
        async with stage.breaking(ana, room, ResetPeer()):
            network.cut_off(ana)
        returned = asyncio.create_task(stage.reconnect(ana, room))
        await here.company.clock.pause(0.1)
        assert not ana.is_connected
        network.restore(ana)
        await returned
        assert ana.is_listening
        network.cut_off(ana)
        await ana.disconnect()
        monkeypatch.setattr(returning, "ATTEMPTS", 2)
        fresh = await ana.another(1)
        ana.connections.append(fresh)
        with pytest.raises(ScenarioHalted, match=r"could not come back in 2 attempts: .*network is down"):
            await stage.reconnect(ana, room)


async def test_it_connects_to_the_target_and_nowhere_else() -> None:
    async with playing() as here:
        _, network, _, (owner, *_) = await furnished(here)
        elsewhere = GatewayAddress.at("ws://127.0.0.1:9/gateway/ws")
        with pytest.raises(Elsewhere, match=r"127\.0\.0\.1:9, which is no address of the target"):
            await network.dial(owner.connections[0], elsewhere, asyncio.Protocol(), None)


@pytest.mark.witnesses("CLIENT-9")
def test_pauses_grow_up_to_a_bound_and_depend_on_chance() -> None:
    waits = returning.pauses(Randomness(1).fresh("a"))
    first = [next(waits) for _ in range(10)]
    assert all(
        0.5 * bound <= wait <= bound for wait, bound in zip(first, (0.05, 0.1, 0.2, 0.4), strict=False)
    )
    assert all(1.0 <= wait <= 2.0 for wait in first[6:])
    other = returning.pauses(Randomness(2).fresh("a"))
    assert first != [next(other) for _ in range(10)]
