"""Fences: proof, without waiting for time to pass, that whatever was due has arrived.

A fence is a harmless, uniquely marked mutation that an observer must receive. Per-connection FIFO (DELIV-2)
and DELIV-5 then say that everything caused earlier has arrived on that connection or never will. In a guild
one message per channel fences all its subscribers at once; whoever is entitled to nothing there is fenced by
their own profile update, which still works after the last guild is lost.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import FenceMissed, Purpose
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.room import Room

FENCE_BUDGET_S: Final = 5.0
"""A failure budget, not a waiting time: running into it names the connection that is missing."""


class Fence:
    """One round of fences over all open connections of `clients`, of whom some are members of `rooms`."""

    def __init__(self, company: Company, rooms: Iterable[Room], clients: Iterable[Client]) -> None:
        self._company = company
        self._rooms = tuple(rooms)
        self._clients = tuple(clients)
        self._awaited: list[tuple[Connection, asyncio.Future[None], asyncio.Task[Reply]]] = []

    async def raise_and_wait(self) -> tuple[str, ...]:
        """Raise the fences and wait for them; returns the connections (`name#n`) that no fence reached."""
        covered: set[Connection] = set()
        for room in self._rooms:
            for channel_id in room.channels.values():
                covered |= self._post(room, channel_id)
        for client in self._clients:
            listening = [c for c in client.connections if c.is_open and not c.deaf]
            # It changes the profile, so whoever else is told of it has to have heard it as well.
            if any(connection not in covered for connection in listening):
                self._announce(client, listening)
        return await self._arrivals()

    def _post(self, room: Room, channel_id: str) -> set[Connection]:
        here = {
            connection
            for client in room.members
            for connection in client.connections
            if connection.is_open and not connection.deaf and channel_id in connection.subscriptions
        }
        if here:
            token = self._company.canary()
            message = ops.CreateMessage(
                guild_id=room.guild_id, channel_id=channel_id, content=f"fence {token}"
            )
            canary = Canary(text=token, what="message")
            self._raise(room.owner, message, token, here, (canary,))
        return here

    def _announce(self, client: Client, connections: list[Connection]) -> None:
        # An about text is public, so its token is no canary.
        token = self._company.token()
        self._raise(client, ops.UpdateProfile(about_markdown=f"fence {token}"), token, connections, ())

    def _raise(
        self,
        author: Client,
        operation: ops.Operation,
        token: str,
        connections: Iterable[Connection],
        canaries: tuple[Canary, ...],
    ) -> None:
        arrivals = [(connection, connection.watch(token)) for connection in connections]
        call = self._company.call(author, operation, purpose=Purpose.FENCE, canaries=canaries)
        task = asyncio.create_task(call)
        self._awaited += [(connection, arrival, task) for connection, arrival in arrivals]

    async def _arrivals(self) -> tuple[str, ...]:
        began = self._company.clock.now_us()
        tasks = {task for _, _, task in self._awaited}
        await asyncio.gather(*tasks)
        arrivals = [arrival for _, arrival, _ in self._awaited]
        if arrivals:
            await asyncio.wait(arrivals, timeout=FENCE_BUDGET_S)
        missed: list[str] = []
        for connection, arrival, task in self._awaited:
            if arrival.done():
                continue
            arrival.cancel()
            missed.append(connection.label)
            if not connection.is_open or not task.result().accepted:
                continue
            # Known to hear nothing: later rounds do not wait for it again.
            connection.deaf = True
            now = self._company.clock.now_us()
            self._company.journal.record(
                FenceMissed(at=now, op=task.result().op, connection=connection.id, waited_us=now - began)
            )
        return tuple(sorted(missed))
