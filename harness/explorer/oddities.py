"""Steps that send what no client should, or what is unusual: their names, and what a file may say of them.

Such a step names a row of the suite's own table (`sync_check.conformance.contract.inputs`) by its id, so it
holds no bytes. The row is filled in for the channel that the step names.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sync_check.conformance.contract.inputs import Input
from sync_check.conformance.contract.inputs.bytes_of_text import BYTES
from sync_check.conformance.contract.inputs.commands import COMMANDS
from sync_check.conformance.contract.inputs.early import EARLY
from sync_check.conformance.contract.inputs.envelopes import ENVELOPES
from sync_check.conformance.contract.inputs.forms import FORMS, OWNED
from sync_check.conformance.contract.inputs.frames import DEFIED, FLOOD, FRAMES
from sync_check.conformance.contract.inputs.requests import REQUESTS, RequestInput
from sync_check.conformance.contract.inputs.spellings import BINARY, SPELLINGS

SEND: Final = "send"
REQUEST: Final = "request"
PING: Final = "ping"
ODDITIES: Final = (SEND, REQUEST, PING)
"""`send` puts an `input` on a connection of its own, `request` sends a `request`; both are about a channel.

A `ping` is one more of them, and of pongs, than a connection may send frames, on each connection; then the
channel is subscribed to.
"""
FILLED_UP: Final = "rate/filled-up"
"""As many frames on one connection as its ingress rate permits, and then one more."""
FLOODS: Final = (FLOOD.id, FILLED_UP)
_ALL: Final = (*ENVELOPES, *BYTES, *COMMANDS, *FRAMES, *EARLY, *DEFIED, FLOOD, *SPELLINGS, *BINARY)
INPUTS: Final[Mapping[str, Input]] = {one.id: one for one in _ALL}
"""What can be sent, beside `FILLED_UP`."""
BY_ANYBODY: Final[Mapping[str, RequestInput]] = {one.id: one for one in (*REQUESTS, *FORMS)}
BY_OWNER: Final[Mapping[str, RequestInput]] = {one.id: one for one in OWNED}
"""Requests that would be refused to others, be they right or wrong."""
_KNOWN: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    SEND: ("input", frozenset((*INPUTS, FILLED_UP))),
    REQUEST: ("request", frozenset((*BY_ANYBODY, *BY_OWNER))),
}
"""What each step has to name, and the names that there are."""
_EXAMPLES: Final[Mapping[str, str]] = {SEND: "version/float", REQUEST: "wrong/array"}


def named(do: str, args: Mapping[str, Any]) -> str | None:
    """The row of the table that a step names; None if it names none."""
    member, known = _KNOWN[do]
    name = args.get(member)
    return name if isinstance(name, str) and name in known else None


def is_flood(do: str, args: Mapping[str, Any]) -> bool:
    """Whether a step sends more than the ingress rate permits."""
    return do == SEND and named(do, args) in FLOODS


def faults(do: str, args: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a step, in words that follow its number."""
    if do in _KNOWN and named(do, args) is None:
        member, _ = _KNOWN[do]
        given = f"the {member} {args[member]!r}, which is none of ours" if member in args else f"no {member}"
        yield f"names {given}: see {_EXAMPLES[do]!r}, for example"
