"""One client connection to the gateway, without I/O: bytes in, frames and bytes out.

It stands on the protocol class of `websockets` and adds what a test harness needs: whole messages instead of
fragments, a reason for every end, and nothing that a target sends becomes an exception.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHeader, InvalidStatus, PayloadTooBig, ProtocolError
from websockets.frames import BINARY, CLOSE, CONT, PONG, TEXT, Frame
from websockets.http11 import Response
from websockets.typing import BytesLike
from websockets.uri import WebSocketURI

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.errors import HandshakeFailed, TargetUnavailable, UpgradeRefused
from sync_check.harness.headers import telling
from sync_check.harness.memo import Memo

GATEWAY_PATH: Final = "/gateway/ws"
MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
"""Larger messages end the connection (1009). Far above any limit, so that oversized ones are recorded."""
MOST_FRAMES_BETWEEN: Final = 16_384
"""Pings, pongs and fragments in a row that complete no message: more are a flood, and end the connection."""
NORMAL_CLOSURE: Final = 1000
_BODY_SHOWN: Final = 4096
_REASON_SHOWN: Final = 200
_PROTOCOL_ERROR: Final = 1002
_INVALID_DATA: Final = 1007
_INTERNAL_ERROR: Final = 1011
_NO_CODE: Final = 1005  # the library's word for a Close frame without a code
_FAULTS: Final[dict[type[Exception], int]] = {
    ProtocolError: _PROTOCOL_ERROR,
    UnicodeDecodeError: _INVALID_DATA,
    PayloadTooBig: 1009,
}
_SWITCHING: Final = 101
_OF_HANDSHAKES: Final = ("upgrade", "sec-websocket-accept")
"""Headers of which the library has found that they say what they have to."""
_HTTP: Final = b"HTTP/"
_END_OF_HEAD: Final = b"\r\n\r\n"
_MOST_HEAD: Final = 64 * 1024
"""A longer answer to the upgrade is none: the library says so."""
_SHORT_HEAD: Final = 2
_LENGTH_16: Final = 126
_WIDTHS: Final = {126: 2, 127: 8}
"""How many bytes of length follow (RFC 6455 section 5.2)."""
_OPCODE: Final = 0x0F
_CONTROL: Final = range(8, 16)
_CODE_BYTES: Final = 2
_WHOLE_TEXT: Final = 0x81
_WHOLE: Final = (_WHOLE_TEXT, 0x82)
"""First bytes of whole unfragmented messages: final, text or binary."""
_DEFAULT_PORTS: Final = (80, 443)
# The library logs headers, and so the token, at level debug.
_SILENT: Final = logging.getLogger("sync_check.gateway")
_SILENT.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAddress:
    """Where a target's gateway is; `path` is percent-encoded and begins with a slash."""

    host: str
    port: int
    secure: bool
    path: str

    @classmethod
    def of(cls, base_url: str) -> "GatewayAddress":
        """The gateway below a REST base URL (http or https); raises `TargetUnavailable` if that is none."""
        return cls._parsed(base_url, ("http", "https"), GATEWAY_PATH)

    @classmethod
    def at(cls, url: str) -> "GatewayAddress":
        """The gateway at a URL of its own (ws or wss); raises `TargetUnavailable` if that is none."""
        return cls._parsed(url, ("ws", "wss"), "")

    @classmethod
    def _parsed(cls, url: str, schemes: tuple[str, str], below: str) -> "GatewayAddress":
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise TargetUnavailable(_shown(url), "this is no URL") from None
        if parts.scheme not in schemes or not parts.hostname:
            reason = f"this is no {schemes[0]} or {schemes[1]} URL with a host"
            raise TargetUnavailable(_shown(url), reason)
        if parts.username is not None:
            raise TargetUnavailable(_shown(url), "a URL with user info is not supported")
        secure = parts.scheme == schemes[1]
        return cls(
            host=parts.hostname,
            port=_DEFAULT_PORTS[secure] if port is None else port,
            secure=secure,
            path=(quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~") + below) or "/",
        )

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.secure else 'ws'}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What the upgrade request carries beside the address.

    The token goes into the `Authorization` header, or into the query with `token_in_query` (contract 3.1).
    """

    token: str | None
    request_id: str
    headers: tuple[tuple[str, str], ...] = ()
    token_in_query: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a connection ended: the fields of `ConnectionEnded`.

    `closed_by_us` with a code other than 1000 means that the target broke the WebSocket protocol (1002), sent
    text that is not UTF-8 (1007) or a message beyond 4 MiB (1009); `reason` then says so.
    """

    how: EndOfConnection
    code: int | None = None
    reason: str | None = None


