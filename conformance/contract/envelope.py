"""The envelope `{"v": 1, "t": name, "d": payload}`: its constants, and how a client reads a server's frame.

Reading the *client's* frames strictly is the server's own business and lives there.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.events import Event
from sync_check.conformance.contract.operations import Command

ENVELOPE_VERSION: Final = 1
EVENT_NAME_PATTERN: Final = re.compile(r"[a-z0-9_.]{1,64}")
"""Use `fullmatch`."""
MAX_NESTING: Final = 128
"""Nesting levels beyond which a frame is refused (ENV-5); up to 64 must be accepted (ENV-4)."""
_MEMBERS: Final = frozenset(("v", "t", "d"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A server frame as a client understands it; `undeclared` are additional top-level members (ENV-1)."""

    name: str
    payload: dict[str, Any]
    undeclared: tuple[str, ...] = ()


class EnvelopeError(ValueError):
    """A server frame that is no envelope: `requirement` is the clause it breaks, `reason` says how."""

    def __init__(self, requirement: str, reason: str) -> None:
        super().__init__(requirement, reason)
        self.requirement = requirement
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} ({self.requirement})"


def encode_event(event: Event) -> bytes:
    """The frame of `event`: compact JSON in UTF-8."""
    envelope = {"v": ENVELOPE_VERSION, "t": event.name, "d": event.wire()}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def encode_command(command: Command) -> str:
    """The text frame of a client's command."""
    envelope = {"v": ENVELOPE_VERSION, "t": command.name, "d": command.payload()}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def decode_server_frame(text: str) -> Envelope:
    """Read a server's text frame as a tolerant client does.

    Raises `EnvelopeError` where a client would ignore the frame (ENV-1, ENV-2). Additional top-level members
    are set aside in `undeclared`; a duplicated one has no defined meaning and is refused.
    """
    outermost: list[tuple[str, Any]] = []

    def remember(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # The decoder closes the outermost object last, so what stays here are the top-level members.
        outermost[:] = pairs
        return dict(pairs)

    try:
        whole: Any = json.loads(text, object_pairs_hook=remember, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise EnvelopeError("ENV-1", f"not one JSON object: {error}") from None
    if type(whole) is not dict:
        raise EnvelopeError("ENV-1", f"of type {type(whole).__name__}, not an object")
    if len(outermost) != len(whole):
        raise EnvelopeError("ENV-1", "a top-level member occurs twice")
    missing = sorted(_MEMBERS - whole.keys())
    if missing:
        raise EnvelopeError("ENV-1", f"member {missing[0]!r} is missing")
    if type(whole["v"]) is not int or whole["v"] != ENVELOPE_VERSION:
        raise EnvelopeError("ENV-2", f"v is {whole['v']!r}, not the integer 1")
    if type(whole["t"]) is not str or not EVENT_NAME_PATTERN.fullmatch(whole["t"]):
        raise EnvelopeError("ENV-2", f"t is {str(whole['t'])[:80]!r}, no event name")
    if type(whole["d"]) is not dict:
        raise EnvelopeError("ENV-2", f"d is of type {type(whole['d']).__name__}, not an object")
    return Envelope(name=whole["t"], payload=whole["d"], undeclared=tuple(sorted(whole.keys() - _MEMBERS)))
