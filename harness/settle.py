"""Settling: bring everybody to rest by fences, then write down what each replica believes and what REST says.

Order: wait until what was said by command has taken effect, which no REST fence bounds; fence every open
connection; wait for pending re-fetches, and fence again if one ran; take the replicas; read fresh snapshots,
sweep the read surfaces and read the counters; fence again, which proves that nothing more came of it, and
that all that was counted has arrived. An operation in between voids the comparison: it is repeated once, then
given up.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from sync_check.conformance.contract.slices import (
    FRIEND_REQUESTS,
    FRIENDS,
    PERMISSIONS,
    PROFILES,
    REACTIONS,
    REQUEST_NAMES,
    View,
)
from sync_check.conformance.history import (
    ReplicaTaken,
    SettleBegun,
    SettleEnded,
    SnapshotTaken,
)
from sync_check.harness.client import Connection
from sync_check.harness.company import Company
from sync_check.harness.fence import Fence
from sync_check.harness.metrics import read_metrics
from sync_check.harness.room import Room
from sync_check.harness.sweep import Read, Sweep

EVERYBODY_BELOW: Final = 50
"""Up to this many connections each gets a snapshot; above, one per class of equal replicas and a few."""
DRAWN: Final = 8


class Settle:
    """One settle over all open connections of the clients that are playing."""

    def __init__(self, company: Company, rooms: tuple[Room, ...]) -> None:
        self._company = company
        self._rooms = rooms
        self._guilds = tuple(room.guild_id for room in rooms)

    async def run(self) -> None:
        """Settle; a comparison that an operation voided is repeated once."""
        if not await self._once():
            await self._once()

    async def _once(self) -> bool:
        company = self._company
        await asyncio.gather(*(connection.bound() for connection in self._open()))
        number = company.journal.next_settle()
        company.journal.record(SettleBegun(at=company.clock.now_us(), settle=number))
        missed = await self._fence()
        if await self._reread():
            missed += await self._fence()
        mutations = company.caller.mutations
        taken = self._take_replicas(number)
        read = await self._take_snapshots(number, taken)
        if company.sweeps:
            await Sweep(company, self._rooms, read).run()
        await read_metrics(company)
        disturbed = company.caller.mutations != mutations
        missed += await self._fence()
        company.journal.record(
            SettleEnded(at=company.clock.now_us(), settle=number, void=_void(disturbed, missed))
        )
        return not disturbed

    async def _fence(self) -> tuple[str, ...]:
        company = self._company
        return await Fence(company, self._rooms, company.playing, company.stirred).raise_and_wait()

    async def _reread(self) -> bool:
        pending = await asyncio.gather(*(connection.read_up() for connection in self._open()))
        return any(pending)

    def _open(self) -> list[Connection]:
        return [
            one
            for client in self._company.playing
            for one in client.connections
            if one.is_open and not one.is_silent
        ]

    def _take_replicas(self, number: int) -> list[tuple[Connection, View]]:
        taken: list[tuple[Connection, View]] = []
        for connection in self._open():
            guilds = self._guilds_of(connection)
            view = connection.replica.view(guilds)
            taken.append((connection, view))
            self._company.journal.record(
                ReplicaTaken(
                    at=self._company.clock.now_us(),
                    settle=number,
                    connection=connection.id,
                    guilds=guilds,
                    slices=self._company.journal.slices(view),
                )
            )
        return taken

    def _guilds_of(self, connection: Connection) -> tuple[str, ...]:
        """The guilds of the rooms, and the own one in which the connection is subscribed to be fenced."""
        home = connection.client.account.home
        at_home = home is not None and home.channel_id in connection.replica.live
        return (*self._guilds, home.guild_id) if home is not None and at_home else self._guilds

    async def _take_snapshots(self, number: int, taken: list[tuple[Connection, View]]) -> set[Read]:
        """Returns who has read what."""
        chosen = self._sample(taken)
        snapshots = await asyncio.gather(*(self._snapshot(number, connection) for connection in chosen))
        return set().union(*snapshots)

    def _sample(self, taken: list[tuple[Connection, View]]) -> list[Connection]:
        if len(taken) <= EVERYBODY_BELOW:
            return [connection for connection, _ in taken]
        classes = {_view_class(view, self._company): connection for connection, view in taken}
        drawn = self._company.randomness.stream("snapshot-sample").sample(taken, DRAWN)
        return list(dict.fromkeys([*classes.values(), *(connection for connection, _ in drawn)]))

    async def _snapshot(self, number: int, connection: Connection) -> set[Read]:
        guilds = self._guilds_of(connection)
        wanted = connection.replica.reads_for(guilds)
        view = await connection.fresh_view(guilds, wanted)
        self._company.journal.record(
            SnapshotTaken(
                at=self._company.clock.now_us(),
                settle=number,
                connection=connection.id,
                guilds=guilds,
                slices=self._company.journal.slices(view),
            )
        )
        return {(connection.client, one) for one in wanted}


def _view_class(view: View, company: Company) -> tuple[str, ...]:
    """Connections whose replicas agree in everything that is not personal are of one class."""
    personal = (PROFILES, PERMISSIONS, REACTIONS, FRIENDS, FRIEND_REQUESTS, REQUEST_NAMES)
    shared = {key: value for key, value in view.items() if key.partition("/")[0] not in personal}
    return tuple(sorted(company.journal.slices(shared).values()))


def _void(disturbed: bool, missed: Iterable[str]) -> str | None:
    if disturbed:
        return "an operation was in progress during the comparison"
    names = sorted(set(missed))
    return f"no fence reached {', '.join(names[:10])}" if names else None
