"""Whether an event would be longer than a frame may be, as far as that follows from the contract (6.3).

How a server spells JSON is its own affair: it escapes what it must, and may escape everything else.
"""

import json
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final

from sync_check.conformance.contract.limits import Limits

_ENVELOPE: Final = len('{"v":1,"t":"","d":}')
_REST: Final = 4096
"""What an event of a message has beside its text and that in its tokens, as a generous guess."""


class Oversize(Enum):
    """Whether it is too long."""

    NO = auto()
    PERHAPS = auto()
    SURELY = auto()


def of_event(name: str, payload: Mapping[str, Any], limits: Limits) -> Oversize:
    """Of an event with this payload."""
    head = _ENVELOPE + len(name)
    if head + _least(payload) > limits.max_gateway_event_bytes:
        return Oversize.SURELY
    return Oversize.PERHAPS if head + _most(payload) > limits.max_gateway_event_bytes else Oversize.NO


def of_content(content: str, limits: Limits) -> Oversize:
    """Of the event of a message with this content, of which nobody knows the tokens."""
    if _least(content) > limits.max_gateway_event_bytes:
        return Oversize.SURELY
    most = 2 * _most(content) + _REST
    return Oversize.PERHAPS if most > limits.max_gateway_event_bytes else Oversize.NO


def _least(value: Any) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))


def _most(value: Any) -> int:
    return len(json.dumps(value)) + json.dumps(value).count("/")
