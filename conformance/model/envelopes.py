"""Reads what a client says in a message as the contract has it: envelope (1), payload (3.2), contents (2.5).

A model of what a server must make of it, written from the contract alone. Where the contract leaves a thing
open, both ways are told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.client_stream import is_utf8
from sync_check.conformance.model.messages import fits

_NAME: Final = re.compile(r"[a-z0-9_.]{1,64}")
_TAKEN_DEPTH: Final = 64
_REFUSED_DEPTH: Final = 128
_BLANKS: Final = " \t\r\n"
_SUBSCRIBE: Final = "subscribe"
_CREATE: Final = "message_create"
_MEMBERS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    _SUBSCRIBE: (frozenset(("guild_id", "channel_id")), frozenset()),
    _CREATE: (frozenset(("guild_id", "channel_id", "content")), frozenset(("attachment_ids",))),
}
"""The members that a command needs, and those that it may have besides (3.2)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A command that must be carried out, or refused for what there is or is not in the world."""

    name: str
    payload: Mapping[str, Any]


class Wrong(NamedTuple):
    """A message that must be refused, or may be: `label` says as what, `broken` names the narrowest rule."""

    label: str
    broken: str


class Unknown(NamedTuple):
    """A valid envelope with a name that is no command (BAD-6)."""

    name: str


class Unclear(NamedTuple):
    """What the contract leaves open: it may be refused under any of `labels`, or be taken.

    One that is `refused` in any case cannot be taken. `event` is the unknown name that may be counted, `said`
    the message that it is if it is taken.
    """

    labels: frozenset[str]
    refused: bool = False
    event: str | None = None
    said: Said | None = None


Understood = Said | Wrong | Unknown | Unclear
_PLACE: Final = ("guild_id", "channel_id")
INVALID_ENVELOPE: Final = "invalid_envelope"
UNKNOWN_EVENT: Final = "unknown_event"


class _Object(dict[str, Any]):
    """A JSON object; `twice` are the members that occur more than once."""

    twice: frozenset[str] = frozenset()


class _Number(NamedTuple):
    """A JSON number as it was written."""

    text: str


def understand(data: bytes, limits: Limits) -> Understood:
    """What must become of a message of these bytes that is no text beyond repair."""
    if not is_utf8(data):
        return Wrong(INVALID_ENVELOPE, "BAD-3")
    text = data.decode()
    try:
        value = _parsed(text)
    except (ValueError, RecursionError):  # nested more deeply than any server has to take
        return Wrong(INVALID_ENVELOPE, "ENV-5")
    depth = _depth(value)
    if not isinstance(value, _Object) or depth > _REFUSED_DEPTH + 1:
        return Wrong(INVALID_ENVELOPE, "ENV-5")
    if value.twice or value.keys() != {"v", "t", "d"}:
        return Wrong(INVALID_ENVELOPE, "ENV-6")
    version, name = value["v"], value["t"]
    if version != _Number("1"):
        return Wrong(INVALID_ENVELOPE, "ENV-7")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return Wrong(INVALID_ENVELOPE, "ENV-8")
    understood = _command(name, value["d"], limits)
    if depth <= _TAKEN_DEPTH:
        return understood
    labels = frozenset((INVALID_ENVELOPE, *_labels(understood)))
    event = understood.name if isinstance(understood, Unknown) else None
    return Unclear(labels, refused=isinstance(understood, Wrong | Unknown), event=event)


def _labels(understood: Understood) -> Iterator[str]:
    """As what a message may be refused that would be understood so if it were less nested."""
    match understood:
        case Wrong(label, _):
            yield label
        case Unknown():
            yield UNKNOWN_EVENT
        case Unclear(labels=labels):
            yield from labels
        case Said():
            pass


# --- JSON (RFC 8259)


def _parsed(text: str) -> Any:
    if text[:1] == "\ufeff":
        raise ValueError("a byte-order mark")
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant
    )
    bare = text.strip(_BLANKS)
    value, end = decoder.raw_decode(bare)
    if end != len(bare):
        raise ValueError("trailing data")
    return value


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    names = [name for name, _ in pairs]
    found.twice = frozenset(name for name in names if names.count(name) > 1)
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _depth(value: Any) -> int:
    """How many arrays and objects are within each other, the outermost included."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


# --- commands


def _command(name: str, payload: Any, limits: Limits) -> Understood:
    if name not in _MEMBERS:
        return Unknown(name)
    label = f"invalid_{name}_payload"
    broken = "BAD-4" if name == _SUBSCRIBE else "BAD-5"
    needed, further = _MEMBERS[name]
    if not isinstance(payload, _Object) or not needed <= payload.keys() <= needed | further:
        return Wrong(label, broken)
    if payload.twice:
        return _unclear(label, name, payload)
    sounds = {_sound(member, value, payload, limits) for member, value in payload.items()}
    if _Sound.WRONG in sounds:
        return Wrong(label, broken)
    if _Sound.OPEN in sounds or _Sound.NO_TEXT in sounds:
        return _unclear(label, name, payload, *([INVALID_ENVELOPE] if _Sound.NO_TEXT in sounds else []))
    return Said(name, dict(payload))


def _unclear(label: str, name: str, payload: Mapping[str, Any], *labels: str) -> Unclear:
    if name != _CREATE:
        return Unclear(frozenset((label, *labels)))
    is_one = isinstance(payload.get("content"), str)
    said = (
        Said(name, dict(payload)) if is_one and all(isinstance(payload[one], str) for one in _PLACE) else None
    )
    return Unclear(frozenset((label, *labels, "message_rejected")), said=said)


class _Sound(Enum):
    """Whether a member of a command's payload is as it must be."""

    RIGHT = auto()
    WRONG = auto()
    OPEN = auto()
    NO_TEXT = auto()
    """A string with half of a surrogate pair, which many readers of JSON take for no JSON."""


def _sound(member: str, value: Any, payload: Mapping[str, Any], limits: Limits) -> _Sound:
    if member == "content":
        return _content(value, limits, may_be_empty=bool(payload.get("attachment_ids")))
    if member != "attachment_ids":
        return _id(value)
    if value is None:
        return _Sound.RIGHT
    if not isinstance(value, list) or len(value) > limits.attachments_per_message:
        return _Sound.WRONG
    sounds = {_id(one) for one in value}
    return next((one for one in (_Sound.WRONG, _Sound.OPEN) if one in sounds), _Sound.RIGHT)


def _id(value: Any) -> _Sound:
    """Lower-case ids have no defined meaning (1)."""
    if not isinstance(value, str):
        return _Sound.WRONG
    if ULID_PATTERN.fullmatch(value):
        return _Sound.RIGHT
    return _Sound.OPEN if value.isascii() and ULID_PATTERN.fullmatch(value.upper()) else _Sound.WRONG


def _content(value: Any, limits: Limits, *, may_be_empty: bool) -> _Sound:
    if not isinstance(value, str) or not fits(value, limits, may_be_empty=may_be_empty):
        return _Sound.WRONG
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        return _Sound.NO_TEXT
    # Of NUL the contract says nothing where messages are concerned, and many stores take none.
    return _Sound.OPEN if "\0" in value else _Sound.RIGHT
