"""What a hostile target does to gateway connections, by name; they join the `WAYS` of REST."""

import itertools
import json
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Final

from tests.hostile.behaviours import CANNOT_TEST, FAILED, IN_HEADER, MARKUP, NASTY, hang, hang_up, sends
from tests.hostile.behaviours import way as any_way
from tests.hostile.server import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    Behave,
    Exchange,
    Tunnel,
    answer,
    deflate_bomb,
    frame,
)

way = partial(any_way, scenario="workspace/rename")
_CONTINUED: Final = 0x00
_FIRST: Final = 0x01
_COMPRESSED: Final = 0xC1
_ULID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def event(name: str, **payload: object) -> bytes:
    """An event as a frame; payloads hold what JSON can spell."""
    return frame(TEXT, json.dumps({"v": 1, "t": name, "d": payload}).encode())


def upgrading(act: Behave) -> Behave:
    """`act` on upgrades, all else passed on."""

    async def behave(exchange: Exchange) -> None:
        await (act(exchange) if exchange.is_upgrade else exchange.pass_on())

    return behave


def opened(
    act: Callable[[Tunnel], Awaitable[None]], *, ready: bool = True, first: int = 2, reads: bool = True
) -> Behave:
    """Accept the upgrade, pass `ready` on or not, then `act` and go on faithfully.

    From the connection of number `first` on: the very first one is that of the check before a run.
    """
    seen = itertools.count(1)

    async def behave(exchange: Exchange) -> None:
        if not exchange.is_upgrade or next(seen) < first:
            await exchange.pass_on()
            return
        async with exchange.tunnel(reads=reads) as tunnel:
            if ready:
                await tunnel.pass_on()
            await act(tunnel)
            await tunnel.rest()

    return behave


def pushes(*pieces: bytes, ready: bool = True, first: int = 2, hangs_up: bool = False) -> Behave:
    """Send these bytes behind `ready`, or in its place."""

    async def act(tunnel: Tunnel) -> None:
        await tunnel.send(*pieces)
        if hangs_up:
            tunnel.to_client.transport.abort()

    return opened(act, ready=ready, first=first)


def floods(pieces: Callable[[], Iterable[bytes]], *, first: int = 2, reads: bool = True) -> Behave:
    """Send without end behind `ready`."""

    async def act(tunnel: Tunnel) -> None:
        for piece in pieces():
            await tunnel.send(piece)

    return opened(act, first=first, reads=reads)


async def _stay(tunnel: Tunnel) -> None:
    """Say nothing until the faithful server gives the client up."""
    while await tunnel.upstream.read(1 << 16):
        pass


def accepted_with(change: Callable[[bytes], bytes]) -> Behave:
    """The faithful head, changed."""

    async def act(exchange: Exchange) -> None:
        async with exchange.tunnel(head=change) as tunnel:
            await tunnel.rest()

    return upgrading(act)


def _with(line: str) -> Callable[[bytes], bytes]:
    return lambda head: head[:-2] + line.encode("latin-1") + b"\r\n\r\n"


async def _redirect(exchange: Exchange) -> None:
    location = ("location", f"ws://{exchange.elsewhere}/gateway/ws")
    await exchange.send(answer(302, b"", location))


