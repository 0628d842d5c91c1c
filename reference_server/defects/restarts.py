"""Defects of what a server makes of the state that another process left."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sync_check.conformance.contract.events import Ready
from sync_check.reference_server import access
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.store import Store

if TYPE_CHECKING:
    from sync_check.reference_server.backend import Backend


class ForgetsNewest(Faithful):
    """The newest message of each channel is gone after a restart."""

    def restored(self, backend: "Backend") -> None:
        for guild in backend.store.guilds.values():
            for channel in guild.channels.values():
                if channel.messages:
                    channel.messages.popitem()


class LiftsBans(Faithful):
    """Nobody is banned any more after a restart."""

    def restored(self, backend: "Backend") -> None:
        for guild in backend.store.guilds.values():
            guild.banned.clear()


class KeepsOnline(Faithful):
    """Every member is online after a restart, for good."""

    def restored(self, backend: "Backend") -> None:
        for guild in backend.store.guilds.values():
            for user_id in guild.members:
                backend.presence.enter(_nobody(user_id), guild.guild_id)


def _nobody(user_id: str) -> Connection:
    """A connection that is none."""
    outbound = Outbound(bound=0, write=lambda _: None)
    return Connection(user_id=user_id, session_id="", address="", outbound=outbound, end=lambda _: None)


class SubscribesAnew(Faithful):
    """After a restart a session that was there before is subscribed to all that it may hear, unasked."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._sessions: set[str] = set()

    def restored(self, backend: "Backend") -> None:
        self._sessions = {session.session_id for session in backend.accounts.sessions()}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if isinstance(telling.event, Ready):
            for connection in telling.reach:
                if connection.session_id in self._sessions:
                    self._subscribe(connection)
        return (telling,)

    def _subscribe(self, connection: Connection) -> None:
        for guild_id in self._store.guilds_of.get(connection.user_id, ()):
            guild = self._store.guilds[guild_id]
            for channel in guild.channels.values():
                if access.can_read(guild, channel, connection.user_id):
                    self._connections.subscribe(connection, guild_id=guild_id, channel_id=channel.channel_id)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "restart-forgets-newest": ForgetsNewest,
    "restart-lifts-bans": LiftsBans,
    "restart-keeps-online": KeepsOnline,
    "restart-subscribes-anew": SubscribesAnew,
}
