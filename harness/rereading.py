"""Re-fetching for a replica: one batch at a time, and what is asked for repeatedly meanwhile is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sync_check.harness.refetch import Fetched, Refetch
from sync_check.harness.replica import Replica

Read = Callable[[Refetch], Awaitable[Fetched]]
"""Reads one thing from REST; does not raise for what a target does."""


class Rereading:
    """The re-fetches of one replica."""

    __slots__ = ("_read", "_replica", "_under_way", "_wanted")

    def __init__(self, replica: Replica, read: Read) -> None:
        self._replica = replica
        self._read = read
        self._wanted: dict[Refetch, None] = {}
        self._under_way: asyncio.Future[None] | None = None

    async def fetch(self, wanted: Iterable[Refetch]) -> None:
        """Read `wanted`, and what turns out to be needed after it, into the replica.

        May be called again while it runs: returns when everything asked for so far was read.
        """
        self._wanted.update(dict.fromkeys(wanted))
        while self._under_way is not None:
            await asyncio.wait((self._under_way,))
        if not self._wanted:
            return
        self._under_way = asyncio.get_running_loop().create_future()
        try:
            # It ends: a read asks for another one only when something held was pruned.
            while self._wanted:
                await self._round()
        finally:
            self._under_way.set_result(None)
            self._under_way = None

    async def _round(self) -> None:
        batch = tuple(self._wanted)
        self._wanted.clear()
        self._replica.begin_refetch()
        results: list[Fetched] = []
        try:
            results = await asyncio.gather(*(self._read(refetch) for refetch in batch))
        finally:
            self._wanted.update(dict.fromkeys(self._replica.finish_refetch(results)))
