"""Nothing is left running when one of several fails."""

import asyncio

import pytest

from sync_check.harness.concurrency import all_done


async def test_results_come_in_order() -> None:
    async def give(value: int) -> int:
        return value

    assert await all_done(give(value) for value in range(3)) == [0, 1, 2]


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
