"""Where a server can be made to deviate on purpose. A faithful one does nothing at any of these hooks.

A deviation is a defect, which is wrong, or a variant, which is right but not what this server would do. What
each does lies in the packages `defects` and `variants`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from websockets.frames import Opcode
from websockets.http11 import Request, Response

from sync_check.conformance.contract.events import Event
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.accounts import Accounts
from sync_check.reference_server.asgi import Application
from sync_check.reference_server.assembly import Assembled
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.store import Store

if TYPE_CHECKING:
    from sync_check.reference_server.backend import Backend

Execute = Callable[["Backend", Connection, str], Ending | None]
"""Carries out one message of a connection, and says how that must end for it (`commands.execute`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An event on its way to `reach`, caused by the user `cause`; `text`, where given, is sent instead."""

    event: Event
    reach: Reach
    guild: Guild | None = None
    cause: str = ""
    text: bytes | None = None


class Faithful:
    """No deviation; the base of those that deviate in one point.

    `accounts` is what keeps accounts and sessions. `query_wins` says whether a token in the query of an
    upgrade wins over one in its header.
    """

    accounts: type[Accounts] = Accounts
    query_wins: bool = True

    def __init__(self, connections: Connections, store: Store) -> None:
        self._connections = connections
        self._store = store

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        """What is really enqueued, in order, at the moment when `telling` is due."""
        return (telling,)

    def subscription_lost(self, connection: Connection, guild: Guild, channel_id: str) -> None:
        """Called just before a subscription ends because access, membership or the channel is gone."""

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        """Called just before a connection ends."""

    def restored(self, backend: "Backend") -> None:
        """Called when a server has taken over what another process left."""

    def answering(self, app: Application) -> Application:
        """The application that really answers REST calls, each already identified by `edge`."""
        return app

    def answering_upgrade(self, request: Request, response: Response) -> None:
        """Called with the HTTP answer to an upgrade, which it may change."""

    def executing(self, execute: Execute) -> Execute:
        """What really carries out commands."""
        return execute

    def refusing(self, message: Assembled) -> Ending | None:
        """How a connection ends for a message that is not even read; None where it is."""
        del message
        return None

    def answering_ping(self, data: bytes) -> bytes | None:
        """What the pong has that answers a ping with `data`; None where none does."""
        return data

    def is_charged(self, opcode: Opcode) -> bool:
        """Whether a ping or a pong costs a part of the ingress rate."""
        del opcode
        return False

    def limiting(self, limits: Limits) -> Limits:
        """The limits that are really in force."""
        return limits

    def queueing(self, queue: Outbound) -> Outbound:
        """What really holds what waits for a new connection."""
        return queue

    def ends_as(self, ending: Ending) -> Ending:
        """How a connection really ends that is to end so."""
        return ending

    def grace(self, seconds: float) -> float:
        """Seconds that a client has to answer a Close frame before it is cut off."""
        return seconds

    def is_forgotten(self, ending: Ending) -> bool:
        """Whether nobody is told that a connection has ended so, and its user stays where it was."""
        return False


class Chain(Faithful):
    """Several deviations at once: each deviates from what those before it do."""

    def __init__(self, connections: Connections, store: Store, links: Sequence[Faithful]) -> None:
        super().__init__(connections, store)
        self._links = links
        self.accounts = next((one.accounts for one in links if one.accounts is not Accounts), Accounts)
        self.query_wins = all(link.query_wins for link in links)

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        tellings: list[Telling] = [telling]
        for link in self._links:
            tellings = [told for one in tellings for told in link.tellings(one)]
        return tellings

    def subscription_lost(self, connection: Connection, guild: Guild, channel_id: str) -> None:
        for link in self._links:
            link.subscription_lost(connection, guild, channel_id)

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        for link in self._links:
            link.connection_ends(connection, ending)

    def restored(self, backend: "Backend") -> None:
        for link in self._links:
            link.restored(backend)

    def answering(self, app: Application) -> Application:
        for link in self._links:
            app = link.answering(app)
        return app

    def answering_upgrade(self, request: Request, response: Response) -> None:
        for link in self._links:
            link.answering_upgrade(request, response)

    def executing(self, execute: Execute) -> Execute:
        for link in self._links:
            execute = link.executing(execute)
        return execute

    def refusing(self, message: Assembled) -> Ending | None:
        return next((ending for link in self._links if (ending := link.refusing(message)) is not None), None)

    def answering_ping(self, data: bytes) -> bytes | None:
        answer: bytes | None = data
        for link in self._links:
            answer = None if answer is None else link.answering_ping(answer)
        return answer

    def is_charged(self, opcode: Opcode) -> bool:
        return any(link.is_charged(opcode) for link in self._links)

    def limiting(self, limits: Limits) -> Limits:
        for link in self._links:
            limits = link.limiting(limits)
        return limits

    def queueing(self, queue: Outbound) -> Outbound:
        for link in self._links:
            queue = link.queueing(queue)
        return queue

    def ends_as(self, ending: Ending) -> Ending:
        for link in self._links:
            ending = link.ends_as(ending)
        return ending

    def grace(self, seconds: float) -> float:
        for link in self._links:
            seconds = link.grace(seconds)
        return seconds

    def is_forgotten(self, ending: Ending) -> bool:
        return any(link.is_forgotten(ending) for link in self._links)


def deviation(
    defect: str | None, variants: Sequence[str], *, connections: Connections, store: Store
) -> Faithful:
    """What the defect and the variants of these ids do together; nothing without any."""
    if defect is None and not variants:
        return Faithful(connections, store)
    # Only for who asks for one: they use the whole server, which uses this module.
    from sync_check.reference_server.defects.deviations import DEFECTIVE
    from sync_check.reference_server.variants.deviations import VARIED

    kinds = [*(VARIED[variant] for variant in variants), *([] if defect is None else [DEFECTIVE[defect]])]
    return Chain(connections, store, [kind(connections, store) for kind in kinds])
