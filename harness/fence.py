"""Fences: proof, without waiting for time to pass, that whatever was due has arrived.

A fence is a harmless, uniquely marked mutation that an observer must receive. Per-connection FIFO (DELIV-2)
and DELIV-5 then say that everything caused earlier has arrived on that connection or never will. In a guild
one message per channel fences all its subscribers at once; whoever hears none is fenced by a message in a
guild of their own, or by their own profile update, which still works after the last guild is lost.

That FIFO holds across scopes is not assumed but shown: each connection gets, once in a run, an event of
each scope that the scenario has to do with, one after the other. Then one fence settles them all.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.events import Event, Scope
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import FenceMissed, Purpose
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.home import bring_home
from sync_check.harness.room import Place, Room

FENCE_BUDGET_S: Final = 5.0
"""A failure budget, not a waiting time: running into it names the connection that is missing."""
_WITHDRAWN: Final = f'"{events.FriendRequestDelete.name}"'
_UNASKED: Final = frozenset(event for trigger in ops.TRIGGERS for event in trigger.causes)
_SHOWING: Final[frozenset[type[Event]]] = (
    frozenset(event for operation in ops.OPERATIONS.values() for event in operation.causes) - _UNASKED
)
"""The events of which each has one operation as its cause: they show an order of causes."""


class _Awaited(NamedTuple):
    connection: Connection
    arrival: asyncio.Future[None]
    call: asyncio.Task[Reply]


class Fence:
    """Fences over all open connections of `clients`, of whom some are members of `rooms`.

    `scopes` are those of the events whose arrival or absence the fences are to prove.
    """

    def __init__(
        self, company: Company, rooms: Iterable[Room], clients: Iterable[Client], scopes: Collection[Scope]
    ) -> None:
        self._company = company
        self._rooms = tuple(rooms)
        self._clients = tuple(clients)
        self._scopes = tuple(scope for scope in Scope if scope in scopes)
        self._awaited: list[_Awaited] = []

    async def raise_and_wait(self) -> tuple[str, ...]:
        """Raise the fences and wait for them; returns the connections (`name#n`) that one did not reach."""
        missed = await self._once()
        has_shown = False
        for scope in self._scopes:
            await self._show(scope)
            if self._awaited:
                has_shown = True
                missed |= await self._arrivals()
        if has_shown:
            # These have hearers besides those who were waited for, such as friends.
            missed |= await self._once()
        return tuple(sorted(missed))

    async def _once(self) -> set[str]:
        """One fence, of whatever scope, for each connection."""
        covered: set[Connection] = set()
        if self._offers(Feature.MESSAGES):
            for room in self._rooms:
                for name in room.channels:
                    covered |= self._post(room, name)
        left = [(client, [one for one in _open(client) if one not in covered]) for client in self._clients]
        bare = await all_done(self._fence_alone(client, alone) for client, alone in left if alone)
        return {label for labels in bare for label in labels} | await self._arrivals()

    async def _show(self, scope: Scope) -> None:
        """Raise a fence of `scope` for each connection that got no event of it so far."""
        left = [
            (client, [one for one in _open(client) if not _knows(one, scope)]) for client in self._clients
        ]
        await all_done(self._fence_by(scope, client, lacking) for client, lacking in left if lacking)

    # --- by scope

    async def _fence_alone(self, client: Client, connections: list[Connection]) -> set[str]:
        """Fence connections that hear no room; returns those for which the target offers no way to."""
        home = client.account.home
        settled = home is not None and all(home.channel_id in one.replica.live for one in connections)
        for scope in (Scope.CHANNEL, Scope.USER) if settled else (Scope.USER, Scope.CHANNEL):
            if await self._fence_by(scope, client, connections):
                return set()
        return {one.label for one in connections}

    async def _fence_by(self, scope: Scope, client: Client, connections: list[Connection]) -> bool:
        """Fence connections of one client by an event of `scope`; whether there is a way to.

        It is waited for wherever it changes what the client knows, on its other connections as well.
        """
        match scope:
            case Scope.USER if self._offers(Feature.PROFILE):
                self._announce(client, _open(client))
            case Scope.USER if self._offers(Feature.FRIENDS):
                return await self._ask_and_withdraw(client, _open(client))
            case Scope.CHANNEL if self._offers(Feature.MESSAGES):
                return await self._at_home(client, connections, self._write)
            case Scope.GUILD if self._offers(Feature.CHANNELS_CREATE):
                return await self._at_home(client, connections, self._build)
            case _:
                return False
        return True

    def _offers(self, feature: Feature) -> bool:
        return feature in self._company.target.features

    def _post(self, room: Room, name: str) -> set[Connection]:
        place = room.channel(name)
        here = {
            connection
            for client in room.members
            for connection in _open(client)
            if place.channel_id in connection.subscriptions
        }
        if here:
            self._write(room.owner, place, here)
        return here

    def _write(self, author: Client, place: Place, connections: Iterable[Connection]) -> None:
        token = self._company.canary()
        message = ops.CreateMessage(
            guild_id=place.guild_id, channel_id=place.channel_id, content=f"fence {token}"
        )
        self._raise(author, message, (token,), connections, (Canary(text=token, what="message"),))

    def _build(self, owner: Client, place: Place, connections: Iterable[Connection]) -> None:
        token = self._company.canary()
        create = ops.CreateChannel(guild_id=place.guild_id, channel_name=f"fence-{token}")
        self._raise(owner, create, (token,), connections, (Canary(text=token, what="channel_name"),))

    def _announce(self, client: Client, connections: Iterable[Connection]) -> None:
        # An about text is public, so its token is no canary.
        token = self._company.token()
        self._raise(client, ops.UpdateProfile(about_markdown=f"fence {token}"), (token,), connections, ())

    async def _at_home(
        self,
        client: Client,
        connections: list[Connection],
        act: Callable[[Client, Place, Iterable[Connection]], None],
    ) -> bool:
        home = await bring_home(self._company, client, connections)
        if home is None:
            return False
        act(client, home, [one for one in _open(client) if home.channel_id in one.replica.live])
        return True

    async def _ask_and_withdraw(self, client: Client, connections: list[Connection]) -> bool:
        """A friend request of a user who does nothing else; its end, told to both sides, is the fence."""
        asker = await self._company.asker()
        request = ops.RequestFriend(recipient_user_id=client.user_id)
        reply = await self._company.call(asker, request, purpose=Purpose.FENCE)
        request_id = reply.body.get("request_id")
        if not isinstance(request_id, str):
            return False
        withdraw = ops.DeleteFriendRequest(request_id=request_id)
        self._raise(asker, withdraw, (request_id, _WITHDRAWN), connections, ())
        return True

    # --- waiting

    def _raise(
        self,
        author: Client,
        operation: ops.Operation,
        texts: tuple[str, ...],
        connections: Iterable[Connection],
        canaries: tuple[Canary, ...],
    ) -> None:
        arrivals = [(connection, connection.watch(*texts)) for connection in connections]
        call = self._company.call(author, operation, purpose=Purpose.FENCE, canaries=canaries)
        task = asyncio.create_task(call)
        self._awaited += [_Awaited(connection, arrival, task) for connection, arrival in arrivals]

    async def _arrivals(self) -> set[str]:
        began = self._company.clock.now_us()
        awaited, self._awaited = self._awaited, []
        await asyncio.gather(*{one.call for one in awaited})
        if awaited:
            await asyncio.wait(
                [one.arrival for one in awaited], timeout=FENCE_BUDGET_S * self._company.target.time_scale
            )
        missed: set[str] = set()
        for connection, arrival, call in awaited:
            if arrival.done():
                continue
            arrival.cancel()
            missed.add(connection.label)
            if not connection.is_open or not call.result().accepted:
                continue
            # Known to hear nothing: later rounds do not wait for it again.
            connection.deaf = True
            now = self._company.clock.now_us()
            self._company.journal.record(
                FenceMissed(at=now, op=call.result().op, connection=connection.id, waited_us=now - began)
            )
        return missed


def _open(client: Client) -> list[Connection]:
    return [one for one in client.connections if one.is_open and not (one.deaf or one.is_silent)]


def _knows(connection: Connection, scope: Scope) -> bool:
    """Whether an event of `scope` came whose cause was answered before this fence is raised."""
    return any(event.scope is scope for event in connection.replica.heard & _SHOWING)
