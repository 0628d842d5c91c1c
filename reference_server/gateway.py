"""The gateway's asyncio protocol, which uvicorn hands every upgraded connection to.

`ServerProtocol` shakes hands and parses; everything that is sent is written by us, because a frame is encoded
once for all its receivers and because the first reason to end a connection must be the one on the wire.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

import h11
from websockets.exceptions import PayloadTooBig
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from sync_check.conformance.contract.events import Ready
from sync_check.reference_server import commands, endings, membership
from sync_check.reference_server.assembly import Assembled, Assembly, TooManyFragments
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.connections import Connection
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.errors import ApiError, InvalidRequest
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.rate import SlidingWindow
from sync_check.reference_server.upgrade import Admission, admit, refusal

_UNANSWERED_PINGS: Final = 2
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. In the grace a client can read the Close frame and answer it; then it is cut off."""

    end_grace_s: float = 3.0
    shutdown_grace_s: float = 1.0


class GatewayProtocol(asyncio.Protocol):
    """One upgraded connection: handshake, then commands in and events out, then the end.

    `for_backend` makes the class that uvicorn wants; the constructor's arguments are uvicorn's.
    """

    backend: ClassVar[Backend]
    node: ClassVar[int | None] = 0
    timing: ClassVar[Timing] = Timing()

    def __init__(
        self, config: Any = None, server_state: Any = None, app_state: Any = None, _loop: Any = None
    ) -> None:
        limits = self.backend.settings.limits
        self._peers: set[Any] = set() if server_state is None else server_state.connections
        self._ws = ServerProtocol(max_size=limits.max_gateway_event_bytes, logger=_logger)
        self._ingress = SlidingWindow(limit=limits.ingress_frames, window_s=limits.ingress_window_s)
        self._transport = cast("asyncio.Transport", None)  # both come with `connection_made`
        self._outbound = cast("Outbound", None)
        self._execute = self.backend.deviation.executing(commands.execute)
        self._connection: Connection | None = None
        self._leftover = b""
        self._ended = False
        self._is_broken = False
        self._assembly = Assembly(max_empty=limits.ingress_frames)
        self._late_pong: bytes | None = None
        self._unanswered_pings = 0
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def for_backend(
        cls, backend: Backend, timing: Timing | None = None, *, node: int | None = 0
    ) -> type["GatewayProtocol"]:
        """The protocol class of one port: of the gateway node of this number, or of one without a gateway."""
        bound = {"backend": backend, "timing": timing or cls.timing, "node": node}
        return type("BoundGatewayProtocol", (cls,), bound)

    # --- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peers.add(self)
        bound = self.backend.settings.limits.gateway_outbound_queue
        faithful = Outbound(bound=bound, write=self._transport.write)
        self._outbound = self.backend.deviation.queueing(faithful)
        # Frames in the same segment as the upgrade's head lie in the parser of the protocol before us.
        parser = getattr(self._transport.get_protocol(), "conn", None)
        if isinstance(parser, h11.Connection):
            self._leftover = bytes(parser.trailing_data[0])
        # Now, and not after the handshake as uvicorn does: until then another would be told of a full socket.
        self._transport.set_protocol(self)
        # Blocked as soon as the socket takes no more: what waits is counted in events, not in bytes.
        self._transport.set_write_buffer_limits(high=0)
        if self._transport.get_write_buffer_size() > 0:
            self._outbound.block()  # by an answer before the upgrade

    def data_received(self, data: bytes) -> None:
        if self._connection is None:
            if not self._ended:
                self._shake_hands(data)
            return
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Frame):
                self._on_frame(event, self._connection)
        if self._ws.parser_exc is not None and not self._is_broken:
            self._is_broken = True
            self._on_violation(self._ws.parser_exc)
        self._ws.data_to_send()  # we have written our own answers

    def pause_writing(self) -> None:
        self._outbound.block()

    def resume_writing(self) -> None:
        pong, self._late_pong = self._late_pong, None
        self._outbound.unblock()
        if pong is not None and not self._ended:
            self._pong(pong)

    def eof_received(self) -> None:
        """The peer sends nothing more, be there something left that it does not read."""
        self.end(endings.CONNECTION_CLOSED)

    def connection_lost(self, exc: Exception | None) -> None:
        self._peers.discard(self)
        self.end(endings.CONNECTION_CLOSED if exc is None else endings.SOCKET_ERROR)
        self._stop_timer()

    def shutdown(self) -> None:
        """Called by uvicorn when the server stops."""
        if self._connection is None:
            self._transport.close()
            return
        self.end(endings.SERVER_SHUTDOWN)
        self._drop_after(self.timing.shutdown_grace_s)

    def cut(self) -> None:
        """Drop the connection without a word."""
        self._transport.abort()

    # --- opening

    def _shake_hands(self, head: bytes) -> None:
        self._ws.receive_data(head)
        requests = [event for event in self._ws.events_received() if isinstance(event, Request)]
        if not requests:  # uvicorn has parsed it before, so only lengths beyond the parser's are left
            self._respond(refusal(InvalidRequest()), None)
            return
        request = requests[0]
        try:
            admission = admit(self.backend, request, peer=self._peer(), is_gateway=self.node is not None)
        except ApiError as error:
            if error.status in (401, 403):
                self.backend.metrics.auth_failed(error.status)
            self._respond(refusal(error), request)
            return
        response = self._ws.accept(request)
        if not self._respond(response, request):
            return
        self._open(admission)
        leftover, self._leftover = self._leftover, b""
        if leftover:
            self.data_received(leftover)

    def _respond(self, response: Response, request: Request | None) -> bool:
        """Send the handshake's response; returns whether the connection is open."""
        request_ids = [] if request is None else request.headers.get_all("x-request-id")
        for request_id in request_ids:
            response.headers["x-request-id"] = request_id
        if request is not None:
            self.backend.deviation.answering_upgrade(request, response)
        self._transport.write(response.serialize())
        if response.status_code == 101:
            self._ws.send_response(response)
            return True
        self._ended = True
        self._transport.close()
        return False

    def _open(self, admission: Admission) -> None:
        user_id = admission.session.user_id
        self._connection = Connection(
            user_id=user_id,
            session_id=admission.session.session_id,
            address=admission.address,
            outbound=self._outbound,
            end=self.end,
            node=self._node,
        )
        self.backend.connections.add(self._connection)
        self._ping_later()
        with self.backend.nodes.at(self._node):
            self.backend.fanout.to_connection(Ready(user_id=user_id), self._connection)

    @property
    def _node(self) -> int:
        assert self.node is not None  # or no request would have been admitted
        return self.node

    def _peer(self) -> str | None:
        name = self._transport.get_extra_info("peername")
        return name[0] if isinstance(name, tuple) else None

    # --- frames

    def _on_frame(self, frame: Frame, connection: Connection) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._on_close(bytes(frame.data))
        elif self._ended:
            return  # later frames have no effect (BAD-9)
        elif frame.opcode is Opcode.PING or frame.opcode is Opcode.PONG:
            self._on_sign_of_life(frame)
        else:
            self._on_data(frame, connection)

    def _on_sign_of_life(self, frame: Frame) -> None:
        deviation = self.backend.deviation
        if deviation.is_charged(frame.opcode) and not self._ingress.admit(self.backend.clock.monotonic()):
            self._on_flood()
        elif frame.opcode is Opcode.PONG:
            self._unanswered_pings = 0
        else:
            answer = deviation.answering_ping(bytes(frame.data))
            if answer is not None:
                self._pong(answer)

    def _on_data(self, frame: Frame, connection: Connection) -> None:
        try:
            message = self._assembly.take(frame)
        except TooManyFragments:
            self._on_flood()
            return
        if message is not None:
            self._on_message(message, connection)

    def _on_flood(self) -> None:
        self.backend.metrics.rate_limited("gateway", "ingress")
        self.end(endings.INGRESS_RATE_LIMITED)

    def _on_message(self, message: Assembled, connection: Connection) -> None:
        if not self._ingress.admit(self.backend.clock.monotonic()):
            self._on_flood()
            return
        unread = self.backend.deviation.refusing(message)
        if unread is not None:
            self.end(unread)
            return
        try:
            text = message.data.decode()
        except UnicodeDecodeError:
            self._on_broken_text(is_text=message.is_text)
            return
        with self.backend.nodes.at(connection.node):
            ending = self._execute(self.backend, connection, text)
        if ending is not None:
            self.end(ending)

    def _on_broken_text(self, *, is_text: bool) -> None:
        if is_text:
            self.end(endings.BROKEN_TEXT)
        else:
            self.backend.metrics.parse_rejected(endings.NOT_UTF8.label)
            self.end(endings.NOT_UTF8)

    def _on_close(self, data: bytes) -> None:
        if not self._ended:
            self.end(endings.CLIENT_CLOSE)
            self._transport.write(_frame(Opcode.CLOSE, data))
        self._transport.close()

    def _on_violation(self, error: Exception) -> None:
        too_large = isinstance(error, PayloadTooBig)
        self.end(endings.EVENT_TOO_LARGE if too_large else endings.PROTOCOL_VIOLATION)
        # The client's Close frame can no longer be told from the rest, so the client is to close the socket.
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _pong(self, data: bytes) -> None:
        if self._outbound.is_blocked:
            self._late_pong = data  # the latest is enough, and nothing piles up for who does not read
        else:
            self._transport.write(_frame(Opcode.PONG, data))

    def _ping(self) -> None:
        if self._unanswered_pings >= _UNANSWERED_PINGS:
            self.end(endings.IDLE_TIMEOUT)
            return
        self._unanswered_pings += 1
        self._transport.write(_frame(Opcode.PING, b""))
        self._ping_later()

    def _ping_later(self) -> None:
        interval_s = self.backend.settings.limits.ping_interval
        self._timer = asyncio.get_running_loop().call_later(interval_s, self._ping)

    # --- the end

    def end(self, ending: Ending) -> None:
        """Begin the end: nothing more is taken or queued; a second call changes nothing (METRIC-4)."""
        if self._ended:
            return
        self._ended = True
        ending = self.backend.deviation.ends_as(ending)
        self._outbound.close()
        if self._connection is not None:
            self.backend.deviation.connection_ends(self._connection, ending)
            self.backend.connections.remove(self._connection)
            self.backend.metrics.disconnected(ending.label)
        if ending.code is not None and not self._transport.is_closing():
            self._transport.write(_frame(Opcode.CLOSE, Close(ending.code, ending.label).serialize()))
        self._drop_after(self.backend.deviation.grace(self.timing.end_grace_s))
        # When the server stops, everybody is ended at once: telling each of them of all the others would take
        # a minute where thousands share a guild.
        is_told = ending is not endings.SERVER_SHUTDOWN and not self.backend.deviation.is_forgotten(ending)
        if self._connection is not None and is_told:
            with self.backend.nodes.at(self._node):
                membership.connection_ended(self.backend, self._connection)

    def _drop_after(self, seconds: float) -> None:
        # A client that answers in time has the socket closed by `_on_close`.
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _frame(opcode: Opcode, data: bytes) -> bytes:
    return bytes(Frame(opcode, data).serialize(mask=False))
