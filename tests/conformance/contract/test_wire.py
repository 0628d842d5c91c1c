"""Frames as clients put them on the wire, and bytes as text that gives them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.frames import Opcode as Kind

from sync_check.conformance.contract.wire import (
    Opcode,
    WireFrame,
    binary_frame,
    encoded,
    escaped,
    text_frame,
    unescaped,
)


@given(st.binary(max_size=200))
def test_escaped_bytes_are_printable_and_come_back(data: bytes) -> None:
    assert escaped(data).isascii()
    assert escaped(data).isprintable() or not data
    assert unescaped(escaped(data)) == data


def test_what_is_readable_stays_readable() -> None:
    assert escaped(b'{"t":"a\\n"}\xff') == r'{"t":"a\\n"}\xff'


def test_a_marker_in_place_of_a_secret_stands_for_itself() -> None:
    assert unescaped("⟦secret⟧\\x00") == "⟦secret⟧".encode() + b"\0"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536])
def test_whole_frames_are_those_of_the_protocol(size: int) -> None:
    data = b"x" * size
    assert text_frame(data).encoded() == _unmasked(Frame(Kind.TEXT, data))
    assert binary_frame(data).encoded() == _unmasked(Frame(Kind.BINARY, data))


def _unmasked(frame: Frame) -> bytes:
    """The frame with a mask of zeros."""
    head = bytearray(bytes(frame.serialize(mask=False))[: -len(frame.data) or None])
    head[1] |= 0x80
    return bytes(head) + bytes(4) + bytes(frame.data)


def test_a_mask_is_laid_over_the_payload() -> None:
    assert text_frame(b"abcde").encoded(b"\x01\x02\x03\x04") == b"\x81\x85\x01\x02\x03\x04````d"


def test_each_part_of_a_head_can_be_wrong() -> None:
    assert WireFrame(opcode=3, fin=False, rsv=5).encoded() == b"\x53\x80\0\0\0\0"
    assert WireFrame(opcode=1, payload="x", masked=False).encoded() == b"\x81\x01x"
    assert WireFrame(opcode=1, payload="x", length=9).encoded() == b"\x81\x89\0\0\0\0x"
    assert WireFrame(opcode=1, payload="x", wide=2).encoded() == b"\x81\xfe\0\x01\0\0\0\0x"
    assert WireFrame(opcode=1, wide=8).encoded() == b"\x81\xff" + bytes(8) + bytes(4)


def test_pieces_that_are_no_frames_go_out_as_they_are() -> None:
    assert encoded(["\\x81", text_frame(b"")]) == b"\x81\x81\x80\0\0\0\0"


def test_only_what_is_unusual_is_told() -> None:
    assert text_frame(b"{}").told() == {"opcode": 1, "payload": "{}"}
    assert WireFrame(opcode=Opcode.PING, fin=False, length=3).told() == {
        "opcode": 9,
        "fin": False,
        "length": 3,
    }


@pytest.mark.parametrize(
    "frame",
    [
        WireFrame(opcode=16),
        WireFrame(opcode=-1),
        WireFrame(opcode=1, rsv=8),
        WireFrame(opcode=1, wide=3),
        WireFrame(opcode=1, length=126, wide=0),
        WireFrame(opcode=1, length=1 << 64),
        WireFrame(opcode=1, length=-1),
    ],
)
def test_numbers_that_no_head_can_hold_are_noticed(frame: WireFrame) -> None:
    assert not frame.is_writable
    assert text_frame(b"x" * 70_000).is_writable