class Phase(Enum):
    """Where a connection stands."""

    OPENING = auto()
    REFUSED = auto()  # no connection came to be
    OPEN = auto()
    TOLD = auto()  # its Close frame has come, and we take no notice of it
    CLOSING = auto()  # our Close frame is out, the target may still send
    FAILED = auto()  # we ended it, because the target broke the protocol
    CLOSED_BY_TARGET = auto()
    CLOSED_BY_US = auto()
    DROPPED = auto()


_HEARING: Final = (Phase.OPEN, Phase.CLOSING)
"""While frames are messages: with many clients who leave together, each is told of all others' leaving."""


class _Step(Enum):
    ACCEPTED = auto()
    NOT_ACCEPTED = auto()
    CLOSE_SENT = auto()
    CLOSE_RECEIVED = auto()
    CLOSE_DEFIED = auto()
    FAULT = auto()
    STREAM_ENDED = auto()
    ABORTED = auto()


_NEXT: Final = {
    (Phase.OPENING, _Step.ACCEPTED): Phase.OPEN,
    (Phase.OPENING, _Step.NOT_ACCEPTED): Phase.REFUSED,
    (Phase.OPENING, _Step.STREAM_ENDED): Phase.REFUSED,
    (Phase.OPENING, _Step.ABORTED): Phase.REFUSED,
    (Phase.OPEN, _Step.CLOSE_SENT): Phase.CLOSING,
    (Phase.OPEN, _Step.CLOSE_RECEIVED): Phase.CLOSED_BY_TARGET,
    (Phase.OPEN, _Step.CLOSE_DEFIED): Phase.TOLD,
    (Phase.OPEN, _Step.FAULT): Phase.FAILED,
    (Phase.OPEN, _Step.STREAM_ENDED): Phase.DROPPED,
    (Phase.OPEN, _Step.ABORTED): Phase.CLOSED_BY_US,
    (Phase.TOLD, _Step.FAULT): Phase.FAILED,
    (Phase.TOLD, _Step.STREAM_ENDED): Phase.CLOSED_BY_TARGET,
    (Phase.TOLD, _Step.ABORTED): Phase.CLOSED_BY_US,
    (Phase.CLOSING, _Step.CLOSE_RECEIVED): Phase.CLOSED_BY_US,
    (Phase.CLOSING, _Step.FAULT): Phase.FAILED,
    (Phase.CLOSING, _Step.STREAM_ENDED): Phase.CLOSED_BY_US,
    (Phase.CLOSING, _Step.ABORTED): Phase.CLOSED_BY_US,
}
"""Every step that leads somewhere; any other one changes nothing (a connection ends once)."""

_HOW: Final = {
    Phase.CLOSED_BY_TARGET: EndOfConnection.CLOSED_BY_TARGET,
    Phase.CLOSED_BY_US: EndOfConnection.CLOSED_BY_US,
    Phase.FAILED: EndOfConnection.CLOSED_BY_US,
    Phase.DROPPED: EndOfConnection.DROPPED,
}

Received = tuple[str | bytes, bool]
"""A frame and whether it was binary. Text is `str`; binary, or text that is not UTF-8, is `bytes`."""


class Chunks(Memo[bytes, Sequence[Received]]):
    """By stretches of bytes that are whole messages and nothing else, what they hold.

    Many connections are sent the same, and so get the very same objects. To be shared by connections of one
    `max_frame`. `latest` is what was asked for last, and `received` what that holds.
    """

    __slots__ = ("latest", "received")

    def __init__(self, *, entries: int) -> None:
        super().__init__(entries=entries)
        self.latest = b""
        self.received: Sequence[Received] = ()


_MOST_REMEMBERED: Final = 16 * 1024
"""Bytes of one such stretch."""


