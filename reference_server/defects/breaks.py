"""Defects of what becomes of a connection that broke, or died without a word, and of whoever comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.events import Ready, Scope, Subscribed
from sync_check.reference_server import endings
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.store import Store

_BROKEN: Final = (endings.CONNECTION_CLOSED, endings.SOCKET_ERROR)
"""How a connection ends that nobody closed."""


class StaysOnline(Faithful):
    """Base of those that tell nobody of the end of some connections, and go on counting them."""

    unheeded: tuple[Ending, ...]

    def is_forgotten(self, ending: Ending) -> bool:
        return ending in self.unheeded


class BrokenStaysOnline(StaysOnline):
    """Whoever does not close a connection in order stays online."""

    unheeded = _BROKEN


class DeadStaysOnline(StaysOnline):
    """Whoever answers no pings is cut off and stays online."""

    unheeded = (endings.IDLE_TIMEOUT,)


class _Remembering(Faithful):
    """Base of those that remember, of each broken connection, the channel event that it was told last."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._last: dict[Connection, Telling] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.scope is Scope.CHANNEL:
            self._last.update(dict.fromkeys(telling.reach, telling))
        return (telling,)

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        last = self._last.pop(connection, None)
        if last is not None and ending in _BROKEN:
            self.broke(connection, last)

    def broke(self, connection: Connection, last: Telling) -> None:
        """A connection broke that was told `last` last."""
        raise NotImplementedError


class ReplayedAfterBreak(_Remembering):
    """Whoever subscribes again after a break is told the last event again."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._lost: dict[tuple[str, str], Telling] = {}

    def broke(self, connection: Connection, last: Telling) -> None:
        self._lost[connection.user_id, getattr(last.event, "channel_id", "")] = last

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        yield from super().tellings(telling)
        if isinstance(telling.event, Subscribed):
            for connection in telling.reach:
                lost = self._lost.pop((connection.user_id, telling.event.channel_id), None)
                if lost is not None:
                    yield replace(lost, reach={connection: None})


class ToldToNext(_Remembering):
    """Whoever connects next is told what was on its way to a connection that broke."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._lost: list[Telling] = []

    def broke(self, connection: Connection, last: Telling) -> None:
        self._lost.append(last)

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        yield from super().tellings(telling)
        if isinstance(telling.event, Ready):
            lost, self._lost = self._lost, []
            yield from (replace(one, reach=telling.reach) for one in lost)


class CostsAnEvent(_Remembering):
    """After a connection broke, the next event of its channel misses somebody else."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._spoilt: set[str] = set()

    def broke(self, connection: Connection, last: Telling) -> None:
        self._spoilt.add(getattr(last.event, "channel_id", ""))

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        (told,) = super().tellings(telling)
        channel_id = getattr(telling.event, "channel_id", None)
        if telling.event.scope is Scope.CHANNEL and channel_id in self._spoilt:
            self._spoilt.discard(channel_id)
            return (replace(told, reach=dict.fromkeys(list(told.reach)[1:])),)
        return (told,)


class SubscriptionsRestored(Faithful):
    """A session whose connection broke is subscribed again as soon as it connects."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._lost: dict[str, dict[str, str]] = {}

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        if ending in _BROKEN:
            self._lost[connection.session_id] = dict(connection.subscriptions)

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if isinstance(telling.event, Ready):
            for connection in telling.reach:
                for channel_id, guild_id in self._lost.pop(connection.session_id, {}).items():
                    self._connections.subscribe(connection, guild_id=guild_id, channel_id=channel_id)
        return (telling,)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "broken-stays-online": BrokenStaysOnline,
    "dead-stays-online": DeadStaysOnline,
    "replayed-after-break": ReplayedAfterBreak,
    "told-to-next-connection": ToldToNext,
    "break-costs-an-event": CostsAnEvent,
    "subscriptions-restored": SubscriptionsRestored,
}
