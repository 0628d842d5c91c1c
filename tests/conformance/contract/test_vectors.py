"""The vectors are whole, and the strict models say the same of their frames."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from sync_check.conformance.contract import vectors as module
from sync_check.conformance.contract.envelope import EnvelopeError, decode_server_frame
from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.payloads import read_payload
from sync_check.conformance.contract.vectors import (
    FAMILIES,
    Kind,
    Vector,
    VectorFile,
    Verdict,
    all_vectors,
    load_vectors,
)
from tests.each_vector import each_of

VECTORS = all_vectors()
ENVELOPES = load_vectors("envelope")
PAYLOADS = tuple(vector for vector in VECTORS if vector.event != "envelope")
EACH_PAYLOAD = each_of(PAYLOADS)


def payload_of(vector: Vector) -> dict[str, Any]:
    envelope = decode_server_frame(vector.text)
    assert (envelope.name, envelope.undeclared) == (vector.event, ())
    return envelope.payload


def is_sound(vector: Vector) -> bool:
    try:
        EVENTS[vector.event].model_validate(payload_of(vector))
    except ValidationError:
        return False
    return True


class TestCompleteness:
    @pytest.mark.parametrize("kind", [Kind.VALID, Kind.ADDITIVE, Kind.MALFORMED, Kind.REPEAT])
    def test_every_event_has_a_vector_of_each_kind(self, kind: Kind) -> None:
        assert {vector.event for vector in PAYLOADS if vector.kind is kind} == EVENTS.keys()

    def test_every_event_about_a_workspace_has_one_that_is_not_held(self) -> None:
        concerned = {name for name, event in EVENTS.items() if "guild_id" in event.model_fields}
        assert len(concerned) == 32
        unheld = {vector.event for vector in PAYLOADS if vector.kind is Kind.UNHELD}
        assert concerned <= unheld

    def test_every_required_field_is_missing_once_and_wrong_once(self) -> None:
        required = {
            (name, field)
            for name, event in EVENTS.items()
            for field, info in event.model_fields.items()
            if info.is_required()
        }
        malformed = {vector.id for vector in PAYLOADS if vector.kind is Kind.MALFORMED}
        assert [
            f"{name}/malformed/{how}-{field}"
            for name, field in sorted(required)
            for how in ("without", "wrong")
            if f"{name}/malformed/{how}-{field}" not in malformed
        ] == []

    def test_every_optional_actor_is_left_out_and_malformed_once(self) -> None:
        optional = {
            name
            for name, event in EVENTS.items()
            if "actor_user_id" in event.model_fields and not event.model_fields["actor_user_id"].is_required()
        }
        malformed = {vector.event for vector in PAYLOADS if vector.id.endswith("/malformed/actor-malformed")}
        present = {
            vector.event
            for vector in PAYLOADS
            if vector.kind is not Kind.MALFORMED and "actor_user_id" in payload_of(vector)
        }
        assert optional <= malformed
        assert optional <= present

    def test_every_update_is_refused_without_any_known_field(self) -> None:
        partial = {vector.event for vector in PAYLOADS if vector.id.endswith("/update-of-nothing-known")}
        assert partial == {
            "message_update",
            "channel_update",
            "workspace_update",
            "workspace_member_update",
            "workspace_role_update",
            "profile_update",
            "voice_participant_update",
        }

    def test_every_event_with_permission_names_has_one_with_unknown_names(self) -> None:
        assert {vector.event for vector in PAYLOADS if vector.kind is Kind.LENIENT} == {
            "workspace_role_create",
            "workspace_role_update",
            "workspace_channel_override_update",
            "workspace_channel_role_override_update",
            "workspace_channel_permission_override_update",
        }

    def test_the_rules_for_reading_frames_are_all_shown(self) -> None:
        shown = {requirement for vector in VECTORS for requirement in vector.requirements}
        assert {f"CLIENT-{number}" for number in (1, 2, 3, 4, 5, 8)} | {"COMPAT-3"} <= shown

    def test_ids_are_unique_and_the_files_are_the_families(self) -> None:
        assert len({vector.id for vector in VECTORS}) == len(VECTORS)
        names = {entry.name for entry in files(module).iterdir() if entry.name.endswith(".json")}
        assert names == {f"{family}.json" for family in FAMILIES}

    def test_an_event_stands_in_one_family(self) -> None:
        homes = [{vector.event for vector in load_vectors(family)} for family in FAMILIES]
        assert sum(map(len, homes)) == len(set().union(*homes))


@EACH_PAYLOAD
def test_the_model_of_an_event_says_what_the_vector_says(vector: Vector) -> None:
    reading = read_payload(vector.event, payload_of(vector))
    assert (reading.event is None) is (vector.verdict is Verdict.IGNORE) is (vector.kind is Kind.MALFORMED)
    assert is_sound(vector) is (vector.kind not in {Kind.ADDITIVE, Kind.MALFORMED, Kind.LENIENT})
    assert bool(reading.undeclared) is (vector.kind is Kind.ADDITIVE) or vector.kind is Kind.MALFORMED
    assert bool(reading.faults) is (vector.kind in {Kind.LENIENT, Kind.MALFORMED})


@EACH_PAYLOAD
def test_what_is_sound_is_sent_again_as_it_came(vector: Vector) -> None:
    if is_sound(vector):
        payload = payload_of(vector)
        assert EVENTS[vector.event].model_validate(payload).wire() == payload


class TestEnvelopes:
    @pytest.mark.parametrize("vector", ENVELOPES, ids=lambda vector: vector.id)
    def test_the_envelope_is_read_as_the_vector_says(self, vector: Vector) -> None:
        try:
            name = None if vector.binary else decode_server_frame(vector.text).name
        except EnvelopeError:
            name = None
        if len(vector.text.encode()) > Limits().max_gateway_event_bytes:
            name = None
        assert (name in EVENTS) is (vector.verdict is not Verdict.IGNORE)
        assert (name is not None and name not in EVENTS) is (vector.kind is Kind.UNKNOWN)

    def test_envelopes_go_to_the_very_edge_of_the_size(self) -> None:
        sizes = {vector.id.rpartition("/")[2]: len(vector.text.encode()) for vector in ENVELOPES}
        most = Limits().max_gateway_event_bytes
        assert sizes["just-within-the-size"] == most
        assert sizes["just-beyond-the-size"] == most + 1
        (multibyte,) = (v for v in ENVELOPES if v.id.endswith("beyond-the-size-in-bytes-alone"))
        assert len(multibyte.text) < most < len(multibyte.text.encode())


STATES = {"held": {"workspaces": {"01GARDEN000000000000000000": {"name": "a", "visibility": "public"}}}}
VECTOR: dict[str, Any] = {
    "id": "ready/valid",
    "verdict": "apply",
    "requirements": ["CLIENT-5"],
    "before": "held",
    "frame": {"v": 1, "t": "ready", "d": {}},
    "after": {"user_id": "01ANA000000000000000000000"},
}


def file_with(**changes: Any) -> dict[str, Any]:
    vector = {key: value for key, value in {**VECTOR, **changes}.items() if value is not None}
    return {"family": "some", "states": STATES, "vectors": [vector]}


class TestFiles:
    def test_after_is_before_with_the_slices_that_changed(self) -> None:
        (vector,) = VectorFile.model_validate(file_with()).vectors_in_full()
        assert vector.before == STATES["held"]
        assert vector.after == {**STATES["held"], "user_id": "01ANA000000000000000000000"}
        assert (vector.event, vector.kind) == ("ready", Kind.VALID)

    def test_a_slice_that_became_empty_is_gone(self) -> None:
        file = file_with(after={"workspaces": {}})
        (vector,) = VectorFile.model_validate(file).vectors_in_full()
        assert vector.after == {}

    def test_long_texts_are_put_together(self) -> None:
        file = file_with(frame=None, text=["a", {"of": "bc", "times": 3}, "d"])
        (vector,) = VectorFile.model_validate(file).vectors_in_full()
        assert vector.text == "abcbcbcd"

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "ready"},
            {"id": "ready/odd"},
            {"verdict": "maybe"},
            {"verdict": "ignore"},
            {"after": None},
            {"after": STATES["held"]},
            {"after": {"moods": {}}},
            {"requirements": []},
            {"requirements": ["CLIENT-99"]},
            {"before": "elsewhere"},
            {"before": {"user_id": "ana"}},
            {"frame": None},
            {"text": "both"},
            {"comment": "x"},
        ],
    )
    def test_a_faulty_vector_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            VectorFile.model_validate(file_with(**changes))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda file: file["vectors"].append(VECTOR),
            lambda file: file["vectors"].clear(),
            lambda file: file["states"].update(unused={}),
        ],
    )
    def test_a_faulty_file_is_refused(self, spoil: Callable[[dict[str, Any]], object]) -> None:
        file = json.loads(json.dumps(file_with()))
        spoil(file)
        with pytest.raises(ValidationError):
            VectorFile.model_validate(file)
