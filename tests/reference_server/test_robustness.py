"""The server in a process of its own, abused: it stays up, forgets what has ended, and delays nobody else.

`make test` commits a thousand abuses; `SYNC_CHECK_ABUSES=10000`, as in `.ci/run`, that many.
"""

import asyncio
import json
import math
import os
import re
import socket
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from sync_check.harness.network.sockets import open_gateway
from tests.reference_server.abuse import Place, text
from tests.reference_server.running import PASSWORD, WITHIN_S

# Taken out of the environment, or the server would warn of a variable that it does not read.
ABUSES: Final = int(os.environ.pop("SYNC_CHECK_ABUSES", "1000")) // 2
"""In each of two rounds."""
EVERY_S: Final = 0.006
BASELINE: Final = 150
"""Messages of a stretch without abuse."""
MAX_FACTOR: Final = 2.0
MAX_DELAY_S: Final = 0.02
MAX_LAG_S: Final = 0.005
MAX_WAIT_SHARE: Final = 0.1
"""A quiet machine makes the server wait for 1 % of the time."""
ATTEMPTS: Final = 3
"""How often a measurement is repeated that a busy machine has spoiled."""
MAX_GROWTH_KB: Final = 4096
"""Of the second round. A kilobyte kept of each of ten thousand abuses would be 5,000."""
HALF_OPEN: Final = 50
_NUMBER: Final = re.compile(r'"content":"number (\d+)"')


@dataclass(kw_only=True)
class Server:
    process: asyncio.subprocess.Process
    log: Path
    http: httpx.AsyncClient
    place: Place

    def resident_kilobytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def waited_s(self) -> float:
        """Seconds for which it could have run and no core was free, since its start."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9

    def complaints(self) -> list[str]:
        """What it logged, beside that it was sent bad requests."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line != "WARNING uvicorn.error: Invalid HTTP request received."]

    async def disconnects(self) -> dict[str, int]:
        series = re.findall(
            r'ws_disconnects_total{reason="(\w+)"} (\d+)', (await self.http.get("/metrics")).text
        )
        return {reason: int(count) for reason, count in series}


@asynccontextmanager
async def server_process(folder: Path, *limits: str) -> AsyncIterator[Server]:
    """A server, and a guild with one channel and one member on it."""
    log = folder / "stderr"
    raised = ("requests_per_minute=1000000", "auth_requests_per_minute=1000000", "max_body_bytes=65536")
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sync_check.reference_server", "--embedded"),
            *(f"--limit={limit}" for limit in (*raised, *limits)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    url = json.loads(await process.stdout.readline())["listening"]
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=WITHIN_S) as http:
        try:
            place = await settle_in(http, int(url.rpartition(":")[2]))
            yield Server(process=process, log=log, http=http, place=place)
            assert process.returncode is None
        finally:
            process.stdin.close()
            await process.wait()


async def settle_in(http: httpx.AsyncClient, port: int) -> Place:
    async def call(path: str, body: dict[str, str], **headers: str) -> Any:
        answer = await http.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    await call("/auth/register", {"username": "ana", "password": PASSWORD})
    token = (await call("/auth/login", {"username": "ana", "password": PASSWORD}))["access_token"]
    bearer = f"Bearer {token}"
    guild_id = (await call("/guilds", {"name": "guild"}, authorization=bearer))["guild_id"]
    channel = await call(f"/guilds/{guild_id}/channels", {"name": "general"}, authorization=bearer)
    return Place(port=port, token=token, guild_id=guild_id, channel_id=channel["channel_id"])


class Abuser:
    """The other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def commit(self, count: int) -> None:
        """Commit so many abuses, each of which must be answered as it deserves."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n".encode())
        assert json.loads(await self._process.stdout.readline()) == {}