async def _endless_refusal(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    await exchange.for_ever(itertools.repeat(b"x" * 65536))


async def _endless_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 101 Switching Protocols\r\n")
    await exchange.for_ever(itertools.repeat(b"x-y: " + b"z" * 4000 + b"\r\n"))


async def _half_a_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: webso")
    exchange.client.transport.abort()


# --- the handshake

way("gateway-redirect", CANNOT_TEST)(upgrading(_redirect))
way("gateway-never-answers", CANNOT_TEST)(upgrading(hang))
way("gateway-closes-at-the-upgrade", CANNOT_TEST)(upgrading(hang_up))
way("gateway-closes-in-the-head", CANNOT_TEST)(upgrading(_half_a_head))
way("gateway-endless-head", CANNOT_TEST)(upgrading(_endless_head))
way("gateway-endless-refusal", CANNOT_TEST)(upgrading(_endless_refusal))
way("gateway-hostile-refusal", CANNOT_TEST)(
    upgrading(sends(answer(403, NASTY.encode(), ("x-why", IN_HEADER)), closes=True))
)
way("gateway-no-upgrade", CANNOT_TEST)(upgrading(sends(answer(200, MARKUP.encode()))))
way("gateway-wrong-accept-key", CANNOT_TEST)(
    accepted_with(lambda head: head.replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"))
)
way("gateway-subprotocol-unasked", CANNOT_TEST)(accepted_with(_with("Sec-WebSocket-Protocol: evil")))
way("gateway-extension-unasked", CANNOT_TEST)(
    accepted_with(_with("Sec-WebSocket-Extensions: permessage-deflate"))
)
way("gateway-hostile-headers", 0, CANNOT_TEST, *FAILED)(accepted_with(_with(f"x-why: {IN_HEADER}")))
way("gateway-http-1.0", CANNOT_TEST)(accepted_with(lambda head: head.replace(b"HTTP/1.1", b"HTTP/1.0")))

# --- before ready, at the check before a run and later

for _first, _codes in ((1, (CANNOT_TEST,)), (2, FAILED)):
    _when = "at-once" if _first == 1 else "later"
    way(f"gateway-closes-before-ready-{_when}", *_codes)(pushes(hangs_up=True, ready=False, first=_first))
    way(f"gateway-never-ready-{_when}", *_codes)(opened(_stay, ready=False, first=_first))
    way(f"gateway-hostile-close-{_when}", *_codes)(
        pushes(
            frame(CLOSE, (4000).to_bytes(2, "big") + "\x1b[31m\u202e<b>\x9b]]>".encode()),
            ready=False,
            first=_first,
        )
    )
way("gateway-ready-of-another", *FAILED, CANNOT_TEST)(
    pushes(event("ready", user_id=_ULID), ready=False, first=2)
)

# --- frames that break the protocol

_LARGEST: Final = frame(TEXT, b"x" * 10_000_000)
_BROKEN: Final = {
    "10-mb-frame": _LARGEST,
    "20-mb-frame": frame(TEXT, b"x" * 20_000_000),
    "frame-of-2-to-the-62": frame(TEXT, b"x", length=1 << 62),
    "masked-frame": frame(TEXT, b'{"v":1,"t":"x","d":{}}', mask=b"abcd"),
    "reserved-bits": frame(0xF1, b"x"),
    "fragmented-ping": frame(0x09, b"x"),
    "continuation-of-nothing": frame(0x80, b"x"),
    "close-of-one-byte": frame(CLOSE, b"\x03"),
    "close-not-utf-8": frame(CLOSE, (1000).to_bytes(2, "big") + b"\xff\xfe"),
    "compressed-bomb": frame(_COMPRESSED, deflate_bomb(1 << 26)),
    "text-not-utf-8": frame(TEXT, b'{"v":1,"t":"\xff\xed\xa0\x80","d":{}}'),
}
for _name, _bytes in _BROKEN.items():
    way(f"gateway-{_name}", *FAILED)(pushes(_bytes))
way("gateway-closes-in-a-frame", *FAILED)(pushes(frame(TEXT, b"x", length=1000), hangs_up=True))
way("gateway-closes-after-ready", *FAILED)(pushes(hangs_up=True))
way("gateway-fragments-without-end", *FAILED)(
    pushes(frame(_FIRST, b"x"), *[frame(_CONTINUED, b"x" * 1000)] * 100)
)

# --- frames that are no event of the contract

_EVENTS: Final = {
    "binary-frame": frame(BINARY, b'{"v":1,"t":"ready","d":{"user_id":"x"}}'),
    "invalid-json": frame(TEXT, b'{"v":1,"t":'),
    "duplicate-keys": frame(TEXT, b'{"v":1,"v":2,"t":"message_create","t":"x","d":{},"d":[]}'),
    "huge-numbers": frame(TEXT, b'{"v":1' + b"0" * 5_000 + b',"t":"x","d":{"n":1e999}}'),
    "nan": frame(TEXT, b'{"v":1,"t":"x","d":{"n":NaN}}'),
    "deep-nesting": frame(TEXT, b'{"v":1,"t":"message_create","d":' + b'{"a":' * 5000 + b"1" + b"}" * 5001),
    "900-levels": frame(TEXT, b'{"v":1,"t":"message_create","d":' + b'{"a":' * 900 + b"1" + b"}" * 901),
    "lone-surrogates": frame(TEXT, b'{"v":1,"t":"x","d":{"\\ud800":"\\udfff\\ud800"}}'),
    "hostile-name": event(NASTY),
    "hostile-payload": event(
        "message_create",
        guild_id=NASTY,
        channel_id=_ULID,
        message_id=_ULID,
        author_id=NASTY,
        content=NASTY,
        markdown_tokens=[{"type": NASTY}],
        attachments=[],
        created_at_unix=1,
    ),
    "hostile-members": event("workspace_update", **{NASTY: NASTY}),
}
for _name, _bytes in _EVENTS.items():
    way(f"gateway-event-{_name}", *FAILED)(pushes(_bytes))


# --- floods


def _distinct() -> Iterable[bytes]:
    return (b"".join(event("typing", n=n, m=more) for more in range(200)) for n in itertools.count())


def _large() -> Iterable[bytes]:
    return (event("typing", n=number, x="y" * 60_000) for number in itertools.count())


for _reads in (True, False):
    way(f"gateway-ping-flood-{'read' if _reads else 'unread'}", *FAILED)(
        floods(lambda: itertools.repeat(frame(PING, b"x" * 125) * 200), reads=_reads)
    )
way("gateway-empty-fragment-flood", *FAILED)(
    floods(lambda: itertools.chain([frame(_FIRST, b"")], itertools.repeat(frame(_CONTINUED, b"") * 4000)))
)
way("gateway-event-flood", *FAILED)(floods(lambda: itertools.repeat(event("typing", n=1) * 200)))
way("gateway-distinct-event-flood", *FAILED)(floods(_distinct))
way("gateway-large-event-flood", *FAILED)(floods(_large))
way("gateway-distinct-event-flood-at-once", CANNOT_TEST, *FAILED)(floods(_distinct, first=1))
