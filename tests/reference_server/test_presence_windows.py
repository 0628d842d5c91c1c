"""Offline is told once per guild and in time, however a connection ends (PRES-3)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import pytest

from tests.reference_server.hurried import hurry, pass_by
from tests.reference_server.peers import Peer, close_frame, text
from tests.reference_server.running import RAISED, Gateway, Person, Room, Running, command, running
from tests.reference_server.test_gateway import stalled_reader

PRESENCE_WINDOW_S: Final = 1.0
PATIENCE_S: Final = 200.0
"""Of the loop's time: twice the 90 s after which a peer that answers no ping is given up."""
AFTERWARDS_S: Final = 30.0
"""Whatever a server may have put off, such as the end of the socket, has happened by then."""
NOWHERE: Final = dict.fromkeys(("guild_id", "channel_id"), "01ARZ3NDEKTSV4RRFFQ69G5FAV")


@dataclass(frozen=True, kw_only=True)
class Departing:
    """Ben, whose last present connection is going to end, and the rooms in which he is online by it."""

    server: Running
    ben: Person
    peer: Peer
    rooms: tuple[Room, Room]


Way = Callable[[Departing], Awaitable[None]]
"""Makes the connection end, and returns when it has: the peer knows it, or the server counts it."""


def sending(frames: bytes, reason: bytes) -> Way:
    async def way(one: Departing) -> None:
        one.peer.send(frames)
        await one.peer.until(reason)  # in a Close frame, which the peer does not answer
        assert reason in one.peer.received

    return way


async def closing(one: Departing) -> None:
    one.peer.send(close_frame())
    await one.peer.until_cut()


async def breaking(one: Departing) -> None:
    one.peer.reset()


async def hanging_up(one: Departing) -> None:
    one.peer.writer.write_eof()


async def logging_out(one: Departing) -> None:
    answer = await one.server.http.post(
        "/auth/logout", json={"refresh_token": one.ben.tokens["refresh_token"]}
    )
    assert answer.status_code == 204
    await one.peer.until(b"session_revoked")


async def answering_no_ping(one: Departing) -> None:
    await one.peer.until(b"idle_timeout")


WAYS: Final[dict[str, Way]] = {
    "close": closing,
    "reset": breaking,
    "end of file": hanging_up,
    "no envelope": sending(text("{"), b"invalid_envelope"),
    "no subscribe": sending(text(command("subscribe")), b"invalid_subscribe_payload"),
    "no message": sending(text(command("message_create")), b"invalid_message_create_payload"),
    "refused message": sending(text(command("message_create", **NOWHERE, content="x")), b"message_rejected"),
    "unknown name": sending(text(command("typing")), b"unknown_event"),
    "too large": sending(text("x" * 70_000), b"event_too_large"),
    "too many": sending(text(command("subscribe", **NOWHERE)) * 61, b"ingress_rate_limited"),
    "no UTF-8": sending(text(b"\xff"), b"socket_error"),
    "not masked": sending(b"\x81\x02{}", b"socket_error"),
    "revoked": logging_out,
    "no pong": answering_no_ping,
}


async def next_offline(watcher: Gateway) -> float:
    """When the next offline came, by the loop's clock."""
    while '"offline"' not in str(await watcher.socket.recv()):
        pass
    return asyncio.get_running_loop().time()


async def statuses(watcher: Gateway) -> list[str]:
    return [payload["status"] for name, payload in await watcher.until_now() if name == "presence_update"]


async def depart(way: Way) -> None:
    async with running(without=frozenset()) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        rooms = server.room(ana, ben), server.room(eve, ben)
        watchers = [await ana.connect(rooms[0]), await eve.connect(rooms[1])]
        peer = await Peer.connected(ben)
        for room in rooms:
            peer.send(text(room.subscribe()))
            await peer.until(f'"{room.channel_id}","participants"'.encode())
        assert [await statuses(watcher) for watcher in watchers] == [["online"]] * 2
        told = [asyncio.create_task(next_offline(watcher)) for watcher in watchers]
        await way(Departing(server=server, ben=ben, peer=peer, rooms=rooms))
        ended = asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE_S):
            delays = [moment - ended for moment in await asyncio.gather(*told)]
        assert max(delays) <= PRESENCE_WINDOW_S
        await pass_by(AFTERWARDS_S)
        assert [await statuses(watcher) for watcher in watchers] == [[], []]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.witnesses("PRES-3")
def test_offline_is_told_in_time_and_once_in_each_guild(way: Way) -> None:
    hurry(depart(way))


async def be_too_slow() -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 4})
    async with running(limits=limits, without=frozenset(), send_buffer=8192) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        slow = await stalled_reader(server, ben, room)
        told = asyncio.create_task(next_offline(watcher))
        for _ in range(500):
            await ana.say(room, "x" * 2000)
            if 'ws_disconnects_total{reason="slow_consumer"}' in server.counters():
                break
        ended = asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE_S):
            assert await told - ended <= PRESENCE_WINDOW_S
        await pass_by(AFTERWARDS_S)
        assert await statuses(watcher) == []
        slow.close()


@pytest.mark.witnesses("PRES-3")
def test_offline_of_a_slow_consumer_is_told_in_time_and_once() -> None:
    hurry(be_too_slow())
