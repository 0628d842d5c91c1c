"""Putting fragmented WebSocket messages together again."""

from dataclasses import dataclass

from websockets.frames import Frame, Opcode


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """One complete message."""

    is_text: bool
    data: bytes


class TooManyFragments(Exception):
    """More empty fragments in one message than `Assembly` takes."""


class Assembly:
    """Collects data frames, whose order and total size the parser has checked already.

    Fragments with something in them are bounded by the size of a message; of empty ones, which cost work all
    the same, a message may have `max_empty` and one more at its end.
    """

    __slots__ = ("_data", "_empty", "_is_text", "_max_empty")

    def __init__(self, *, max_empty: int) -> None:
        self._max_empty = max_empty
        self._is_text = False
        self._empty = 0
        self._data = bytearray()  # a list of fragments of a byte each would outweigh the message

    def take(self, frame: Frame) -> Assembled | None:
        """Take the next data frame; returns the message that it completes. Raises `TooManyFragments`."""
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._data += frame.data
        if frame.fin:
            whole, self._data, self._empty = bytes(self._data), bytearray(), 0
            return Assembled(is_text=self._is_text, data=whole)
        self._empty += not frame.data
        if self._empty > self._max_empty:
            raise TooManyFragments
        return None
