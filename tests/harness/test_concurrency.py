"""Nothing is left running when one of several fails."""

import asyncio

import pytest

from sync_check.harness.concurrency import all_done


async def test_results_come_in_order() -> None:
    async def give(value: int) -> int:
        return value

    assert await all_done(give(value) for value in range(3)) == [0, 1, 2]


async def test_no_more_are_under_way_than_allowed() -> None:
    under_way: list[int] = []
    most: list[int] = []

    async def work(number: int) -> int:
        under_way.append(number)
        most.append(len(under_way))
        await asyncio.get_running_loop().run_in_executor(None, len, ())
        under_way.remove(number)
        return number

    assert await all_done((work(number) for number in range(9)), at_once=3) == list(range(9))
    assert max(most) == 3


async def test_the_others_are_finished_before_the_first_failure_is_raised() -> None:
    finished: list[str] = []
    begun = asyncio.Event()

    async def fails() -> None:
        begun.set()
        raise ZeroDivisionError

    async def goes_on() -> None:
        await begun.wait()
        finished.append("went on")

    with pytest.raises(ZeroDivisionError):
        await all_done((fails(), goes_on()))
    assert finished == ["went on"]
