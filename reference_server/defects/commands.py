"""Defects of what is done with commands."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sync_check.reference_server import endings
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.deviation import Execute, Faithful, Telling
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.posting import post
from sync_check.reference_server.store import Store

if TYPE_CHECKING:
    from sync_check.reference_server.backend import Backend

_SAID: Final = "message_create"


class _OfMessages(Faithful):
    """Base of what treats messages by command otherwise; `speaking` is whose command is being carried out."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self.speaking: Connection | None = None

    def executing(self, execute: Execute) -> Execute:
        def instead(backend: "Backend", connection: Connection, text: str) -> Ending | None:
            if command_in(text).get("t") != _SAID:
                return self.on_other(execute, backend, connection, text)
            self.speaking = connection
            try:
                return self.on_message(execute, backend, connection, text)
            finally:
                self.speaking = None

        return instead

    def on_message(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        """Treat a message."""
        return execute(backend, connection, text)

    def on_other(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        """Treat anything else."""
        return execute(backend, connection, text)


def command_in(text: str) -> dict[str, object]:
    """The JSON object that a message is; an empty one if it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class CommandEchoed(_OfMessages):
    """A message by command is also told to the connection that it came on, subscribed or not."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != _SAID or self.speaking is None:
            return (telling,)
        return (replace(telling, reach=telling.reach | {self.speaking: None}),)


class CommandUntold(_OfMessages):
    """A message by command is stored, and nobody is told."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        return () if telling.event.name == _SAID and self.speaking is not None else (telling,)


class CommandIgnored(_OfMessages):
    """A message by command is neither stored nor told."""

    def on_message(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        return None


class CommandOutOfTurn(_OfMessages):
    """A message by command takes effect after the next command of its connection."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._held: dict[Connection, str] = {}

    def on_message(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        if connection in self._held:
            return self.on_other(execute, backend, connection, text)
        self._held[connection] = text
        return None

    def on_other(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        ending = execute(backend, connection, text)
        held = self._held.pop(connection, None)
        if ending is not None or held is None:
            return ending
        return execute(backend, connection, held)


class RefusedCommandSurvives(_OfMessages):
    """A message by command that is refused leaves its connection open."""

    def on_message(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        ending = execute(backend, connection, text)
        return None if ending is endings.MESSAGE_REJECTED else ending


class ForbiddenSubscribeEnds(Faithful):
    """A subscribe to a channel that there is and that its user may not see ends the connection."""

    def executing(self, execute: Execute) -> Execute:
        def instead(backend: "Backend", connection: Connection, text: str) -> Ending | None:
            before = dict(connection.subscriptions)
            ending = execute(backend, connection, text)
            wanted = command_in(text).get("d")
            if ending is not None or not isinstance(wanted, dict):
                return ending
            guild = self._store.guilds.get(wanted["guild_id"])
            channel_id = wanted["channel_id"]
            exists = guild is not None and channel_id in guild.channels
            is_refused = channel_id not in connection.subscriptions and channel_id not in before
            return endings.MESSAGE_REJECTED if exists and is_refused else None

        return instead


class CommandUnchecked(_OfMessages):
    """A message by command from who has no access is stored and told before its connection ends."""

    def on_message(
        self, execute: Execute, backend: "Backend", connection: Connection, text: str
    ) -> Ending | None:
        ending = execute(backend, connection, text)
        wanted = command_in(text).get("d")
        if ending is endings.MESSAGE_REJECTED and isinstance(wanted, dict):
            guild = self._store.guilds.get(wanted["guild_id"])
            channel = None if guild is None else guild.channels.get(wanted["channel_id"])
            if guild is not None and channel is not None:
                author_id, content = connection.user_id, wanted["content"]
                post(backend, author_id=author_id, guild=guild, channel=channel, content=content)
        return ending


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "command-echoed": CommandEchoed,
    "command-untold": CommandUntold,
    "command-ignored": CommandIgnored,
    "command-out-of-turn": CommandOutOfTurn,
    "refused-command-survives": RefusedCommandSurvives,
    "command-unchecked": CommandUnchecked,
    "forbidden-subscribe-ends": ForbiddenSubscribeEnds,
}
