"""What befalls connections in a program: the target is restarted, or a peer is gone without a word."""

from collections.abc import Iterable

from sync_check.harness.client import Client
from sync_check.harness.company import Company
from sync_check.harness.explorer import moves
from sync_check.harness.explorer.program import Step
from sync_check.harness.faults.toxics import HalfOpen
from sync_check.harness.stage import Stage


async def befall(stage: Stage, client: Client, step: Step, people: Iterable[Client]) -> None:
    """Carry out one of `moves.ON_TARGET`, among these people."""
    if step.do == moves.VANISH:
        await _vanish(stage, client)
    else:
        await _restart(stage, people, killed=step.args.get("killed") is True)


async def found_out(company: Company) -> None:
    """Wait until the target has given up whoever vanished, if anybody did."""
    if company.network is not None:
        await company.network.given_up()


async def _restart(stage: Stage, people: Iterable[Client], *, killed: bool) -> None:
    """Bring everybody to rest and restart the target, if that can be done: connections end with it."""
    company = stage.company
    if company.target.restarts is None:
        return
    await stage.settle()
    await stage.restart(killed=killed)
    for client in people:
        client.connections = [connection for connection in client.connections if connection.is_open]


async def _vanish(stage: Stage, client: Client) -> None:
    """All connections of a client die: nothing comes from it any more, and nobody tells the target."""
    network = stage.company.network
    if network is None:
        return
    for connection in client.connections:
        # What was said there takes effect before.
        await connection.bound()
    network.put(client, HalfOpen())
    for connection in client.connections:
        await connection.cut()
    client.connections.clear()
