"""The one way of an event to its connections: channel, guild and user scope, and a single connection.

Reach is evaluated here, at the moment of enqueueing (ACCESS-1); each frame is encoded once; nobody waits.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Final

from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.envelope import encode_event
from sync_check.conformance.contract.events import Event
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server import access, endings
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.event_log import EventLog
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.metrics import Metrics
from sync_check.reference_server.nodes import Nodes
from sync_check.reference_server.outbound import Pushed

_OVERSIZED: Final = "oversized_outbound"


class FanOut:
    """Enqueues events; `cause` is the id of the user whose request caused the event, empty for none."""

    def __init__(
        self,
        *,
        connections: Connections,
        metrics: Metrics,
        limits: Limits,
        deviation: Faithful,
        nodes: Nodes,
        event_log: EventLog | None = None,
    ) -> None:
        self._connections = connections
        self._metrics = metrics
        self._max_bytes = limits.max_gateway_event_bytes
        self._deviation = deviation
        self._nodes = nodes
        self._log = event_log

    def is_deliverable(self, event: Event) -> bool:
        """Whether the event's frame is within the size limit; ask before storing (LIMIT-SIZE-2)."""
        return len(encode_event(event)) <= self._max_bytes

    def to_connection(self, event: Event, connection: Connection) -> None:
        """Answer one connection (SCOPE-1); it ends if the answer cannot be queued (3.3)."""
        for telling in self._deviation.tellings(Telling(event=event, reach={connection: None})):
            for receiver in telling.reach:
                self._nodes.tell_one(receiver, partial(self._answer, telling, receiver))

    def to_channel(self, event: Event, *, guild: Guild, channel: Channel, cause: str) -> None:
        """Reach the subscribers of a channel who have access to it now (SCOPE-2, SCOPE-3)."""
        reach = {
            connection: None
            for connection in self._connections.in_channel(channel.channel_id)
            if access.can_read(guild, channel, connection.user_id)
        }
        self._deliver(Telling(event=event, reach=reach, guild=guild, cause=cause))

    def to_guild(
        self,
        event: Event,
        *,
        guild: Guild,
        cause: str,
        seen_by: Callable[[str], bool] | None = None,
        concerned: str | None = None,
    ) -> None:
        """Reach the current members who are subscribed to something in the guild (SCOPE-4, SCOPE-5).

        With `seen_by` only the users for whom it holds; `concerned` is a user whose own membership the event
        is about: all connections of that user are reached besides (ACCESS-2, SCOPE-8).
        """
        reach = self._members(guild)
        if seen_by is not None:
            reach = {connection: None for connection in reach if seen_by(connection.user_id)}
        if concerned is not None:
            reach |= dict.fromkeys(self._connections.of_user(concerned))
        self._deliver(Telling(event=event, reach=reach, guild=guild, cause=cause))

    def to_guild_by_view(self, guild: Guild, cause: str, *, view_of: Callable[[str], Event]) -> None:
        """Reach a guild with what each user may see of one change: equal views are one event (CHAN-7)."""
        views: dict[str, Event] = {}
        by_view: dict[bytes, tuple[Event, Reach]] = {}
        for connection in self._members(guild):
            user_id = connection.user_id
            if user_id not in views:
                views[user_id] = view_of(user_id)
            event = views[user_id]
            by_view.setdefault(encode_event(event), (event, {}))[1][connection] = None
        for event, reach in by_view.values():
            self._deliver(Telling(event=event, reach=reach, guild=guild, cause=cause))

    def to_users(self, event: Event, *, user_ids: Iterable[str], cause: str) -> None:
        """Reach all connections of these users, subscribed or not (SCOPE-6, SCOPE-7)."""
        reach = {
            connection: None for user_id in user_ids for connection in self._connections.of_user(user_id)
        }
        self._deliver(Telling(event=event, reach=reach, cause=cause))

    def readers(self, guild: Guild, channel: Channel) -> Collection[str]:
        """The users with access to a channel among those whom a guild event could reach now."""
        here = {connection.user_id for connection in self._connections.in_guild(guild.guild_id)}
        return {user_id for user_id in here if access.can_read(guild, channel, user_id)}

    def end_lost_subscriptions(self, guild: Guild) -> None:
        """End for good what its subscriber may read no more; call it after the event (ACCESS-6)."""

        def lost(connection: Connection, channel_id: str) -> bool:
            channel = guild.channels.get(channel_id)
            if channel is not None and access.can_read(guild, channel, connection.user_id):
                return False
            self._deviation.subscription_lost(connection, guild, channel_id)
            return True

        self._connections.end_subscriptions(guild.guild_id, lost)

    def _members(self, guild: Guild) -> Reach:
        members = guild.members
        return {
            connection: None
            for connection in self._connections.in_guild(guild.guild_id)
            if connection.user_id in members
        }

    def _frame(self, telling: Telling) -> bytes | None:
        payload = telling.text or encode_event(telling.event)
        if len(payload) > self._max_bytes:
            self._dropped(telling.event, _OVERSIZED)
            return None
        return bytes(Frame(Opcode.TEXT, payload).serialize(mask=False))

    def _emitted(self, event: Event, recipients: int) -> None:
        self._metrics.emitted(event, recipients)
        if self._log is not None:
            self._log.emitted(event, recipients)

    def _dropped(self, event: Event, reason: str) -> None:
        self._metrics.dropped(event, reason)
        if self._log is not None:
            self._log.dropped(event, reason)

    def _answer(self, telling: Telling, connection: Connection) -> None:
        frame = self._frame(telling)
        if frame is None:
            connection.end(endings.OUTBOUND_PAYLOAD_TOO_LARGE)
            return
        outcome = connection.push(frame)
        if outcome is Pushed.QUEUED:
            self._emitted(telling.event, 1)
            return
        self._dropped(telling.event, outcome.value)
        connection.end(endings.OUTBOUND_QUEUE_FULL)

    def _deliver(self, due: Telling) -> None:
        for telling in self._deviation.tellings(due):
            self._enqueue(telling)

    def _enqueue(self, telling: Telling) -> None:
        event = telling.event
        if not telling.reach:
            self._emitted(event, 0)
            return
        frame = self._frame(telling)
        if frame is not None:
            self._nodes.tell(telling.reach, partial(self._push, event, frame))

    def _push(self, event: Event, frame: bytes, reach: Reach) -> None:
        emitted = 0
        doomed: list[Connection] = []
        queued = Pushed.QUEUED
        for connection in reach:
            outcome = connection.outbound.push(frame)
            if outcome is queued:
                emitted += 1
                continue
            self._dropped(event, outcome.value)
            if outcome is Pushed.FULL:
                doomed.append(connection)
        self._emitted(event, emitted)
        # Last, because an end causes events of its own, which nobody may get before this one (DELIV-2).
        for connection in doomed:
            connection.end(endings.SLOW_CONSUMER)
