"""The one way of an event to its connections: channel, guild and user scope, and a single connection.

Reach is evaluated here, at the moment of enqueueing (ACCESS-1); each frame is encoded once; nobody waits.
"""

from typing import Final

from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.envelope import encode_event
from sync_check.conformance.contract.events import Event
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server import access, endings
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.defects.deviations import Faithful
from sync_check.reference_server.metrics import Metrics
from sync_check.reference_server.outbound import Pushed
from sync_check.reference_server.store import Channel, Guild

_OVERSIZED: Final = "oversized_outbound"


class FanOut:
    """Enqueues events; `cause` is always the id of the user whose request caused the event."""

    def __init__(
        self, *, connections: Connections, metrics: Metrics, limits: Limits, deviation: Faithful
    ) -> None:
        self._connections = connections
        self._metrics = metrics
        self._max_bytes = limits.max_gateway_event_bytes
        self._deviation = deviation

    def is_deliverable(self, event: Event) -> bool:
        """Whether the event's frame is within the size limit; ask before storing (LIMIT-SIZE-2)."""
        return len(encode_event(event)) <= self._max_bytes

    def to_connection(self, event: Event, connection: Connection) -> None:
        """Answer one connection (SCOPE-1); it ends if the answer cannot be queued (3.3)."""
        frame = self._frame(event)
        if frame is None:
            connection.end(endings.OUTBOUND_PAYLOAD_TOO_LARGE)
            return
        outcome = connection.push(frame)
        if outcome is Pushed.QUEUED:
            self._metrics.emitted(event, 1)
            return
        self._metrics.dropped(event, outcome.value)
        connection.end(endings.OUTBOUND_QUEUE_FULL)

    def to_channel(self, event: Event, *, guild: Guild, channel: Channel, cause: str) -> None:
        """Reach the subscribers of a channel who have access to it now (SCOPE-2, SCOPE-3)."""
        reach = {
            connection: None
            for connection in self._connections.in_channel(channel.channel_id)
            if access.can_read(guild, channel, connection.user_id)
        }
        self._deliver(event, self._deviation.reach(event, reach, guild, cause))

    def to_guild(
        self,
        event: Event,
        *,
        guild: Guild,
        cause: str,
        visible_in: Channel | None = None,
        concerned: str | None = None,
    ) -> None:
        """Reach the current members who are subscribed to something in the guild (SCOPE-4, SCOPE-5).

        With `visible_in` only those with access to that channel; `concerned` is a user whose own membership
        the event is about: all connections of that user are reached besides (ACCESS-2, SCOPE-8).
        """
        members = guild.members
        reach: Reach = {
            connection: None
            for connection in self._connections.in_guild(guild.guild_id)
            if connection.user_id in members
            and (visible_in is None or access.can_read(guild, visible_in, connection.user_id))
        }
        if concerned is not None:
            reach |= dict.fromkeys(self._connections.of_user(concerned))
        self._deliver(event, self._deviation.reach(event, reach, guild, cause))

    def to_user(self, event: Event, *, user_id: str, cause: str) -> None:
        """Reach all connections of a user, subscribed or not (SCOPE-7); co-members are told nothing."""
        reach = dict.fromkeys(self._connections.of_user(user_id))
        self._deliver(event, self._deviation.reach(event, reach, None, cause))

    def end_lost_subscriptions(self, guild: Guild, user_id: str) -> None:
        """End for good what the user may read no more in the guild; call it after the event (ACCESS-6)."""
        if user_id not in guild.members:
            self._deviation.member_removed(guild, user_id)

        def lost(guild_id: str, channel_id: str) -> bool:
            channel = guild.channels.get(channel_id)
            here = guild_id == guild.guild_id
            return here and (channel is None or not access.can_read(guild, channel, user_id))

        self._connections.end_subscriptions(user_id, lost)

    def _frame(self, event: Event) -> bytes | None:
        payload = encode_event(event)
        if len(payload) > self._max_bytes:
            self._metrics.dropped(event, _OVERSIZED)
            return None
        return bytes(Frame(Opcode.TEXT, payload).serialize(mask=False))

    def _deliver(self, event: Event, reach: Reach) -> None:
        frame = self._frame(event) if reach else None
        if frame is None:
            return
        emitted = 0
        for connection in reach:
            outcome = connection.push(frame)
            if outcome is Pushed.QUEUED:
                emitted += 1
                continue
            self._metrics.dropped(event, outcome.value)
            if outcome is Pushed.FULL:
                connection.end(endings.SLOW_CONSUMER)
        self._metrics.emitted(event, emitted)