@asynccontextmanager
async def abuser_of(place: Place) -> AsyncIterator[Abuser]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.reference_server.abuse"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    where = {"port": place.port, "token": place.token, "guild_id": place.guild_id}
    process.stdin.write(json.dumps({**where, "channel_id": place.channel_id}).encode() + b"\n")
    try:
        yield Abuser(process)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(kw_only=True)
class Stretch:
    """Some time of publishing: seconds from when each message was due to its arrival, and our own lag."""

    delays: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)


class Bystander:
    """Publishes on a schedule, whatever becomes of the messages before, and receives what it publishes."""

    def __init__(self, publisher: asyncio.StreamWriter, place: Place) -> None:
        self._loop = asyncio.get_running_loop()
        self._publisher = publisher
        self._place = place
        self._due: dict[int, float] = {}
        self._published = 0
        self._received: list[int] = []
        self._caught_up = asyncio.Event()
        self._stretch = Stretch()
        self.ended: tuple[object, ...] | None = None

    def on_frame(self, data: str | bytes, binary: bool) -> None:
        found = _NUMBER.search(str(data))
        if found is not None:
            number = int(found[1])
            self._received.append(number)
            now = self._loop.time()
            self._stretch.delays.append(now - self._due.pop(number, now))  # twice is found out afterwards
            if not self._due:
                self._caught_up.set()

    def on_end(self, *how: object) -> None:
        self.ended = how

    @contextmanager
    def publishing(self) -> Iterator[Stretch]:
        """Publish every `EVERY_S` seconds inside the block."""
        self._stretch = Stretch()
        self._handle: asyncio.Handle = self._loop.call_soon(self._publish, self._loop.time())
        try:
            yield self._stretch
        finally:
            self._handle.cancel()

    def _publish(self, due: float) -> None:
        self._stretch.lags.append(self._loop.time() - due)
        self._due[self._published] = due
        self._caught_up.clear()
        body = json.dumps({"content": f"number {self._published}"}).encode()
        self._published += 1
        self._publisher.write(self._place.request(self._place.messages, body))
        self._handle = self._loop.call_at(due + EVERY_S, self._publish, due + EVERY_S)

    async def all_received(self) -> None:
        """Return once every message published has come, each once and in order."""
        async with asyncio.timeout(WITHIN_S):
            await self._caught_up.wait()
        assert self._received == list(range(self._published))

    async def baseline(self) -> Stretch:
        """A stretch without abuse."""
        with self.publishing() as stretch:
            while len(stretch.delays) < BASELINE:
                await self._caught_up.wait()
                await turn(EVERY_S)
        await self.all_received()
        return stretch


