"""The gateway as an AsyncAPI 3.0.0 document, seen from the server: it sends events and receives commands."""

import json
from collections.abc import Iterable
from typing import Any, Final

from sync_check.conformance.contract.export.revision import Revision
from sync_check.conformance.contract.export.schema import (
    CLIENT_FRAME,
    SERVER_FRAME,
    command_name,
    definitions,
    event_name,
    frame_name,
)
from sync_check.conformance.contract.export.wording import VISIBLE_TO
from sync_check.conformance.contract.operations import GATEWAY_PATH

ASYNCAPI: Final = "3.0.0"
_CHANNEL: Final = "gateway"
_SCHEMAS: Final = "#/components/schemas/"
_MESSAGES: Final = f"#/channels/{_CHANNEL}/messages/"

Json = dict[str, Any]


def asyncapi(edition: Revision) -> str:
    """The document of a revision, as JSON."""
    messages = _messages(edition)
    document = {
        "asyncapi": ASYNCAPI,
        "id": f"urn:sync-check:gateway:{edition.number}",
        "info": _info(edition),
        "defaultContentType": "application/json",
        "servers": {"local": _server()},
        "channels": {_CHANNEL: _channel(messages)},
        "operations": _operations(edition),
        "components": {
            "messages": messages,
            "schemas": _schemas(edition),
            "securitySchemes": _security_schemes(),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _info(edition: Revision) -> Json:
    return {
        "title": f"Workspace gateway, revision {edition.number}",
        "version": str(edition.number),
        "description": (
            "Each WebSocket text message is one JSON object with exactly the members v (always 1), t (the "
            "name) and d (the payload). Clients ignore names and members that they do not know."
        ),
    }


def _server() -> Json:
    return {
        "host": "127.0.0.1:8000",
        "protocol": "ws",
        "description": "Where `sync-check serve` listens.",
        "security": [_ref("#/components/securitySchemes/", name) for name in _security_schemes()],
    }


def _security_schemes() -> Json:
    return {
        "query_token": {
            "type": "httpApiKey",
            "in": "query",
            "name": "access_token",
            "description": "The access token; it wins over the header, even if it is invalid (GW-2).",
        },
        "bearer": {"type": "http", "scheme": "bearer"},
    }


def _channel(messages: Iterable[str]) -> Json:
    query = {"type": "object", "properties": {"access_token": {"type": "string"}}}
    return {
        "address": GATEWAY_PATH,
        "title": "One gateway connection",
        "servers": [_ref("#/servers/", "local")],
        "messages": {name: _ref("#/components/messages/", name) for name in messages},
        "bindings": {"ws": {"method": "GET", "query": query}},
    }


def _messages(edition: Revision) -> Json:
    events = {
        event_name(event): {
            **_message(event.name, event_name(event)),
            "summary": f"Scope {event.scope}; seen by {VISIBLE_TO[event.visibility]}; since {event.since}.",
        }
        for event in edition.events()
    }
    commands = {
        command_name(command): {
            **_message(command.name, command_name(command)),
            "summary": "A command; an invalid one ends the connection.",
        }
        for command in edition.commands()
    }
    return events | commands


def _message(name: str, payload: str) -> Json:
    return {"name": name, "title": name, "payload": _ref(_SCHEMAS, frame_name(payload))}


def _operations(edition: Revision) -> Json:
    return {
        "send_events": {
            "action": "send",
            "channel": _ref("#/channels/", _CHANNEL),
            "summary": "What the server tells a connected client.",
            "messages": [_ref(_MESSAGES, event_name(event)) for event in edition.events()],
        },
        "receive_commands": {
            "action": "receive",
            "channel": _ref("#/channels/", _CHANNEL),
            "summary": "What a connected client may ask for.",
            "messages": [_ref(_MESSAGES, command_name(command)) for command in edition.commands()],
        },
    }


def _schemas(edition: Revision) -> Json:
    # The two choices are what the operations say already.
    return {
        name: schema
        for name, schema in definitions(edition, _SCHEMAS).items()
        if name not in (SERVER_FRAME, CLIENT_FRAME)
    }


def _ref(where: str, name: str) -> Json:
    return {"$ref": f"{where}{name}"}
