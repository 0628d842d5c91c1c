"""Gateway connections on real sockets: a thin shell around `GatewayConnection`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, Final, cast

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.gateway import (
    NORMAL_CLOSURE,
    Chunks,
    GatewayAddress,
    GatewayConnection,
    Phase,
    Received,
    Upgrade,
)
from sync_check.harness.trust import tls_of

OnFrame = Callable[[str | bytes, bool], None]
"""Gets each message and whether it was binary; text is `str`, or `bytes` if it is not UTF-8."""
OnEnd = Callable[[EndOfConnection, int | None, str | None], None]
"""Gets how the connection ended, the Close code and reason; called once, after the last frame."""

Dial = Callable[[GatewayAddress, asyncio.Protocol, str | None], Awaitable[None]]
"""Connects a protocol to an address, trusting the certificates of a file; raises OSError."""

OPEN_BUDGET_S: Final = 10.0
CLOSE_BUDGET_S: Final = 5.0
_TAKING: Final = (Phase.OPEN, Phase.TOLD)
"""Where bytes may still be sent."""


class Socket(asyncio.Protocol):
    """One open gateway connection, as `open_gateway` returns it."""

    gateway: ClassVar[type[GatewayConnection]] = GatewayConnection

    __slots__ = (
        "_chunks",
        "_closing",
        "_connection",
        "_ended",
        "_held",
        "_is_plain",
        "_on_end",
        "_on_frame",
        "_opened",
        "_ponged",
        "_stalled",
        "_transport",
    )

    def __init__(self, connection: GatewayConnection, on_frame: OnFrame, on_end: OnEnd) -> None:
        loop = asyncio.get_running_loop()
        self._chunks = connection.chunks
        self._is_plain = False
        self._connection = connection
        self._on_frame = on_frame
        self._on_end = on_end
        self._opened: asyncio.Future[None] = loop.create_future()
        self._opened.add_done_callback(_note_exception)
        self._ended: asyncio.Future[None] = loop.create_future()
        self._held: list[Received] | None = []
        self._transport: asyncio.Transport | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._stalled = False
        self._ponged: asyncio.Future[None] | None = None

    # What the owner does.

    def send_text(self, text: str) -> bool:
        """Send a text frame; False if the connection is not open any more."""
        sent = self._connection.send_text(text)
        self._write()
        return sent

    def send_bytes(self, data: bytes) -> bool:
        """Send bytes as they are, be they frames or not; False if the connection is not open any more."""
        if self._connection.phase not in _TAKING or self._transport is None:
            return False
        self._transport.write(data)
        return True

    def ping(self, payloads: Sequence[bytes]) -> asyncio.Future[None]:
        """Send pings, and behind each a pong unasked; the future is done once the last ping is answered."""
        self._ponged = asyncio.get_running_loop().create_future()
        self._connection.ping(payloads)
        self._write()
        return self._ponged

    @property
    def headers(self) -> Mapping[str, str] | None:
        """Those of the answer that accepted the upgrade, as far as they may tell something."""
        return self._connection.headers

    @property
    def pongs(self) -> int:
        """How many pongs came so far."""
        return self._connection.pongs

    def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Begin to close. Frames may still arrive until the target has answered; it is cut after 5 s."""
        if self._connection.phase is Phase.OPEN:
            self.resume_reading()
            self._is_plain = False
            self._connection.close(code)
            self._write()
            self._closing = asyncio.get_running_loop().call_later(CLOSE_BUDGET_S, self.abort)

    def abort(self, reason: str | None = None) -> None:
        """Cut the connection without a Close frame; `reason` is told of its end."""
        self._is_plain = False
        self._connection.abort(reason)
        if self._transport is not None:
            self._transport.abort()
        self._settle()

    def give_up(self) -> None:
        """Cut the connection, and hand nothing over of what has come: nobody knows it as open."""
        self._on_end = _unnoticed
        self.turn_deaf()
        self.abort()

    def turn_deaf(self) -> None:
        """Hand over no message any more; the connection's end still is."""
        self._on_frame = _unheard

    @property
    def ended(self) -> asyncio.Future[None]:
        """Done once nothing comes any more; not to be cancelled."""
        return self._ended

    async def wait_ended(self) -> None:
        """Return once `on_end` was called."""
        await asyncio.shield(self._ended)

    def pause_reading(self) -> None:
        """Take nothing more from the socket (a stalled reader; it answers no pings either)."""
        self._stalled = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._stalled = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    async def opened(self) -> None:
        """Return once the upgrade was accepted; raises `UpgradeRefused` or `HandshakeFailed`."""
        await self._opened

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the upgrade."""
        # A cast, because uvloop's transports are not subclasses.
        self._transport = cast("asyncio.Transport", transport)
        self._write()

    def data_received(self, data: bytes) -> None:
        """Hand on the messages that `data` completes."""
        # Nearly all that comes is what another connection was just sent: it is handed on without a look at
        # anything else of this one. With many connections nothing of them is in the processor's caches.
        if self._is_plain and data == self._chunks.latest:
            for frame, binary in self._chunks.received:
                self._on_frame(frame, binary)
        else:
            self._look_at(data)

    def _look_at(self, data: bytes) -> None:
        connection = self._connection
        received = connection.receive_data(data)
        self._is_plain = connection.is_between and self._held is None
        if connection.is_quiet and self._held is None:
            for frame, binary in received:
                self._on_frame(frame, binary)
            return
        self._deliver(received)
        self._write()
        self._settle()

    def pause_writing(self) -> None:
        """The target takes nothing: read no pings either, or the answers to them would pile up."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It takes something again."""
        if not self._stalled:
            self.resume_reading()

    def eof_received(self) -> None:
        """The target half-closed; the transport closes by itself."""
        self._is_plain = False
        self._deliver(self._connection.receive_eof())
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is over, orderly or not."""
        self._is_plain = False
        self._deliver(self._connection.receive_eof())
        self._settle()

    # Between the two.

    def _deliver(self, received: Sequence[Received]) -> None:
        if self._held is not None:
            self._held += received
            return
        for data, binary in received:
            if not self._ended.done():
                self._on_frame(data, binary)

    def _write(self) -> None:
        outgoing = self._connection.data_to_send()
        if outgoing and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(outgoing))

    def _settle(self) -> None:
        """Tell whoever waits how far the connection has come."""
        connection = self._connection
        if not self._opened.done():
            if connection.failure is not None:
                self._opened.set_exception(connection.failure)
            elif connection.phase is not Phase.OPENING:
                self._opened.set_result(None)
                # Whoever awaits `opened` runs first, and can note that the connection is open.
                asyncio.get_running_loop().call_soon(self._release)
        if self._ponged is not None and not connection.awaits_pong:
            ponged, self._ponged = self._ponged, None
            if not ponged.done():
                ponged.set_result(None)
        if connection.end is None and connection.failure is None:
            return
        # Python 3.11.2 cannot abort a TLS transport that was closed twice.
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
        if self._held is None:
            self._finish()

    def _release(self) -> None:
        held, self._held = self._held, None
        self._deliver(held or [])
        if self._connection.end is not None:
            self._finish()

    def _finish(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        end = self._connection.end
        if end is not None and not self._ended.done():
            self._ended.set_result(None)
            self._on_end(end.how, end.code, end.reason)


async def connect(address: GatewayAddress, protocol: asyncio.Protocol, ca: str | None) -> None:
    """Connect a protocol to an address directly, trusting the certificates of a file; raises OSError."""
    loop = asyncio.get_running_loop()
    await loop.create_connection(
        lambda: protocol,
        address.host,
        address.port,
        ssl=tls_of(ca) if address.secure else None,
        server_hostname=address.host if address.secure else None,
    )


async def open_gateway(
    url: str,
    *,
    token: str | None,
    request_id: str,
    on_frame: OnFrame,
    on_end: OnEnd,
    headers: tuple[tuple[str, str], ...] = (),
    token_in_query: bool = False,
    budget_s: float = OPEN_BUDGET_S,
    chunks: Chunks | None = None,
    gateway: str | None = None,
    ca: str | None = None,
    dial: Dial = connect,
    kind: type[Socket] = Socket,
) -> Socket:
    """Open a connection to the gateway below the REST base URL `url`, in `budget_s` seconds altogether.

    `gateway` is the URL of one that is elsewhere, `ca` a file of the certificates to trust; `dial` connects,
    `kind` is what the connection can do.

    No frame is handed over before this coroutine's caller has run on: await it directly, and what the caller
    notes before its next `await` comes before the first frame. Connections to one target share `chunks`.

    Raises `UpgradeRefused` if the target answers with another status, `TargetUnavailable` (or its subclass
    `HandshakeFailed`) if nobody answers or no WebSocket server does.
    """
    address = GatewayAddress.of(url) if gateway is None else GatewayAddress.at(gateway)
    upgrade = Upgrade(token=token, request_id=request_id, headers=headers, token_in_query=token_in_query)
    socket = kind(kind.gateway(address, upgrade, chunks=chunks), on_frame, on_end)
    accepted = False
    try:
        async with asyncio.timeout(budget_s):
            await dial(address, socket, ca)
            await socket.opened()
        accepted = True
    except TimeoutError:
        reason = f"it did not accept a gateway connection within {budget_s:g} s"
        raise TargetUnavailable(str(address), reason) from None
    except OSError as error:
        raise TargetUnavailable(str(address), _why(error)) from None
    finally:
        if not accepted:
            socket.give_up()
    return socket


def _unheard(_frame: str | bytes, _binary: bool) -> None:
    """For a frame on a connection that nobody has."""


def _unnoticed(_how: EndOfConnection, _code: int | None, _reason: str | None) -> None:
    """For the end of one."""


def _note_exception(opened: asyncio.Future[None]) -> None:
    # Nobody may be waiting any more, and an exception that nobody looked at would be logged.
    if not opened.cancelled():
        opened.exception()


def _why(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return f"no connection could be made ({error.strerror or error})"
