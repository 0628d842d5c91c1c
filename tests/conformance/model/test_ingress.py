"""What must follow from bytes on a connection: label, Close code, and nothing after the end."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import Piece, WireFrame, binary_frame, encoded, text_frame
from sync_check.conformance.model.ingress import Consequence, Ingress

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PLACE = {"guild_id": ULID, "channel_id": ULID}


def said(name: str = "subscribe", **payload: Any) -> bytes:
    return json.dumps({"v": 1, "t": name, "d": {**PLACE, **payload}}).encode()


def sent(*pieces: Piece, at: int = 0) -> list[Consequence]:
    return list(Ingress(Limits()).take(encoded(pieces), at))


def only(pieces: Iterable[Piece]) -> Consequence:
    (found,) = sent(*pieces)
    return found


@pytest.mark.parametrize(
    ("pieces", "label", "requirement", "codes"),
    [
        ([text_frame(b"{")], "invalid_envelope", "BAD-3", {1007, 1008}),
        ([binary_frame(b"\xff")], "invalid_envelope", "BAD-3", {1007, 1008}),
        ([binary_frame(b"{")], "invalid_envelope", "BAD-3", {1007, 1008}),
        ([text_frame(said(more=1))], "invalid_subscribe_payload", "BAD-4", {1008}),
        ([text_frame(said("message_create"))], "invalid_message_create_payload", "BAD-5", {1008}),
        ([text_frame(said("typing"))], "unknown_event", "BAD-6", {1008}),
        ([text_frame(b"x" * 65_537)], "event_too_large", "BAD-1", {1009}),
        ([text_frame(b"\xff")], "socket_error", "BAD-8", {1002, 1007}),
        ([WireFrame(opcode=3)], "socket_error", "BAD-8", {1002, 1007}),
        ([text_frame(said())] * 61, "ingress_rate_limited", "BAD-2", {1008}),
    ],
)
def test_each_offence_has_its_label_and_code(
    pieces: list[Piece], label: str, requirement: str, codes: set[int]
) -> None:
    *before, last = sent(*pieces, text_frame(b"{"))
    assert not any(one.may_end for one in before)
    assert (set(last.labels), last.requirement, set(last.codes)) == ({label}, requirement, codes)
    assert last.must_end


def test_a_command_is_to_be_carried_out() -> None:
    found = only([text_frame(said("message_create", content="x"))])
    assert not found.may_end
    assert found.said is not None
    assert found.said.payload["content"] == "x"


def test_an_unknown_name_is_counted_under_itself() -> None:
    assert only([text_frame(said("typing"))]).event == "typing"


def test_binary_should_be_treated_alike() -> None:
    found = only([binary_frame(said())])
    assert found.alike
    assert found.may_end
    assert not found.must_end
    assert found.said is not None
    unknown = only([binary_frame(said("typing"))])
    assert unknown.labels == {"unknown_event", "invalid_envelope", "socket_error"}
    assert unknown.must_end
    assert unknown.alike


def test_what_is_left_open_is_so_in_binary_as_well() -> None:
    found = only([binary_frame(said(channel_id=ULID.lower()))])
    assert found.may_survive
    assert not found.alike
    assert "invalid_subscribe_payload" in found.labels


def test_the_size_is_looked_at_first() -> None:
    ingress = Ingress(Limits())
    for _ in range(60):
        assert not ingress.command(0).may_end
    (found,) = ingress.take(text_frame(b"x" * 65_537).encoded(), 0)
    assert found.labels == {"event_too_large"}


def test_whether_it_is_one_too_many_may_depend_on_the_way() -> None:
    ingress = Ingress(Limits())
    for number in range(60):
        assert not ingress.command(number * 150_000).may_end
    doubtful = ingress.command(60 * 150_000)
    assert (doubtful.may_end, doubtful.must_end) == (True, False)
    (both,) = ingress.take(text_frame(b"{").encoded(), 60 * 150_000)
    assert both.labels == {"ingress_rate_limited", "invalid_envelope"}
    assert not Ingress(Limits()).command(0).may_end


def test_who_keeps_to_the_rate_is_in_no_doubt() -> None:
    ingress = Ingress(Limits())
    assert not any(ingress.command(number * 300_000).may_end for number in range(200))


def test_fragments_may_count_one_by_one_or_not() -> None:
    parts = [WireFrame(opcode=1, fin=False), *[WireFrame(opcode=0, fin=False)] * 60]
    found = only([*parts, WireFrame(opcode=0, payload=said().decode())])
    assert (found.may_end, found.must_end) == (True, False)


def test_a_command_within_a_message_breaks_the_protocol() -> None:
    ingress = Ingress(Limits())
    assert list(ingress.take(WireFrame(opcode=1, fin=False).encoded(), 0)) == []
    assert ingress.command(0).labels == {"socket_error"}


def test_the_own_close_is_counted_as_such() -> None:
    assert only([WireFrame(opcode=8), text_frame(b"{")]).labels == {"client_close"}
