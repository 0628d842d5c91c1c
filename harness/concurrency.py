"""Doing several things at the same time, to the end."""

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import nullcontext
from typing import TypeVar

T = TypeVar("T")


async def all_done(things: Iterable[Awaitable[T]], *, at_once: int | None = None) -> list[T]:
    """Wait until all are done, and only then raise the first exception that one of them ended with.

    `asyncio.gather` leaves the others running when one fails; they would act in a scenario that is over. No
    more than `at_once` are under way at a time.
    """
    turns = asyncio.Semaphore(at_once) if at_once is not None else nullcontext()

    async def in_turn(thing: Awaitable[T]) -> T:
        async with turns:
            return await thing

    results = await asyncio.gather(*map(in_turn, things), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
