"""What a hostile target does to REST calls, by name."""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tests.hostile.server import Behave, Exchange, answer, gzip_bomb

ESCAPES: Final = "\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b31m\u202eevil\u2066\r\nspoofed: yes\x00\x08"
"""ANSI escapes, an 8-bit CSI, bidirectional overrides, a line of its own, NUL and backspace."""
MARKUP: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>]]>&lt;[bold red]`|**_[a](javascript:1)"
LONG: Final = "x" * 10_000
NASTY: Final = ESCAPES + MARKUP + LONG
IN_HEADER: Final = "\x1b[31mred\x9b31m <script>alert(1)</script> " + "x" * 2_000
"""What a header can hold: no line ends, no NUL."""
MESSAGES: Final = "/messages"
CANNOT_TEST: Final = 4
FAILED: Final = (1, 4, 6)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to be hostile; `codes` are the exit codes that a run may end with."""

    name: str
    codes: tuple[int, ...]
    behave: Behave
    scenario: str = "messages/create"


WAYS: Final[dict[str, Way]] = {}


def way(name: str, *codes: int, scenario: str = "messages/create") -> Callable[[Behave], Behave]:
    """Register a behaviour."""

    def add(behave: Behave) -> Behave:
        assert name not in WAYS
        WAYS[name] = Way(name=name, codes=codes, behave=behave, scenario=scenario)
        return behave

    return add


def at(path: str, act: Behave, *, method: str = "", after: int = 0) -> Behave:
    """`act` on requests to paths that end so, once `after` of them were answered; all else is passed on."""
    seen = itertools.count(1)

    async def behave(exchange: Exchange) -> None:
        is_it = exchange.path.endswith(path) and exchange.method.startswith(method)
        if is_it and not exchange.is_upgrade and next(seen) > after:
            await act(exchange)
        else:
            await exchange.pass_on()

    return behave


def sends(*pieces: bytes, closes: bool = False) -> Behave:
    """Answer with these bytes."""

    async def act(exchange: Exchange) -> None:
        await exchange.send(*pieces)
        if closes:
            exchange.client.close()

    return act


async def hang(exchange: Exchange) -> None:
    await exchange.silence()


async def hang_up(exchange: Exchange) -> None:
    exchange.client.transport.abort()


def at_all(act: Behave) -> Behave:
    """`act` on everything but health and the gateway."""

    async def behave(exchange: Exchange) -> None:
        await (exchange.pass_on() if exchange.is_upgrade or exchange.path == "/health" else act(exchange))

    return behave


def _everywhere(act: Behave) -> Behave:
    async def behave(exchange: Exchange) -> None:
        await act(exchange)

    return behave


# --- bodies without end, and bodies that grow


async def _endless(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    await exchange.for_ever(itertools.repeat(b"[" * 65536))


async def _endless_chunks(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    await exchange.for_ever(itertools.repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n"))


async def _tiny_chunks(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    await exchange.for_ever(itertools.repeat(b"1\r\nx\r\n" * 4096))


async def _endless_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    await exchange.for_ever(b"x-%d: %s\r\n" % (number, b"y" * 4000) for number in itertools.count())


async def _endless_line(exchange: Exchange) -> None:
    await exchange.for_ever(itertools.repeat(b"H" * 65536))


async def _endless_1xx(exchange: Exchange) -> None:
    await exchange.for_ever(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 64))


async def _endless_trailers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n")
    await exchange.for_ever(itertools.repeat(b"x: y\r\n" * 4096))


async def _slow_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nx-slow: ")
    await _drip(exchange)


async def _slow_body(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    await _drip(exchange)


async def _drip(exchange: Exchange) -> None:
    while not exchange.from_client.at_eof():
        await exchange.send(b"x")
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await exchange.silence()


way("rest-endless-body", CANNOT_TEST)(at("/health", _endless))
way("rest-endless-body-of-a-message", *FAILED)(at(MESSAGES, _endless, method="POST"))
way("rest-endless-chunks", CANNOT_TEST)(at("/auth/login", _endless_chunks))
way("rest-tiny-chunks", CANNOT_TEST)(at("/auth/me", _tiny_chunks))
way("rest-endless-head", CANNOT_TEST)(at("/health", _endless_head))
way("rest-endless-status-line", CANNOT_TEST)(at("/health", _endless_line))
way("rest-endless-1xx", CANNOT_TEST)(at("/health", _endless_1xx))
way("rest-endless-trailers", CANNOT_TEST)(at("/health", _endless_trailers))
way("rest-slow-head", CANNOT_TEST)(at("/health", _slow_head))
way("rest-slow-body", CANNOT_TEST)(at("/auth/register", _slow_body))
way("rest-never-answers", CANNOT_TEST)(_everywhere(hang))
way("rest-never-answers-a-message", *FAILED)(at(MESSAGES, hang, method="POST"))
_BOMB: Final = gzip_bomb(1 << 28)
for _coding in ("gzip", "deflate", "br"):
    way(f"rest-{_coding}-bomb", CANNOT_TEST)(
        at("/health", sends(answer(200, _BOMB, ("content-encoding", _coding))))
    )
way("rest-gzip-bomb-of-messages", *FAILED)(
    at(MESSAGES, sends(answer(200, _BOMB, ("content-encoding", "gzip"))), method="GET")
)
_TEN_MB: Final = b'{"status":"ok","x":"' + b"x" * 10_000_000 + b'"}'
way("rest-10-mb", CANNOT_TEST)(at("/health", sends(answer(200, _TEN_MB))))
_LARGE: Final = b'{"messages":[],"next_before":null,"x":"' + b"x" * 3_900_000 + b'"}'
way("rest-every-list-4-mb", *FAILED)(at(MESSAGES, sends(answer(200, _LARGE)), method="GET"))
_MANY: Final = b'{"messages":[' + b"{}," * 1_200_000 + b'{}],"next_before":null}'
way("rest-a-million-values", *FAILED)(at(MESSAGES, sends(answer(200, _MANY)), method="GET"))


# --- what is no JSON of this contract

_BODIES: Final = {
    "invalid-json": b'{"status":"ok"',
    "invalid-utf-8": b'{"status":"\xff\xfe\xed\xa0\x80"}',
    "byte-order-mark": b'\xef\xbb\xbf{"status":"ok"}',
    "nan": b'{"status":NaN,"x":Infinity}',
    "null": b"null",
    "empty": b"",
    "deep-nesting": b'{"status":' * 5_000 + b"1" + b"}" * 5_000,
    "html": MARKUP.encode(),
}
for _name, _body in _BODIES.items():
    way(f"rest-{_name}", CANNOT_TEST)(at("/health", sends(answer(200, _body))))
_ODD: Final = {
    "duplicate-keys": b'{"messages":[],"messages":null,"next_before":null,"next_before":1}',
    "huge-numbers": b'{"messages":[{"created_at_unix":1' + b"0" * 5_000 + b'}],"next_before":1e999}',
    "deep-nesting": b'{"messages":' + b"[" * 5_000 + b"]" * 5_000 + b',"next_before":null}',
    "900-levels": b'{"messages":' + b"[" * 900 + b"]" * 900 + b',"next_before":null}',
    "lone-surrogates": b'{"messages":[{"content":"\\ud800\\udfff\\ud800"}],"next_before":"\\ud800"}',
    "wrong-types": b'{"messages":{"a":[]},"next_before":[{}]}',
    "endless-pages": b'{"messages":[],"next_before":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}',
}
for _name, _body in _ODD.items():
    way(f"rest-messages-{_name}", *FAILED)(at(MESSAGES, sends(answer(200, _body)), method="GET"))


# --- texts that are shown to people

_ERROR: Final = json.dumps({"error": NASTY}, ensure_ascii=False).encode()
way("rest-hostile-error-before", CANNOT_TEST)(at("/auth/register", sends(answer(500, _ERROR))))
way("rest-hostile-error", *FAILED)(at(MESSAGES, sends(answer(400, _ERROR)), method="POST"))
way("rest-hostile-error-of-everything", CANNOT_TEST)(at_all(sends(answer(403, _ERROR))))
way("rest-hostile-content-type", CANNOT_TEST)(
    at("/health", sends(answer(200, MARKUP.encode(), ("content-type", IN_HEADER))))
)
way("rest-hostile-reason", CANNOT_TEST)(
    at("/health", sends(f"HTTP/1.1 500 {IN_HEADER}\r\ncontent-length: 0\r\n\r\n".encode("latin-1")))
)


async def _hostile_headers(exchange: Exchange) -> None:
    head, body = await exchange.faithful()
    more = (
        *(f"x-{number}: {IN_HEADER}" for number in range(20)),
        "set-cookie: session=1; Path=/",
        "retry-after: never",
        "allow: " + IN_HEADER,
    )
    await exchange.send(
        head[:-2] + "".join(f"{line}\r\n" for line in more).encode("latin-1") + b"\r\n" + body
    )


def _renamed(**members: object) -> Behave:
    """The faithful answer with other values in it."""

    async def act(exchange: Exchange) -> None:
        _, body = await exchange.faithful()
        told = json.loads(body) | members
        await exchange.send(answer(200, json.dumps(told).encode()))

    return act


async def _hostile_page(exchange: Exchange) -> None:
    _, body = await exchange.faithful()
    told = json.loads(body)
    for item in told.get("messages", ()):
        item["content"] = item["author_id"] = NASTY
        item[NASTY[:300]] = NASTY
    await exchange.send(answer(200, json.dumps(told).encode()))


way("rest-hostile-headers", 0, *FAILED)(at_all(_hostile_headers))
way("rest-hostile-contents", *FAILED)(at(MESSAGES, _hostile_page, method="GET"))
way("rest-hostile-own-name", CANNOT_TEST, *FAILED)(at("/auth/me", _renamed(username=NASTY, user_id=NASTY)))
way("rest-hostile-token", CANNOT_TEST)(at("/auth/login", _renamed(access_token=NASTY, refresh_token=NASTY)))
way("rest-hostile-message-id", *FAILED)(at(MESSAGES, _renamed(message_id=NASTY), method="POST"))
way("rest-hostile-guild-id", CANNOT_TEST, *FAILED)(
    at("/guilds", _renamed(guild_id="../../" + NASTY, name=NASTY), method="POST")
)


# --- HTTP that is none


def _redirects(status: int) -> Behave:
    async def act(exchange: Exchange) -> None:
        location = ("location", f"http://{exchange.elsewhere}{exchange.path}")
        await exchange.send(
            answer(status, b"{}", location, ("refresh", f"0; url=http://{exchange.elsewhere}"))
        )

    return act


for _status in (301, 307):
    way(f"rest-redirect-{_status}", CANNOT_TEST)(_everywhere(_redirects(_status)))
way("rest-redirect-of-a-message", *FAILED)(at(MESSAGES, _redirects(308), method="POST"))
way("rest-short-of-its-length", CANNOT_TEST)(
    at("/health", sends(answer(200, b'{"status":"ok"}', length=100), closes=True))
)
way("rest-longer-than-its-length", CANNOT_TEST, *FAILED)(
    at("/auth/register", sends(answer(200, b'{"accepted":true}' * 100, length=17)))
)
way("rest-two-lengths", CANNOT_TEST)(
    at("/health", sends(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"))
)
way("rest-negative-length", CANNOT_TEST)(
    at("/health", sends(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}"))
)
way("rest-chunks-without-end", CANNOT_TEST)(
    at("/health", sends(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"))
)
way("rest-bad-chunk", CANNOT_TEST)(
    at("/health", sends(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"))
)
way("rest-no-http", CANNOT_TEST)(at("/health", sends(b"\x15\x03\x01\x00\x02\x02\x46" * 9, closes=True)))
way("rest-answers-twice", 0, CANNOT_TEST, *FAILED)(at("/auth/login", sends(answer(401, b"{}") * 3)))
way("rest-status-999", CANNOT_TEST)(at("/health", sends(answer(999, b"{}"))))
way("rest-upgrade-unasked", CANNOT_TEST)(
    at("/health", sends(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n{}"))
)
way("rest-retry-after-a-year", CANNOT_TEST)(
    at("/auth/register", sends(answer(429, b"{}", ("retry-after", "31536000"))))
)
way("rest-messages-throttled-for-ever", *FAILED)(
    at(MESSAGES, sends(answer(429, b"{}", ("retry-after", "0"))), method="POST")
)
for _stage in ("/health", "/auth/register", "/auth/login", "/auth/me"):
    way(f"rest-closes-at{_stage.replace('/', '-')}", CANNOT_TEST)(at(_stage, hang_up))
for _stage in ("/guilds", "/channels", "/members", MESSAGES):
    way(f"rest-closes-at{_stage.replace('/', '-')}", *FAILED)(at(_stage, hang_up))
way("rest-closes-after-a-while", *FAILED)(at(MESSAGES, hang_up, after=3))
