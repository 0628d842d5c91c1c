"""Virtual time: it passes at once, in order, and stands still for nobody."""

import asyncio

import pytest

from sync_check.harness.clock import Clock
from sync_check.harness.network.virtual.loop import LONGEST_SILENCE_S, Deadlock, NotInVirtualTime
from tests.harness.network.virtual.running import run, this_loop


def test_an_hour_passes_at_once() -> None:
    async def body() -> float:
        clock = Clock(started_unix=1_000)
        for _ in range(60):
            await clock.pause(60)
            this_loop().progress()
        return clock.unix_s()

    # The time limit of a test is a minute.
    assert run(body()) == 4_600


def test_timers_fire_in_order_at_their_times() -> None:
    async def body() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        fired: list[tuple[str, float]] = []

        def fire(name: str) -> None:
            fired.append((name, loop.time()))

        for name, at in (("late", 3.0), ("early", 1.0), ("between", 2.5)):
            loop.call_later(at, fire, name)
        await Clock(started_unix=0).pause(5)
        return fired

    assert run(body()) == [("early", 1.0), ("between", 2.5), ("late", 3.0)]


async def _finishing_order() -> list[int]:
    finished: list[int] = []

    async def one(number: int) -> None:
        await Clock(started_unix=0).pause(1)
        finished.append(number)

    await asyncio.gather(*(one(number) for number in range(8)))
    return finished


def test_tasks_that_wake_together_run_in_the_order_of_the_seed() -> None:
    orders = [tuple(run(_finishing_order(), seed)) for seed in range(6)]
    assert orders == [tuple(run(_finishing_order(), seed)) for seed in range(6)]
    assert len(set(orders)) > 1


def test_callbacks_keep_their_order() -> None:
    async def body() -> list[int]:
        loop = asyncio.get_running_loop()
        called: list[int] = []
        for number in range(20):
            loop.call_soon(called.append, number)
        await Clock(started_unix=0).pause(1)
        return called

    assert run(body()) == list(range(20))


def test_waiting_for_what_never_comes_names_who_waits() -> None:
    async def waits_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"body > .*waits_for_ever"):
        run(_body(waits_for_ever()))


async def _body(inner: object) -> None:
    await inner  # type: ignore[misc]


def test_periodic_timers_are_no_progress() -> None:
    async def body() -> None:
        loop = this_loop()

        def tick() -> None:
            loop.call_later(30, tick)

        tick()
        await loop.create_future()

    with pytest.raises(Deadlock):
        run(body())


def test_silence_is_told_to_who_wants_to_know() -> None:
    async def body() -> tuple[float, int]:
        loop = this_loop()
        told: list[tuple[str, ...]] = []
        over = loop.create_future()

        def hear(waiting: tuple[str, ...]) -> None:
            told.append(waiting)
            if not over.done():
                over.set_result(None)

        loop.on_silence = hear
        loop.call_later(LONGEST_SILENCE_S * 3, over.cancel)
        await over
        return loop.time(), len(told)

    at, times = run(body())
    assert (at <= LONGEST_SILENCE_S, times) == (True, 1)


def test_there_are_no_threads() -> None:
    async def body() -> None:
        await asyncio.to_thread(print)

    with pytest.raises(NotInVirtualTime, match="a thread is not possible in virtual time"):
        run(body())


def test_nobody_listens_elsewhere() -> None:
    async def body() -> None:
        await asyncio.get_running_loop().create_connection(asyncio.Protocol, "elsewhere", 80)

    with pytest.raises(ConnectionRefusedError, match="elsewhere:80"):
        run(body())