class GatewayConnection:
    """The state of one connection.

    Feed what comes with `receive_data` and `receive_eof`; after each call, and after `send_text` and `close`,
    send what `data_to_send` returns. `phase` leaves OPENING when the upgrade was answered (`failure` then
    says whether in vain), and `end` is set once nothing comes any more.
    """

    __slots__ = (
        "_address",
        "_awaited",
        "_between",
        "_head",
        "_is_text",
        "_max_frame",
        "_needed",
        "_parts",
        "_protocol",
        "_request_id",
        "_tail",
        "chunks",
        "end",
        "failure",
        "headers",
        "is_between",
        "is_quiet",
        "phase",
        "pongs",
    )

    def __init__(
        self,
        address: GatewayAddress,
        upgrade: Upgrade,
        *,
        max_frame: int = MAX_FRAME_BYTES,
        chunks: Chunks | None = None,
    ) -> None:
        self._address = address
        self.chunks = Chunks(entries=64) if chunks is None else chunks
        self.is_between = False
        """Whether the next bytes begin a message, on a connection that is open: equal ones mean the same."""
        self._parts: list[BytesLike] = []
        self._is_text = True
        self._head: bytes | None = b""
        self._tail = bytearray()
        self._needed = 0
        self._between = 0
        self._awaited: bytes | None = None
        self.pongs = 0
        """How many came, whatever they answer."""
        self._max_frame = max_frame
        self.is_quiet = False
        """Whether the last bytes were plain messages, after which there is nothing to send or to settle."""
        self.phase = Phase.OPENING
        self.failure: UpgradeRefused | HandshakeFailed | None = None
        self.end: End | None = None
        self.headers: Mapping[str, str] | None = None
        """Those of the answer that accepted the upgrade, as far as they may tell something."""
        self._request_id = upgrade.request_id
        query = _query(upgrade)
        uri = WebSocketURI(address.secure, address.host, address.port, address.path, query)
        self._protocol = ClientProtocol(uri, max_size=max_frame, logger=_SILENT)
        request = self._protocol.connect()
        try:
            for name, value in _headers(upgrade):
                request.headers[name] = value
            self._protocol.send_request(request)
        except (InvalidHeader, UnicodeEncodeError):
            # Without its cause, which quotes the token.
            raise HandshakeFailed(str(address), "its token, or a header, cannot be sent") from None

    def receive_data(self, data: bytes) -> Sequence[Received]:
        """Take bytes from the target and return the messages that they complete, in order.

        Frames are cut out here. Whole unfragmented messages, nearly all that comes, are returned as they are;
        everything else is the library's business, which so sees whole frames only.
        """
        if not self.is_between:
            return self._received_slowly(data)
        chunks = self.chunks
        known = chunks.get(data)
        if known is None:
            known = self._received_slowly(data)
            self._remember(data, known)
        else:
            self.is_quiet = True
            chunks.latest, chunks.received = data, known
        return known

    def _remember(self, data: bytes, received: Sequence[Received]) -> None:
        if self.is_between and len(data) <= _MOST_REMEMBERED:
            self.chunks.put(data, received, len(data) + 256 * (1 + len(received)))

    def _received_slowly(self, data: bytes) -> list[Received]:
        self.is_quiet = False
        if self._protocol.reader.eof:
            return []
        opening = self.phase is Phase.OPENING
        if opening:
            data = self._opening(data)
        if self._tail:
            self._tail += data
            if len(self._tail) < self._needed:
                return []
            data, self._tail = bytes(self._tail), bytearray()
        received = self._framed(data)
        self.is_between = self.is_quiet and not self._tail and not self._parts
        self.is_quiet = self.is_quiet and not opening
        return received

    def _opening(self, data: bytes) -> bytes:
        """Give the library the answer to the upgrade, and return what follows it."""
        if self._head is not None:
            data = self._head + data
            end = data.find(_END_OF_HEAD)
            looks_right = _HTTP.startswith(data[: len(_HTTP)])
            if end < 0 and looks_right and len(data) <= _MOST_HEAD:
                self._head = data
                return b""
            self._head = None
            end = len(data) if end < 0 else end + len(_END_OF_HEAD)
            self._protocol.receive_data(data[:end])
            self._received()
            data = data[end:]
        if self.phase is not Phase.OPENING:
            return data
        # A refusal, whose body the library reads.
        self._protocol.receive_data(data)
        self._received()
        return b""

    def _framed(self, data: bytes) -> list[Received]:
        received: list[Received] = []
        at, size, quiet = 0, len(data), True
        self._needed = _SHORT_HEAD
        while size - at >= _SHORT_HEAD and self.phase is not Phase.REFUSED:
            first, length = data[at], data[at + 1]
            start = at + _SHORT_HEAD
            if length >= _LENGTH_16:
                wide = _WIDTHS.get(length)
                if wide is None:  # masked: the library says what is wrong with it
                    return received + self._unusual(data[at:])
                if size - start < wide:
                    self._needed = start + wide - at
                    break
                length = int.from_bytes(data[start : start + wide], "big")
                start += wide
                if length > self._max_frame:
                    return received + self._unusual(data[at:])
            end = start + length
            if end > size:
                self._needed = end - at
                break
            if first in _WHOLE and not self._parts and self.phase in _HEARING:
                self._is_text = first == _WHOLE_TEXT
                received.append(self._whole(data[start:end]))
            else:
                quiet = False
                received += self._unusual(data[at:end])
                if self._is_flood():
                    return received
            at = end
        self._tail += data[at:]
        self.is_quiet = quiet and self.phase is Phase.OPEN
        return received

    def _is_flood(self) -> bool:
        """Count a frame that may have completed no message; whether there were too many in a row."""
        self._between += 1
        if self._between > MOST_FRAMES_BETWEEN and self.phase is Phase.OPEN:
            self._protocol.fail(_PROTOCOL_ERROR, "too many frames")
            self._fault(ProtocolError(f"{self._between} frames in a row without a message"))
        return self.phase is Phase.FAILED

    def _unusual(self, data: bytes) -> list[Received]:
        if self._protocol.reader.eof:
            return []
        self._protocol.receive_data(data)
        return self._received()

    def receive_eof(self) -> list[Received]:
        """Take note that the target sends nothing more, for whatever reason."""
        self._protocol.receive_eof()
        received = self._received()
        if self.phase is Phase.OPENING:
            self.failure = HandshakeFailed(str(self._address), "the connection was closed instead")
        self._step(_Step.STREAM_ENDED)
        return received

    def send_text(self, text: str) -> bool:
        """Send a text frame; False if the connection is not open."""
        if self.phase is not Phase.OPEN:
            return False
        self._protocol.send_text(text.encode("utf-8", "surrogatepass"))
        return True

    @property
    def is_within_frame(self) -> bool:
        """Whether a part of a frame has come, and not the rest."""
        return bool(self._tail)

    def ping(self, payloads: Sequence[bytes]) -> None:
        """Send pings, and behind each a pong that answers none, if the connection is open.

        As many answers are no flood.
        """
        if self.phase is Phase.OPEN:
            self._between -= len(payloads)
            for payload in payloads:
                self._protocol.send_ping(payload)
                self._protocol.send_pong(b"")
                self._awaited = payload

    @property
    def awaits_pong(self) -> bool:
        """Whether the newest ping was not answered yet."""
        return self._awaited is not None

    def pong(self) -> None:
        """Send a pong that answers no ping, if the connection is open."""
        if self.phase is Phase.OPEN:
            self._protocol.send_pong(b"")

    def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Begin the closing handshake, if the connection is open. The target may send until it answers."""
        if self.phase is Phase.OPEN:
            self._protocol.send_close(code)
            self._step(_Step.CLOSE_SENT)

    def abort(self, reason: str | None = None) -> None:
        """Take note that we cut the connection without a Close frame, and why."""
        if self.phase is Phase.OPENING:
            self.failure = HandshakeFailed(str(self._address), "it was given up")
        self._step(_Step.ABORTED, End(how=EndOfConnection.CLOSED_BY_US, reason=reason))

    def data_to_send(self) -> list[bytes]:
        """What is to be written, in order; it does not half-close, because an end closes the whole stream."""
        return [data for data in self._protocol.data_to_send() if data]

    def _received(self) -> list[Received]:
        received: list[Received] = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                message = self._message(event)
                if message is not None:
                    received.append(message)
                    if self.end is not None:
                        break
            elif isinstance(event, Response) and self._protocol.handshake_exc is None:
                self.headers = _told_in(event, self._request_id)
                self._step(_Step.ACCEPTED)
        if self._protocol.handshake_exc is not None and self.phase is Phase.OPENING:
            self.failure = _failure(str(self._address), self._protocol.handshake_exc, self._request_id)
            self._step(_Step.NOT_ACCEPTED)
        elif self._protocol.parser_exc is not None and not isinstance(self._protocol.parser_exc, EOFError):
            self._fault(self._protocol.parser_exc)
        return received

    def _message(self, frame: Frame) -> Received | None:
        """The message that `frame` completes, if it does; pings were answered by the library."""
        opcode = frame.opcode
        if opcode is CLOSE:
            self._close_received()
            return None
        if opcode is PONG:
            self.pongs += 1
            if frame.data == self._awaited:
                self._awaited = None
            return None
        if opcode is not TEXT and opcode is not BINARY and opcode is not CONT:
            return None
        if opcode is not CONT:
            self._is_text = opcode is TEXT
            if frame.fin:
                return self._whole(frame.data)
        if frame.data or not self._parts:  # of any number of empty fragments only the first takes room
            self._parts.append(frame.data)
        if not frame.fin:
            return None
        whole = b"".join(self._parts)
        self._parts.clear()
        return self._whole(whole)

    def _whole(self, data: BytesLike) -> Received:
        self._between = 0
        if not self._is_text:
            return bytes(data), True
        try:
            return str(data, "utf-8"), False
        except UnicodeDecodeError as error:
            self._protocol.fail(_INVALID_DATA, "not UTF-8")
            self._fault(error)
            return bytes(data), False

    def _close_received(self) -> None:
        close = self._protocol.close_rcvd
        how = EndOfConnection.CLOSED_BY_TARGET if self.phase is Phase.OPEN else EndOfConnection.CLOSED_BY_US
        if close is None or close.code == _NO_CODE:
            self._step(_Step.CLOSE_RECEIVED, End(how=how))
        else:
            end = End(how=how, code=int(close.code), reason=close.reason or None)
            self._step(_Step.CLOSE_RECEIVED, end)

    def _fault(self, error: Exception) -> None:
        code = next((code for kind, code in _FAULTS.items() if isinstance(error, kind)), _INTERNAL_ERROR)
        reason = f"the target broke the protocol: {error}"[:_REASON_SHOWN]
        self._step(_Step.FAULT, End(how=EndOfConnection.CLOSED_BY_US, code=code, reason=reason))

    def _step(self, step: _Step, end: End | None = None) -> None:
        following = _NEXT.get((self.phase, step))
        if following is None:
            return
        self.phase = following
        self.is_between = False
        how = _HOW.get(following)
        if how is not None:
            self.end = end or End(how=how)


class DefiantGateway(GatewayConnection):
    """A connection that takes no notice of a Close frame: it answers none and goes on until the stream ends.

    Its end is then told as the Close frame had it. A message that comes behind that breaks the protocol
    (RFC 6455, section 5.5.1).
    """

    __slots__ = ("_told",)

    def __init__(self, address: GatewayAddress, upgrade: Upgrade, *, chunks: Chunks | None = None) -> None:
        super().__init__(address, upgrade, chunks=chunks)
        self._told: End | None = None

    def _unusual(self, data: bytes) -> list[Received]:
        opcode = data[0] & _OPCODE
        if self.phase is Phase.TOLD:
            if opcode not in _CONTROL:
                self._fault(ProtocolError("a message behind its Close frame"))
            return []
        if opcode != CLOSE:
            return super()._unusual(data)
        payload = data[_SHORT_HEAD:]
        code = int.from_bytes(payload[:_CODE_BYTES], "big") if payload else None
        reason = payload[_CODE_BYTES:].decode(errors="replace") or None
        self._told = End(how=EndOfConnection.CLOSED_BY_TARGET, code=code, reason=reason)
        self._step(_Step.CLOSE_DEFIED)
        return []

    def _step(self, step: _Step, end: End | None = None) -> None:
        is_over = step is _Step.STREAM_ENDED and self.phase is Phase.TOLD
        super()._step(step, self._told if is_over else end)


def _query(upgrade: Upgrade) -> str:
    if upgrade.token is None or not upgrade.token_in_query:
        return ""
    return urlencode({"access_token": upgrade.token}, errors="replace")


def _headers(upgrade: Upgrade) -> list[tuple[str, str]]:
    headers = [("x-request-id", upgrade.request_id), *upgrade.headers]
    if upgrade.token is not None and not upgrade.token_in_query:
        headers.append(("Authorization", f"Bearer {upgrade.token}"))
    return headers


def _told_in(answer: Response, request_id: str) -> dict[str, str] | None:
    """The headers of an answer to an upgrade that may tell something; those of the same name together."""
    fields: dict[str, str] = {}
    for name, value in answer.headers.raw_items():
        key = name.lower()
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    if answer.status_code == _SWITCHING:
        for name in _OF_HANDSHAKES:
            fields.pop(name, None)
    return telling(fields, request_id) or None


def _failure(url: str, error: Exception, request_id: str) -> UpgradeRefused | HandshakeFailed:
    if isinstance(error, InvalidStatus):
        answer = error.response
        body = bytes(answer.body).decode("utf-8", "replace")
        return UpgradeRefused(url, answer.status_code, body[:_BODY_SHOWN], _told_in(answer, request_id))
    cause = error.__cause__ or error
    return HandshakeFailed(url, str(cause)[:_REASON_SHOWN] or type(cause).__name__)


def _shown(url: str) -> str:
    """`url` without user info and query, which may hold credentials."""
    head, separator, rest = url.partition("://")
    shown = (rest or head).split("?", 1)[0].rpartition("@")[2]
    return f"{head}{separator}{shown}"[:200] if separator else shown[:200]
