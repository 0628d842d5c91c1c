from collections.abc import Callable

import pytest

from sync_check.reference_server.outbound import Outbound, Pushed


class Writer:
    """Takes `room` frames and then blocks the queue in front of it, as a transport does."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.written: list[bytes] = []
        self.block: Callable[[], None] = lambda: None

    def write(self, frame: bytes) -> None:
        self.written.append(frame)
        self.room -= 1
        if self.room <= 0:
            self.block()


def queue(*, bound: int, room: int) -> tuple[Outbound, Writer]:
    writer = Writer(room)
    outbound = Outbound(bound=bound, write=writer.write)
    writer.block = outbound.block
    return outbound, writer


def frames(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_writes_at_once_while_the_writer_takes_it() -> None:
    outbound, writer = queue(bound=1, room=10)
    assert [outbound.push(frame) for frame in frames(5)] == [Pushed.QUEUED] * 5
    assert writer.written == frames(5)


@pytest.mark.witnesses("LIMIT-SLOW-1")
def test_holds_exactly_its_bound_behind_a_blocked_writer() -> None:
    outbound, writer = queue(bound=3, room=1)
    outcomes = [outbound.push(frame) for frame in frames(6)]
    assert outcomes == [Pushed.QUEUED] * 4 + [Pushed.FULL] * 2
    assert writer.written == frames(1)


@pytest.mark.witnesses("DELIV-2")
def test_drains_in_order_and_stops_where_the_writer_blocks_again() -> None:
    outbound, writer = queue(bound=10, room=1)
    for frame in frames(6):
        outbound.push(frame)
    writer.room = 2
    outbound.unblock()
    assert writer.written == frames(3)
    assert outbound.is_blocked
    writer.room = 100
    outbound.unblock()
    outbound.push(b"last")
    assert writer.written == [*frames(6), b"last"]


def test_takes_and_writes_nothing_once_closed() -> None:
    outbound, writer = queue(bound=10, room=1)
    for frame in frames(3):
        outbound.push(frame)
    outbound.close()
    assert outbound.push(b"more") is Pushed.CLOSED
    writer.room = 100
    outbound.unblock()
    assert writer.written == frames(1)
