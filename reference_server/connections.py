"""Who is connected, and subscribed to what. Registries are dicts: their order is that of insertion."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sync_check.reference_server.endings import Ending
from sync_check.reference_server.outbound import Outbound, Pushed


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """One established gateway connection; `end` starts its end and may be called more than once."""

    user_id: str
    session_id: str
    address: str
    outbound: Outbound
    end: Callable[[Ending], None]
    node: int = 0
    """The gateway node that it is connected to."""
    subscriptions: dict[str, str] = field(default_factory=dict)
    """The guild's id by the channel's id."""
    present_in: dict[str, None] = field(default_factory=dict)
    """The guilds in which the connection is present (4.4)."""

    def push(self, frame: bytes) -> Pushed:
        return self.outbound.push(frame)


Reach = dict[Connection, None]
"""The connections that get an event: each once, in a fixed order."""


class Connections:
    """All established connections, by user, by channel and by guild."""

    def __init__(self) -> None:
        self._all: Reach = {}
        self._by_user: dict[str, Reach] = {}
        self._by_channel: dict[str, Reach] = {}
        self._by_guild: dict[str, Reach] = {}

    def all(self) -> Collection[Connection]:
        """Oldest first."""
        return self._all

    def of_user(self, user_id: str) -> Collection[Connection]:
        return self._by_user.get(user_id, ())

    def in_channel(self, channel_id: str) -> Collection[Connection]:
        """Connections with a subscription for the channel."""
        return self._by_channel.get(channel_id, ())

    def in_guild(self, guild_id: str) -> Collection[Connection]:
        """Connections with a subscription for any channel of the guild."""
        return self._by_guild.get(guild_id, ())

    def add(self, connection: Connection) -> None:
        self._all[connection] = None
        self._by_user.setdefault(connection.user_id, {})[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget a connection with all its subscriptions."""
        for channel_id in list(connection.subscriptions):
            self.unsubscribe(connection, channel_id)
        del self._all[connection]
        _drop(self._by_user, connection.user_id, connection)

    def subscribe(self, connection: Connection, *, guild_id: str, channel_id: str) -> None:
        connection.subscriptions[channel_id] = guild_id
        self._by_channel.setdefault(channel_id, {})[connection] = None
        self._by_guild.setdefault(guild_id, {})[connection] = None

    def unsubscribe(self, connection: Connection, channel_id: str) -> None:
        guild_id = connection.subscriptions.pop(channel_id)
        _drop(self._by_channel, channel_id, connection)
        if guild_id not in connection.subscriptions.values():
            _drop(self._by_guild, guild_id, connection)

    def end_subscriptions(self, guild_id: str, lost: Callable[[Connection, str], bool]) -> None:
        """End for good the subscriptions in a guild for which `lost(connection, channel_id)` holds."""
        for connection in list(self.in_guild(guild_id)):
            for channel_id, their_guild_id in list(connection.subscriptions.items()):
                if their_guild_id == guild_id and lost(connection, channel_id):
                    self.unsubscribe(connection, channel_id)


def _drop(registry: dict[str, Reach], key: str, connection: Connection) -> None:
    there = registry[key]
    del there[connection]
    if not there:
        del registry[key]
