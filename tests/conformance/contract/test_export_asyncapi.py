"""The AsyncAPI document is one by the published schema, and holds every event and command."""

import json
import re
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.revision import REVISIONS, revision
from sync_check.conformance.contract.operations import COMMANDS, GATEWAY_PATH
from tests.conformance.contract.examples import PAYLOADS

PUBLISHED = Path(__file__).resolve().parents[3] / "third_party" / "asyncapi"


@cache
def published() -> Draft7Validator:
    return Draft7Validator(json.loads((PUBLISHED / "3.0.0.json").read_text(encoding="utf-8")))


@cache
def document(number: int) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(export("asyncapi", number))
    return made


def target(whole: Any, reference: str) -> Any:
    """What a local reference points to; raises KeyError where there is nothing."""
    return reduce(getitem, reference.removeprefix("#/").split("/"), whole)


@pytest.mark.parametrize("number", REVISIONS)
def test_the_document_is_valid(number: int) -> None:
    assert [error.message for error in published().iter_errors(document(number))] == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("asyncapi", "4.0.0"),
        ("servers/local/protocol", 7),
        ("operations/send_events/action", "shout"),
        ("channels/gateway/bindings/ws/method", "PUT"),
        ("components/securitySchemes/query_token/in", "body"),
    ],
)
def test_the_published_schema_would_notice(path: str, wrong: object) -> None:
    spoiled = deepcopy(document(2))
    *way, last = path.split("/")
    reduce(getitem, way, spoiled)[last] = wrong
    assert not published().is_valid(spoiled)


@pytest.mark.parametrize("number", REVISIONS)
def test_every_reference_leads_somewhere(number: int) -> None:
    references = set(re.findall(r'"\$ref": "([^"]+)"', export("asyncapi", number)))
    assert len(references) > 100
    for reference in references:
        assert target(document(number), reference)


@pytest.mark.parametrize("number", REVISIONS)
def test_the_server_sends_events_and_receives_commands(number: int) -> None:
    whole = document(number)
    told = {}
    for name, action in (("send_events", "send"), ("receive_commands", "receive")):
        operation = whole["operations"][name]
        assert operation["action"] == action
        messages = [target(whole, entry["$ref"]) for entry in operation["messages"]]
        told[name] = [target(whole, message["$ref"])["name"] for message in messages]
    assert told["send_events"] == [event.name for event in revision(number).events()]
    assert told["receive_commands"] == list(COMMANDS)


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_message_describes_the_whole_frame(name: str) -> None:
    whole = document(2)
    payload = target(whole, whole["components"]["messages"][f"event_{name}"]["payload"]["$ref"])
    assert payload["properties"]["t"]["const"] == name
    schema = {"$ref": payload["properties"]["d"]["$ref"], "components": whole["components"]}
    assert Draft7Validator(schema).is_valid(PAYLOADS[name])
    assert not Draft7Validator(schema).is_valid({})


def test_the_channel_is_the_gateway() -> None:
    channel = document(2)["channels"]["gateway"]
    assert channel["address"] == GATEWAY_PATH
    assert channel["bindings"]["ws"]["query"]["properties"].keys() == {"access_token"}


def test_the_published_schema_comes_with_its_licence() -> None:
    assert "Apache License" in (PUBLISHED / "LICENSE").read_text(encoding="utf-8")
    assert "AsyncAPI" in (PUBLISHED / "NOTICE").read_text(encoding="utf-8")
