"""One direction through toxics: when bytes come out, which, and who is told to stop."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest

from sync_check.harness.clock import Clock
from sync_check.harness.faults.frames import Frames
from sync_check.harness.faults.stream import MOST_WAITING, Outlet, Stream
from sync_check.harness.faults.toxics import (
    Bandwidth,
    HalfOpen,
    Latency,
    LimitData,
    LimitEvents,
    Slicer,
    Timeout,
    Toxic,
)
from sync_check.harness.randomness import Randomness
from tests.harness.faults.test_frames import ANSWER, told
from tests.harness.network.virtual.running import run


class Notes(Outlet):
    """Notes when what came out; on a cut nothing more passes."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.came: list[tuple[float, bytes]] = []
        self.happened: list[object] = []
        self.stream: Stream

    def deliver(self, data: bytes) -> None:
        self.came.append((self.loop.time(), data))

    def cut(self, toxic: Toxic) -> None:
        self.happened.append(toxic)
        self.stream.close()

    def hold(self, stop: bool) -> None:
        self.happened.append(stop)

    @property
    def text(self) -> bytes:
        return b"".join(data for _, data in self.came)

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.came]


def streaming(*toxics: Toxic, seed: int = 1, frames: bool = False) -> Notes:
    notes = Notes()
    chance = Randomness(seed).fresh("test")
    notes.stream = Stream(notes, chance, Frames() if frames else None)
    for toxic in toxics:
        notes.stream.add(toxic)
    return notes


async def passing(seconds: float) -> None:
    await Clock(started_unix=0).pause(seconds)


def test_without_toxics_bytes_pass_at_once() -> None:
    async def body() -> None:
        notes = streaming()
        notes.stream.feed(b"now")
        assert notes.came == [(0.0, b"now")]

    run(body())


def jittery(seed: int) -> Coroutine[Any, Any, list[tuple[float, bytes]]]:
    async def body() -> list[tuple[float, bytes]]:
        notes = streaming(Latency(latency_s=0.5, jitter_s=0.4), seed=seed)
        for number in range(40):
            notes.stream.feed(b"%02d" % number)
            await passing(0.01)
        await passing(2)
        return notes.came

    return body()


def test_latency_and_jitter_keep_the_order_and_depend_on_the_seed() -> None:
    came = run(jittery(1))
    assert [data for _, data in came] == [b"%02d" % number for number in range(40)]
    assert all(earlier <= later for earlier, later in pairwise([at for at, _ in came]))
    delays = [at - 0.01 * number for number, (at, _) in enumerate(came)]
    assert 0.1 <= min(delays) < max(delays) <= 0.91
    assert run(jittery(1)) == came != run(jittery(2))


def test_bandwidth_spreads_bytes_over_time() -> None:
    async def body() -> Notes:
        notes = streaming(Bandwidth(bytes_per_s=1000))
        notes.stream.feed(b"x" * 2000)
        await passing(1)
        assert len(notes.text) == pytest.approx(1000, abs=60)
        await passing(5)
        return notes

    notes = run(body())
    assert len(notes.text) == 2000
    assert notes.times[-1] == pytest.approx(2.0, abs=0.01)


def test_a_slicer_makes_pieces_with_pauses_between() -> None:
    async def body() -> Notes:
        notes = streaming(Slicer(average_size=10, size_variation=4, delay_s=0.1))
        notes.stream.feed(bytes(range(200)))
        await passing(60)
        return notes

    notes = run(body())
    assert notes.text == bytes(range(200))
    assert {len(data) for _, data in notes.came[:-1]} <= set(range(6, 15))
    assert len({len(data) for _, data in notes.came}) > 3
    assert all(later - earlier == pytest.approx(0.1) for earlier, later in pairwise(notes.times))


def test_nothing_is_lost_when_toxics_change_and_what_waits_is_due_anew() -> None:
    async def body() -> Notes:
        notes = streaming(Latency(latency_s=100))
        notes.stream.feed(b"first ")
        await passing(1)
        notes.stream.add(Latency(latency_s=1))
        notes.stream.feed(b"second ")
        await passing(0.5)
        assert notes.text == b""
        assert notes.stream.remove(Latency)
        assert not notes.stream.remove(Latency)
        notes.stream.feed(b"third")
        return notes

    assert run(body()).text == b"first second third"


