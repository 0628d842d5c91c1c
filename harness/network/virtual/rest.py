"""REST calls in virtual time: an application is called in memory, after a delay and before another."""

import asyncio
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote

import httpx

from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.randomness import Moments, Randomness
from sync_check.harness.transport import Headers, Request, Response, Transport

_Message = MutableMapping[str, Any]

_PEER: Final = ("127.0.0.1", 1)
_FAILED: Final = 500
_FORWARDED: Final = FORWARDED_FOR.encode()


class VirtualRest(Transport):
    """Carries requests to an ASGI application.

    How long each way takes depends on who calls, known by their address, and when: what is left out shifts
    no other call. Where `wall` tells the application's time, in unix seconds, answers have a `Date`, as those
    of any server.
    """

    def __init__(
        self,
        app: Any,
        randomness: Randomness,
        *,
        quality: LinkQuality | None = None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        self.app = app
        """What is called; None while nobody answers."""
        self._loop = asyncio.get_running_loop()
        self._quality = quality or LinkQuality()
        self._randomness = randomness
        self._callers: dict[str, Moments] = {}
        self._wall = wall

    async def carry(self, request: Request) -> Response:
        """Call the application."""
        caller = _caller(request.headers)
        moments = self._callers.get(caller)
        if moments is None:
            moments = self._callers[caller] = self._randomness.moments(f"rest/{caller}")
        await self._travel(moments)
        if self.app is None:
            raise httpx.ConnectError("nobody listens there")
        response = await _Exchange(request.content).response(self.app, request, self._wall)
        await self._travel(moments)
        return response

    async def _travel(self, moments: Moments) -> None:
        arrived: asyncio.Future[None] = self._loop.create_future()
        now = self._loop.time()
        delay = self._quality.delay_s + moments.at(now) * self._quality.jitter_s
        timer = self._loop.call_at(now + delay, _arrive, arrived)
        try:
            await arrived
        finally:
            timer.cancel()


class _Exchange:
    """One request to an application, and what it answers, held in memory as a whole."""

    __slots__ = ("_content", "_headers", "_is_whole", "_parts", "_status", "_whole")

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._is_whole = False
        self._whole: asyncio.Event | None = None

    async def response(self, app: Any, request: Request, wall: Callable[[], float] | None) -> Response:
        """What `app` answers; where it raises, what a server would answer, or the end of the connection."""
        place = request.destination
        raw_path, _, query = place.target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers],
            "scheme": place.scheme.decode(),
            "path": unquote(raw_path.decode()),
            "raw_path": raw_path,
            "query_string": query,
            "server": (place.host.decode(), place.port),
            "client": _PEER,
            "root_path": "",
        }
        with suppress(Exception):  # the target's fault, and for the judges to see
            await app(scope, self._receive, self._send)
        if self._status is None:
            return Response(_FAILED, (), b"")
        if not self._is_whole:
            raise httpx.RemoteProtocolError("the answer broke off")
        if wall is not None:
            self._headers.append((b"date", _date(int(wall()))))
        content = b"" if request.method == "HEAD" else b"".join(self._parts)
        return Response(self._status, self._headers, content)

    async def _receive(self) -> _Message:
        if self._content is None:
            if not self._is_whole:  # nobody goes away before the answer is there
                self._whole = self._whole or asyncio.Event()
                await self._whole.wait()
            return {"type": "http.disconnect"}
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}

    async def _send(self, message: _Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message.get("headers", ()))
            return
        self._parts.append(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._is_whole and self._whole is not None:
            self._whole.set()


def _arrive(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)


@lru_cache(maxsize=2)
def _date(unix: int) -> bytes:
    return formatdate(unix, usegmt=True).encode()


def _caller(headers: Headers) -> str:
    """The address that a request is forwarded for, in one spelling; empty without one."""
    told = [value for name, value in headers if name.lower() == _FORWARDED]
    return _spelled(b", ".join(told)) if told else ""


@lru_cache(maxsize=1024)
def _spelled(address: bytes) -> str:
    return ip_address(address.decode("latin-1")).compressed if address else ""
