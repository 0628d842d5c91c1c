"""Where a probe looks: two accounts, a workspace of their own with two channels, and all that they hear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.envelope import EnvelopeError, decode_server_frame
from sync_check.conformance.history import BodySeen, FramesReceived, Purpose, Record
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.assembly import assemble
from sync_check.harness.client import Client, Connection
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.errors import ScenarioHalted, TargetUnavailable
from sync_check.harness.journal import Journal
from sync_check.harness.preflight import check_target
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.rest import Answer
from sync_check.harness.room import Place
from sync_check.harness.target import Target

ARRIVAL_BUDGET_S: Final = 5.0
"""How long an event may take that an operation owes: a failure budget."""


@dataclass(slots=True, eq=False)
class Heard:
    """The names of the events that came to the probe's connections, in order, and the texts they came in."""

    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _bodies: dict[int, str] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Listen to a journal."""
        if isinstance(record, BodySeen):
            self._bodies[record.body] = record.text
        elif isinstance(record, FramesReceived):
            text = self._bodies[record.body]
            self.texts.append(text)
            try:
                self.names.append(decode_server_frame(text).name)
            except EnvelopeError:
                self.names.append("")


@dataclass(slots=True, eq=False, kw_only=True)
class Bench:
    """`owner` has founded the workspace and is connected, `other` is another user, not connected.

    `channels` are none where the target makes none and has none ready.
    """

    company: Company
    owner: Client
    other: Client
    guild_id: str
    guild_name: str
    heard: Heard
    channels: list[str] = field(default_factory=list)
    channel_created: Answer | None = None
    calls: int = 0

    @property
    def connection(self) -> Connection:
        """The owner's."""
        return self.owner.connections[0]

    @property
    def place(self) -> Place | None:
        """The channel that the owner is subscribed to."""
        return Place(guild_id=self.guild_id, channel_id=self.channels[0]) if self.channels else None

    async def ask(self, operation: ops.Operation, client: Client | None = None) -> Answer:
        """What the target answers to an operation of the owner, or of another client."""
        self.calls += 1
        reply = await self.company.call(client or self.owner, operation, purpose=Purpose.SETUP)
        return reply.answer

    def token(self) -> str:
        """A fresh word, to recognise what comes back."""
        return self.company.token()

    async def arrives(self, text: str, operation: ops.Operation) -> bool:
        """Carry out an operation, and say whether a frame with `text` in it reaches the owner."""
        arrival = self.connection.watch(text)
        await self.ask(operation)
        budget_s = ARRIVAL_BUDGET_S * self.company.target.time_scale
        await asyncio.wait((arrival,), timeout=budget_s)
        if not arrival.done():
            arrival.cancel()
        return not arrival.cancelled() and arrival.done()


@asynccontextmanager
async def open_bench(
    target: Target,
    randomness: Randomness,
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Bench]:
    """The bench at a target, set up. Raises `TargetUnavailable` where no client can be served at all.

    `clock` and `transport` stand in for real time and for the network of REST calls.
    """
    clock, secrets, heard = clock or Clock(), Secrets(), Heard()
    rest = TargetRest(target, clock, transport=transport)
    journal = Journal(clock=clock, secrets=secrets, listeners=(heard.take,))
    company = assemble(target, rest, journal, clock=clock, randomness=randomness, secrets=secrets)
    company.follows = False
    try:
        await check_target(company)
        yield await _set_up(company, heard)
    finally:
        await company.disband()
        await rest.aclose()


async def _set_up(company: Company, heard: Heard) -> Bench:
    owner, other = await company.enlist(2)
    name = f"probe {company.randomness.run_id()}"
    created = await company.call(owner, ops.CreateGuild(guild_name=name), purpose=Purpose.SETUP)
    guild_id = created.body.get("guild_id")
    if not isinstance(guild_id, str):
        status = created.answer.status or created.answer.error
        raise TargetUnavailable(company.target.url, f"POST /guilds answers {status}, and no workspace")
    bench = Bench(
        company=company, owner=owner, other=other, guild_id=guild_id, guild_name=name, heard=heard, calls=1
    )
    await _make_channels(bench)
    try:
        await owner.open()
        if bench.place is not None:
            await bench.connection.subscribe(bench.place)
    except ScenarioHalted as error:
        raise TargetUnavailable(company.target.url, f"its gateway is of no use: {error}") from error
    return bench


async def _make_channels(bench: Bench) -> None:
    """Two channels made by the owner, else those that the workspace has."""
    for name in ("first", "second"):
        answer = await bench.ask(ops.CreateChannel(guild_id=bench.guild_id, channel_name=name))
        bench.channel_created = bench.channel_created or answer
        channel_id = member(answer, "channel_id")
        if channel_id is not None:
            bench.channels.append(channel_id)
    if not bench.channels:
        listed = (await bench.ask(ops.ListChannels(guild_id=bench.guild_id))).json
        found = listed.get("channels") if isinstance(listed, dict) else None
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict) and isinstance(one.get("channel_id"), str):
                bench.channels.append(one["channel_id"])


def member(answer: Answer, name: str) -> str | None:
    """A text that an answer holds under `name`; None if it holds none."""
    value: Any = answer.json.get(name) if isinstance(answer.json, dict) else None
    return value if isinstance(value, str) else None
