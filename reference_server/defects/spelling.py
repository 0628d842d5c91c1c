"""Spelling frames that no event model can say."""

import json
from collections.abc import Mapping
from typing import Any

from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.events import Event


def enveloped(name: str, payload: Mapping[str, Any], **beside: Any) -> bytes:
    """The text of a frame; `beside` are further members of the envelope."""
    return compact({"v": 1, "t": name, "d": payload, **beside})


def compact(value: Any) -> bytes:
    """JSON as our server spells it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def without(payload: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A payload that lacks these members."""
    return {name: value for name, value in payload.items() if name not in names}


def framed(event: Event) -> bytes:
    """A whole frame, for what passes fan-out by."""
    return bytes(Frame(Opcode.TEXT, enveloped(event.name, event.wire())).serialize(mask=False))
