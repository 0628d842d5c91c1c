"""The JSON Schema says of every frame what the typed models say."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.payloads import read_payload
from tests.conformance.contract.examples import COMMANDS, PAYLOADS, ULID, frame

SECOND: dict[str, Any] = json.loads(export("jsonschema", 2))
FIRST: dict[str, Any] = json.loads(export("jsonschema", 1))


_WRONG: tuple[object, ...] = (None, [], {}, 1.5, "?", -1, True)


def valid(definition: str, instance: object, document: dict[str, Any] = SECOND) -> bool:
    schema = {"$ref": f"#/$defs/{definition}", "$defs": document["$defs"]}
    return Draft202012Validator(schema).is_valid(instance)


def constructs(name: str, payload: dict[str, Any]) -> bool:
    """Whether the typed model takes the payload."""
    try:
        EVENTS[name].model_validate(payload)
    except ValidationError:
        return False
    return True


def spoiled(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The payload with one thing wrong: each member missing, null, of another type, and one too many."""
    for name in payload:
        yield {key: value for key, value in payload.items() if key != name}
        for wrong in _WRONG:
            yield {**payload, name: wrong}
    yield {**payload, "surprise": 1}


def inner_spoiled(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in payload.items():
        if isinstance(value, dict):
            yield from ({**payload, name: inner} for inner in spoiled(value))
        # Of tokens the models look at no member; what the schema asks of them has a test of its own.
        if name != "markdown_tokens" and isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ({**payload, name: [inner]} for inner in spoiled(value[0]))


def test_documents_are_sound_schemas() -> None:
    for document in (FIRST, SECOND):
        Draft202012Validator.check_schema(document)
        assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_there_is_an_example_of_every_event() -> None:
    assert PAYLOADS.keys() == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_sound_payloads_pass(name: str) -> None:
    assert valid(f"event_{name}", PAYLOADS[name])
    assert valid("server_frame", frame(name, PAYLOADS[name]))
    assert valid("server_frame", frame(name, PAYLOADS[name]), FIRST) is (EVENTS[name].since == 1)


@pytest.mark.parametrize("name", EVENTS)
def test_schema_and_model_agree_on_what_is_wrong(name: str) -> None:
    payload = PAYLOADS[name]
    for candidate in (*spoiled(payload), *inner_spoiled(payload)):
        reading = read_payload(name, candidate)
        is_sound = reading.event is not None and not (reading.faults or reading.undeclared)
        assert valid(f"event_{name}", candidate) is is_sound, candidate


@pytest.mark.parametrize(
    ("target", "is_sound"),
    [
        ({"role": "member"}, True),
        ({"target_kind": "role", "target_id": ULID}, True),
        ({}, False),
        ({"target_kind": "role"}, False),
        ({"target_id": ULID}, False),
        ({"role": "member", "target_id": ULID}, False),
        ({"role": "member", "target_kind": "role", "target_id": ULID}, False),
    ],
)
def test_the_former_override_event_names_one_target(target: dict[str, str], is_sound: bool) -> None:
    payload = PAYLOADS["workspace_channel_override_update"]
    without = {key: value for key, value in payload.items() if key != "role"}
    assert valid("event_workspace_channel_override_update", without | target) is is_sound
    assert constructs("workspace_channel_override_update", without | target) is is_sound


def test_ids_are_ulids_to_the_last_character() -> None:
    assert valid("Ulid", ULID)
    assert not any(valid("Ulid", wrong) for wrong in (ULID.lower(), ULID + "\n", ULID[1:], "8" + ULID[1:]))


def test_a_token_is_open_but_has_a_type() -> None:
    assert valid("MarkdownToken", {"type": "text", "text": "hello"})
    assert not valid("MarkdownToken", {"text": "hello"})


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_told_strictly(name: str) -> None:
    payload = COMMANDS[name]
    assert valid("client_frame", frame(name, payload))
    assert not valid("client_frame", frame(name, {**payload, "surprise": 1}))
    assert not valid("client_frame", frame(name, {**payload, "guild_id": "no id"}))
    for required in payload.keys() - {"attachment_ids"}:
        assert not valid("client_frame", frame(name, {k: v for k, v in payload.items() if k != required}))


def test_a_command_may_list_attachments_or_not() -> None:
    bare = {key: value for key, value in COMMANDS["message_create"].items() if key != "attachment_ids"}
    assert valid("command_message_create", bare)
    assert valid("command_message_create", {**bare, "attachment_ids": [ULID]})
    assert not valid("command_message_create", {**bare, "attachment_ids": [1]})


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"v": "1"}, {"v": True}, {"t": "quux"}, {"d": []}, {"x": 1}], ids=str
)
def test_envelopes_are_closed(change: dict[str, object]) -> None:
    assert not valid("server_frame", frame("ready", PAYLOADS["ready"]) | change)


def opened(schema: Any) -> Any:
    """The schema as its description tells a client to read it."""
    if isinstance(schema, dict):
        return {key: opened(value) for key, value in schema.items() if key != "additionalProperties"}
    return [opened(value) for value in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", EVENTS)
def test_the_tolerant_reading_lets_additional_members_pass(name: str) -> None:
    assert "additionalProperties" in SECOND["description"]
    lenient = opened(deepcopy(SECOND))
    grown = frame(name, {**PAYLOADS[name], "surprise": 1}) | {"extra": 1}
    assert valid(f"event_{name}_frame", grown, lenient)
    assert not valid(f"event_{name}_frame", grown)
    assert not valid(f"event_{name}_frame", frame(name, {}), lenient)
