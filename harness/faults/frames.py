"""Where the frames of a server begin and end, and what events they tell, without I/O (RFC 6455 section 5.2).

Fed with all that a server sends, from its answer to the upgrade on. As long as nobody asks for whole frames
everything passes as it comes and only the places are counted.
"""

import json
from collections.abc import Callable
from typing import Final, NamedTuple

_END_OF_HEAD: Final = b"\r\n\r\n"
_TEXT_WHOLE: Final = 0x81
_SHORT_HEAD: Final = 2
_LENGTH: Final = 0x7F
_MASKED: Final = 0x80
_WIDTHS: Final = {126: 2, 127: 8}
_MASK: Final = 4
_LONGEST_HEAD: Final = _SHORT_HEAD + 8 + _MASK
MOST_HELD: Final = 1024 * 1024
"""Bytes of a frame that are held back until it is whole; a longer one passes as it comes, unread."""


class Part(NamedTuple):
    """Bytes to pass on; `event` is what they tell if they are one whole text frame that was waited for."""

    data: bytes
    event: str | None = None


def event_in(payload: bytes) -> str | None:
    """The name of the event that a text message holds; None if it is no envelope."""
    try:
        envelope = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    name = envelope.get("t") if isinstance(envelope, dict) else None
    return name if isinstance(name, str) else None


class Frames:
    """One server's stream. `read` says what event a frame's payload tells."""

    __slots__ = ("_head", "_held", "_in_answer", "_needed", "_read", "_skip", "holds")

    def __init__(self, read: Callable[[bytes], str | None] = event_in) -> None:
        self._read = read
        self.holds = False
        """Whether frames are held back until they are whole."""
        self._in_answer = True
        self._head = b""
        self._skip = 0
        self._held = bytearray()
        self._needed = 0

    def take(self, data: bytes) -> list[Part]:
        """Take bytes from the server, and return what is to be passed on now."""
        if self._held:
            self._held += data
            if self.holds and len(self._held) < self._needed:
                return []
            data, self._held = bytes(self._held), bytearray()
        parts: list[Part] = []
        at = 0
        while at < len(data):
            if self._is_between and self.holds:
                size = size_of(data[at : at + _LONGEST_HEAD])
                if size is None or (at + size > len(data) and size <= MOST_HELD):
                    self._held += data[at:]
                    # Only then it is looked at again, into however many pieces it is cut.
                    self._needed = _SHORT_HEAD if size is None else size
                    return parts
                if size <= MOST_HELD:
                    parts.append(self._whole(data[at : at + size]))
                    at += size
                    continue
            end = self._passed(data, at)
            parts.append(Part(data[at:end]))
            at = end
        return parts

    def rest(self) -> bytes:
        """What was held back of a frame that will not become whole any more."""
        held, self._held = bytes(self._held), bytearray()
        self._passed(held, 0)
        return held

    @property
    def _is_between(self) -> bool:
        """Whether what comes next begins a frame."""
        return not (self._in_answer or self._head or self._skip)

    def _whole(self, frame: bytes) -> Part:
        if frame[0] != _TEXT_WHOLE:
            return Part(frame)
        payload = frame[_SHORT_HEAD + _WIDTHS.get(frame[1] & _LENGTH, 0) :]
        return Part(frame, self._read(payload))

    def _passed(self, data: bytes, at: int) -> int:
        """Count bytes from `at` on as passed, where frames are waited for up to the next; returns where."""
        while at < len(data):
            if self._in_answer:
                at = self._answer(data, at)
            elif self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
            else:
                at = self._begin(data, at)
            if self.holds and self._is_between:
                break
        return at

    def _answer(self, data: bytes, at: int) -> int:
        seen = self._head + data[at:]
        end = seen.find(_END_OF_HEAD)
        if end < 0:
            self._head = seen[-(len(_END_OF_HEAD) - 1) :]
            return len(data)
        at += end + len(_END_OF_HEAD) - len(self._head)
        self._in_answer, self._head = False, b""
        return at

    def _begin(self, data: bytes, at: int) -> int:
        """Take so much of a frame's head as is there; its payload is to be skipped."""
        known = len(self._head)
        seen = self._head + data[at : at + _LONGEST_HEAD]
        size = size_of(seen)
        if size is None:
            self._head = seen
            return len(data)
        self._head = b""
        self._skip = size - known
        return at


def size_of(data: bytes) -> int | None:
    """How many bytes the frame has that `data` begins with; None if too little of it is there to tell."""
    if len(data) < _SHORT_HEAD:
        return None
    length = data[1] & _LENGTH
    head = _SHORT_HEAD + _WIDTHS.get(length, 0)
    if len(data) < head:
        return None
    if length in _WIDTHS:
        length = int.from_bytes(data[_SHORT_HEAD:head], "big")
    return head + (_MASK if data[1] & _MASKED else 0) + length
