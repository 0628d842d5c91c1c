"""An abuser in a process of its own: `python -m tests.reference_server.abuse` reads where, then how much.

The first line on standard input is JSON: port, token, guild_id and channel_id. Each further line is a number
of abuses to commit; the answer is a line of JSON with the answers that were not the right ones. Every abuse
has a connection of its own.
"""

import asyncio
import base64
import json
import socket
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final

import uvloop
from websockets.frames import Frame, Opcode

AT_ONCE: Final = 4
WITHIN_S: Final = 10.0
_ULID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_AVATAR: Final = "/users/me/profile/avatar"
_RESET: Final = struct.pack("ii", 1, 0)
_HANDSHAKE: Final = {
    "host": "x",
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": base64.b64encode(bytes(16)).decode(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse:
    """What is sent and what must come back: a status, code and label of a Close frame, or nothing for a cut.

    A cut ends the connection once everything was sent, by a reset or orderly.
    """

    name: str
    sends: bytes
    due: str = ""
    resets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where, and as whom."""

    port: int
    token: str
    guild_id: str
    channel_id: str

    @property
    def messages(self) -> str:
        return f"/guilds/{self.guild_id}/channels/{self.channel_id}/messages"

    def request(
        self, path: str, body: bytes = b"{}", *, method: str = "POST", **headers: str | None
    ) -> bytes:
        """A request; a header set to None is left out."""
        fields: dict[str, str | None] = {
            "host": "x",
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "content-length": str(len(body)),
        }
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        return _head(f"{method} {path} HTTP/1.1", fields) + body

    def upgrade(self, line: str = "GET /gateway/ws HTTP/1.1", **headers: str | None) -> bytes:
        """An upgrade request, accepted as it is."""
        fields: dict[str, str | None] = {**_HANDSHAKE, "authorization": f"Bearer {self.token}"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        return _head(line, fields)

    def command(self, name: str, **payload: Any) -> str:
        where = {"guild_id": self.guild_id, "channel_id": self.channel_id}
        return json.dumps({"v": 1, "t": name, "d": {**where, **payload}})


def _head(line: str, fields: dict[str, str | None]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in fields.items() if value is not None), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def text(data: str | bytes) -> bytes:
    """A masked text frame."""
    raw = data.encode() if isinstance(data, str) else data
    return bytes(Frame(Opcode.TEXT, raw).serialize(mask=True))


def abuses(place: Place) -> list[Abuse]:
    """Every kind of abuse once."""
    return [*_requests(place), *_upgrades(place), *_frames(place), *_cuts(place)]


def _requests(place: Place) -> Iterator[Abuse]:
    here = place.messages
    bodies: list[tuple[str, bytes]] = [
        ("400", b""),
        ("400", b"{"),
        ("400", b'{"content":"x"} x'),
        ("400", b"\xff\xfe"),
        ("400", b"[" * 50_000),
        ("400", b'{"content":""}'),
        ("400", b'{"content":"' + b"x" * 2001 + b'"}'),
        ("400", b'{"content":"x","attachment_ids":["x"]}'),
        ("413", b'{"content":"' + b"x" * 70_000 + b'"}'),
        ("422", b"[]"),
        ("422", b"null"),
        ("422", b"{}"),
        ("422", b'{"content":1}'),
        ("422", b'{"content":null}'),
        ("422", b'{"content":"\\ud800"}'),
        ("422", b'{"content":"x","more":1}'),
        ("422", b'{"content":"x","attachment_ids":{}}'),
        ("422", b'{"content":' + b"9" * 4000 + b"}"),
        ("400", b'{"content":' + b"9" * 5000 + b"}"),
    ]
    for due, body in bodies:
        yield Abuse(name=f"body {body[:30]!r}", due=due, sends=place.request(here, body))

    def listing(query: str) -> bytes:
        return place.request(f"{here}?{query}", b"", method="GET", content_type=None, content_length=None)

    requests: list[tuple[str, str, bytes]] = [
        ("no image", "400", place.request(_AVATAR, b"x" * 3000, content_type="image/png")),
        ("content type", "415", place.request(here, b'{"content":"x"}', content_type="text/plain")),
        ("no content type", "415", place.request(here, b'{"content":"x"}', content_type=None)),
        ("no token", "401", place.request(here, b'{"content":"x"}', authorization=None)),
        ("a strange token", "401", place.request(here, b'{"content":"x"}', authorization="Bearer \xff")),
        (
            "two spaces",
            "401",
            place.request(here, b'{"content":"x"}', authorization=f"Bearer  {place.token}"),
        ),
        ("method", "405", place.request(here, method="PUT")),
        ("route", "404", place.request("/guilds/%00/%ff/../x")),
        ("guild", "403", place.request(f"/guilds/{_ULID}/channels/{_ULID}/messages", b'{"content":"x"}')),
        ("limit", "400", listing(f"limit={'9' * 5000}")),
        ("before", "400", listing("before=%ff%00")),
        ("no HTTP", "400", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"),
        ("header", "400", b"GET /health HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n"),
        ("lengths", "400", place.request(here, transfer_encoding="x")),
        ("chunk", "400", place.request(here, b"zz\r\n", content_length=None, transfer_encoding="chunked")),
        ("host", "400", b"GET /health HTTP/1.1\r\n\r\n"),
    ]
    for name, due, sends in requests:
        yield Abuse(name=name, due=due, sends=sends)


def _upgrades(place: Place) -> Iterator[Abuse]:
    upgrades: list[tuple[str, bytes]] = [
        ("401", place.upgrade(authorization=None)),
        ("401", place.upgrade("GET /gateway/ws?access_token=%ff HTTP/1.1")),
        ("401", place.upgrade(authorization="Bearer \xff\xff")),
        ("404", place.upgrade("GET /gateway/ws/%00 HTTP/1.1")),
        ("400", place.upgrade(sec_websocket_version="12")),
        ("400", place.upgrade(sec_websocket_version=None)),
        ("400", place.upgrade(sec_websocket_key="short")),
        ("400", place.upgrade(sec_websocket_key="\xff")),
        ("400", place.upgrade(sec_websocket_key=None)),
        ("400", place.upgrade(sec_websocket_key="\xff", x_request_id="\xff")),
        ("1008 invalid_envelope", place.upgrade(x_request_id="\xff") + text("x")),
        ("1008 invalid_envelope", place.upgrade(cf_connecting_ip="\xff", origin="\xff") + text("x")),
        ("400", place.upgrade(x_filler="x" * 9000)),
        ("400", place.upgrade("POST /gateway/ws HTTP/1.1", content_length="5") + b"hello"),
        ("426", place.upgrade(upgrade=None)),
    ]
    for number, (due, sends) in enumerate(upgrades):
        yield Abuse(name=f"upgrade {number}", due=due, sends=sends)


def _frames(place: Place) -> Iterator[Abuse]:
    open_ = place.upgrade()
    envelopes = [
        "", "{", "x", "[]", "1", "null", "{} {}", "\ufeff{}", "NaN", '{"v":1,"t":"x"}',
        '{"v":1,"t":"x","d":{},"e":1}', '{"v":1,"t":"x","d":{},"d":{}}', '{"v":2,"t":"x","d":{}}',
        '{"v":1.0,"t":"x","d":{}}', '{"v":true,"t":"x","d":{}}', '{"v":1,"t":"","d":{}}',
        '{"v":1,"t":"X","d":{}}', '{"v":1,"t":null,"d":{}}', '{"v":1,"t":"x","d":Infinity}',
        '{"v":1,"t":"x","d":' + "[" * 200 + "]" * 200 + "}", "[" * 60_000,
    ]  # fmt: skip
    for envelope in envelopes:
        yield Abuse(
            name=f"envelope {envelope[:40]!r}", due="1008 invalid_envelope", sends=open_ + text(envelope)
        )
    payloads: list[Any] = [None, 1, "x", [], {}, {"guild_id": _ULID}, {"guild_id": _ULID, "channel_id": "x"}]
    for payload in payloads:
        for name in ("subscribe", "message_create"):
            sends = open_ + text(json.dumps({"v": 1, "t": name, "d": payload}))
            yield Abuse(name=f"{name} {payload}", due=f"1008 invalid_{name}_payload", sends=sends)
    create = "1008 invalid_message_create_payload"
    commands: list[tuple[str, str]] = [
        ("1008 invalid_subscribe_payload", place.command("subscribe", more=1)),
        (create, place.command("message_create", content="")),
        (create, place.command("message_create", content="x" * 2001)),
        (create, place.command("message_create", content="\ud800")),
        (create, place.command("message_create", content="x", attachment_ids=[_ULID] * 6)),
        ("1008 message_rejected", place.command("message_create", content="x", guild_id=_ULID)),
        ("1008 message_rejected", place.command("message_create", content="x", attachment_ids=[_ULID])),
        ("1008 unknown_event", place.command("heartbeat")),
        ("1008 unknown_event", place.command("message_delete")),
        ("1009 event_too_large", place.command("message_create", content="x" * 65_536)),
    ]
    for due, command in commands:
        yield Abuse(name=f"command {command[:60]}", due=due, sends=open_ + text(command))
    unheard = text(place.command("subscribe", guild_id=_ULID)) * 61
    raw: list[tuple[str, bytes]] = [
        ("1008 ingress_rate_limited", unheard),
        ("1007 invalid_envelope", b"\x82\x81\0\0\0\0\xff"),
        ("1009 event_too_large", b"\x81\xff\x3f" + b"\xff" * 7),
        ("1007 socket_error", b"\x81\x81\0\0\0\0\xff"),
        ("1002 socket_error", b"\x81\x02{}"),
        ("1002 socket_error", b"\x80\x82\0\0\0\0{}"),
        ("1002 socket_error", b"\xc1\x80\0\0\0\0"),
        ("1002 socket_error", b"\x09\x80\0\0\0\0"),
        ("1002 socket_error", b"\x83\x80\0\0\0\0"),
        ("1002 socket_error", b"\x88\x81\0\0\0\0x"),
        ("1002 socket_error", b"\x88\x82\0\0\0\0\0\0"),
        ("1002 socket_error", b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126),
        ("1002 socket_error", b"\x01\x81\0\0\0\0x\x81\x81\0\0\0\0x"),
    ]
    for due, sends in raw:
        yield Abuse(name=f"frames {sends[:20]!r}", due=due, sends=open_ + sends)


def _cuts(place: Place) -> Iterator[Abuse]:
    frame = text(place.command("message_create", content="never whole" * 100))
    cuts = {
        "upload": place.request(_AVATAR, b"x", content_type="image/png", content_length="3000"),
        "in a frame": place.upgrade() + text(place.command("subscribe")) + frame[: len(frame) // 2],
        "in a frame's head": place.upgrade() + frame[:3],
        "between fragments": place.upgrade() + b"\x01\x81\0\0\0\0x",
        "in an upgrade": place.upgrade()[:100],
        "in a body": place.request(place.messages, b"{" * 50)[:-20],
        "before the answer": place.request(place.messages, b"{"),
    }
    for name, sends in cuts.items():
        for resets in (False, True):
            yield Abuse(name=f"cut {name}, reset: {resets}", sends=sends, resets=resets)


async def commit(abuse: Abuse, port: int) -> str:
    """Commit one abuse; returns what came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WITHIN_S):
            writer.write(abuse.sends)
            if not abuse.due:
                return await _cut(reader, writer, resets=abuse.resets)
            status = (await reader.readuntil(b"\r\n")).split()[1].decode()
            if status != "101":
                return status
            await reader.readuntil(b"\r\n\r\n")
            return await _close_frame(reader)
    except (OSError, asyncio.IncompleteReadError) as error:
        return type(error).__name__
    finally:
        writer.close()


async def _cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, resets: bool) -> str:
    await writer.drain()
    if resets:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    else:
        writer.write_eof()
        await reader.read()  # to the end: the server has closed its side too
    return ""


async def _close_frame(reader: asyncio.StreamReader) -> str:
    """Code and reason of the Close frame, whatever comes before it."""
    while True:
        opcode, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        data = await reader.readexactly(length)
        if opcode == 0x88:
            return f"{int.from_bytes(data[:2], 'big')} {data[2:].decode()}"


async def commit_all(repertoire: Iterator[Abuse], port: int) -> dict[str, int]:
    """Commit what there is, `AT_ONCE` at a time; returns the wrong answers and how often each came."""
    wrong: Counter[str] = Counter()

    async def worker() -> None:
        for abuse in repertoire:
            answer = await commit(abuse, port)
            if answer != abuse.due:
                wrong[f"{abuse.name}: {answer} instead of {abuse.due}"] += 1

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return dict(wrong)


def main() -> None:
    """Be told what to do until standard input ends."""
    place = Place(**json.loads(sys.stdin.readline()))
    repertoire = abuses(place)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            wrong = runner.run(commit_all(islice(cycle(repertoire), int(line)), place.port))
            sys.stdout.write(json.dumps(wrong) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
