"""REST calls over sockets: httpcore's connection, which speaks HTTP, on a plain asyncio transport.

`httpx` has the same beneath its pool, on anyio's sockets, of which each read and each write passes the event
loop twice. Here nobody searches a pool, and only what has to wait does.
"""

import asyncio
import select
from collections.abc import AsyncIterator, Iterable
from socket import gaierror
from typing import Any, Final, cast

import httpcore
import httpx

from sync_check.harness.transport import Request, Response, Transport
from sync_check.harness.trust import tls_of

_MEANINGS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}
_FAILURES: Final = tuple(_MEANINGS)
ALL_REFUSED: Final = "All connection attempts failed"
"""What is said where no address of a host could be connected to, in anyio's words, which it says with TLS."""
_POLL: Final = getattr(select, "poll", None)
_PENDING_BYTES: Final = 256 * 1024
"""What is held of an answer that is not read yet; a target that sends more has to wait."""


class Carrier(Transport):
    """Carries one call at a time, over a connection that it keeps for `keepalive_s` seconds of idleness.

    `ca` is a file of the certificates to trust.
    """

    def __init__(self, ca: str | None, *, keepalive_s: float) -> None:
        self._ca = ca
        self._keepalive_s = keepalive_s
        self._origin: httpcore.Origin | None = None
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def carry(self, request: Request) -> Response:
        """Send a request and read the head of its answer; the same exceptions as httpx's own transport."""
        place = request.destination
        if place.scheme not in (b"http", b"https"):
            raise httpx.UnsupportedProtocol(f"{place.scheme.decode()!r} is not HTTP")
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target),
            headers=list(request.headers),
            content=request.content,
            extensions=dict(request.extensions),
        )
        connection = await self._connected_to(asked.url.origin)
        try:
            answer = await connection.handle_async_request(asked)
        except _FAILURES as failure:
            raise _MEANINGS[type(failure)](str(failure)) from failure
        return Response(answer.status, answer.headers, _Body(answer))

    async def aclose(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.aclose()
            self._connection = None

    async def _connected_to(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        held = self._connection
        if held is not None and origin == self._origin and held.is_available() and not held.has_expired():
            return held
        await self.aclose()
        self._origin = origin
        self._connection = httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=tls_of(self._ca) if origin.scheme == b"https" else None,
            keepalive_expiry=self._keepalive_s,
            # With TLS it is anyio that knows how.
            network_backend=_Network() if origin.scheme == b"http" else None,
        )
        return self._connection


class _Body(httpx.AsyncByteStream):
    __slots__ = ("_answer",)

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except _FAILURES as failure:
            raise _MEANINGS[type(failure)](str(failure)) from failure

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Network(httpcore.AsyncNetworkBackend):
    """Connects by the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        assert local_address is None
        assert socket_options is None
        try:
            async with asyncio.timeout(timeout):
                _, stream = await asyncio.get_running_loop().create_connection(Stream, host, port)
        except TimeoutError as failure:
            raise httpcore.ConnectTimeout("no connection in time") from failure
        except gaierror as failure:
            raise httpcore.ConnectError(str(failure)) from failure
        except OSError as failure:
            raise httpcore.ConnectError(ALL_REFUSED) from failure
        return stream


class Stream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """A connection: what has come and was not read yet, and whether it has ended."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._is_paused = False
        self._has_ended = False
        self._lost: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    # --- as asyncio's protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, because uvloop's transports are not subclasses.
        self._transport = cast(asyncio.Transport, transport)
        # What has come since the loop looked last counts as well.
        self._poll = None if _POLL is None else _POLL()
        if self._poll is not None:
            self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > _PENDING_BYTES:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._has_ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended, self._lost = True, exc
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    # --- as httpcore's stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        assert timeout is None
        if not self._received and not self._has_ended:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if not self._received and self._lost is not None:
            raise httpcore.ReadError(str(self._lost)) from self._lost
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        if self._is_paused and not self._received:
            self._is_paused = False
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        assert timeout is None
        if not buffer:
            return
        if self._transport.is_closing():
            raise httpcore.WriteError(str(self._lost or "the connection has ended"))
        self._transport.write(buffer)
        if self._room is not None:
            await self._room
            if self._lost is not None:
                raise httpcore.WriteError(str(self._lost)) from self._lost

    async def aclose(self) -> None:
        self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Only whether something came that nobody asked for, or the end."""
        if info != "is_readable":
            return None
        return bool(self._received or self._has_ended or (self._poll is not None and self._poll.poll(0)))
