"""Putting fragmented WebSocket messages together again."""

from dataclasses import dataclass

from websockets.frames import Frame, Opcode


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """One complete message."""

    is_text: bool
    data: bytes


class Assembly:
    """Collects data frames, whose order and total size the parser has checked already."""

    __slots__ = ("_fragments", "_is_text")

    def __init__(self) -> None:
        self._is_text = False
        self._fragments: list[bytes] = []

    def take(self, frame: Frame) -> Assembled | None:
        """Take the next data frame; returns the message that it completes."""
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._fragments.append(bytes(frame.data))
        if not frame.fin:
            return None
        whole, self._fragments = b"".join(self._fragments), []
        return Assembled(is_text=self._is_text, data=whole)
