"""What a client may send to be refused, or to be taken though it looks unusual: the suite's own table.

Each input is a row of data: frames with placeholders, the rule that it is about, and what becomes of it. The
model works the same out from the bytes alone (`sync_check.conformance.model.ingress`), so that a slip has to
be made twice to stay unnoticed.

| placeholder | stands for |
| --- | --- |
| `$guild`, `$channel` | a channel that the sender has access to |
| `$nowhere`, `$elsewhere` | ids of nothing at all |
| `$text` | a text that is told from all others |
| `$full` | the same as long as a content may be; `$over` is one byte longer |
| `$pad` | as many spaces as make the message `size` bytes longer than the limit |
| `$many` | a list of one more id of nothing than a message may have attachments |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import Piece, WireFrame, escaped

NOWHERE: Final = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
ELSEWHERE: Final = "7YYYYYYYYYYYYYYYYYYYYYYYYY"
"""Ids that no server gives out before the year 10889."""


class Outcome(StrEnum):
    """What becomes of an input: it is taken, or its connection ends under the label of that name (3.4)."""

    ACCEPTED = "accepted"
    EITHER = "either"
    """The contract leaves open whether it is taken, or as what it is refused."""
    INVALID_ENVELOPE = "invalid_envelope"
    INVALID_SUBSCRIBE = "invalid_subscribe_payload"
    INVALID_MESSAGE = "invalid_message_create_payload"
    UNKNOWN_EVENT = "unknown_event"
    MESSAGE_REJECTED = "message_rejected"
    EVENT_TOO_LARGE = "event_too_large"
    RATE_LIMITED = "ingress_rate_limited"
    SOCKET_ERROR = "socket_error"
    CLIENT_CLOSE = "client_close"


ENDLESS: Final = (Outcome.ACCEPTED, Outcome.EITHER)
"""Outcomes after which the connection is open, or may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What placeholders stand for."""

    guild_id: str
    channel_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """An input as it goes out; `meant` are the arguments of the message that it is, or resembles."""

    name: str
    expected: str | None
    frames: tuple[Piece, ...]
    meant: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input; `id` is `group/name`, `requirement` the narrowest rule that it is about.

    `content` is that of the message which it is or resembles, None where it resembles none. With `size` it
    has to be filled up. After one that is not `followed` nothing that is sent would be a message of its own.
    """

    id: str
    requirement: str
    outcome: Outcome
    pieces: tuple[Piece, ...]
    content: str | None = None
    size: int | None = None
    followed: bool = True

    @property
    def group(self) -> str:
        """What it has in common with others."""
        return self.id.partition("/")[0]

    def filled(self, place: Place, limits: Limits) -> Filled:
        """The input with everything in its place."""
        values = values_for(place, limits)
        pieces = tuple(_filled(piece, values) for piece in self.pieces)
        if self.size is not None:
            pieces = _padded(pieces, limits.max_gateway_event_bytes + self.size)
        meant = None
        if self.content is not None:
            content = put(self.content, values)
            meant = {"guild_id": place.guild_id, "channel_id": place.channel_id, "content": content}
        return Filled(name=self.id, expected=self.outcome, frames=pieces, meant=meant)


def values_for(place: Place, limits: Limits) -> Mapping[str, str]:
    """What stands for each placeholder."""
    return dict(_values(place, limits))


def _values(place: Place, limits: Limits) -> Iterator[tuple[str, str]]:
    full = place.text.ljust(limits.message_bytes, "x")
    yield "$guild", place.guild_id
    yield "$channel", place.channel_id
    yield "$nowhere", NOWHERE
    yield "$elsewhere", ELSEWHERE
    yield "$text", place.text
    yield "$full", full
    yield "$over", f"{full}x"
    yield "$many", ",".join([f'"{NOWHERE}"'] * (limits.attachments_per_message + 1))


def put(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled."""
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _filled(piece: Piece, values: Mapping[str, str]) -> Piece:
    if isinstance(piece, str):
        return put(piece, values)
    return replace(piece, payload=put(piece.payload, values))


def _padded(pieces: tuple[Piece, ...], size: int) -> tuple[Piece, ...]:
    """The frames of one message with spaces for `$pad`, so that it has so many bytes."""
    frames = [piece for piece in pieces if isinstance(piece, WireFrame)]
    length = sum(len(frame.payload.replace("$pad", "")) for frame in frames)
    return tuple(
        replace(frame, payload=frame.payload.replace("$pad", " " * (size - length))) for frame in frames
    )


def text(payload: str | bytes) -> tuple[WireFrame, ...]:
    """A text message in one frame."""
    return (WireFrame(opcode=1, payload=_escaped(payload)),)


def binary(payload: str | bytes) -> tuple[WireFrame, ...]:
    """A binary message in one frame."""
    return (WireFrame(opcode=2, payload=_escaped(payload)),)


def fragments(*payloads: str | bytes, opcode: int = 1) -> tuple[WireFrame, ...]:
    """A message in several frames."""
    last = len(payloads) - 1
    return tuple(
        WireFrame(opcode=0 if at else opcode, payload=_escaped(payload), fin=at == last)
        for at, payload in enumerate(payloads)
    )


def _escaped(payload: str | bytes) -> str:
    return escaped(payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload)
