"""Whom invalid input has cost the connection is cut off in time, and says nothing any more (BAD-9)."""

import asyncio
import socket
from typing import Final

import pytest

from tests.reference_server.hurried import hurry, pass_by
from tests.reference_server.peers import Peer, text
from tests.reference_server.running import Room, Running, command, running
from tests.reference_server.test_gateway import stalled_reader

END_WINDOW_S: Final = 5.0
EVERY_S: Final = 1.0
NOWHERE: Final = dict.fromkeys(("guild_id", "channel_id"), "01ARZ3NDEKTSV4RRFFQ69G5FAV")
OFFENDING: Final = {
    "BAD-1": (text("x" * 65_537), "event_too_large"),
    "BAD-2": (text(command("subscribe", **NOWHERE)) * 61, "ingress_rate_limited"),
    "BAD-3": (text("{"), "invalid_envelope"),
    "BAD-3 in bytes": (b"\x82\x81\0\0\0\0\xff", "invalid_envelope"),
    "BAD-4": (text(command("subscribe")), "invalid_subscribe_payload"),
    "BAD-5": (text(command("message_create")), "invalid_message_create_payload"),
    "BAD-6": (text(command("typing")), "unknown_event"),
    "BAD-7": (text(command("message_create", **NOWHERE, content="x")), "message_rejected"),
    "BAD-8": (text(b"\xff"), "socket_error"),
    "BAD-8 by protocol": (b"\x81\x02{}", "socket_error"),
}


def later_frames(room: Room, elsewhere: Room) -> bytes:
    """Frames each of which would leave a trace if it were taken."""
    create = command("message_create", guild_id=room.guild_id, channel_id=room.channel_id, content="later")
    return b"".join(map(text, (create, elsewhere.subscribe(), "{", command("typing"))))


class GoingOn:
    """Sends frames at once and every `EVERY_S`, whatever comes back, for as long as the block lasts."""

    def __init__(self, peer: Peer, frames: bytes) -> None:
        self._peer = peer
        self._frames = frames

    def __enter__(self) -> None:
        self._send()

    def __exit__(self, *_: object) -> None:
        self._handle.cancel()

    def _send(self) -> None:
        self._peer.send(self._frames)
        self._handle = asyncio.get_running_loop().call_later(EVERY_S, self._send)


def traces(server: Running) -> dict[str, float]:
    """What is counted of ends and of refused input."""
    names = ("ws_disconnects_total", "gateway_events_parse_rejected_total", "gateway_events_unknown_rec")
    return {series: count for series, count in server.counters().items() if series.startswith(names)}


async def offend(offending: bytes, label: str) -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room, elsewhere = server.room(ana, ben), server.room(ana, ben)
        watcher = await ana.connect(room)
        await watcher.send(elsewhere.subscribe())
        await watcher.until_now()
        peer = await Peer.connected(ben)
        later = later_frames(room, elsewhere)
        peer.send(offending, later)
        began = asyncio.get_running_loop().time()
        with GoingOn(peer, later):
            async with asyncio.timeout(2 * END_WINDOW_S):
                await peer.until_cut()
        assert asyncio.get_running_loop().time() - began <= END_WINDOW_S
        assert await watcher.until_now() == []
        for where in (room, elsewhere):
            assert (await ana.get(where.messages)).json()["messages"] == []
        counted = traces(server)
        assert counted.pop(f'ws_disconnects_total{{reason="{label}"}}') == 1
        assert list(counted.values()) == ([1] if label.startswith(("invalid", "unknown")) else [])


@pytest.mark.parametrize(("offending", "label"), OFFENDING.values(), ids=OFFENDING)
@pytest.mark.witnesses("BAD-9", "BAD-10", "METRIC-4", "METRIC-6")
def test_a_peer_that_ignores_its_end_is_cut_off_in_time_and_taken_no_more(
    offending: bytes, label: str
) -> None:
    hurry(offend(offending, label))


async def offend_unread(offending: bytes) -> None:
    async with running(send_buffer=8192) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        peer = await stalled_reader(server, ben, room)
        for _ in range(20):  # more than the socket takes, less than the queue
            await ana.say(room, "x" * 2000)
        (connection,) = server.backend.connections.of_user(ben.user_id)
        assert connection.outbound.is_blocked
        with peer, pytest.raises((ConnectionResetError, BrokenPipeError)):
            await go_on_for(END_WINDOW_S, peer, offending, text(room.subscribe()))


async def go_on_for(seconds: float, peer: socket.socket, offending: bytes, later: bytes) -> None:
    """Send one thing and then the other every `EVERY_S`; raises `OSError` once the connection is cut."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    await loop.sock_sendall(peer, offending)
    while loop.time() < until:
        await pass_by(EVERY_S)
        await loop.sock_sendall(peer, later)


@pytest.mark.parametrize("name", ["BAD-1", "BAD-3", "BAD-8 by protocol"])
@pytest.mark.witnesses("BAD-9")
def test_a_peer_that_reads_nothing_is_cut_off_in_time(name: str) -> None:
    hurry(offend_unread(OFFENDING[name][0]))
