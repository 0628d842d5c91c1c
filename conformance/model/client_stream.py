"""Reads the bytes that a client sends on its gateway connection as RFC 6455 has it.

Written for what a server may be sent. What is wrong with a stream ends it: nothing after that is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_CONTINUATION: Final = 0
_TEXT: Final = 1
_BINARY: Final = 2
_CLOSE: Final = 8
_PING: Final = 9
_PONG: Final = 10
_CONTROL: Final = (_CLOSE, _PING, _PONG)
_LONGEST_CONTROL: Final = 125
_WIDTHS: Final = {126: 2, 127: 8}
_MASK: Final = 4
_HIGHEST_LENGTH: Final = 1 << 63
_FORBIDDEN_CODES: Final = frozenset((1005, 1006, 1015))
"""Codes that no Close frame may hold (RFC 6455, 7.4.1)."""
_DEFINED_CODES: Final = frozenset((*range(1000, 1004), *range(1007, 1015)))


class Fault(Enum):
    """What is wrong with a stream."""

    PROTOCOL = auto()
    NOT_UTF8 = auto()
    """A text message, or the reason of a Close."""
    TOO_LONG = auto()
    """A message that is longer than the server takes."""
    LONGER_THAN_ANY = auto()
    """One whose frame says a length that no frame of its kind can have, which is wrong in both ways."""
    DISPUTED = auto()
    """Something that the protocol forbids senders and lets receivers take, or leaves open."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message; `frames` is how many frames it came in."""

    data: bytes
    is_text: bool
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Close:
    """The client ended the connection as it should."""


Read = Message | Close | Fault


@dataclass(frozen=True, slots=True)
class _Frame:
    first: int
    data: bytes

    @property
    def fin(self) -> bool:
        return bool(self.first & 0x80)

    @property
    def rsv(self) -> int:
        return self.first & 0x70

    @property
    def opcode(self) -> int:
        return self.first & 0x0F


class ClientStream:
    """The stream of one connection; `longest` bounds its messages, in bytes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._pending = bytearray()
        self._parts: list[bytes] = []
        self._frames = 0
        self._is_text: bool | None = None
        self.is_over = False
        """Whether nothing more is read."""

    @property
    def is_between(self) -> bool:
        """Whether the next byte begins a message."""
        return not self._pending and self._is_text is None

    def take(self, data: bytes) -> Iterator[Read]:
        """What `data` completes, in order."""
        self._pending += data
        while not self.is_over:
            found = self._next()
            if found is None:
                return
            for read in [found] if isinstance(found, Fault) else self._frame(found):
                self.is_over = self.is_over or not isinstance(read, Message)
                yield read

    # --- heads

    def _next(self) -> _Frame | Fault | None:
        """The next frame, what is wrong with its head, or None where more has to come."""
        data = self._pending
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        wide = _WIDTHS.get(second & 0x7F, 0)
        if len(data) < 2 + wide:
            return None
        length = int.from_bytes(data[2 : 2 + wide], "big") if wide else second & 0x7F
        fault = self._fault_of_head(first, second, wide, length)
        if fault is not None:
            return fault
        start = 2 + wide + _MASK
        if len(data) < start + length:
            return None
        mask = data[start - _MASK : start]
        payload = bytes(data[start : start + length])
        if any(mask):
            payload = bytes(byte ^ mask[at % _MASK] for at, byte in enumerate(payload))
        del data[: start + length]
        return _Frame(first, payload)

    def _fault_of_head(self, first: int, second: int, wide: int, length: int) -> Fault | None:
        opcode, is_final = first & 0x0F, bool(first & 0x80)
        is_control = opcode in _CONTROL
        begins = opcode in (_TEXT, _BINARY)
        if length >= _HIGHEST_LENGTH or (is_control and length > self._longest):
            return Fault.LONGER_THAN_ANY
        if (
            not second & 0x80  # a client masks (5.1)
            or first & 0x70  # no extension gives the reserved bits a meaning (5.2)
            or not (is_control or begins or opcode == _CONTINUATION)
            or (is_control and (not is_final or length > _LONGEST_CONTROL))
            or (begins and self._is_text is not None)
            or (opcode == _CONTINUATION and self._is_text is None)
        ):
            return Fault.PROTOCOL
        if not is_control and length + sum(map(len, self._parts)) > self._longest:
            return Fault.TOO_LONG
        # The least number of bytes has to be used, which receivers need not check.
        is_least = wide == 0 or length >= (1 << 16 if wide == 8 else 126)
        return None if is_least else Fault.DISPUTED

    # --- frames

    def _frame(self, frame: _Frame) -> Iterator[Read]:
        if frame.opcode == _CLOSE:
            yield _close(frame.data)
        elif frame.opcode not in _CONTROL:
            self._parts.append(frame.data)
            self._frames += 1
            if frame.opcode != _CONTINUATION:
                self._is_text = frame.opcode == _TEXT
            if frame.fin:
                yield self._message()

    def _message(self) -> Read:
        data, is_text, frames = b"".join(self._parts), bool(self._is_text), self._frames
        self._parts, self._is_text, self._frames = [], None, 0
        if is_text and not is_utf8(data):
            return Fault.NOT_UTF8
        return Message(data, is_text, frames)


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 (RFC 3629): no surrogates, nothing overlong."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _close(data: bytes) -> Close | Fault:
    if not data:
        return Close()
    code = int.from_bytes(data[:2], "big")
    is_private = 3000 <= code < 5000
    if len(data) == 1 or code in _FORBIDDEN_CODES or not 1000 <= code < 5000:
        return Fault.PROTOCOL
    if not is_utf8(data[2:]):
        return Fault.NOT_UTF8
    return Close() if is_private or code in _DEFINED_CODES else Fault.DISPUTED
