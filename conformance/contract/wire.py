"""Frames of the WebSocket protocol as a client puts them on the wire (RFC 6455, section 5), right or wrong.

A history holds them unmasked and as text that people can read: printable ASCII as it is, every other byte and
the backslash escaped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final

_ESCAPED: Final = re.compile(rb"\\(?:x([0-9a-f]{2})|\\)")
_BACKSLASH: Final = 0x5C
_SPELLINGS: Final = {
    byte: "\\\\" if byte == _BACKSLASH else f"\\x{byte:02x}"
    for byte in range(256)
    if byte == _BACKSLASH or not 0x20 <= byte < 0x7F
}
_SHORT: Final = 126
_LONG: Final = 127
_UNMASKED: Final = bytes(4)


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


def escaped(data: bytes) -> str:
    """Bytes as text: the backslash is doubled, what is no printable ASCII becomes `\\xNN`."""
    return data.decode("latin-1").translate(_SPELLINGS)


def unescaped(text: str) -> bytes:
    """The bytes that `escaped` made a text of; what else is in a text stands for itself, in UTF-8."""
    return _ESCAPED.sub(_spelled, text.encode("utf-8", "surrogatepass"))


def _masked(data: bytes, mask: bytes) -> bytes:
    length = len(data)
    pattern = (mask * (length // len(mask) + 1))[:length]
    return (int.from_bytes(data) ^ int.from_bytes(pattern)).to_bytes(length)


def _spelled(match: re.Match[bytes]) -> bytes:
    return b"\\" if match[1] is None else bytes((int(match[1], 16),))


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFrame:
    """One frame; `payload` is escaped. `rsv` are the three reserved bits as a number.

    `length` is what its head says in place of the length of the payload, `wide` the number of bytes in which
    the head says it in place of the least (0, 2 or 8 beyond the first). One that is not `masked` is wrong.
    """

    opcode: int
    payload: str = ""
    fin: bool = True
    rsv: int = 0
    masked: bool = True
    length: int | None = None
    wide: int | None = None

    def encoded(self, mask: bytes = _UNMASKED) -> bytes:
        """The bytes on the wire."""
        data = unescaped(self.payload)
        first = (0x80 if self.fin else 0) | self.rsv << 4 | self.opcode
        head = bytes((first,)) + self._length(len(data) if self.length is None else self.length)
        if not self.masked:
            return head + data
        return head + mask + _masked(data, mask)

    @property
    def is_writable(self) -> bool:
        """Whether its numbers fit into the head of a frame."""
        length = len(self.payload) if self.length is None else self.length
        most = {None: 1 << 64, 0: _SHORT, 2: 1 << 16, 8: 1 << 64}.get(self.wide, 0)
        return 0 <= self.opcode < 16 and 0 <= self.rsv < 8 and 0 <= length < most

    def told(self) -> dict[str, Any]:
        """As an object that leaves out what is as usual."""
        return dict(self._unusual())

    def _unusual(self) -> Iterator[tuple[str, Any]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                yield field.name, value

    def _length(self, length: int) -> bytes:
        wide = self.wide
        if wide is None:
            wide = 0 if length < _SHORT else 2 if length < 2**16 else 8
        masked = 0x80 if self.masked else 0
        if wide == 0:
            return bytes((masked | length,))
        return bytes((masked | (_SHORT if wide == 2 else _LONG),)) + length.to_bytes(wide, "big")


Piece = WireFrame | str
"""A frame, or escaped bytes that are none or only a part of one."""


def encoded(pieces: Iterable[Piece], mask: bytes = _UNMASKED) -> bytes:
    """The bytes of frames and parts of frames on the wire."""
    return b"".join(unescaped(piece) if isinstance(piece, str) else piece.encoded(mask) for piece in pieces)


def text_frame(data: bytes) -> WireFrame:
    """A whole text message."""
    return WireFrame(opcode=Opcode.TEXT, payload=escaped(data))


def binary_frame(data: bytes) -> WireFrame:
    """A whole binary message."""
    return WireFrame(opcode=Opcode.BINARY, payload=escaped(data))
