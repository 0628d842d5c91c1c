"""Inputs that are the very first that a connection is sent, before `ready` has come.

The contract has no rule that a client waits for `ready`: from the upgrade on everything is as it is later
(3.2, 3.4), and pings may come at any time (3.1). It leaves open only whether `ready` still comes where the
connection ends at once.
"""

from typing import Final

from sync_check.conformance.contract.inputs import Input, Outcome, binary, fragments, text
from sync_check.conformance.contract.inputs.envelopes import DATA, UNHEARD, envelope
from sync_check.conformance.contract.inputs.frames import close_frame
from sync_check.conformance.contract.wire import Opcode, Piece, WireFrame, escaped

_WHOLE: Final = envelope()
_PING: Final = WireFrame(opcode=Opcode.PING, payload="early")
_NOWHERE: Final = DATA.replace("$channel", "$nowhere")


def _input(
    name: str,
    requirement: str,
    outcome: Outcome,
    *pieces: Piece,
    content: str | None = None,
    size: int | None = None,
) -> Input:
    return Input(
        id=f"early/{name}",
        requirement=requirement,
        outcome=outcome,
        pieces=pieces,
        content=content,
        size=size,
    )


EARLY: Final[tuple[Input, ...]] = (
    _input("message", "ENV-4", Outcome.ACCEPTED, *text(_WHOLE), content="$text"),
    _input(
        "message-in-parts", "ENV-4", Outcome.ACCEPTED, *fragments(_WHOLE[:20], _WHOLE[20:]), content="$text"
    ),
    _input("message-in-binary", "ENV-4", Outcome.ACCEPTED, *binary(_WHOLE), content="$text"),
    _input(
        "message-at-the-limit", "ENV-4", Outcome.ACCEPTED, *text(_WHOLE + "$pad"), content="$text", size=0
    ),
    _input("ping", "GW-5", Outcome.ACCEPTED, _PING),
    _input("pong", "GW-5", Outcome.ACCEPTED, WireFrame(opcode=Opcode.PONG)),
    _input("pings-around-a-message", "GW-5", Outcome.ACCEPTED, _PING, *text(_WHOLE), _PING, content="$text"),
    _input("open-object", "BAD-3", Outcome.INVALID_ENVELOPE, *text("{")),
    _input("empty", "BAD-3", Outcome.INVALID_ENVELOPE, *text("")),
    _input("version-two", "ENV-7", Outcome.INVALID_ENVELOPE, *text(envelope(v="2")), content="$text"),
    _input("binary-not-utf-8", "BAD-3", Outcome.INVALID_ENVELOPE, *binary(b"\xff")),
    _input("text-not-utf-8", "BAD-8", Outcome.SOCKET_ERROR, *text(b"\xff")),
    _input(
        "subscribe-to-nothing", "BAD-4", Outcome.INVALID_SUBSCRIBE, *text(envelope(t='"subscribe"', d="{}"))
    ),
    _input("message-of-nothing", "BAD-5", Outcome.INVALID_MESSAGE, *text(envelope(d="{}"))),
    _input("unknown-name", "BAD-6", Outcome.UNKNOWN_EVENT, *text(envelope(t=UNHEARD))),
    _input("message-to-nobody", "BAD-7", Outcome.MESSAGE_REJECTED, *text(envelope(d=_NOWHERE))),
    _input("one-beyond", "BAD-1", Outcome.EVENT_TOO_LARGE, *text(_WHOLE + "$pad"), content="$text", size=1),
    _input("one-beyond-in-binary", "BAD-1", Outcome.EVENT_TOO_LARGE, *binary(_WHOLE + "$pad"), size=1),
    _input(
        "unmasked",
        "BAD-8",
        Outcome.SOCKET_ERROR,
        WireFrame(opcode=Opcode.TEXT, payload=escaped(_WHOLE.encode()), masked=False),
    ),
    _input("part-of-nothing", "BAD-8", Outcome.SOCKET_ERROR, WireFrame(opcode=Opcode.CONTINUATION)),
    _input("close", "METRIC-4", Outcome.CLIENT_CLOSE, close_frame(1000)),
)
