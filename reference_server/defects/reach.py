"""Defects of whom an event reaches."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.events import Scope
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.store import Store


class Misrouting(Faithful):
    """Base of what changes who gets an event."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        return (replace(telling, reach=self.reach(telling)),)

    def reach(self, telling: Telling) -> Reach:
        """The connections that really get it."""
        return telling.reach


class MessageUpdateDropped(Misrouting):
    """The last subscriber who did not make the edit misses it; alone, even the one who made it does."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "message_update" or not telling.reach:
            return telling.reach
        others = [connection for connection in telling.reach if connection.user_id != telling.cause]
        missed = (others or list(telling.reach))[-1]
        return {connection: None for connection in telling.reach if connection is not missed}


class GuildEventToStranger(Misrouting):
    """Every guild event also reaches the newest connection of somebody who is no member."""

    def reach(self, telling: Telling) -> Reach:
        guild = telling.guild
        if telling.event.scope is not Scope.GUILD or guild is None:
            return telling.reach
        strangers = [
            connection
            for connection in self._connections.all()
            if connection.user_id not in guild.members and connection not in telling.reach
        ]
        return telling.reach | dict.fromkeys(strangers[-1:])


class KickKeepsStream(Misrouting):
    """A removed member's subscriptions go on as they were at the removal."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._kept: dict[Connection, dict[str, None]] = {}
        # The ids of guilds and channels, which never coincide.

    def reach(self, telling: Telling) -> Reach:
        guild = telling.guild
        if guild is None:
            return telling.reach
        is_guild = telling.event.scope is Scope.GUILD
        wanted = guild.guild_id if is_guild else getattr(telling.event, "channel_id", None)
        open_now = self._connections.all()
        return telling.reach | {
            connection: None
            for connection, kept in self._kept.items()
            if wanted in kept and connection in open_now
        }

    def subscription_lost(self, connection: Connection, guild: Guild, channel_id: str) -> None:
        if connection.user_id not in guild.members:
            self._kept.setdefault(connection, {}).update({channel_id: None, guild.guild_id: None})


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "message-update-dropped": MessageUpdateDropped,
    "guild-event-to-stranger": GuildEventToStranger,
    "kick-keeps-stream": KickKeepsStream,
}
