"""What the seeded defects do to the reach of an event. Fan-out asks; a faithful server changes nothing.

Each is deterministic: it depends on the order of connections and events, on nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sync_check.conformance.contract.events import Event, Scope
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.guild import Guild


class Faithful:
    """No deviation; the base of those that deviate in one point."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def reach(self, event: Event, reach: Reach, guild: Guild | None, cause: str) -> Reach:
        """The connections that really get `event`, which the user `cause` caused."""
        del event, guild, cause
        return reach

    def member_removed(self, guild: Guild, user_id: str) -> None:
        """Called after the removal event, just before the user's subscriptions in the guild end."""


class MessageUpdateDropped(Faithful):
    """The last subscriber who did not make the edit misses it; alone, even the one who made it does."""

    def reach(self, event: Event, reach: Reach, guild: Guild | None, cause: str) -> Reach:
        if event.name != "message_update" or not reach:
            return reach
        others = [connection for connection in reach if connection.user_id != cause]
        missed = (others or list(reach))[-1]
        return {connection: None for connection in reach if connection is not missed}


class GuildEventToStranger(Faithful):
    """Every guild event also reaches the newest connection of somebody who is no member."""

    def reach(self, event: Event, reach: Reach, guild: Guild | None, cause: str) -> Reach:
        if event.scope is not Scope.GUILD or guild is None:
            return reach
        strangers = [
            connection
            for connection in self._connections.all()
            if connection.user_id not in guild.members and connection not in reach
        ]
        return reach | dict.fromkeys(strangers[-1:])


class KickKeepsStream(Faithful):
    """A removed member's subscriptions go on as they were at the removal."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._kept: dict[Connection, dict[str, None]] = {}
        # The ids of guilds and channels, which never coincide.

    def reach(self, event: Event, reach: Reach, guild: Guild | None, cause: str) -> Reach:
        if guild is None:
            return reach
        wanted = guild.guild_id if event.scope is Scope.GUILD else getattr(event, "channel_id", None)
        open_now = self._connections.all()
        return reach | {
            connection: None
            for connection, kept in self._kept.items()
            if wanted in kept and connection in open_now
        }

    def member_removed(self, guild: Guild, user_id: str) -> None:
        for connection in self._connections.of_user(user_id):
            for channel_id, guild_id in connection.subscriptions.items():
                if guild_id == guild.guild_id:
                    self._kept.setdefault(connection, {}).update({channel_id: None, guild_id: None})


_DEVIATIONS: Final[Mapping[str, Callable[[Connections], Faithful]]] = {
    "message-update-dropped": MessageUpdateDropped,
    "guild-event-to-stranger": GuildEventToStranger,
    "kick-keeps-stream": KickKeepsStream,
}


def deviation(defect: str | None, connections: Connections) -> Faithful:
    """What the defect of this id does, or nothing for None."""
    return Faithful(connections) if defect is None else _DEVIATIONS[defect](connections)