async def turn(seconds: float) -> None:
    """Let the schedule go on for so long."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over


@asynccontextmanager
async def bystander_of(place: Place) -> AsyncIterator[Bystander]:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    bystander = Bystander(writer, place)
    watching = await open_gateway(
        f"http://127.0.0.1:{place.port}",
        token=place.token,
        request_id="bystander",
        on_frame=bystander.on_frame,
        on_end=bystander.on_end,
    )
    watching.send_text(place.command("subscribe"))
    answers = asyncio.create_task(swallow(reader))
    try:
        yield bystander
        assert bystander.ended is None
    finally:
        answers.cancel()
        writer.close()
        watching.close()
        await watching.wait_ended()


async def swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


def p99(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


@dataclass(kw_only=True)
class Attempt:
    """Two rounds, each a stretch without abuse and one with it; sizes of the server in KB after each round.

    `wait_share` is how much of the time the server was ready to run but the machine was busy with others.
    """

    calm: list[Stretch] = field(default_factory=list)
    abused: list[Stretch] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    wait_share: float = 0.0

    def is_conclusive(self) -> bool:
        """Whether the machine was quiet enough: else a long delay says nothing about the server."""
        return self.wait_share <= MAX_WAIT_SHARE and self._lag() <= MAX_LAG_S

    def is_harmless(self, of: Callable[[list[float]], float]) -> bool:
        """Whether a figure `of` the delays under abuse is within the bound that the usual p99 gives."""
        usual = p99(_delays(self.calm))
        return of(_delays(self.abused)) <= max(MAX_FACTOR * usual, usual + MAX_DELAY_S)

    def __str__(self) -> str:
        usual, delays = p99(_delays(self.calm)), _delays(self.abused)
        return (
            f"p99 {usual:.4f} s, abused {p99(delays):.4f} s (median {statistics.median(delays):.4f} s), "
            f"own lag {self._lag():.4f} s, server waited {self.wait_share:.0%}, KB {self.sizes}"
        )

    def _lag(self) -> float:
        return p99([lag for stretch in (*self.calm, *self.abused) for lag in stretch.lags])


def _delays(stretches: list[Stretch]) -> list[float]:
    return [delay for stretch in stretches for delay in stretch.delays]


async def attempt(server: Server, abuser: Abuser, bystander: Bystander) -> Attempt:
    loop = asyncio.get_running_loop()
    made = Attempt()
    began, waited = loop.time(), server.waited_s()
    for _ in range(2):
        made.calm.append(await bystander.baseline())
        with bystander.publishing() as stretch:
            await abuser.commit(ABUSES)
        await bystander.all_received()
        made.abused.append(stretch)
        made.sizes.append(server.resident_kilobytes())
    made.wait_share = (server.waited_s() - waited) / (loop.time() - began)
    return made


def is_harmless(attempts: list[Attempt]) -> bool:
    """The verdict of the conclusive attempt; where the machine was never quiet, that of the medians."""
    last = attempts[-1]
    if last.is_harmless(p99):
        return True
    return not last.is_conclusive() and all(one.is_harmless(statistics.median) for one in attempts)


@pytest.mark.timeout(60 + ABUSES // 20)
@pytest.mark.witnesses("DELIV-9")
async def test_abuses_harm_nobody_and_leave_nothing(tmp_path: Path) -> None:
    async with server_process(tmp_path) as server, abuser_of(server.place) as abuser:
        await abuser.commit(ABUSES // 10)
        async with bystander_of(server.place) as bystander:
            attempts: list[Attempt] = []
            while len(attempts) < ATTEMPTS:
                attempts.append(await attempt(server, abuser, bystander))
                if attempts[-1].is_harmless(p99) or attempts[-1].is_conclusive():
                    break
            assert is_harmless(attempts), [str(one) for one in attempts]
            for one in attempts:
                assert one.sizes[1] - one.sizes[0] <= MAX_GROWTH_KB, one.sizes
        assert server.complaints() == []
        assert (await server.http.get("/health")).json() == {"status": "ok"}


@pytest.mark.witnesses("GW-6")
async def test_half_open_peers_are_ended_and_forgotten(tmp_path: Path) -> None:
    async with (
        server_process(tmp_path, "ping_interval=0.5") as server,
        bystander_of(server.place) as bystander,
    ):
        with bystander.publishing():
            ends = [asyncio.create_task(half_open(server.place)) for _ in range(HALF_OPEN)]
            assert await asyncio.gather(*ends) == [True] * HALF_OPEN
        await bystander.all_received()
        assert await server.disconnects() == {"idle_timeout": HALF_OPEN}
        assert server.complaints() == []


async def half_open(place: Place) -> bool:
    """Connect, subscribe, answer nothing any more; returns whether the server ended it for that."""
    loop = asyncio.get_running_loop()
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        one.setblocking(False)
        await loop.sock_connect(one, ("127.0.0.1", place.port))
        await loop.sock_sendall(one, place.upgrade() + text(place.command("subscribe")))
        received = b""
        async with asyncio.timeout(WITHIN_S):
            try:
                while chunk := await loop.sock_recv(one, 65536):
                    received += chunk
            except ConnectionResetError:
                pass
    return received.endswith(b"idle_timeout")
