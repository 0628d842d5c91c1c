"""Sending what no client should: each input on its own connection, and behind it what must have no effect.

Such a connection is never subscribed to anything, so that its end tells nobody anything. What comes of an
input is for the judges to say; between groups of inputs the counters are read.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.inputs import ENDLESS, Filled, Input
from sync_check.conformance.contract.inputs import Place as Target
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.metrics import read_metrics
from sync_check.harness.room import Place

_AT_ONCE: Final = 16
_MOST_WAITS: Final = 3
"""Groups in which something is waited for in vain: of a target that ends nothing that is known by then."""


class Intrusion:
    """Inputs that `clients`, members with access to `place`, send by turns."""

    def __init__(self, company: Company, clients: Sequence[Client], place: Place) -> None:
        self._company = company
        self._clients = clients
        self._place = place
        self._turn = 0
        self._vain = 0

    async def attempt(self, inputs: Sequence[Input]) -> None:
        """Send each of the inputs, wait for the ends that are due, and read the counters."""
        outcomes = await all_done((self._attempt(one) for one in inputs), at_once=_AT_ONCE)
        self._vain += not all(outcomes)
        await read_metrics(self._company)

    async def _attempt(self, one: Input) -> bool:
        """Send one; whether its connection ended where that is due."""
        client = self._clients[self._turn % len(self._clients)]
        self._turn += 1
        connection = await client.another(1)
        await connection.open()
        filled = one.filled(self._target(), self._company.target.limits)
        connection.put(filled)
        if one.followed and connection.is_open:
            later = ops.SendMessage(
                guild_id=self._place.guild_id,
                channel_id=self._place.channel_id,
                content=f"after {one.id} {self._company.token()}",
            )
            connection.say(later, awaited=False)
        return await self._take_leave(connection, filled)

    async def _take_leave(self, connection: Connection, filled: Filled) -> bool:
        is_due = filled.expected not in ENDLESS
        if is_due and self._vain < _MOST_WAITS:
            await connection.over()
        has_ended = not connection.is_open
        await connection.close()
        return has_ended or not is_due

    def _target(self) -> Target:
        return Target(
            guild_id=self._place.guild_id, channel_id=self._place.channel_id, text=self._company.token()
        )
