"""Re-fetching for a replica: one batch at a time, and what is asked for repeatedly meanwhile is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sync_check.harness.refetch import Fetched, Refetch
from sync_check.harness.replica import Replica

Read = Callable[[Refetch], Awaitable[Fetched]]
"""Reads one thing from REST; does not raise for what a target does."""


class Rereading:
    """The re-fetches of one replica."""

    __slots__ = ("_lock", "_read", "_replica", "_wanted")

    def __init__(self, replica: Replica, read: Read) -> None:
        self._replica = replica
        self._read = read
        self._wanted: dict[Refetch, None] = {}
        self._lock = asyncio.Lock()

    async def fetch(self, wanted: Iterable[Refetch]) -> None:
        """Read `wanted`, and what turns out to be needed after it, into the replica.

        May be called again while it runs: returns when everything asked for so far was read.
        """
        self._wanted.update(dict.fromkeys(wanted))
        async with self._lock:
            # It ends: a read asks for another one only when something held was pruned.
            while self._wanted:
                await self._round()

    async def _round(self) -> None:
        batch = tuple(self._wanted)
        self._wanted.clear()
        self._replica.begin_refetch()
        results: list[Fetched] = []
        try:
            results = await asyncio.gather(*(self._read(refetch) for refetch in batch))
        finally:
            self._wanted.update(dict.fromkeys(self._replica.finish_refetch(results)))
