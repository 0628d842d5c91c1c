"""Inputs that are valid though they look unusual (ENV-4): each is a message that has to be carried out."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, binary, fragments, text
from sync_check.conformance.contract.inputs.envelopes import DATA, envelope
from sync_check.conformance.contract.wire import Opcode, Piece, WireFrame, escaped

_PING: Final = WireFrame(opcode=Opcode.PING, payload="p")
_LONG_PING: Final = WireFrame(opcode=Opcode.PING, payload="x" * 125)
_PONG: Final = WireFrame(opcode=Opcode.PONG, payload="nobody asked")
_MEMBERS: Final = {"v": "1", "t": '"message_create"', "d": DATA}
_SMILE: Final = "☺".encode()


def _orders() -> Iterator[tuple[str, tuple[Piece, ...]]]:
    for order in itertools.permutations("vtd"):
        yield (
            "order-" + "-".join(order),
            text("{" + ",".join(f'"{name}":{_MEMBERS[name]}' for name in order) + "}"),
        )


def _part(payload: str, *, first: bool = False, last: bool = False) -> WireFrame:
    opcode = Opcode.TEXT if first else Opcode.CONTINUATION
    return WireFrame(opcode=opcode, payload=payload, fin=last)


_WHOLE: Final = envelope()
_HEAD, _TAIL = _WHOLE[:20], _WHOLE[20:]
_SPELLINGS: Final[Mapping[str, tuple[Piece, ...]]] = {
    **dict(_orders()),
    "space-before": text(f" {_WHOLE}"),
    "space-behind": text(f"{_WHOLE} "),
    "lines-and-tabs": text(f"\r\n\t{_WHOLE}\t\r\n"),
    "space-everywhere": text(_WHOLE.replace(":", " : ").replace(",", " , ").replace("{", "{ ")),
    "escaped-members": text(_WHOLE.replace('"v"', '"\\u0076"').replace('"t"', '"\\u0074"')),
    "escaped-name": text(_WHOLE.replace("message_create", "\\u006dessage_creat\\u0065")),
    "escaped-member-of-data": text(_WHOLE.replace("content", "\\u0063ontent")),
    "attachments-null": text(_WHOLE.replace("}}", ',"attachment_ids":null}}')),
    "attachments-empty": text(_WHOLE.replace("}}", ',"attachment_ids":[]}}')),
    "data-in-another-order": text(
        envelope(d='{"content":"$text","channel_id":"$channel","guild_id":"$guild"}')
    ),
    "two-parts": fragments(_HEAD, _TAIL),
    "three-parts": fragments(_HEAD, _TAIL[:10], _TAIL[10:]),
    "empty-first-part": fragments("", _WHOLE),
    "empty-last-part": fragments(_WHOLE, ""),
    "part-of-one-letter": fragments(_WHOLE[:1], _WHOLE[1:]),
    "ping-between": (
        _part(escaped(_HEAD.encode()), first=True),
        _PING,
        _part(escaped(_TAIL.encode()), last=True),
    ),
    "pong-between": (
        _part(escaped(_HEAD.encode()), first=True),
        _PONG,
        _part(escaped(_TAIL.encode()), last=True),
    ),
    "long-ping-before": (_LONG_PING, *text(_WHOLE)),
    "unasked-pong-before": (_PONG, *text(_WHOLE)),
    "empty-ping-behind": (*text(_WHOLE), WireFrame(opcode=Opcode.PING)),
}


def _spellings() -> Iterator[Input]:
    for name, pieces in _SPELLINGS.items():
        yield Input(
            id=f"spelling/{name}",
            requirement="ENV-4",
            outcome=Outcome.ACCEPTED,
            pieces=pieces,
            content="$text",
        )
    for name, content in {
        "newline": "$text\\n",
        "quotes": '$text \\"',
        "slash": "$text\\/",
        "emoji": "$text ☺",
    }.items():
        yield Input(
            id=f"spelling/content-{name}",
            requirement="ENV-4",
            outcome=Outcome.ACCEPTED,
            pieces=text(envelope(d=DATA.replace("$text", content))),
            content={"newline": "$text\n", "quotes": '$text "', "slash": "$text/", "emoji": "$text ☺"}[name],
        )
    before, _, behind = envelope().partition("$text")
    yield Input(
        id="spelling/letter-in-two-parts",
        requirement="ENV-4",
        outcome=Outcome.ACCEPTED,
        pieces=fragments(before.encode() + b"$text " + _SMILE[:1], _SMILE[1:] + behind.encode()),
        content="$text ☺",
    )
    yield Input(
        id="spelling/longest-content",
        requirement="ENV-4",
        outcome=Outcome.ACCEPTED,
        pieces=text(envelope(d=DATA.replace("$text", "$full"))),
        content="$full",
    )
    for name, size in (("at-the-limit", 0), ("one-below-the-limit", -1)):
        yield Input(
            id=f"spelling/{name}",
            requirement="ENV-4",
            outcome=Outcome.ACCEPTED,
            pieces=text(envelope() + "$pad"),
            size=size,
            content="$text",
        )


SPELLINGS: Final[tuple[Input, ...]] = tuple(_spellings())
BINARY: Final[tuple[Input, ...]] = tuple(
    Input(
        id=f"binary-spelling/{name}",
        requirement="ENV-4",
        outcome=Outcome.ACCEPTED,
        pieces=pieces,
        content="$text",
    )
    for name, pieces in {
        "whole": binary(_WHOLE),
        "two-parts": fragments(_HEAD, _TAIL, opcode=Opcode.BINARY),
        "white-space": binary(f"\n{_WHOLE}\n"),
    }.items()
)
"""The same bytes in binary frames, which should be treated alike."""
