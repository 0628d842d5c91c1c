"""Reading what clients send, strictly: the envelope (ENV-4 to ENV-8) and the payloads of commands (3.2)."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from sync_check.conformance.contract.envelope import ENVELOPE_VERSION, EVENT_NAME_PATTERN, MAX_NESTING
from sync_check.conformance.contract.values import Ulid, WireModel
from sync_check.reference_server.text import Text

_MEMBERS: Final = frozenset(("v", "t", "d"))
_LONGEST_INTEGER: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A valid envelope."""

    name: str
    payload: Any


class InvalidEnvelope(ValueError):
    """Breaks one of ENV-5 to ENV-8; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class InvalidPayload(ValueError):
    """The payload of the command `name` has a missing, additional or wrongly typed member (BAD-4, BAD-5)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the payload of {self.name} is malformed"


class SubscribePayload(WireModel):
    guild_id: Ulid
    channel_id: Ulid


class MessageCreatePayload(WireModel):
    guild_id: Ulid
    channel_id: Ulid
    content: Text
    attachment_ids: list[Ulid] | None = None


def read_envelope(text: str) -> Received:
    """Read one message; raises `InvalidEnvelope`."""
    outermost: list[tuple[str, Any]] = []

    def remember(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        outermost[:] = pairs  # the outermost object is the last to be closed
        return dict(pairs)

    try:
        whole: Any = json.loads(
            text, object_pairs_hook=remember, parse_constant=_refuse_constant, parse_int=_integer
        )
    except (ValueError, RecursionError):
        raise InvalidEnvelope("not one JSON value") from None
    if type(whole) is not dict:
        raise InvalidEnvelope("not an object")
    if len(outermost) != len(_MEMBERS) or whole.keys() != _MEMBERS:
        raise InvalidEnvelope("not exactly the members v, t and d")
    if type(whole["v"]) is not int or whole["v"] != ENVELOPE_VERSION:
        raise InvalidEnvelope("v is not the integer 1")
    if type(whole["t"]) is not str or not EVENT_NAME_PATTERN.fullmatch(whole["t"]):
        raise InvalidEnvelope("t is no event name")
    if _is_too_deep(text, whole):
        raise InvalidEnvelope("nested too deeply")
    return Received(name=whole["t"], payload=whole["d"])


def read_subscribe(payload: Any) -> SubscribePayload:
    """Read the `d` of `subscribe`; raises `InvalidPayload`."""
    try:
        return SubscribePayload.model_validate(payload)
    except ValidationError:
        raise InvalidPayload("subscribe") from None


def read_message_create(payload: Any) -> MessageCreatePayload:
    """Read the `d` of `message_create`; raises `InvalidPayload`. It leaves the content's rules alone."""
    try:
        return MessageCreatePayload.model_validate(payload)
    except ValidationError:
        raise InvalidPayload("message_create") from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _integer(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits, which are good JSON all the same.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _is_too_deep(text: str, whole: Any) -> bool:
    """Whether there are more than `MAX_NESTING` levels; counting brackets spares most messages the walk."""
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    level, depth = [whole], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            return True
        level = [inner for outer in level for inner in _inner(outer) if isinstance(inner, dict | list)]
    return False


def _inner(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
