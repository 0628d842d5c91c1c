"""The bytes of a client are read as RFC 6455 has it, however they are cut up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.contract.wire import (
    Opcode,
    Piece,
    WireFrame,
    binary_frame,
    encoded,
    escaped,
    text_frame,
)
from sync_check.conformance.model.client_stream import ClientStream, Close, Fault, Message, Read

LONGEST = 200


def read(*pieces: Piece, longest: int = LONGEST) -> list[Read]:
    return list(ClientStream(longest).take(encoded(pieces, b"abcd")))


def part(data: bytes, opcode: int = 1, *, fin: bool = False) -> WireFrame:
    return WireFrame(opcode=opcode, payload=escaped(data), fin=fin)


def close(data: bytes) -> WireFrame:
    return WireFrame(opcode=Opcode.CLOSE, payload=escaped(data))


PING = WireFrame(opcode=Opcode.PING, payload="p")


def test_whole_messages_are_read_in_order() -> None:
    assert read(text_frame(b"{}"), binary_frame(b"\xff"), text_frame(b"")) == [
        Message(b"{}", is_text=True),
        Message(b"\xff", is_text=False),
        Message(b"", is_text=True),
    ]


def test_a_message_may_come_in_parts_with_control_frames_between() -> None:
    smile = "☺".encode()
    parts = (part(smile[:1]), PING, part(smile[1:], 0), part(b"", 0, fin=True))
    assert read(*parts) == [Message(smile, is_text=True, frames=3)]


@given(st.lists(st.integers(1, 40), max_size=8))
def test_how_the_bytes_are_cut_makes_no_difference(cuts: list[int]) -> None:
    data = encoded([text_frame(b"x" * 130), PING, part(b"y"), part(b"z", 0, fin=True), close(b"")])
    stream, found = ClientStream(LONGEST), list[Read]()
    for cut in cuts:
        found += stream.take(data[:cut])
        data = data[cut:]
    found += stream.take(data)
    assert found == [Message(b"x" * 130, is_text=True), Message(b"yz", is_text=True, frames=2), Close()]


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([WireFrame(opcode=1, payload="{}", masked=False)], Fault.PROTOCOL),
        ([WireFrame(opcode=1, rsv=4)], Fault.PROTOCOL),
        ([WireFrame(opcode=1, rsv=1)], Fault.PROTOCOL),
        *[([WireFrame(opcode=opcode)], Fault.PROTOCOL) for opcode in (3, 7, 11, 15)],
        ([WireFrame(opcode=9, fin=False)], Fault.PROTOCOL),
        ([WireFrame(opcode=9, payload="x" * 126)], Fault.PROTOCOL),
        ([WireFrame(opcode=8, payload="x" * 126)], Fault.PROTOCOL),
        ([part(b"x", 0, fin=True)], Fault.PROTOCOL),
        ([part(b"x"), text_frame(b"y")], Fault.PROTOCOL),
        ([part(b"x"), binary_frame(b"y")], Fault.PROTOCOL),
        ([text_frame(b"\xff")], Fault.NOT_UTF8),
        ([text_frame(b"\xc0\x80")], Fault.NOT_UTF8),
        ([text_frame(b"\xed\xa0\x80")], Fault.NOT_UTF8),
        ([part(b"\xe2"), part(b"x", 0, fin=True)], Fault.NOT_UTF8),
        ([text_frame(b"x" * 201)], Fault.TOO_LONG),
        ([part(b"x" * 200), part(b"x", 0, fin=True)], Fault.TOO_LONG),
        ([WireFrame(opcode=1, length=1 << 40)], Fault.TOO_LONG),
        ([WireFrame(opcode=1, length=1 << 63)], Fault.LONGER_THAN_ANY),
        ([WireFrame(opcode=1, payload="{}", wide=2)], Fault.DISPUTED),
        ([WireFrame(opcode=1, payload="x" * 126, wide=8)], Fault.DISPUTED),
        ([close(b"x")], Fault.PROTOCOL),
        *[([close(code.to_bytes(2, "big"))], Fault.PROTOCOL) for code in (0, 999, 1005, 1006, 1015, 5000)],
        ([close(b"\x03\xe8\xff")], Fault.NOT_UTF8),
        *[([close(code.to_bytes(2, "big"))], Fault.DISPUTED) for code in (1004, 1016, 2999)],
    ],
)
def test_what_is_wrong_ends_the_stream(pieces: list[Piece], fault: Fault) -> None:
    assert read(*pieces, text_frame(b"later")) == [fault]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_ends_the_stream(code: int) -> None:
    assert read(close(code.to_bytes(2, "big") + b"bye"), text_frame(b"later")) == [Close()]


def test_exactly_the_longest_message_is_read() -> None:
    assert read(text_frame(b"x" * LONGEST)) == [Message(b"x" * LONGEST, is_text=True)]


def test_what_is_not_whole_is_waited_for() -> None:
    stream = ClientStream(LONGEST)
    assert list(stream.take(part(b"x").encoded())) == []
    assert not stream.is_between
    assert list(stream.take(part(b"y", 0, fin=True).encoded()[:3])) == []
    assert not stream.is_over
