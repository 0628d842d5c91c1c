"""The company: everything that outlives a scenario — users, their open connections, the way to the target."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.events import Event, Scope
from sync_check.conformance.history import Purpose
from sync_check.harness.caller import Caller, Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.clock import Clock
from sync_check.harness.decoding import Decoder
from sync_check.harness.faults.network import Network
from sync_check.harness.gateway import Chunks
from sync_check.harness.journal import Journal
from sync_check.harness.network.absorption import Absorption
from sync_check.harness.pace import Pace
from sync_check.harness.pictures import keep_picture
from sync_check.harness.pool import Pool
from sync_check.harness.randomness import Randomness
from sync_check.harness.sharing import Sharing
from sync_check.harness.target import Target

MOST_PARKED: Final = 64
"""Clients entitled to nothing whose connections stay open until the run ends, to catch late leaks."""


@dataclass(slots=True, eq=False, kw_only=True)
class Company:
    """One per run. `parked` clients wait, connected, to be strangers again; `playing` are in a scenario.

    `stirred` are the scopes of what the operations of the scenario may have caused so far, `ever_stirred`
    those of the run.
    """

    target: Target
    caller: Caller
    pool: Pool
    pace: Pace
    journal: Journal
    decoder: Decoder
    clock: Clock
    randomness: Randomness
    playing: dict[Client, None] = field(default_factory=dict)
    parked: dict[Client, None] = field(default_factory=dict)
    open: dict[int, Connection] = field(default_factory=dict)
    """By number, the connections that have not ended yet, whoever has them."""
    sharing: Sharing = field(default_factory=Sharing)
    absorption: Absorption = field(default_factory=Absorption)
    chunks: Chunks = field(default_factory=partial(Chunks, entries=256))
    sweeps: bool = True
    """Whether a settle reads every surface besides."""
    follows: bool = True
    """Whether replicas apply what clients receive, and clients read again what that leaves stale."""
    stirred: set[Scope] = field(default_factory=set)
    ever_stirred: set[Scope] = field(default_factory=set)
    translate: Callable[[str], str] | None = None
    """Makes a frame of the target's names one of the contract's; None where they are the same."""
    network: Network | None = None
    """What new connections pass on their way to the target, if a scenario wants it disturbed."""
    _asker: Client | None = None

    @property
    def clients(self) -> Iterator[Client]:
        """Everybody who may have an open connection."""
        yield from self.playing
        yield from self.parked

    def canary(self) -> str:
        """A fresh secret text (letters and digits, recognised by the leak judge)."""
        return self.randomness.canary(self.randomness.stream("canaries"))

    def token(self) -> str:
        """A fresh marker that is no secret."""
        return f"fn{self.canary()[2:]}"

    async def call(
        self,
        client: Client,
        operation: ops.Operation,
        *,
        purpose: Purpose,
        canaries: tuple[Canary, ...] = (),
    ) -> Reply:
        """Send `operation` as `client` in its first session.

        Raises `AccountsUnfit` where a listed account may found no more guilds.
        """
        if isinstance(operation, ops.Upload):
            await keep_picture(self.caller, client.account, operation)
        if purpose is Purpose.SCENARIO:
            self.stir(*operation.causes, *operation.companions)
        session = await self.pool.session(client.account, 1)
        reply = await self.caller.call(
            client.account, operation, purpose=purpose, session=session, canaries=canaries
        )
        if isinstance(operation, ops.CreateGuild):
            self.pool.check_founding(client.account, reply)
        return reply

    def stir(self, *caused: type[Event]) -> None:
        """Note what an operation of the scenario may cause: fences have to do with events of these scopes."""
        scopes = {event.scope for event in caused}
        self.stirred |= scopes
        self.ever_stirred |= scopes

    async def enlist(self, count: int) -> list[Client]:
        """`count` clean users, not connected yet; the first can own a guild."""
        accounts = await self.pool.draw(count)
        clients = [Client(account, self) for account in accounts]
        self.playing.update(dict.fromkeys(clients))
        return clients

    async def asker(self) -> Client:
        """A user without connections who takes part in nothing, the same for the whole run."""
        if self._asker is None:
            (account,) = await self.pool.draw(1)
            self._asker = Client(account, self)
        return self._asker

    async def stranger(self) -> Client:
        """A connected user who is in nothing: a parked one, still listening, before a new one."""
        client = next((parked for parked in self.parked if parked.is_listening), None)
        if client is None:
            (client,) = await self.enlist(1)
            await client.connect()
            return client
        del self.parked[client]
        self.playing[client] = None
        return client

    async def dismiss(self, client: Client, *, park: bool) -> None:
        """A scenario is over for `client`: keep it connected, entitled to nothing, or return it clean."""
        self.playing.pop(client, None)
        if park and client.is_connected and len(self.parked) < MOST_PARKED:
            self.parked[client] = None
            return
        await client.disconnect()
        self.pool.give_back([client.account])

    async def disband(self) -> None:
        """Close every connection; the accounts can be used again."""
        everybody = list(self.clients)
        self.playing.clear()
        self.parked.clear()
        await asyncio.gather(*(client.disconnect() for client in everybody))
        self.pool.give_back([client.account for client in everybody])
