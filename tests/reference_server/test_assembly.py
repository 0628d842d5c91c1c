"""Putting fragments together again: any number with something in them, few without."""

import tracemalloc

import pytest
from websockets.frames import Frame, Opcode

from sync_check.reference_server.assembly import Assembled, Assembly, TooManyFragments

FIRST = Frame(Opcode.TEXT, b"", fin=False)
EMPTY = Frame(Opcode.CONT, b"", fin=False)
LAST = Frame(Opcode.CONT, b"")


def whole(assembly: Assembly, *frames: Frame) -> list[Assembled]:
    return [message for frame in frames if (message := assembly.take(frame)) is not None]


def test_fragments_become_one_message_and_each_message_begins_anew() -> None:
    assembly = Assembly(max_empty=0)
    parts = [Frame(Opcode.CONT, part, fin=False) for part in (b"b", b"c")]
    text = whole(assembly, Frame(Opcode.TEXT, b"a", fin=False), *parts, Frame(Opcode.CONT, b"d"))
    assert text == [Assembled(is_text=True, data=b"abcd")]
    assert whole(assembly, Frame(Opcode.BINARY, b"")) == [Assembled(is_text=False, data=b"")]


def test_each_message_may_have_so_many_empty_fragments_and_no_more() -> None:
    assembly = Assembly(max_empty=2)
    for _ in range(3):
        assert whole(assembly, FIRST, EMPTY, LAST) == [Assembled(is_text=True, data=b"")]
    assert whole(assembly, FIRST, EMPTY) == []
    with pytest.raises(TooManyFragments):
        assembly.take(EMPTY)


def test_a_message_in_fragments_of_a_byte_weighs_little_more_than_in_one() -> None:
    assembly, size = Assembly(max_empty=0), 65_536
    frames = [Frame(Opcode.BINARY, b"0", fin=False)]
    frames += [Frame(Opcode.CONT, b"%d" % (number % 10), fin=False) for number in range(size - 1)]
    tracemalloc.start()
    assert whole(assembly, *frames) == []
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 * size
