"""The network between a scenario's clients and the target: what passes the proxy, and how it fares.

From the moment that a company has one, every new connection passes through it. It connects to the addresses
of the target and nowhere else.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sync_check.conformance.history import (
    ConnectionCut,
    ConnectionEnded,
    ConnectionOpened,
    EndedBy,
    EndOfConnection,
    FarEnded,
    FaultLifted,
    FaultPut,
)
from sync_check.harness.errors import HarnessError
from sync_check.harness.faults.frames import event_in
from sync_check.harness.faults.passage import Passage, Watcher
from sync_check.harness.faults.toxics import BOTH, Direction, LimitData, Toxic
from sync_check.harness.gateway import GatewayAddress
from sync_check.harness.network.sockets import connect

if TYPE_CHECKING:
    from sync_check.harness.client import Client, Connection
    from sync_check.harness.company import Company


_INTERVALS: Final = 3
"""Within so many intervals of its pings a target has to end who answers none (GW-6)."""
END_BUDGET_S: Final = 6.0
"""The end window (contract 0.4) and a little more."""


class Elsewhere(HarnessError):
    """A connection was to be made to `address`, which is none of the target's."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return f"the proxy was asked to connect to {self.address}, which is no address of the target"


class Network:
    """One per scenario that wants faults. `down` are the clients whose new connections are refused."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._passages: dict[int, Passage] = {}
        self._cuts: dict[str, list[_Cut]] = {}
        self._tried: set[int] = set()
        self._down: set[str] = set()
        target = company.target
        urls = [GatewayAddress.at(url) for url in target.gateways] or [GatewayAddress.of(target.url)]
        self._allowed = {(one.host, one.port) for one in urls}

    # --- for connections

    async def dial(
        self, connection: Connection, address: GatewayAddress, protocol: asyncio.Protocol, ca: str | None
    ) -> None:
        """Connect `protocol` to the target, through the proxy. Raises OSError where that fails."""
        if (address.host, address.port) not in self._allowed:
            raise Elsewhere(f"{address.host}:{address.port}")
        if connection.client.name in self._down:
            raise OSError(errno.ENETDOWN, "the network is down")
        chances = {
            direction: self._company.randomness.fresh(f"faults/{connection.label}/{direction}")
            for direction in Direction
        }
        cut = self._next_cut(connection)
        watcher = (
            _Record(self._company, connection) if cut is None else _Unopened(self._company, connection, cut)
        )
        passage = Passage(protocol, watcher, chances, self._event_in)
        if cut is not None:
            passage.add(cut.toxic, (cut.direction,))
        await connect(address, passage, ca)
        self._passages[connection.id] = passage

    def _next_cut(self, connection: Connection) -> _Cut | None:
        """What cuts the upgrade that begins now; each connection is cut once at most."""
        cuts = self._cuts.get(connection.client.name)
        if not cuts or connection.id in self._tried:
            return None
        self._tried.add(connection.id)
        return cuts.pop(0)

    def is_silent(self, connection: int) -> bool:
        """Whether nothing comes to the connection of a number for now, whatever the target sends."""
        passage = self._passages.get(connection)
        return passage is not None and passage.is_silent

    def _event_in(self, payload: bytes) -> str | None:
        translate = self._company.translate
        if translate is None:
            return event_in(payload)
        return event_in(translate(payload.decode(errors="replace")).encode(errors="replace"))

    # --- for scenarios

    def put(self, client: Client, *toxics: Toxic, directions: Iterable[Direction] = BOTH) -> None:
        """Put toxics on each open connection of a client."""
        ways = tuple(directions)
        for connection, passage in self._open(client):
            for toxic in toxics:
                self._company.journal.record(
                    FaultPut(
                        at=self._company.clock.now_us(),
                        connection=connection.id,
                        fault=toxic.kind,
                        directions=ways,
                        attributes=toxic.attributes(),
                    )
                )
                passage.add(toxic, ways)

    def lift(self, client: Client, *kinds: type[Toxic]) -> None:
        """Take toxics off again."""
        for connection, passage in self._open(client):
            for kind in kinds:
                if passage.remove(kind):
                    now = self._company.clock.now_us()
                    self._company.journal.record(
                        FaultLifted(at=now, connection=connection.id, fault=kind.kind)
                    )

    def _open(self, client: Client) -> Iterator[tuple[Connection, Passage]]:
        for connection in client.connections:
            passage = self._passages.get(connection.id)
            if passage is not None and connection.is_open:
                yield connection, passage

    def cut_off(self, client: Client) -> None:
        """From now on no new connection of a client comes about."""
        self._down.add(client.name)

    def restore(self, client: Client) -> None:
        """New connections of a client come about again."""
        self._down.discard(client.name)

    def cut_upgrade(self, client: Client, toxic: LimitData, direction: Direction) -> None:
        """Cut the upgrade of a client's next connection; when it is tried again it passes.

        The connection may have come about by then, at the target's end alone.
        """
        self._cuts.setdefault(client.name, []).append(_Cut(toxic, direction))

    async def given_up(self) -> None:
        """Wait until the target has ended whatever is dead; whether it did is for the judges to say."""
        dead = [one.far_lost for one in self._passages.values() if one.is_left and not one.far_lost.done()]
        budget_s = (
            _INTERVALS * self._company.target.limits.ping_interval + END_BUDGET_S
        ) * self._company.target.time_scale
        # It is the contract that takes so long, not the scenario.
        self._company.pace.spend(budget_s)
        if dead:
            await asyncio.wait(dead, timeout=budget_s)

    def close(self) -> None:
        """The scenario is over: the target learns of every end that was kept from it."""
        self._down.clear()
        for passage in self._passages.values():
            passage.let_go()
        self._passages.clear()


class _Cut(NamedTuple):
    """What cuts an upgrade, and on which way."""

    toxic: LimitData
    direction: Direction


class _Record(Watcher):
    """Writes down what becomes of a connection, from the moment on that it is known to be open."""

    def __init__(self, company: Company, connection: Connection) -> None:
        self._company = company
        self._connection = connection

    def cut(self, toxic: Toxic) -> None:
        now = self._company.clock.now_us()
        self._company.journal.record(ConnectionCut(at=now, connection=self._connection.id, fault=toxic.kind))

    def far_ended(self, by: EndedBy) -> None:
        if self._connection.is_known:
            now = self._company.clock.now_us()
            self._company.journal.record(FarEnded(at=now, connection=self._connection.id, by=by))


class _Unopened(Watcher):
    """Writes down an upgrade that was cut, as a connection: it may have become one at the target's end."""

    def __init__(self, company: Company, connection: Connection, cut: _Cut) -> None:
        self._company = company
        self._connection = connection
        self._cut = cut
        self._began = company.clock.now_us()
        self._id = company.journal.next_connection()

    def cut(self, toxic: Toxic) -> None:
        now, client = self._company.clock.now_us(), self._connection.client
        for record in (
            ConnectionOpened(
                at=now,
                connection=self._id,
                client=client.name,
                number=client.account.next_connection(),
                session=self._connection.session.number,
                request_id=self._connection.request_id,
                began=self._began,
            ),
            FaultPut(
                at=now,
                connection=self._id,
                fault=toxic.kind,
                directions=(self._cut.direction,),
                attributes=toxic.attributes(),
            ),
            ConnectionCut(at=now, connection=self._id, fault=toxic.kind),
            ConnectionEnded(at=now, connection=self._id, how=EndOfConnection.CLOSED_BY_US),
        ):
            self._company.journal.record(record)

    def far_ended(self, by: EndedBy) -> None:
        """It is over at both ends at once, as far as anybody can tell."""
