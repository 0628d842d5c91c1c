"""Inputs about the WebSocket protocol (RFC 6455, section 5) and about the size of messages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, binary, fragments, text
from sync_check.conformance.contract.inputs.envelopes import UNHEARD, envelope
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import Opcode, Piece, WireFrame, escaped

_WHOLE: Final = escaped(envelope().encode())
_SILENT: Final = '{"v":1,"t":"subscribe","d":{"guild_id":"$nowhere","channel_id":"$elsewhere"}}'
"""A command that is answered by nothing at all."""


def _frame(opcode: int = Opcode.TEXT, payload: str = _WHOLE, **head: int | bool | None) -> WireFrame:
    return WireFrame(opcode=opcode, payload=payload, **head)  # type: ignore[arg-type]  # each of its own type


def close_frame(code: int | None = None, reason: bytes = b"") -> WireFrame:
    """A Close frame."""
    data = b"" if code is None else code.to_bytes(2, "big")
    return WireFrame(opcode=Opcode.CLOSE, payload=escaped(data + reason))


_PING: Final = WireFrame(opcode=Opcode.PING, payload="p")
_VIOLATIONS: Final[Mapping[str, tuple[Piece, ...]]] = {
    "unmasked-text": (_frame(masked=False),),
    "unmasked-binary": (_frame(Opcode.BINARY, masked=False),),
    "unmasked-ping": (_frame(Opcode.PING, "x", masked=False),),
    "unmasked-close": (_frame(Opcode.CLOSE, "\\x03\\xe8", masked=False),),
    "unmasked-second-part": (_frame(payload=" ", fin=False), _frame(Opcode.CONTINUATION, masked=False)),
    "first-reserved-bit": (_frame(rsv=4),),
    "second-reserved-bit": (_frame(rsv=2),),
    "third-reserved-bit": (_frame(rsv=1),),
    "all-reserved-bits": (_frame(rsv=7),),
    "reserved-bit-of-a-ping": (_frame(Opcode.PING, "", rsv=4),),
    "reserved-bit-of-a-part": (_frame(payload=" ", fin=False), _frame(Opcode.CONTINUATION, rsv=4)),
    **{f"opcode-{opcode}": (_frame(opcode),) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "ping-in-parts": (_frame(Opcode.PING, "x", fin=False), _frame(Opcode.CONTINUATION, "y")),
    "pong-in-parts": (_frame(Opcode.PONG, "x", fin=False),),
    "close-in-parts": (_frame(Opcode.CLOSE, "\\x03\\xe8", fin=False),),
    "ping-of-126-bytes": (_frame(Opcode.PING, "x" * 126),),
    "pong-of-126-bytes": (_frame(Opcode.PONG, "x" * 126),),
    "close-of-126-bytes": (_frame(Opcode.CLOSE, "\\x03\\xe8" + "x" * 124),),
    "continuation-of-nothing": (_frame(Opcode.CONTINUATION),),
    "part-of-nothing": (_frame(Opcode.CONTINUATION, fin=False),),
    "text-within-text": (_frame(payload=" ", fin=False), _frame()),
    "binary-within-text": (_frame(payload=" ", fin=False), _frame(Opcode.BINARY)),
    "text-within-binary": (_frame(Opcode.BINARY, " ", fin=False), _frame()),
    "second-beginning": (_frame(payload=" ", fin=False), _frame(fin=False)),
    "continuation-after-the-end": (*fragments(" ", _SILENT), _frame(Opcode.CONTINUATION)),
    "http-again": (escaped(b"GET /gateway/ws HTTP/1.1\r\nhost: x\r\n\r\n"),),
    "tls": (escaped(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),),
    "text-without-frame": (_WHOLE,),
    "close-of-1-byte": (_frame(Opcode.CLOSE, "x"),),
    **{f"close-{code}": (close_frame(code),) for code in (0, 1, 999, 1005, 1006, 1015, 5000, 65535)},
    "close-reason-not-utf-8": (close_frame(1000, b"\xff"),),
}


def _violations() -> Iterator[Input]:
    for name, pieces in _VIOLATIONS.items():
        yield Input(
            id=f"protocol/{name}",
            requirement="BAD-8",
            outcome=Outcome.SOCKET_ERROR,
            pieces=pieces,
            followed=not name.startswith(("http", "tls", "text-without")),
        )


_ENDLESS: Final = {
    "4-gigabytes": 1 << 32,
    "16-megabytes": 1 << 24,
    "4-exabytes": 1 << 62,
    "most-of-all": (1 << 63) - 1,
}


def _sizes() -> Iterator[Input]:
    padded = envelope(t=UNHEARD, d="{}") + "$pad"
    said = envelope() + "$pad"
    for name, size, outcome in (
        ("one-below", -1, Outcome.UNKNOWN_EVENT),
        ("at-the-limit", 0, Outcome.UNKNOWN_EVENT),
    ):
        yield Input(id=f"size/{name}", requirement="ENV-4", outcome=outcome, pieces=text(padded), size=size)
    for name, pieces in {
        "one-beyond": text(said),
        "one-beyond-in-parts": fragments(*envelope().partition("$text"), "$pad"),
        "one-beyond-in-binary": binary(said),
    }.items():
        yield Input(
            id=f"size/{name}",
            requirement="BAD-1",
            outcome=Outcome.EVENT_TOO_LARGE,
            pieces=pieces,
            size=1,
            content="$text",
        )
    for name, length in _ENDLESS.items():
        yield Input(
            id=f"size/promises-{name}",
            requirement="BAD-1",
            outcome=Outcome.EVENT_TOO_LARGE,
            pieces=(_frame(length=length),),
            followed=False,
        )


def _left_open() -> Iterator[Input]:
    silent = escaped(_SILENT.encode())
    for name, pieces in {
        "length-in-too-many-bytes": (_frame(payload=silent, wide=2),),
        "length-in-far-too-many-bytes": (_frame(payload=silent, wide=8),),
        "ping-of-70000-bytes": (_frame(Opcode.PING, "", length=70_000),),
        "length-beyond-63-bits": (_frame(payload=silent, length=1 << 63),),
        **{f"close-{code}": (close_frame(code),) for code in (1004, 1016, 2000, 2999)},
    }.items():
        yield Input(
            id=f"protocol-left-open/{name}",
            requirement="BAD-8",
            outcome=Outcome.EITHER,
            pieces=pieces,
            followed=False,
        )


def _closes() -> Iterator[Input]:
    for name, frame in {
        "without-code": close_frame(),
        **{str(code): close_frame(code) for code in (1000, 1001, 1002, 1003, 1007, 1011, 3000, 4999)},
        "longest-reason": close_frame(1000, b"x" * 123),
    }.items():
        yield Input(
            id=f"close/{name}",
            requirement="METRIC-4",
            outcome=Outcome.CLIENT_CLOSE,
            pieces=(frame,),
        )


FLOOD: Final = Input(
    id="flood/subscribes",
    requirement="BAD-2",
    outcome=Outcome.RATE_LIMITED,
    pieces=text(_SILENT),
)
"""To be sent once more than the ingress rate permits."""


def flood_of(limits: Limits) -> Input:
    """As much of it as ends a connection."""
    return replace(FLOOD, pieces=FLOOD.pieces * (limits.ingress_frames + 1))


DEFIED: Final[tuple[Input, ...]] = (
    Input(id="defied/open-object", requirement="BAD-3", outcome=Outcome.INVALID_ENVELOPE, pieces=text("{")),
    Input(
        id="defied/one-beyond",
        requirement="BAD-1",
        outcome=Outcome.EVENT_TOO_LARGE,
        pieces=text(envelope() + "$pad"),
        size=1,
        content="$text",
    ),
    Input(
        id="defied/unmasked",
        requirement="BAD-8",
        outcome=Outcome.SOCKET_ERROR,
        pieces=(_frame(masked=False),),
    ),
    Input(
        id="defied/own-close",
        requirement="METRIC-4",
        outcome=Outcome.CLIENT_CLOSE,
        pieces=(close_frame(1000),),
    ),
)
"""What ends connections of every kind of end, whose clients take no notice of it."""
BEHIND: Final = tuple(
    Input(id=f"behind/{name}", requirement="BAD-9", outcome=Outcome.EITHER, pieces=pieces, content=content)
    for name, pieces, content in (
        ("message", text(envelope()), "$text"),
        ("subscribe", text(_SILENT), None),
        ("ping", (_PING,), None),
    )
)
"""What whoever was sent a Close frame goes on with; none of it is looked at."""
FRAMES: Final[tuple[Input, ...]] = (*_violations(), *_sizes(), *_left_open(), *_closes())
