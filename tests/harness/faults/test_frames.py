"""Frames in a stream of bytes, however it is cut into pieces."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.harness.faults.frames import MOST_HELD, Frames, Part, event_in, size_of

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def told(event: str, size: int = 0) -> bytes:
    return frame(json.dumps({"v": 1, "d": {"pad": "x" * size}, "t": event}).encode())


def frame(payload: bytes, first: int = 0x81) -> bytes:
    if len(payload) < 126:
        return bytes((first, len(payload))) + payload
    if len(payload) < 65536:
        return bytes((first, 126)) + len(payload).to_bytes(2, "big") + payload
    return bytes((first, 127)) + len(payload).to_bytes(8, "big") + payload


def taken(frames: Frames, *pieces: bytes) -> list[Part]:
    return [part for piece in pieces for part in frames.take(piece)]


STREAM = ANSWER + told("ready") + frame(b"", 0x89) + told("big", 300) + told("huge", 70_000) + told("last")


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_what_passes_uncounted_passes_at_once_and_whole_frames_are_known_after_it(cuts: list[int]) -> None:
    places = sorted({0, *cuts, len(STREAM)})
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    loose, held = Frames(), Frames()
    assert [part.data for part in taken(loose, *pieces)] == pieces
    held.holds = True
    parts = taken(held, *pieces)
    assert b"".join(part.data for part in parts) == STREAM
    assert [part.event for part in parts if part.event] == ["ready", "big", "huge", "last"]
    # Wherever the stream was cut, both know now that a frame begins.
    loose.holds = True
    assert loose.take(told("next")) == held.take(told("next")) == [Part(told("next"), "next")]


def test_a_frame_that_is_on_its_way_when_frames_are_asked_for_passes_unread() -> None:
    for place in range(1, len(told("first", 200))):
        frames = Frames()
        first = told("first", 200)
        frames.take(ANSWER + first[:place])
        frames.holds = True
        parts = taken(frames, first[place:] + told("second"))
        assert [part.event for part in parts] == [None, "second"]


def test_what_is_held_back_passes_when_nobody_waits_for_it_any_more() -> None:
    frames = Frames()
    frames.holds = True
    frames.take(ANSWER)
    assert frames.take(told("cut")[:9]) == []
    frames.holds = False
    assert frames.rest() == told("cut")[:9]
    assert frames.take(told("cut")[9:]) == [Part(told("cut")[9:])]
    frames.holds = True
    assert frames.take(told("next")) == [Part(told("next"), "next")]


def test_a_frame_too_long_to_hold_passes_as_it_comes() -> None:
    frames = Frames()
    frames.holds = True
    frames.take(ANSWER)
    long = frame(b"x" * (MOST_HELD + 1))
    assert [part.data for part in frames.take(long[:500])] == [long[:500]]
    assert [part.event for part in taken(frames, long[500:] + told("next"))] == [None, "next"]


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b'{"t":1}', b"\xff", b"[" * 100_000], ids=lambda one: str(one[:8])
)
def test_what_is_no_envelope_tells_no_event(payload: bytes) -> None:
    assert event_in(payload) is None


def test_a_masked_frame_is_longer_by_its_mask() -> None:
    assert size_of(b"\x81\x85") == 2 + 4 + 5
    assert size_of(b"\x81\xfe\x01\x00") == 4 + 4 + 256
    assert size_of(b"\x81\xfe\x01") is None


def test_a_long_frame_in_single_bytes_is_looked_at_no_more_often_than_it_must() -> None:
    frames = Frames()
    frames.holds = True
    frames.take(ANSWER)
    long = told("long", 200_000)
    parts = [part for byte in long for part in frames.take(bytes((byte,)))]
    assert parts == [Part(long, "long")]
