"""Sending what no client should: each input on its own connection, and behind it what must have no effect.

Such a connection is never subscribed to anything, so that its end tells nobody anything. What comes of an
input is for the judges to say; between groups of inputs the counters are read.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.inputs import ENDLESS, Filled, Input, Place
from sync_check.conformance.contract.inputs.frames import BEHIND, FLOOD
from sync_check.conformance.contract.inputs.requests import RequestInput
from sync_check.conformance.contract.wire import text_frame
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.defiance import DefiantConnection
from sync_check.harness.drawn_inputs import drawn_inputs
from sync_check.harness.metrics import read_metrics
from sync_check.harness.room import Place as Channel

AT_ONCE: Final = 16
"""Connections that are opened at the same time: a server that paces upgrades is no object here."""
_MOST_WAITS: Final = 3
"""Groups in which something is waited for in vain: what a target ends nothing for is known by then."""
_GARBAGE_EVERY: Final = 4
"""How many inputs there are for each that is followed by another one, which would end what the first left."""
_SEED_BITS: Final = 63
_AFTERWARDS: Final = Filled(name="after/garbage", expected=None, frames=(text_frame(b"{"),), meant=None)


class Intrusion:
    """Inputs that `clients` send by turns, as if to the channel `place`.

    Whether a connection lives on shows by a subscribe to `aside`, where nobody says anything.
    """

    def __init__(
        self, company: Company, clients: Sequence[Client], place: Channel, aside: Channel | None = None
    ) -> None:
        self._company = company
        self._clients = clients
        self._place = place
        self._aside = aside or place
        self._defiant: list[Connection] = []
        self._turn = 0
        self._sent = 0
        self._vain = 0

    async def offend(self, inputs: Iterable[Input]) -> None:
        """Send inputs, group by group, and wait for the ends that are due; read the counters after each."""
        for _, group in groupby(inputs, key=lambda one: one.group):
            due = await all_done((self._offend(one) for one in group), at_once=AT_ONCE)
            self._vain += not all(due)
            await read_metrics(self._company)

    async def probe(self, inputs: Iterable[Filled]) -> None:
        """Send what may be refused or taken, and behind it a subscribe that tells which."""
        await all_done((self._probe(one) for one in inputs), at_once=AT_ONCE)
        await read_metrics(self._company)

    async def fill_up(self) -> None:
        """Send as many frames on one connection as its ingress rate permits, the last one a subscribe.

        It is answered if they were not too many. Then send one more, which is.
        """
        connection = await self._opened()
        many = self._company.target.limits.ingress_frames - 1
        connection.put(self._filled(replace(FLOOD, id="rate/below", pieces=FLOOD.pieces * many)))
        if await connection.enter(self._aside):
            connection.put(self._filled(replace(FLOOD, id="rate/beyond")))
            await connection.over()
        await connection.close()

    async def hurry(self, inputs: Iterable[Input]) -> None:
        """Send each as the very first thing on a connection, before its `ready` can have been read.

        So is a subscribe, which is answered like any other.
        """
        await all_done((self._hurry(one) for one in inputs), at_once=AT_ONCE)
        connection = await self._opened(first=lambda one: one.ask(self._aside))
        await connection.enter(self._aside)
        await connection.close()
        await read_metrics(self._company)

    async def _hurry(self, one: Input) -> None:
        sent = self._filled(one)
        connection = await self._opened(first=lambda opened: opened.put(sent))
        if one.outcome in ENDLESS:
            await connection.enter(self._aside)
        else:
            await connection.over()
        await connection.close()

    async def defy(self, inputs: Iterable[Input]) -> None:
        """Send inputs, and take no notice of the Close frames that follow.

        What is sent behind those must have no effect. The first connection is subscribed: of what others say
        meanwhile nothing must come there.
        """
        sent = enumerate(inputs)
        await all_done((self._defy(one, hears=number == 0) for number, one in sent), at_once=AT_ONCE)

    async def outlast(self) -> None:
        """Wait until the target has ended whoever took no notice of its Close frame."""
        await asyncio.gather(*(connection.over() for connection in self._defiant))
        await asyncio.gather(*(connection.close() for connection in self._defiant))
        self._defiant.clear()
        await read_metrics(self._company)

    async def _defy(self, one: Input, *, hears: bool) -> None:
        connection = await self._opened(DefiantConnection)
        assert isinstance(connection, DefiantConnection)
        if hears:
            await connection.enter(self._place)
        connection.put(self._filled(one))
        await connection.told()
        self._defiant.append(connection)
        for behind in BEHIND:
            connection.put(self._filled(behind))

    async def draw(self, count: int) -> None:
        """Send inputs that nobody wrote, as the run's seed has it."""
        stream = self._company.randomness.stream("drawn-inputs")
        places = [self.filled_place() for _ in range(count)]
        await self.probe(drawn_inputs(places, stream.getrandbits(_SEED_BITS)))

    async def spell(self, inputs: Iterable[Input], *, alone: bool = False) -> None:
        """Send messages that are valid; each on a connection of its own if it may cost that (`alone`)."""
        if alone:
            await all_done((self._probe(self._filled(one)) for one in inputs), at_once=AT_ONCE)
            return
        for one in inputs:
            self._next().connections[0].put(self._filled(one), said_in=self._place)

    async def ask(self, requests: Iterable[RequestInput]) -> None:
        """Send requests that no client should, as far as they are about something that the target has."""
        self._company.stir(*ops.CreateMessage.causes)
        features = self._company.target.features
        asked = [one for one in requests if one.feature is None or one.feature in features]
        await all_done((self._ask(one) for one in asked), at_once=AT_ONCE)
        await read_metrics(self._company)

    async def _ask(self, one: RequestInput) -> None:
        client = self._next()
        session = await self._company.pool.session(client.account, 1)
        asked = one.filled(self.filled_place(), self._company.target.limits)
        await self._company.caller.raw(client.account, session, asked)

    def filled_place(self) -> Place:
        """What stands for the placeholders of one input."""
        place = self._place
        return Place(guild_id=place.guild_id, channel_id=place.channel_id, text=self._company.token())

    async def _offend(self, one: Input) -> bool:
        """Send one; whether its connection ended, where that is due."""
        self._sent += 1
        has_garbage = self._sent % _GARBAGE_EVERY == 0
        connection = await self._opened()
        connection.put(self._filled(one))
        is_due = one.outcome not in ENDLESS
        if is_due and one.followed:
            self._go_on(connection, one.id)
            if has_garbage:
                connection.put(_AFTERWARDS)
        if is_due and self._vain < _MOST_WAITS:
            await connection.over()
        has_ended = not connection.is_open
        await connection.close()
        return has_ended or not is_due

    def _go_on(self, connection: Connection, name: str) -> None:
        """Send more, which nobody looks at any more (BAD-9)."""
        later = ops.SendMessage(
            guild_id=self._place.guild_id,
            channel_id=self._place.channel_id,
            content=f"after {name} {self._company.token()}",
        )
        connection.say(later, awaited=False)

    async def _probe(self, sent: Filled) -> None:
        connection = await self._opened()
        connection.put(sent)
        await connection.enter(self._aside)
        await connection.close()

    async def _opened(
        self, kind: type[Connection] = Connection, first: Callable[[Connection], None] | None = None
    ) -> Connection:
        # Upgrades are counted by address (contract 6.1).
        await self._company.pace.admit("upgrade", None)
        connection = await self._next().another(1, kind)
        await connection.open(first)
        return connection

    def _next(self) -> Client:
        self._turn += 1
        return self._clients[self._turn % len(self._clients)]

    def _filled(self, one: Input) -> Filled:
        return one.filled(self.filled_place(), self._company.target.limits)
