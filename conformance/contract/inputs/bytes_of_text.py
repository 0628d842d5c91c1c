"""Inputs whose bytes are no UTF-8, in text frames (BAD-8) and in binary ones (BAD-3); binary envelopes."""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, binary, fragments, text
from sync_check.conformance.contract.inputs.envelopes import DATA, UNHEARD, envelope

_BROKEN: Final = {
    "ff": b"\xff",
    "fe": b"\xfe",
    "lone-continuation": b"\x80",
    "truncated-pair": b"\xc3",
    "truncated-triple": b"\xe2\x98",
    "truncated-quadruple": b"\xf0\x9f\x98",
    "overlong-slash": b"\xc0\xaf",
    "overlong-null": b"\xc0\x80",
    "overlong-triple": b"\xe0\x80\xaf",
    "overlong-quadruple": b"\xf0\x80\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "surrogate-pair": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond-unicode": b"\xf4\x90\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "latin-1": b"Gr\xfc\xdfe",
}
_MARK: Final = "$text"


def _around(data: bytes) -> bytes:
    """A message by command with bytes in its content."""
    before, _, behind = envelope().partition(_MARK)
    return before.encode() + _MARK.encode() + data + behind.encode()


_ELSEWHERE: Final = {
    "before": b"\xff" + envelope().encode(),
    "behind": envelope().encode() + b"\xff",
    "in-a-name": envelope(t='"message_create?"').encode().replace(b"?", b"\xff"),
    "in-a-member": envelope().encode().replace(b'"t"', b'"t\xff"'),
    "nothing-else": b"\xff\xfe\xfd",
    "utf-16": b"\xff\xfe" + envelope(d="{}").encode("utf-16-le"),
    "utf-32": b"\xff\xfe\0\0" + envelope(d="{}").encode("utf-32-le"),
    "message-pack": b"\x83\xa1v\x01\xa1t\xa1x\xa1d\x80",
}


def _broken() -> Iterator[Input]:
    cases = {**{name: _around(data) for name, data in _BROKEN.items()}, **_ELSEWHERE}
    for name, data in cases.items():
        content = _MARK if _MARK.encode() in data else None
        yield Input(
            id=f"text-not-utf-8/{name}",
            requirement="BAD-8",
            outcome=Outcome.SOCKET_ERROR,
            pieces=text(data),
            content=content,
        )
    for name, data in cases.items():
        content = _MARK if _MARK.encode() in data else None
        yield Input(
            id=f"binary-not-utf-8/{name}",
            requirement="BAD-3",
            outcome=Outcome.INVALID_ENVELOPE,
            pieces=binary(data),
            content=content,
        )


_PARTS: Final = {
    "split-and-never-whole": (b"\xe2", b"x"),
    "wrong-in-the-second": (b"{", b"\xff"),
    "half-a-surrogate-each": (b"\xed\xa0", b"\x80"),
}


def _split() -> Iterator[Input]:
    for name, parts in _PARTS.items():
        yield Input(
            id=f"fragments-not-utf-8/{name}",
            requirement="BAD-8",
            outcome=Outcome.SOCKET_ERROR,
            pieces=fragments(*parts),
        )


_BINARY: Final = {
    "empty": "",
    "open-object": "{",
    "array": "[]",
    "byte-order-mark": f"\ufeff{envelope()}",
    "trailing-data": f"{envelope()}x",
    "version-two": envelope(v="2"),
    "version-float": envelope(v="1.0"),
    "one-more-member": envelope()[:-1] + ',"x":0}',
    "member-twice": '{"v":1,' + envelope()[1:],
    "capitals": envelope(t='"MESSAGE_CREATE"'),
    "protobuf": "\x08\x01\x12\x0emessage_create",
}


def _binary() -> Iterator[Input]:
    for name, value in _BINARY.items():
        yield Input(
            id=f"binary/{name}",
            requirement="BAD-3",
            outcome=Outcome.INVALID_ENVELOPE,
            pieces=binary(value),
            content=_MARK if _MARK in value else None,
        )


def _alike() -> Iterator[Input]:
    cases = {
        "unknown-name": (envelope(t=UNHEARD), Outcome.UNKNOWN_EVENT, "BAD-6"),
        "subscribe-to-nothing": (
            envelope(t='"subscribe"', d='{"guild_id":1}'),
            Outcome.INVALID_SUBSCRIBE,
            "BAD-4",
        ),
        "message-without-content": (
            envelope(d=DATA.replace(_MARK, "")),
            Outcome.INVALID_MESSAGE,
            "BAD-5",
        ),
    }
    for name, (value, outcome, requirement) in cases.items():
        yield Input(id=f"binary-alike/{name}", requirement=requirement, outcome=outcome, pieces=binary(value))


BYTES: Final[tuple[Input, ...]] = (*_broken(), *_split(), *_binary(), *_alike())
