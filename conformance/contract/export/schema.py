"""The frames as JSON Schema 2020-12: payload and envelope of each name, and each direction as a choice."""

import json
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from sync_check.conformance.contract.envelope import ENVELOPE_VERSION
from sync_check.conformance.contract.export.fields import Member, Type, members
from sync_check.conformance.contract.export.revision import EventType, Revision
from sync_check.conformance.contract.operations import Command
from sync_check.conformance.contract.values import ULID_PATTERN, UpdatedFields, WireModel

Schema = dict[str, Any]
Models = dict[str, EventType | type[Command]]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SERVER_FRAME: Final = "server_frame"
CLIENT_FRAME: Final = "client_frame"
_ULID_LENGTH: Final = 26
_READING = (
    "Every object is closed, in both directions. For what a server sends that is the strict reading (EVT-1, "
    "EVT-4). A client reads tolerantly: a frame whose t is no known name is ignored (CLIENT-1), members that "
    "a schema does not know are set aside before it is applied (as if additionalProperties: false were not "
    "there), unknown permission names in a list are skipped, and whatever then still fails is ignored as a "
    "whole, with no change of state (CLIENT-2). For what a client sends there is no tolerance (ENV-6, BAD-4, "
    "BAD-5). Beyond these schemas: integers are written without fraction, a frame is at most "
    "max_gateway_event_bytes of UTF-8, and lengths are limited in bytes."
)


def json_schema(edition: Revision) -> str:
    """The document of a revision, as JSON; what its server may send is `#/$defs/server_frame`."""
    document = {
        "$schema": DIALECT,
        "$id": f"urn:sync-check:gateway-contract:{edition.number}",
        "title": f"Frames of the workspace gateway, revision {edition.number}",
        "description": _READING,
        "anyOf": [{"$ref": f"#/$defs/{SERVER_FRAME}"}, {"$ref": f"#/$defs/{CLIENT_FRAME}"}],
        "$defs": definitions(edition, "#/$defs/"),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def event_name(event: EventType) -> str:
    """The definition of an event's payload."""
    return f"event_{event.name}"


def command_name(command: type[Command]) -> str:
    """The definition of a command's payload."""
    return f"command_{command.name}"


def frame_name(payload: str) -> str:
    """The definition of the envelope around a payload's definition."""
    return f"{payload}_frame"


def definitions(edition: Revision, root: str) -> dict[str, Schema]:
    """All schemas by name; they refer to each other as `root` followed by the name."""
    sent: Models = {event_name(event): event for event in edition.events()}
    received: Models = {command_name(command): command for command in edition.commands()}
    models = sent | received
    inner = {shape.__name__: shape for model in models.values() for shape in _shapes_in(model)}
    known: dict[str, Schema] = {"Ulid": _ulid(), "MarkdownToken": _markdown_token()}
    known |= {name: _object(shape, root) for name, shape in sorted(inner.items())}
    known |= {name: _object(model, root) for name, model in models.items()}
    known |= {frame_name(name): _frame(model.name, f"{root}{name}") for name, model in models.items()}
    known[SERVER_FRAME] = _choice(sent, root)
    known[CLIENT_FRAME] = _choice(received, root)
    return known


def _shapes_in(model: type[BaseModel]) -> Iterator[type[WireModel]]:
    for member in members(model):
        shape = (member.type.items or member.type).shape
        if shape is not None:
            yield shape
            yield from _shapes_in(shape)


def _ulid() -> Schema:
    # The lengths, because some readings of `$` let a newline pass.
    return {
        "type": "string",
        "pattern": f"^{ULID_PATTERN.pattern}$",
        "minLength": _ULID_LENGTH,
        "maxLength": _ULID_LENGTH,
    }


def _markdown_token() -> Schema:
    return {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}


def _object(model: type[BaseModel], root: str) -> Schema:
    found = members(model)
    schema: Schema = {
        "type": "object",
        "properties": {member.name: _property(member, root) for member in found},
        "required": [member.name for member in found if member.required],
        "additionalProperties": False,
    }
    if issubclass(model, UpdatedFields):
        schema["minProperties"] = 1
    either: tuple[tuple[str, ...], ...] = getattr(model, "either", ())
    if either:
        schema["oneOf"] = [_only(group, either) for group in either]
    return schema


def _only(group: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> Schema:
    others = [name for other in groups if other is not group for name in other]
    return {"required": list(group), "not": {"anyOf": [{"required": [name]} for name in others]}}


def _property(member: Member, root: str) -> Schema:
    schema = _value(member.type, root)
    return {"anyOf": [schema, {"type": "null"}]} if member.type.nullable else schema


def _value(stated: Type, root: str) -> Schema:
    if stated.items is not None:
        most = {} if stated.most is None else {"maxItems": stated.most}
        return {"type": "array", "items": _value(stated.items, root), **most}
    if stated.is_ulid:
        return {"$ref": f"{root}Ulid"}
    if stated.base == "object":
        return {"$ref": f"{root}{stated.shape.__name__ if stated.shape else 'MarkdownToken'}"}
    schema: Schema = {"type": stated.base}
    if stated.enum:
        schema["enum"] = list(stated.enum)
    if stated.minimum is not None:
        schema["minimum"] = stated.minimum
    return schema


def _frame(name: str, payload: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            "v": {"type": "integer", "const": ENVELOPE_VERSION},
            "t": {"type": "string", "const": name},
            "d": {"$ref": payload},
        },
        "required": ["v", "t", "d"],
        "additionalProperties": False,
    }


def _choice(payloads: dict[str, Any], root: str) -> Schema:
    return {"oneOf": [{"$ref": f"{root}{frame_name(payload)}"} for payload in payloads]}
