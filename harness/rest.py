"""The REST client: it sends an operation and says what is known of its outcome. It never raises for a target.

All users of a target share a few `httpx` transports, each of which carries one call at a time over a
connection that it keeps. A transport knows no cookies, no redirects and no credentials but those of the call,
and proxies of the environment are ignored.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import httpx

from sync_check.conformance.contract.dates import unix_of
from sync_check.conformance.contract.operations import Operation, Sending
from sync_check.conformance.history import Outcome
from sync_check.harness.carrier import Carrier
from sync_check.harness.clock import Clock
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.headers import KEPT, ORDINARY, telling
from sync_check.harness.memo import Memo
from sync_check.harness.transport import Destination, Foreign, Headers, Request, Response, Transport

IN_FLIGHT: Final = 16
"""Requests under way at one time: whoever has to wait waits here, where it is known that nothing was sent."""
CALL_BUDGET_S: Final = 12.0
CONNECT_BUDGET_S: Final = 5.0
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
MOST_VALUES: Final = 200_000
LONGEST_LIST: Final = 4096
"""Bodies that hold more values, or a longer list, are no answer of the contract (its lists end at 512 items).

Reading one, and saying of each value what is wrong with it, would take a thousand times its room.
"""
_CUT_BODY_BYTES: Final = 64 * 1024
LARGE_BODY_BYTES: Final = 512 * 1024
LARGE_AT_ONCE: Final = 4
"""Bodies longer than that which are read at one time, so that those of all calls take little memory."""
_KEEPALIVE_S: Final = 4.0
"""Less than servers keep idle connections (uvicorn: 5 s), so that no call meets one that is just closing."""
_STANDING_HEADERS: Final = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "sync-check"}
_REQUEST_ID: Final = "x-request-id"
_HAVE_A_LENGTH: Final = ("POST", "PUT", "PATCH")
"""Requests that say of how many bytes their body is also where there is none (RFC 9110, 8.6)."""
_PLAIN_TARGET: Final = re.compile(
    r"(?:/(?:[\w~-]|%[0-9A-F]{2})+)+(?:\?(?:[\w~=&+-]|%[0-9A-F]{2})*)?", re.ASCII
)
"""Path and query in which a parser of URLs finds nothing to do."""
_LONGEST_PLAIN: Final = 1024
_REQUEST_TIMEOUT: Final = 408
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_READS: Final = (Sending.NOTHING, Sending.QUERY)
"""How what carries nothing but words and numbers is sent: by many, and again at each settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known after a call.

    `outcome`: 2xx is ok; 4xx other than 408 is fail; everything else, and a connection lost after sending,
    is unknown. `unreachable` says that nothing was sent, which is a fail. `status` and `text` are None
    without an answer, `content` holds the bytes of a whole body, `json` is None where that is no JSON,
    `error` says in words what went wrong on the way, `retry_after_s` is what the target asks for, and
    `seconds` how long the call took. `further` are the headers that answers do not have as a rule, or not
    with such a value.
    """

    outcome: Outcome
    status: int | None = None
    text: str | None = None
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)
    further: Mapping[str, str] = field(default_factory=lambda: _NONE)
    content: bytes = field(default=b"", repr=False)
    error: str | None = None
    retry_after_s: float | None = None
    seconds: float = 0.0
    unreachable: bool = False


UNSENDABLE: Final = Answer(
    outcome=Outcome.FAIL, error="not sent: it cannot be put into a request", unreachable=True
)


class RestClient:
    """Calls to the REST interface at `base_url`, which may have a path prefix.

    Raises `TargetUnavailable` if `base_url` is no http or https URL. `transport` stands in for the network.
    `ordinary` are the headers of which answers do not tell, `ca` is a file of the certificates to trust.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        *,
        budget_s: float = CALL_BUDGET_S,
        max_body: int = MAX_BODY_BYTES,
        transport: httpx.AsyncBaseTransport | None = None,
        ordinary: frozenset[str] = ORDINARY,
        ca: str | None = None,
    ) -> None:
        self._base = _checked(base_url)
        self._clock = clock
        self._budget_s = budget_s
        self._max_body = max_body
        self._ordinary = ordinary
        self._bodies: Memo[bytes, tuple[str, Any]] = Memo(entries=64, weight=4 * 1024 * 1024)
        self._home = Destination.of(httpx.URL(self._base))
        self._prefix = self._home.target.rstrip(b"/")
        self._destinations: Memo[Operation, Destination] = Memo(entries=1024)
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._idle = _transports(IN_FLIGHT, ca) if transport is None else [_own(transport)] * IN_FLIGHT
        self._transports = tuple(dict.fromkeys(self._idle))
        # For each of the two steps of connecting: both fit into the whole, so it is known what failed.
        timeout = httpx.Timeout(None, connect=min(CONNECT_BUDGET_S, budget_s / 2))
        self._extensions = {"timeout": timeout.as_dict()}

    async def send(
        self,
        operation: Operation,
        *,
        token: str | None,
        request_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send `operation` as the user whose access token is given and return what came of it.

        At most `IN_FLIGHT` calls are under way; a call's time counts from when it is sent.
        """
        try:
            request = self._request(operation, token, request_id, headers or _NONE)
        except (UnicodeError, ValueError, httpx.InvalidURL):
            # An id or token that the target made up. The exception would quote the token.
            return UNSENDABLE
        return await self._carried(request, operation, request_id)

    async def send_raw(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send a request as it is, below the base URL; header values are taken as Latin-1."""
        try:
            base = httpx.URL(self._base)
            path = base.raw_path.rstrip(b"/") + target.encode("ascii")
            request = httpx.Request(
                method,
                base.copy_with(raw_path=path),
                headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()],
                content=content,
                extensions=self._extensions,
            )
        except (UnicodeError, ValueError, httpx.InvalidURL):
            return UNSENDABLE
        return await self._carried(Request.of(request), None, headers.get(_REQUEST_ID, ""))

    async def _carried(self, request: Request, operation: Operation | None, request_id: str = "") -> Answer:
        async with self._places:
            # The one that was used last: its connection is the likeliest to be still open.
            transport = self._idle.pop()
            try:
                return await self._answer(transport, request, operation, request_id)
            finally:
                self._idle.append(transport)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports:
            await transport.aclose()

    def _request(
        self, operation: Operation, token: str | None, request_id: str, headers: Mapping[str, str]
    ) -> Request:
        fields = {**_STANDING_HEADERS, **self._standing(operation), **headers, _REQUEST_ID: request_id}
        if token is not None:
            fields["authorization"] = f"Bearer {token}"
        content_type, content = _content(operation)
        if content_type is not None:
            fields["content-type"] = content_type
            content = self._outgoing(operation, content or b"")
        destination, content = self._destination(operation), content or b""
        encoded = [
            # Each request has another id, and all else again and again.
            _encoded(name, value) if name == _REQUEST_ID else _known_encoded(name, value)
            for name, value in fields.items()
        ]
        return Request(
            operation.method,
            destination,
            _framed(operation.method, destination, encoded, content),
            content,
            self._extensions,
        )

    def _destination(self, operation: Operation) -> Destination:
        """Where a call goes; of reads, which many send, it is worked out once."""
        if operation.sending not in _READS:
            return self._parsed(self._url(operation))
        known = self._destinations.get(operation)
        if known is None:
            known = self._destinations.put(operation, self._parsed(self._url(operation)))
        return known

    def _parsed(self, url: str) -> Destination:
        target = url.removeprefix(self._base)
        if len(target) <= _LONGEST_PLAIN and _PLAIN_TARGET.fullmatch(target):
            return self._home.at(self._prefix + target.encode("ascii"))
        return Destination.of(httpx.URL(url))

    # --- what an adapter changes

    def _url(self, operation: Operation) -> str:
        """Where a call goes."""
        return self._base + operation.url_path()

    def _standing(self, _operation: Operation) -> Mapping[str, str]:
        """Headers that go with a call whoever makes it."""
        return _NONE

    def _outgoing(self, _operation: Operation, content: bytes) -> bytes:
        """A body as the target names things."""
        return content

    def _incoming(self, _operation: Operation | None, body: bytes) -> bytes:
        """The body of an answer as the contract names things."""
        return body

    # --- the call

    async def _answer(
        self, transport: Transport, request: Request, operation: Operation | None, request_id: str
    ) -> Answer:
        status: int | None = None
        began = self._clock.now_s()
        try:
            async with self._clock.deadline(self._budget_s):
                response = await transport.carry(request)
                status, body, whole = response.status, response.body, True
                if not isinstance(body, bytes):
                    body, whole = await self._read_and_close(body)
                elif len(body) > min(LARGE_BODY_BYTES, self._max_body):
                    body, whole = await self._read_and_close(httpx.ByteStream(body))
        except _NOT_SENT as error:
            reason = f"not sent: no connection ({_words(error)})"
            seconds = self._clock.now_s() - began
            return Answer(outcome=Outcome.FAIL, error=reason, unreachable=True, seconds=seconds)
        except httpx.LocalProtocolError:
            return UNSENDABLE
        except TimeoutError:
            reason = f"no complete answer within {self._budget_s:g} s"
            return self._unknown(status, reason, began)
        except httpx.TransportError as error:
            reason = f"the connection was lost after sending ({_words(error)})"
            return self._unknown(status, reason, began)
        return self._understood(response, self._incoming(operation, body), whole, began, request_id)

    def _unknown(self, status: int | None, reason: str, began: float) -> Answer:
        seconds = self._clock.now_s() - began
        return Answer(outcome=Outcome.UNKNOWN, status=status, error=reason, seconds=seconds)

    async def _read_and_close(self, stream: httpx.AsyncByteStream) -> tuple[bytes, bool]:
        try:
            return await self._read(stream)
        finally:
            await stream.aclose()

    async def _read(self, stream: httpx.AsyncByteStream) -> tuple[bytes, bool]:
        """The body as it came over the wire, and whether it is whole; never more than the cap is kept."""
        body = bytearray()
        chunks = aiter(stream)
        async for chunk in chunks:
            body += chunk
            if len(body) > min(LARGE_BODY_BYTES, self._max_body):
                async with self._large:
                    return await self._read_on(body, chunks)
        return bytes(body), True

    async def _read_on(self, body: bytearray, chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
        """The same of one that turns out to be large, when there is room for it."""
        while len(body) <= self._max_body:
            chunk = await anext(chunks, None)
            if chunk is None:
                return bytes(body), True
            body += chunk
        return bytes(body[:_CUT_BODY_BYTES]), False

    def _understood(
        self, response: Response, body: bytes, whole: bool, began: float, request_id: str
    ) -> Answer:
        fields = _fields(response.headers)
        headers: dict[str, str] = {name: fields[name] for name in KEPT if name in fields}
        text, value = self._decoded(body)
        further = telling(fields, request_id, self._ordinary)
        error = None if whole else f"the body is longer than {self._max_body} bytes"
        if whole and _is_too_much(body, value):
            text, value, error = text[:_CUT_BODY_BYTES], None, "the body holds more than can be read"
        return Answer(
            outcome=_outcome(response.status),
            status=response.status,
            text=text,
            content=body if whole else b"",
            json=value if whole else None,
            headers=MappingProxyType(headers),
            further=MappingProxyType(further) if further else _NONE,
            error=error,
            retry_after_s=_seconds(headers.get("retry-after"), self._clock.unix_s()),
            seconds=self._clock.now_s() - began,
        )

    def _decoded(self, body: bytes) -> tuple[str, Any]:
        """The text and the JSON value of a body; the same objects for equal ones."""
        known = self._bodies.get(body)
        if known is None:
            known = self._bodies.put(body, (body.decode("utf-8", "replace"), _parsed(body)), len(body) + 256)
        return known


def _own(transport: httpx.AsyncBaseTransport) -> Transport:
    return transport if isinstance(transport, Transport) else Foreign(transport)


def _transports(count: int, ca: str | None) -> list[Transport]:
    """Transports of one connection each: a pool would be searched for every call."""
    return [Carrier(ca, keepalive_s=_KEEPALIVE_S) for _ in range(count)]


def _checked(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise TargetUnavailable(base_url[:200], "this is no URL") from None
    bare = str(url.copy_with(userinfo=b"", query=None, fragment=None)).rstrip("/")
    if url.scheme not in ("http", "https") or not url.host:
        raise TargetUnavailable(bare, "this is no http or https URL with a host")
    if url.userinfo:
        raise TargetUnavailable(bare, "a URL with user info is not supported")
    return bare


def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    """A header as it is sent. Raises `ValueError` for one that would end too soon, or `UnicodeError`."""
    raw = value.encode("latin-1")
    if b"\n" in raw or b"\r" in raw or b"\0" in raw:
        raise ValueError
    return name.encode("ascii"), raw


_known_encoded: Final = lru_cache(maxsize=512)(_encoded)


def _framed(method: str, destination: Destination, headers: Headers, content: bytes) -> Headers:
    """With the headers that every request has to have, unless they are among its own."""
    own = {name.lower() for name, _ in headers}
    host = () if b"host" in own else ((b"Host", destination.authority),)
    if b"content-length" in own or not (content or method in _HAVE_A_LENGTH):
        return (*host, *headers)
    return (*host, *headers, (b"Content-Length", b"%d" % len(content)))


def _fields(headers: Headers) -> dict[str, str]:
    """The headers by name, in lower case; the values of a repeated one are one list (RFC 9110, 5.3)."""
    try:
        fields = {name.decode("ascii").lower(): value.decode("ascii") for name, value in headers}
    except UnicodeDecodeError:
        fields = {}
    # Whatever is not plain is httpx's.
    return fields if len(fields) == len(headers) else dict(httpx.Headers(list(headers)).items())


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.OK
    if 400 <= status < 500 and status != _REQUEST_TIMEOUT:
        return Outcome.FAIL
    return Outcome.UNKNOWN


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _parsed(body: bytes) -> Any:
    """The JSON value of `body`, or None if it is not one JSON text in UTF-8, or holds too many values."""
    if _separators(body) > MOST_VALUES:
        return None
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _separators(body: bytes) -> int:
    """About as many as there are values in a JSON text."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _is_too_much(body: bytes, value: Any) -> bool:
    """Whether a body that was read as `value` is, or begins like, a JSON text of more than can be read."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    separators = _separators(body)
    return separators > MOST_VALUES or (separators > LONGEST_LIST and _has_long_list(value))


def _has_long_list(value: Any) -> bool:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            if len(one) > LONGEST_LIST:
                return True
            left += one
    return False


def _seconds(retry_after: str | None, now_unix: float) -> float | None:
    """Retry-After (RFC 9110, 10.2.3) in seconds from now, never negative; None if absent or senseless."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) <= 9:
        return float(retry_after)
    moment = unix_of(retry_after)
    return None if moment is None else max(0.0, moment - now_unix)


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def _content(operation: Operation) -> tuple[str | None, bytes | None]:
    """What a call sends as its body, with the content type."""
    upload = operation.upload()
    if upload is not None:
        return upload
    body = operation.body()
    if body is None:
        return None, None
    return "application/json", json.dumps(body, separators=(",", ":")).encode()
