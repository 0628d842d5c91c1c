"""What every REST call passes on its way in and out, as one pure ASGI layer around the application."""

import asyncio
import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from sync_check.reference_server.accounts import Session
from sync_check.reference_server.addresses import FORWARDING, client_address, combined
from sync_check.reference_server.asgi import Application, Message, Receive, Scope, Send
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.errors import RateLimited
from sync_check.reference_server.event_log import MAX_REQUEST_ID, REQUEST_ID
from sync_check.reference_server.nodes import Nodes
from sync_check.reference_server.upgrade import bearer_token

_ENCODED_SLASH: Final = b"%2f"
_CALL: Final = "sync_check.call"
_REQUEST_ID: Final = b"x-request-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls: the access token as it was sent, if there is one, and the client's address."""

    backend: Backend
    token: str | None
    address: str

    @property
    def session(self) -> Session | None:
        """The session that the token is good for now; it may end while the body is on its way (AUTH-7)."""
        return None if self.token is None else self.backend.accounts.session_of(self.token)


def call_of(scope: Scope) -> Call:
    """The call that `Edge` has written into a request's scope."""
    call: Call = scope[_CALL]
    return call


def answer_as(scope: Scope, call: Call) -> None:
    """Have a request answered as if it were `call`."""
    scope[_CALL] = call


class Edge:
    """Finds out who calls, counts the call, bounds its time (408) and echoes `x-request-id`."""

    def __init__(self, app: Application, backend: Backend) -> None:
        self._app = app
        self._backend = backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _Reply(
            send, self._backend.nodes, [pair for pair in scope["headers"] if pair[0] == _REQUEST_ID]
        )
        call = self._identified(scope)
        session = call.session
        try:
            self._backend.rates.admit_request(
                user_id=session.user_id if session else None, address=call.address
            )
        except RateLimited as error:
            await reply.refuse(error.status, error.code)
            return
        if self._backend.event_log is not None:
            REQUEST_ID.set(reply.request_id or self._backend.ids.rest_request())
        scope[_CALL] = call
        scope["path"] = _routable(scope["path"], scope["raw_path"])
        await self._within_time(scope, receive, reply)

    async def _within_time(self, scope: Scope, receive: Receive, reply: "_Reply") -> None:
        limit = asyncio.timeout(None)
        ends_at = asyncio.get_running_loop().time() + self._backend.settings.limits.request_timeout_s

        async def received() -> Message:
            if limit.when() is None:
                limit.reschedule(ends_at)  # reads, of which there are most, need no timer
            return await receive()

        try:
            async with limit:
                await self._app(scope, received, reply)
        except TimeoutError:
            if not limit.expired() or reply.has_started:
                raise
            # Handlers never wait, so what timed out is the reading of the body: nothing happened.
            await reply.refuse(408, "request_timeout")
        except asyncio.CancelledError:
            # The server stops, and the rest of the body is waited for no longer.
            if reply.has_started:
                raise
            await reply.refuse(408, "request_timeout")

    def _identified(self, scope: Scope) -> Call:
        headers = combined(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name in FORWARDING
        )
        spelled = [value for name, value in scope["headers"] if name == b"authorization"]
        peer = scope.get("client")
        return Call(
            backend=self._backend,
            token=bearer_token(spelled[0].decode("latin-1")) if len(spelled) == 1 else None,
            address=client_address(peer and peer[0], headers, self._backend.settings.trusted_proxies),
        )


def _routable(path: str, raw_path: bytes) -> str:
    """The decoded path, in which an encoded slash separates nothing: it stays encoded.

    So does everything where a line ends the path: the router would take it for the same path without.
    """
    if path.endswith("\n"):
        return raw_path.decode("latin-1")
    if _ENCODED_SLASH not in raw_path.lower():
        return path
    segments = raw_path.decode("latin-1").split("/")
    return "/".join(unquote(segment).replace("/", "%2F") for segment in segments)


class _Reply:
    """The sending side of one request: adds the request's own id to the response.

    It begins once all gateway nodes have taken what the request has caused.
    """

    __slots__ = ("_nodes", "_request_id", "_send", "has_started")

    def __init__(self, send: Send, nodes: Nodes, request_id: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._nodes = nodes
        self._request_id = request_id
        self.has_started = False

    @property
    def request_id(self) -> str:
        """As much of the received request id as is logged; empty without one."""
        return self._request_id[0][1].decode("latin-1")[:MAX_REQUEST_ID] if self._request_id else ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._nodes.settled()
            self.has_started = True
            if self._request_id:
                message = {**message, "headers": [*message.get("headers", ()), *self._request_id]}
        await self._send(message)

    async def refuse(self, status: int, code: str) -> None:
        body = json.dumps({"error": code}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})
