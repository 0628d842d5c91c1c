"""Doing several things at the same time, to the end."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def all_done(things: Iterable[Awaitable[T]]) -> list[T]:
    """Wait until all are done, and only then raise the first exception that one of them ended with.

    `asyncio.gather` leaves the others running when one fails; they would act in a scenario that is over.
    """
    results = await asyncio.gather(*things, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
