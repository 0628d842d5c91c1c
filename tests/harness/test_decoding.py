"""Frames are decoded once, and what a client ignores is told apart."""

import json

import pytest

from sync_check.conformance.contract.events import MessageCreate
from sync_check.harness.decoding import Decoder
from tests.harness.wire import (
    THIRD,
    create_frame,
    frame,
)


def test_frames_are_decoded_once_for_all_replicas() -> None:
    decoder = Decoder()
    text = create_frame(THIRD)
    assert decoder.decode(text) is decoder.decode(str(text.encode(), "utf-8"))


def test_a_known_event_is_read() -> None:
    event = Decoder().decode(create_frame(THIRD)).event
    assert isinstance(event, MessageCreate)
    assert event.message_id == THIRD


def test_an_unknown_name_is_told_apart_from_a_fault() -> None:
    unknown = Decoder().decode(frame("workspace_exploded"))
    assert (unknown.event, unknown.unknown) == (None, True)
    faulty = Decoder().decode(frame("ready", user_id=1))
    assert (faulty.event, faulty.unknown) == (None, False)


@pytest.mark.parametrize(("size", "read"), [(0, True), (1, False)])
def test_frames_beyond_the_limit_are_ignored_by_their_bytes(size: int, read: bool) -> None:
    text = create_frame(THIRD, "ü")
    text = json.dumps(json.loads(text), ensure_ascii=False)
    decoder = Decoder(max_event_bytes=len(text.encode()) - size)
    assert (decoder.decode(text).event is not None) is read
