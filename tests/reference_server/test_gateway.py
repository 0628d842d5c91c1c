"""The gateway over real sockets: opening, commands, bad input, slow readers, the end."""

import asyncio
import base64
import json
import socket
from typing import Any

import httpx
import pytest
import uvloop
from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.features import Feature
from sync_check.reference_server.backend import build_backend
from sync_check.reference_server.gateway import GatewayProtocol, Timing
from sync_check.reference_server.settings import Settings
from tests.reference_server.running import (
    AMBIENT,
    RAISED,
    WITHIN_S,
    Gateway,
    Person,
    Room,
    Running,
    command,
    running,
)

HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": base64.b64encode(bytes(16)).decode(),
}


async def upgrade(server: Running, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Ask for an upgrade that is refused."""
    return await server.http.get(path, headers=HANDSHAKE | (headers or {}))


def disconnects(server: Running) -> dict[str, float]:
    start = "ws_disconnects_total{reason="
    return {k[len(start) + 1 : -2]: v for k, v in server.counters().items() if k.startswith(start)}


# --- opening


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/gateway/ws", {}, 401),
        ("/gateway/ws?access_token=x", {}, 401),
        ("/gateway/ws?access_token=", {"authorization": "Bearer {token}"}, 401),
        ("/gateway/ws?access_token=x", {"authorization": "Bearer {token}"}, 401),
        ("/gateway/ws", {"authorization": "bearer {token}"}, 401),
        ("/gateway/ws/", {"authorization": "Bearer {token}"}, 404),
        ("/elsewhere", {}, 404),
        ("/gateway/ws?access_token={token}", {"sec-websocket-version": "12"}, 400),
        ("/gateway/ws?access_token={token}", {"sec-websocket-key": "short"}, 400),
    ],
)
@pytest.mark.witnesses("GW-1", "GW-2")
async def test_refused_upgrades(path: str, headers: dict[str, str], status: int) -> None:
    async with running() as server:
        token = server.person("ana").tokens["access_token"]
        filled = {name: value.format(token=token) for name, value in headers.items()}
        answer = await upgrade(server, path.format(token=token), filled | {"x-request-id": "r-2"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, "r-2")
        if status == 401:
            assert answer.json() == {"error": "invalid_credentials"}
            assert server.counters()['auth_failures_total{reason="unauthorized"}'] == 1
        assert disconnects(server) == {}


@pytest.mark.witnesses("LIMIT-1")
async def test_upgrades_count_as_requests() -> None:
    async with running(limits=RAISED.model_copy(update={"requests_per_minute": 2})) as server:
        ana = server.person("ana")
        connections = [await ana.connect() for _ in range(2)]
        token = ana.tokens["access_token"]
        assert (await upgrade(server, f"/gateway/ws?access_token={token}")).status_code == 429
        assert len(connections) == 2


async def test_an_enormous_upgrade_request_gets_400() -> None:
    async with running() as server:
        answer = await upgrade(server, "/gateway/ws", {"x-filler": "x" * 9000})
        assert answer.status_code in (400, 431)


async def raw_connection(
    server: Running, person: Person, behind_the_head: bytes = b""
) -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    server.writers.append(writer)
    headers = HANDSHAKE | person.headers | {"x-request-id": "r-3"}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["GET /gateway/ws HTTP/1.1", "host: x", *lines, "", ""])
    writer.write(head.encode() + behind_the_head)
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"x-request-id: r-3" in answer
    return reader


async def test_frames_in_the_same_segment_as_the_upgrade_are_read() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        frame = Frame(Opcode.TEXT, room.subscribe().encode()).serialize(mask=True)
        reader = await raw_connection(server, ana, frame)
        async with asyncio.timeout(WITHIN_S):
            assert b'"ready"' in await reader.readuntil(b"}}")
            assert b'"subscribed"' in await reader.readuntil(b"}}")


@pytest.mark.witnesses("GW-3", "GW-4", "SCOPE-3", "SUB-4")
async def test_a_user_has_many_connections_and_a_connection_many_subscriptions() -> None:
    async with running() as server:
        ana = server.person("ana")
        first, second = server.room(ana), server.room(ana)
        both, one = await ana.connect(first), await ana.connect(second)
        await both.send(second.subscribe())
        assert (await both.next())[0] == "subscribed"
        posts = [("message_create", await ana.say(room, "x")) for room in (first, second, first)]
        assert await both.until_now() == posts
        assert await one.until_now() == [posts[1]]


# --- subscribe


@pytest.mark.witnesses("SUB-3", "DELIV-1")
async def test_a_subscription_is_acknowledged_each_time_and_never_doubled() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        connection = await ana.connect()
        for _ in range(3):
            await connection.send(room.subscribe())
            expected = {"guild_id": room.guild_id, "channel_id": room.channel_id}
            assert await connection.next() == ("subscribed", expected)
        posted = await ana.say(room, "once")
        assert await connection.until_now() == [("message_create", posted)]


@pytest.mark.witnesses("SUB-2", "LEAK-SUB-1", "CMD-1")
async def test_a_refused_subscription_yields_nothing_and_costs_nothing() -> None:
    async with running() as server:
        ana, eve = server.person("ana"), server.person("eve")
        foreign, own = server.room(ana), server.room(eve)
        connection = await eve.connect(own)
        crossed = command("subscribe", guild_id=own.guild_id, channel_id=foreign.channel_id)
        unknown = command("subscribe", guild_id=own.channel_id, channel_id=own.channel_id)
        for attempt in (foreign.subscribe(), crossed, unknown):
            await connection.send(attempt)
        await connection.send(own.subscribe())  # the fence: commands take effect in order
        assert (await connection.next())[1]["channel_id"] == own.channel_id
        await ana.say(foreign, "unheard")
        posted = await eve.say(own, "heard")
        assert await connection.until_now() == [("message_create", posted)]


# --- message_create


@pytest.mark.witnesses("CMD-1", "CMD-2", "MSG-2")
async def test_the_command_does_what_the_rest_call_does() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        idle, watcher = await ana.connect(), await ben.connect(room)
        extra: dict[str, Any]
        for content, extra in (("a", {}), ("b", {"attachment_ids": None}), ("c", {"attachment_ids": []})):
            await idle.send(command("message_create", **where(room), content=content, **extra))
        await idle.send(room.subscribe())
        assert (await idle.next())[0] == "subscribed"
        told = await watcher.until_now()
        assert [payload["content"] for _, payload in told] == ["a", "b", "c"]
        history = (await ana.get(room.messages)).json()["messages"]
        assert [payload for _, payload in reversed(told)] == history


def where(room: Room) -> dict[str, str]:
    return {"guild_id": room.guild_id, "channel_id": room.channel_id}


# --- bad input

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TOO_LONG = b'{"v":1,"t":"x","d":"' + b"x" * 65536 + b'"}'
SUBSCRIBE = "invalid_subscribe_payload"
CREATE = "invalid_message_create_payload"


@pytest.mark.parametrize(
    ("message", "code", "label"),
    [
        (TOO_LONG, 1009, "event_too_large"),
        ("", 1008, "invalid_envelope"),
        ("x", 1008, "invalid_envelope"),
        (b"\xff", 1007, "invalid_envelope"),
        (command("subscribe", guild_id=ULID), 1008, SUBSCRIBE),
        (command("subscribe", guild_id=ULID, channel_id="x"), 1008, SUBSCRIBE),
        (command("message_create", guild_id=ULID, channel_id=ULID), 1008, CREATE),
        (command("message_create", guild_id=ULID, channel_id=ULID, content=""), 1008, CREATE),
        (command("message_create", guild_id=ULID, channel_id=ULID, content="x" * 2001), 1008, CREATE),
        (
            command("message_create", guild_id=ULID, channel_id=ULID, content="x", attachment_ids=[ULID] * 6),
            1008,
            CREATE,
        ),
        (command("message_create", guild_id=ULID, channel_id=ULID, content="x"), 1008, "message_rejected"),
        ("attachment", 1008, "message_rejected"),
        (command("ready", user_id=ULID), 1008, "unknown_event"),
        (command("heartbeat"), 1008, "unknown_event"),
    ],
)
@pytest.mark.witnesses(
    "BAD-1", "BAD-3", "BAD-4", "BAD-5", "BAD-6", "BAD-7", "BAD-9", "BAD-10", "BAD-11", "METRIC-4"
)
async def test_bad_input_ends_the_connection_and_nothing_else(
    message: str | bytes, code: int, label: str
) -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        if message == "attachment":
            message = command("message_create", **where(room), content="x", attachment_ids=[ULID])
        bad, watcher = await ana.connect(room), await ben.connect(room)
        await bad.send(message)
        await ignored(bad, command("message_create", **where(room), content="later"))
        assert await bad.ended() == (code, label)
        assert disconnects(server) == {label: 1}
        assert await watcher.until_now() == []
        assert (await ana.get(room.messages)).json()["messages"] == []


@pytest.mark.witnesses("BAD-6", "FEAT-1")
async def test_without_messages_there_is_no_command_to_create_one() -> None:
    async with running(without=AMBIENT | {Feature.MESSAGES}) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        bad, watcher = await ana.connect(room), await ben.connect(room)
        await bad.send(command("message_create", **where(room), content="x"))
        assert await bad.ended() == (1008, "unknown_event")
        assert await watcher.until_now() == []


async def ignored(connection: Gateway, message: str) -> None:
    """Send what must have no effect, while the Close frame may be here already."""
    try:
        await connection.send(message)
    except OSError:  # pragma: no cover - depends on who is quicker
        return


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"\x81\x81\0\0\0\0\xff", 1007),  # not UTF-8
        (b"\x81\x02{}", 1002),  # not masked
        (b"\x80\x82\0\0\0\0{}", 1002),  # a continuation of nothing
        (b"\xc1\x80\0\0\0\0", 1002),  # a reserved bit
        (b"\x09\x80\0\0\0\0", 1002),  # a ping in fragments
        (b"\x83\x80\0\0\0\0", 1002),  # a reserved opcode
    ],
)
@pytest.mark.witnesses("BAD-8", "BAD-11")
async def test_protocol_violations_end_the_connection(frames: bytes, code: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        reader = await raw_connection(server, ana, frames)
        async with asyncio.timeout(WITHIN_S):
            assert b'"ready"' in await reader.readuntil(b"}}")
            head = await reader.readexactly(4)
        assert (head[0], int.from_bytes(head[2:4], "big")) == (0x88, code)
        assert disconnects(server) == {"socket_error": 1}


async def test_the_first_fault_in_a_segment_is_the_reason() -> None:
    async with running() as server:
        ana = server.person("ana")
        bad = Frame(Opcode.TEXT, b"x").serialize(mask=True)
        too_long = Frame(Opcode.TEXT, TOO_LONG).serialize(mask=True)
        reader = await raw_connection(server, ana, bad + too_long)
        async with asyncio.timeout(WITHIN_S):
            await reader.readuntil(b"}}")
            assert b"invalid_envelope" in await reader.readexactly(2 + 2 + len("invalid_envelope"))
        assert disconnects(server) == {"invalid_envelope": 1}


@pytest.mark.witnesses("LIMIT-1")
async def test_a_frame_of_exactly_the_limit_is_read() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        connection = await ana.connect()
        await connection.send(room.subscribe().ljust(65536))
        assert (await connection.next())[0] == "subscribed"


async def test_binary_and_fragmented_messages_are_read_alike() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        connection = await ana.connect()
        await connection.send(room.subscribe().encode())
        assert (await connection.next())[0] == "subscribed"
        text = room.subscribe()
        await connection.socket.send([text[:5], "", text[5:40], text[40:]])
        assert (await connection.next())[0] == "subscribed"


@pytest.mark.witnesses("BAD-1")
async def test_fragments_count_together_against_the_size_limit() -> None:
    async with running() as server:
        connection = await server.person("ana").connect()
        await connection.socket.send(["x" * 40_000, "x" * 40_000])
        assert await connection.ended() == (1009, "event_too_large")


@pytest.mark.witnesses("BAD-2", "GW-5", "LIMIT-2")
async def test_the_first_frame_beyond_the_rate_ends_the_connection_and_pings_are_free() -> None:
    async with running(limits=RAISED.model_copy(update={"ingress_frames": 5})) as server:
        ana = server.person("ana")
        room = server.room(ana)
        flooding, other = await ana.connect(), await ana.connect(room)
        for _ in range(20):
            await (await flooding.socket.ping())
        for _ in range(5):
            await flooding.send(room.subscribe())
        assert [(await flooding.next())[0] for _ in range(5)] == ["subscribed"] * 5
        await flooding.send("x")  # the rate is judged before the envelope
        assert await flooding.ended() == (1008, "ingress_rate_limited")
        assert server.counters()['rate_limit_hits_total{reason="ingress",surface="gateway"}'] == 1
        assert await other.until_now() == []


@pytest.mark.witnesses("BAD-2", "BAD-11", "LIMIT-2")
async def test_empty_fragments_cost_nothing_up_to_the_rate_and_the_connection_beyond_it() -> None:
    async with running(limits=RAISED.model_copy(update={"ingress_frames": 5})) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        within, other = await ana.connect(), await ben.connect(room)
        await within.socket.send(["", "", "", "", "", room.subscribe()])
        assert (await within.next())[0] == "subscribed"
        empty = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
        more = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
        reader = await raw_connection(server, ana, empty + 5 * more)
        async with asyncio.timeout(WITHIN_S):
            await reader.readuntil(b"}}")
            head = await reader.readexactly(4)
            assert (head[0], int.from_bytes(head[2:4], "big")) == (0x88, 1008)
            assert await reader.readexactly(head[1] - 2) == b"ingress_rate_limited"
        assert disconnects(server) == {"ingress_rate_limited": 1}
        assert server.counters()['rate_limit_hits_total{reason="ingress",surface="gateway"}'] == 1
        assert await other.until_now() == []


# --- pings and ends


@pytest.mark.witnesses("GW-6")
async def test_who_answers_no_ping_is_ended() -> None:
    limits = RAISED.model_copy(update={"ping_interval": 0.1})
    async with running(limits=limits, timing=Timing(end_grace_s=0.02)) as server:
        answering = await server.person("ana").connect()
        silent = await raw_connection(server, server.person("ben"))
        async with asyncio.timeout(WITHIN_S):
            rest = await silent.read()
        assert rest.endswith(b"idle_timeout")
        assert rest.count(b"\x89\x00") == 2
        assert await answering.until_now() == []
        assert disconnects(server) == {"idle_timeout": 1}


@pytest.mark.witnesses("METRIC-4")
async def test_every_end_is_counted_once_with_its_reason() -> None:
    async with running() as server:
        ana = server.person("ana")
        closing, vanishing = await ana.connect(), await ana.connect()
        watcher = await ana.connect()
        await closing.socket.close(1000, "bye")
        assert closing.socket.close_code == 1000
        vanishing.socket.transport.abort()
        await asyncio.wait_for(gone(server, 1), WITHIN_S)
        assert await watcher.until_now() == []
        counted = disconnects(server)
        assert counted.pop("client_close") == 1
        assert list(counted) in (["connection_closed"], ["socket_error"])


async def gone(server: Running, left: int) -> None:
    """Wait until so many connections are left; each answered request lets the loop work on."""
    while len(server.backend.connections.all()) > left:
        await server.http.get("/health")


async def test_a_client_that_ignores_the_close_frame_is_cut_off() -> None:
    async with running(timing=Timing(end_grace_s=0.05)) as server:
        ana = server.person("ana")
        reader = await raw_connection(server, ana, Frame(Opcode.TEXT, b"x").serialize(mask=True))
        async with asyncio.timeout(WITHIN_S):
            assert (await reader.read()).endswith(b"invalid_envelope")


async def test_a_server_that_stops_says_so() -> None:
    async with running() as server:
        connection = await server.person("ana").connect()
        server.stop()
        assert await connection.ended() == (1001, "server_shutdown")


# --- slow readers


async def test_who_does_not_read_gets_the_latest_pong_only() -> None:
    async with running() as server:
        protocol = GatewayProtocol.for_backend(server.backend)()
        transport = Tape()
        protocol.connection_made(transport)
        request = {"host": "x"} | HANDSHAKE | server.person("ana").headers
        lines = [f"{name}: {value}" for name, value in request.items()]
        protocol.data_received("\r\n".join(["GET /gateway/ws HTTP/1.1", *lines, "", ""]).encode())
        protocol.pause_writing()
        transport.written.clear()
        for text in (b"1", b"2", b"3"):
            protocol.data_received(Frame(Opcode.PING, text).serialize(mask=True))
        assert transport.written == []
        protocol.resume_writing()
        assert transport.written == [b"\x8a\x013"]
        protocol.connection_lost(None)


def test_an_answer_that_still_waits_before_the_upgrade_blocks_what_comes_after() -> None:
    protocol = GatewayProtocol.for_backend(build_backend(Settings()))()
    transport = Tape(waiting=8000)
    protocol.connection_made(transport)
    assert transport.get_protocol() is protocol  # who is told from now on when the socket is full
    assert protocol._outbound.is_blocked
    protocol.resume_writing()
    assert not protocol._outbound.is_blocked


class Tape(asyncio.Transport):
    """A transport of no network at all, with so many bytes that wait to be sent."""

    def __init__(self, waiting: int = 0) -> None:
        super().__init__()
        self._waiting = waiting
        self._protocol: asyncio.BaseProtocol | None = None
        self.written: list[bytes] = []

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_write_buffer_size(self) -> int:
        return self._waiting

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 0

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol or asyncio.Protocol()

    def is_closing(self) -> bool:
        return False


def stalled_socket(port: int) -> socket.socket:
    """A connected socket with the smallest receive buffer: it stalls its sender soon."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    one.connect(("127.0.0.1", port))
    one.setblocking(False)
    return one


async def stalled_reader(server: Running, person: Person, room: Room) -> socket.socket:
    """A connection, subscribed, that has read its acknowledgement and reads no more."""
    loop = asyncio.get_running_loop()
    one = stalled_socket(server.port)
    lines = [f"{name}: {value}" for name, value in (HANDSHAKE | person.headers).items()]
    head = "\r\n".join(["GET /gateway/ws HTTP/1.1", "host: x", *lines, "", ""])
    frame = Frame(Opcode.TEXT, room.subscribe().encode()).serialize(mask=True)
    await loop.sock_sendall(one, head.encode() + frame)
    received = b""
    while b"subscribed" not in received:
        received += await loop.sock_recv(one, 4096)
    return one


async def overflow(timing: Timing, *, resumes: bool) -> None:
    limits = RAISED.model_copy(update={"gateway_outbound_queue": 16})
    async with running(limits=limits, send_buffer=8192, timing=timing) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        stalled = await stalled_reader(server, ben, room)
        posted: list[dict[str, Any]] = []
        while "slow_consumer" not in disconnects(server):
            posted.append(await ana.say(room, f"{len(posted):04}" + "x" * 1500))
            assert await watcher.next() == ("message_create", posted[-1])
            assert len(posted) < 500
        received = await everything(stalled) if resumes else b""
        posted.append(await ana.say(room, "after"))
        assert await watcher.next() == ("message_create", posted[-1])
        counters = server.counters()
        full = 'event_type="message_create",reason="full_queue",scope="channel"'
        assert counters[f"gateway_events_dropped_total{{{full}}}"] == 1
        assert disconnects(server)["slow_consumer"] == 1
        if resumes:
            assert received.endswith(b"slow_consumer")
            contents = [event["d"]["content"] for event in frames_in(received)]
            assert contents == [message["content"] for message in posted[: len(contents)]]
        else:
            await asyncio.wait_for(closed(stalled), WITHIN_S)
        stalled.close()


async def everything(one: socket.socket) -> bytes:
    received = b""
    async with asyncio.timeout(WITHIN_S):
        while not received.endswith(b"slow_consumer"):
            received += await asyncio.get_running_loop().sock_recv(one, 65536)
    return received


async def closed(one: socket.socket) -> None:
    try:
        while await asyncio.get_running_loop().sock_recv(one, 65536):
            pass
    except ConnectionResetError:
        pass


def frames_in(received: bytes) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder()
    text = received.decode("latin-1")
    events = []
    while (start := text.find('{"v"')) >= 0:
        event, end = decoder.raw_decode(text, start)
        events.append(event)
        text = text[end:]
    return events


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("resumes", [True, False])
@pytest.mark.witnesses(
    "LIMIT-SLOW-2", "LIMIT-SLOW-3", "LIMIT-SLOW-4", "LIMIT-SLOW-5", "LIMIT-SLOW-6", "DELIV-9"
)
def test_a_reader_that_stalls_is_ended_and_harms_nobody(loop_factory: Any, resumes: bool) -> None:
    timing = Timing(end_grace_s=WITHIN_S if resumes else 0.05)
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(overflow(timing, resumes=resumes))