def test_a_limit_of_bytes_is_exact_and_then_the_connection_is_cut() -> None:
    async def body() -> Notes:
        notes = streaming()
        notes.stream.feed(b"before ")
        notes.stream.add(LimitData(bytes=5))
        for _ in range(3):
            notes.stream.feed(b"abc")
        return notes

    notes = run(body())
    assert (notes.text, notes.happened) == (b"before abcab", [LimitData(bytes=5)])


def test_the_nth_event_of_a_name_is_not_told_and_all_before_it_is() -> None:
    async def body() -> Notes:
        notes = streaming(frames=True)
        notes.stream.feed(ANSWER + told("note"))
        notes.stream.add(LimitEvents(name="note", count=2))
        stream = told("note") + told("other") + told("note") + told("other")
        for place in range(0, len(stream), 7):
            notes.stream.feed(stream[place : place + 7])
        return notes

    notes = run(body())
    assert notes.text == ANSWER + told("note") * 2 + told("other")
    assert notes.happened == [LimitEvents(name="note", count=2)]


def test_events_are_counted_on_the_way_to_the_client_only() -> None:
    async def body() -> None:
        with pytest.raises(ValueError, match="downstream"):
            streaming(LimitEvents(name="note"))

    run(body())


def test_what_is_held_for_a_count_passes_when_it_is_lifted() -> None:
    async def body() -> Notes:
        notes = streaming(LimitEvents(name="note"), frames=True)
        notes.stream.feed(ANSWER + told("other")[:10])
        assert notes.text == ANSWER
        notes.stream.remove(LimitEvents)
        notes.stream.feed(told("other")[10:] + told("note"))
        return notes

    notes = run(body())
    assert (notes.text, notes.happened) == (ANSWER + told("other") + told("note"), [])


@pytest.mark.parametrize("toxic", [Timeout(), Latency(latency_s=1000)], ids=lambda one: one.kind)
def test_a_sender_is_told_to_stop_and_no_more_than_it_had_sent_is_kept(toxic: Toxic) -> None:
    async def body() -> None:
        notes = streaming(toxic)
        notes.stream.feed(b"x" * MOST_WAITING)
        assert notes.happened == []
        notes.stream.feed(b"x")
        assert (notes.happened, notes.stream.waiting) == ([True], MOST_WAITING + 1)
        notes.stream.remove(type(toxic))
        assert (notes.happened, notes.stream.waiting) == ([True, False], 0)
        assert len(notes.text) == MOST_WAITING + 1

    run(body())


def test_a_receiver_that_takes_nothing_stops_the_sender() -> None:
    async def body() -> None:
        notes = streaming()
        notes.stream.block(True)
        notes.stream.feed(b"x" * (MOST_WAITING + 1))
        assert (notes.text, notes.happened) == (b"", [True])
        notes.stream.block(False)
        assert (len(notes.text), notes.happened) == (MOST_WAITING + 1, [True, False])

    run(body())


def test_half_open_swallows_everything_and_stops_nobody() -> None:
    async def body() -> None:
        notes = streaming(Timeout())
        notes.stream.feed(b"x" * (MOST_WAITING + 1))
        notes.stream.add(HalfOpen())
        notes.stream.feed(b"x" * 3 * MOST_WAITING)
        notes.stream.end(lambda: notes.happened.append("end"))
        assert (notes.text, notes.happened, notes.stream.waiting) == (b"", [True, False], 0)

    run(body())


def test_an_end_waits_for_what_was_sent_before_it() -> None:
    async def body() -> Notes:
        notes = streaming(Latency(latency_s=1))
        notes.stream.feed(b"last")
        notes.stream.end(lambda: notes.happened.append(notes.text))
        notes.stream.end(lambda: notes.happened.append("a second end"))
        await passing(2)
        return notes

    assert run(body()).happened == [b"last"]


def test_calm_takes_off_all_that_has_an_end() -> None:
    async def body() -> None:
        notes = streaming(Latency(latency_s=9), Timeout(), Bandwidth(bytes_per_s=1))
        notes.stream.feed(b"held")
        notes.stream.calm()
        assert notes.text == b"held"
        notes.stream.add(HalfOpen())
        notes.stream.calm()
        assert notes.stream.is_silent

    run(body())
