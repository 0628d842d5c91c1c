"""A server in virtual time that goes down and comes up again, as a process would."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
import pytest

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.network.sockets import open_gateway
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.simulation import Simulation, simulate, simulated_randomness

ACCOUNT: Final = {"username": "ana", "password": "long enough, too"}
Ends = list[tuple[EndOfConnection, int | None]]


def play(body: Callable[[Simulation, httpx.AsyncClient], Awaitable[None]]) -> None:
    randomness = simulated_randomness(1)
    loop = VirtualLoop(randomness)

    async def whole() -> None:
        simulation = simulate(loop, randomness)
        async with httpx.AsyncClient(transport=simulation.transport, base_url=simulation.target.url) as http:
            await body(simulation, http)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(whole())


async def logged_in(http: httpx.AsyncClient) -> str:
    answer = await http.post("/auth/login", json=ACCOUNT)
    return str(answer.json().get("access_token"))


async def connected(simulation: Simulation, token: str, ends: Ends) -> asyncio.Future[None]:
    """The end of a connection, of which `ends` is told."""
    gateway = await open_gateway(
        simulation.target.url,
        token=token,
        request_id="r",
        on_frame=lambda _frame, _binary: None,
        on_end=lambda how, code, _reason: ends.append((how, code)),
    )
    return gateway.ended


@pytest.mark.parametrize("killed", [False, True])
def test_connections_end_nobody_answers_and_what_was_stored_is_there_again(killed: bool) -> None:
    async def body(simulation: Simulation, http: httpx.AsyncClient) -> None:
        ends: Ends = []
        server = simulation.target.restarts
        assert server is not None
        await http.post("/auth/register", json=ACCOUNT)
        token = await logged_in(http)
        ended = [await connected(simulation, token, ends) for _ in range(2)]
        await server.down(killed=killed)
        await asyncio.wait(ended)
        closed = (EndOfConnection.DROPPED, None) if killed else (EndOfConnection.CLOSED_BY_TARGET, 1001)
        assert ends == [closed] * 2
        with pytest.raises(httpx.ConnectError):
            await http.get("/health")
        with pytest.raises(TargetUnavailable, match="nothing listens there"):
            await connected(simulation, token, ends)
        await server.up()
        assert (await http.get("/health")).status_code == 200
        me = await http.get("/auth/me", headers={"authorization": f"Bearer {token}"})
        # What was not kept in order is gone: this server keeps what is stored when it stops.
        assert me.status_code == (401 if killed else 200)
        assert (await logged_in(http) == "None") is killed

    play(body)


def test_with_nobody_connected_it_is_down_at_once_and_keeps_what_it_took_over() -> None:
    async def body(simulation: Simulation, http: httpx.AsyncClient) -> None:
        server = simulation.target.restarts
        assert server is not None
        await http.post("/auth/register", json=ACCOUNT)
        for _ in range(3):
            await server.down()
            await server.up()
        assert await logged_in(http) != "None"

    play(body)
