"""A target whose process belongs to the run: it can go away and come back while clients are connected."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from sync_check.conformance.history import TargetDown, TargetUp

if TYPE_CHECKING:
    from sync_check.harness.company import Company


class Restartable(Protocol):
    """Such a process. What it keeps of what was stored is the target's own affair.

    While it is down `GET /health` is refused; connections end when it goes, and nobody reconnects them.
    """

    async def down(self, *, killed: bool = False) -> None:
        """End it as its owner does, or without warning: `killed`. Afterwards nothing of it runs."""

    async def up(self) -> None:
        """Start it again at the same addresses and wait until it is ready.

        Raises `ScenarioHalted` when it does not come back.
        """

    def resident_bytes(self) -> int | None:
        """Bytes of memory that its processes have resident; None where the system does not tell."""


async def restart(company: Company, *, killed: bool = False) -> None:
    """Have the target go away and come back; every connection ends, and nobody comes back by that alone.

    Users whose sessions did not outlive it log in again. Raises `ScenarioHalted` when it does not come back,
    `TargetUnavailable` when it knows none of the users any more.
    """
    target = company.target.restarts
    assert target is not None
    company.journal.record(TargetDown(at=company.clock.now_us(), killed=killed))
    await target.down(killed=killed)
    connections = [one for client in company.clients for one in client.connections]
    await asyncio.gather(*(connection.over() for connection in connections))
    await target.up()
    company.journal.record(TargetUp(at=company.clock.now_us()))
    await company.pool.revive()
