"""A simulated user: one account with any number of gateway connections, each with a replica of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.envelope import encode_command
from sync_check.conformance.contract.inputs import Filled
from sync_check.conformance.contract.slices import View
from sync_check.conformance.contract.wire import encoded
from sync_check.conformance.history import (
    CanaryPlaced,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    EndOfConnection,
    InputSent,
    Pinged,
    Purpose,
    TakingChanged,
)
from sync_check.harness.errors import ScenarioHalted, TargetUnavailable, UpgradeRefused
from sync_check.harness.network.sockets import OPEN_BUDGET_S, Dial, Socket, connect, open_gateway
from sync_check.harness.reading import Reader
from sync_check.harness.replica import Replica, fresh_view
from sync_check.harness.rereading import Rereading
from sync_check.harness.room import Place

if TYPE_CHECKING:
    from sync_check.harness.accounts import Account, Session
    from sync_check.harness.caller import Canary
    from sync_check.harness.company import Company
    from sync_check.harness.refetch import Fetched, Refetch
    from sync_check.harness.room import Room

ANSWER_BUDGET_S: Final = 5.0
"""How long a connection may take to say `ready` or `subscribed`: a failure budget."""
END_BUDGET_S: Final = 6.0
"""How long the target may take to end a connection: somewhat more than the end window (contract 0.4)."""
_MASK_BYTES: Final = 4
_READY: Final = '"ready"'
_SUBSCRIBED: Final = '"subscribed"'


class Connection:
    """One gateway connection. `subscriptions` are the channels in which the script counts on it."""

    kind: ClassVar[type[Socket]] = Socket

    __slots__ = (
        "_company",
        "_given_up",
        "_reads",
        "_rereading",
        "_said_in",
        "_socket",
        "_stalled",
        "_watches",
        "client",
        "deaf",
        "id",
        "is_known",
        "number",
        "place",
        "replica",
        "request_id",
        "session",
        "subscriptions",
    )

    def __init__(self, client: Client, number: int, session: Session, place: int = 1) -> None:
        self.client = client
        self.number = number
        self.session = session
        self.place = place
        """Which of its user's sessions this is, from 1, however often they were renewed."""
        self._company = company = client.company
        self.replica = Replica(
            user_id=client.user_id,
            features=company.target.features,
            decoder=company.decoder,
            sharing=company.sharing,
        )
        self._rereading: Rereading | None = None
        self._given_up: str | None = None
        self.id = client.company.journal.next_connection()
        self.subscriptions: frozenset[str] = frozenset()
        self.deaf = False
        self.is_known = False
        """Whether the history tells that it has been opened."""
        self.request_id = ""
        """That of its newest upgrade."""
        self._socket: Socket | None = None
        self._stalled = False
        self._watches: Sequence[tuple[tuple[str, ...], asyncio.Future[None]]] = ()
        self._reads: Sequence[asyncio.Task[None]] = ()
        self._said_in: Place | None = None

    @property
    def label(self) -> str:
        """`name#number`, as findings name a connection."""
        return f"{self.client.name}#{self.number}"

    @property
    def _scale(self) -> float:
        return self.client.company.target.time_scale

    @property
    def is_open(self) -> bool:
        """Whether frames may still come."""
        return self._socket is not None and not self._socket.ended.done()

    @property
    def is_silent(self) -> bool:
        """Whether the network keeps back from it whatever the target sends."""
        network = self.client.company.network
        return network is not None and network.is_silent(self.id)

    @property
    def hears(self) -> bool:
        """Whether it is subscribed to something, and told of it now."""
        return self.is_open and bool(self.subscriptions) and not self.is_silent

    async def open(self, first: Callable[[Connection], None] | None = None) -> None:
        """Connect and wait for `ready`. Raises `ScenarioHalted` when the target refuses or keeps quiet.

        What `first` sends goes out as soon as the upgrade is accepted, before anything that came is looked
        at; it may end the connection, so that `ready` never comes.
        """
        try:
            await self.attempt(first)
        except TargetUnavailable as error:
            raise ScenarioHalted(f"{self.label} could not connect to {error.url}: {error.reason}") from error
        except UpgradeRefused as error:
            reason = f"{self.label} could not connect to {error.url}: the upgrade got status {error.status}"
            raise ScenarioHalted(reason) from error

    async def attempt(self, first: Callable[[Connection], None] | None = None) -> None:
        """The same, which may be tried again. Raises `TargetUnavailable` or `UpgradeRefused` instead."""
        company = self.client.company
        token = await company.caller.token(self.client.account, self.session)
        self.request_id = request_id = company.caller.request_id()
        began = company.clock.now_us()
        ready = self.watch(_READY)
        self._socket = await open_gateway(
            company.target.url,
            token=token,
            request_id=request_id,
            on_frame=self._on_frame if company.translate is None else self._on_foreign_frame,
            on_end=self._on_end,
            headers=(*company.target.headers.items(), *self.client.account.headers().items()),
            chunks=company.chunks,
            gateway=company.target.gateway_of(self.id),
            ca=company.target.ca,
            budget_s=OPEN_BUDGET_S * self._scale,
            dial=self._dial,
            kind=self.kind,
        )
        company.open[self.id] = self
        company.journal.record(
            ConnectionOpened(
                at=company.clock.now_us(),
                connection=self.id,
                client=self.client.name,
                number=self.number,
                session=self.session.number,
                request_id=request_id,
                began=began,
                headers=self._socket.headers,
            )
        )
        self.is_known = True
        if first is not None:
            first(self)
        if not await self._within_budget(ready) and first is None:
            raise ScenarioHalted(_in_vain(self, "ready"))

    @property
    def _dial(self) -> Dial:
        """How it is connected."""
        network = self.client.company.network
        return connect if network is None else partial(network.dial, self)

    async def subscribe(self, place: Place) -> None:
        """Subscribe to a channel of the script and wait for `subscribed`.

        Raises `ScenarioHalted` when it does not come.
        """
        if not await self.enter(place):
            raise ScenarioHalted(_in_vain(self, "subscribed"))
        self._count_on(place)

    async def enter(self, place: Place) -> bool:
        """Subscribe to a channel, of the script or not, and wait for `subscribed`; whether it came."""
        confirmed = self.watch(_SUBSCRIBED, place.channel_id)
        self.ask(place)
        return await self._within_budget(confirmed)

    def _count_on(self, place: Place) -> None:
        one_set = self.client.company.sharing.one_set
        self.subscriptions = one_set(self.subscriptions | {place.channel_id})

    def ask(self, place: Place) -> None:
        """Send a subscribe without waiting for an answer: a refused one gets none (SUB-2)."""
        self.replica.subscribing(place.guild_id, place.channel_id)
        self._send(ops.Subscribe(guild_id=place.guild_id, channel_id=place.channel_id))

    def say(self, message: ops.SendMessage, *canaries: Canary, awaited: bool = True) -> None:
        """Send a `message_create`, which nothing acknowledges (CMD-2); if `awaited`, `bound` waits for it."""
        journal = self.client.company.journal
        self.client.company.stir(*message.causes)
        op = journal.next_op()
        sent_at = self._send(message, op)
        for canary in canaries:
            journal.record(CanaryPlaced(at=sent_at, text=canary.text, what=canary.what, op=op))
        if awaited:
            self._said_in = Place(guild_id=message.guild_id, channel_id=message.channel_id)

    def put(self, sent: Filled, *, said_in: Place | None = None) -> None:
        """Write frames down and send them as they are, right or wrong.

        What is a message to a channel has its effect once `bound` has waited for it.
        """
        assert self._socket is not None
        company = self.client.company
        if sent.meant is not None:
            company.stir(*ops.SendMessage.causes)
        company.journal.record(
            InputSent(
                at=company.clock.now_us(),
                connection=self.id,
                name=sent.name,
                expected=sent.expected,
                frames=sent.frames,
                op=company.journal.next_op(),
                meant=sent.meant,
            )
        )
        self._said_in = said_in or self._said_in
        mask = company.randomness.stream("masks").randbytes(_MASK_BYTES)
        self._socket.send_bytes(encoded(sent.frames, mask))

    async def ping(self, pings: int) -> None:
        """Send so many pings and as many pongs, and wait for the answer to the last; write down how it went.

        It is over as well when the connection ends, and when an answer took too long.
        """
        assert self._socket is not None
        company = self.client.company
        began, before = company.clock.now_us(), self._socket.pongs
        arrival = self._socket.ping([f"{began}/{number}".encode() for number in range(pings)])
        answered = await self._within_budget(arrival)
        company.journal.record(
            Pinged(
                at=company.clock.now_us(),
                connection=self.id,
                began=began,
                pings=pings,
                answered=answered,
                pongs=self._socket.pongs - before,
            )
        )

    @property
    def has_spoken(self) -> bool:
        """Whether something was said that `bound` has not waited for."""
        return self._said_in is not None

    async def bound(self) -> None:
        """Wait until all that was said on this connection has taken effect.

        Commands take effect in turn (CMD-1), so a later subscribe is answered after that. Where the script
        counts on subscriptions one of them is repeated; else the channel is subscribed to that was spoken in.
        Raises `ScenarioHalted` when no answer comes; that the target ended the connection is for the judges.
        """
        said_in = self._said_in
        if said_in is None or not self.is_open:
            return
        place = self._heard_place(said_in)
        if await self.enter(place):
            self._count_on(place)
        elif self.is_open:
            raise ScenarioHalted(_in_vain(self, "subscribed"))
        if self._said_in is said_in:
            self._said_in = None  # nothing was said meanwhile

    def _heard_place(self, said_in: Place) -> Place:
        """A channel that the connection is subscribed to, the one spoken in if it is one or there is none."""
        heard = [
            Place(guild_id=guild_id, channel_id=channel_id)
            for channel_id, guild_id in self.replica.live.items()
            if channel_id in self.subscriptions
        ]
        return said_in if said_in in heard or not heard else heard[0]

    def _send(self, command: ops.Command, op: int | None = None) -> int:
        """Write a command down and send it; returns when that was, in microseconds of the run's clock."""
        assert self._socket is not None
        company = self.client.company
        sent_at = company.clock.now_us()
        company.journal.record(
            CommandSent(
                at=sent_at,
                connection=self.id,
                command=command.name,
                arguments=command.payload(),
                op=op,
            )
        )
        self._socket.send_text(company.target.dialect.outgoing(encode_command(command)))
        return sent_at

    def watch(self, *texts: str) -> asyncio.Future[None]:
        """A future that is done once a frame holding all `texts` has arrived."""
        arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watches = (*self._watches, (texts, arrival))
        return arrival

    async def read_up(self) -> bool:
        """Wait until no re-fetch is pending (contract 9.3); whether there was any."""
        had = bool(self._reads)
        while self._reads:
            await asyncio.gather(*self._reads)
        return had

    async def fresh_view(self, guild_ids: tuple[str, ...], wanted: Sequence[Refetch]) -> View:
        """What REST says now to this connection's user of the guilds, in the terms of a replica's view."""
        results = await self._reader(Purpose.SNAPSHOT).read_all(wanted)
        return fresh_view(self.client.user_id, self.client.company.target.features, results, guild_ids)

    async def _reread(self, wanted: Refetch) -> Fetched:
        return await self._reader(Purpose.REFETCH).read(wanted)

    def _reader(self, purpose: Purpose) -> Reader:
        company = self.client.company
        return Reader(company.caller, self.client.account, self.session, purpose, company.target.limits)

    async def over(self) -> None:
        """Wait for an end that the target owes; that it did not come in time is for the judges to say."""
        if self._socket is not None:
            await asyncio.wait((self._socket.ended,), timeout=END_BUDGET_S * self._scale)

    async def close(self) -> None:
        """Close from our side and wait for the end."""
        if self._socket is not None:
            self._socket.close()
            await self._socket.wait_ended()

    async def cut(self) -> None:
        """Break the connection without a word."""
        if self._socket is not None:
            self._socket.abort()
            await self._socket.wait_ended()

    def give_up(self, why: str) -> None:
        """Take nothing more, and break the connection for a reason that its end tells.

        Its end is noted a little later: whoever finds that it is too much is in the middle of the journal.
        """
        if self.is_open and self._socket is not None:
            self._given_up = why
            self._socket.turn_deaf()
            asyncio.get_running_loop().call_soon(self._socket.abort, why)

    def stall(self) -> None:
        """Take nothing more until `resume`: what comes piles up on the way."""
        if self._socket is not None and not self._stalled:
            self._stalled = True
            self.note_taking(bytes_per_s=0)
            self._socket.pause_reading()

    def resume(self) -> None:
        """Take what has piled up, and what comes."""
        if self._socket is not None and self._stalled:
            self._stalled = False
            self.note_taking(bytes_per_s=None)
            self._socket.resume_reading()

    def note_taking(
        self, *, bytes_per_s: int | None, absorbs: int | None = None, vanished: bool = False
    ) -> None:
        """Write down how much of what comes is taken from now on."""
        company = self.client.company
        company.journal.record(
            TakingChanged(
                at=company.clock.now_us(),
                connection=self.id,
                bytes_per_s=bytes_per_s,
                absorbs=absorbs,
                vanished=vanished,
            )
        )

    def _on_foreign_frame(self, data: str | bytes, binary: bool) -> None:
        translate = self.client.company.translate
        assert translate is not None
        self._on_frame(translate(data) if isinstance(data, str) else data, binary)

    def _on_frame(self, data: str | bytes, binary: bool) -> None:
        company = self._company
        company.journal.frame(self.id, data, binary)
        if company.follows:
            wanted = self.replica.apply(data)
            if wanted:
                self._read(wanted)
        if self._watches and isinstance(data, str):
            self._tell_watches(data)

    def _read(self, wanted: tuple[Refetch, ...]) -> None:
        if self._rereading is None:
            self._rereading = Rereading(self.replica, self._reread)
        task = asyncio.create_task(self._rereading.fetch(wanted))
        self._reads = (*self._reads, task)
        task.add_done_callback(self._has_read)

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reads = tuple(one for one in self._reads if one is not task)
        if not self._reads:
            self._rereading = None

    def _tell_watches(self, text: str) -> None:
        waiting = []
        for texts, arrival in self._watches:
            if arrival.done():
                continue
            if all(part in text for part in texts):
                arrival.set_result(None)
            else:
                waiting.append((texts, arrival))
        self._watches = tuple(waiting)

    def _on_end(self, how: EndOfConnection, code: int | None, reason: str | None) -> None:
        company = self.client.company
        company.open.pop(self.id, None)
        if self._given_up is not None:
            # What was kept from it is missing because of us, whatever the target said at the end.
            how, code, reason = EndOfConnection.CLOSED_BY_US, None, self._given_up
        company.journal.record(
            ConnectionEnded(at=company.clock.now_us(), connection=self.id, how=how, code=code, reason=reason)
        )

    async def _within_budget(self, arrival: asyncio.Future[None]) -> bool:
        """Whether it came before the budget, or the connection, was at its end."""
        assert self._socket is not None
        waiting = (arrival, self._socket.ended)
        await asyncio.wait(
            waiting, timeout=ANSWER_BUDGET_S * self._scale, return_when=asyncio.FIRST_COMPLETED
        )
        if not arrival.done():
            arrival.cancel()
            return False
        return True


