"""An outage of the target, under all that are connected to it."""

import asyncio
from collections.abc import Sequence

from sync_check.conformance.history import TargetDown, TargetUp
from sync_check.harness.client import Client
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.fence import Fence
from sync_check.harness.returning import come_back


async def restart(company: Company, lasting: Sequence[Client], *, killed: bool = False) -> None:
    """Have the target go away and come back; every connection ends.

    Of the clients only those come back at once who are `lasting`: they listen until the run ends.

    Users whose sessions did not outlive it log in again. Raises `ScenarioHalted` when it does not come back,
    `TargetUnavailable` when it knows none of the users any more.
    """
    target = company.target.restarts
    assert target is not None
    # They would be fenced at the run's end, and these connections of theirs end now.
    await Fence(company, (), lasting, company.ever_stirred).raise_and_wait()
    company.journal.record(TargetDown(at=company.clock.now_us(), killed=killed))
    await target.down(killed=killed)
    connections = [one for client in company.clients for one in client.connections]
    await asyncio.gather(*(connection.over() for connection in connections))
    await target.up()
    company.journal.record(TargetUp(at=company.clock.now_us()))
    await company.pool.revive()
    await all_done(come_back(client) for client in lasting)