def _in_vain(connection: Connection, event: str) -> str:
    return f"{connection.label} waited in vain for {event}"


class Client:
    """One simulated user. `name` is its name in findings, stable for the whole run."""

    __slots__ = ("account", "company", "connections")

    def __init__(self, account: Account, company: Company) -> None:
        self.account = account
        self.company = company
        self.connections: list[Connection] = []

    @property
    def name(self) -> str:
        """The client's name in findings."""
        return self.account.name

    @property
    def user_id(self) -> str:
        """The user's id on the target."""
        return self.account.user_id

    @property
    def is_connected(self) -> bool:
        """Whether any connection is open."""
        return any(connection.is_open for connection in self.connections)

    @property
    def is_listening(self) -> bool:
        """Whether all connections are open and none of them missed a fence."""
        open_now = [connection.is_open and not connection.deaf for connection in self.connections]
        return bool(open_now) and all(open_now)

    async def connect(self, room: Room | None = None, *, sessions: int = 1) -> None:
        """Open one connection per session, subscribe each to the room's channels, and fill its replica."""
        for number in range(1, sessions + 1):
            await self.open(room, session=number)

    async def open(
        self, room: Room | None = None, *, session: int = 1, kind: type[Connection] = Connection
    ) -> None:
        """Open one more connection, in the session of that number, and do the same with it."""
        connection = await self.another(session, kind)
        self.connections.append(connection)
        await connection.open()
        if room is not None:
            await self._enter(connection, room)
        await connection.read_up()

    async def another(self, session: int, kind: type[Connection] = Connection) -> Connection:
        """One more connection, in the session of that number, that is not opened yet."""
        held = await self.company.pool.session(self.account, session)
        return kind(self, self.account.next_connection(), held, session)

    async def close(self) -> None:
        """Close the newest connection. Raises IndexError where there is none."""
        await self.connections.pop().close()

    async def cut(self) -> None:
        """Break the newest connection. Raises IndexError where there is none."""
        await self.connections.pop().cut()

    async def disconnect(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(connection.close() for connection in self.connections))
        self.connections.clear()

    async def _enter(self, connection: Connection, room: Room) -> None:
        for name in room.channels:
            await connection.subscribe(room.channel(name))
