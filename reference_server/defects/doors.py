"""Defects of doors left open: one kind of request is not checked for what all others are checked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sync_check.conformance.contract.events import PresenceSync, Subscribed
from sync_check.reference_server.asgi import Scope
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.defects.commands import command_in
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Execute, Faithful
from sync_check.reference_server.edge import answer_as
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.guild import Channel
from sync_check.reference_server.store import Store

if TYPE_CHECKING:
    from sync_check.reference_server.backend import Backend

_MESSAGES: Final = "/guilds/*/channels/*/messages"
_ONE_MESSAGE: Final = f"{_MESSAGES}/*"
_FILES: Final = "/guilds/*/channels/*/attachments"
_REACTION: Final = f"{_ONE_MESSAGE}/reactions/*"

Door = tuple[str, str]
"""Method and path, with `*` for each segment that may be anything."""


class _Open(Rewriting):
    """Base of those at whose `doors` something is not checked."""

    doors: tuple[Door, ...]

    def is_open(self, asked: Asked) -> bool:
        """Whether a call comes through one of them."""
        return any(asked.at(*door) is not None for door in self.doors)


class _AddressUnchecked(_Open):
    """Base of those that let in who calls from a banned address."""

    def instead(self, asked: Asked) -> Answer | None:
        if self.is_open(asked):
            answer_as(asked.scope, replace(asked.call, address=""))
        return None


class IpBanSparesMessages(_AddressUnchecked):
    doors = (("POST", _MESSAGES), ("PATCH", _ONE_MESSAGE), ("DELETE", _ONE_MESSAGE))


class IpBanSparesReactions(_AddressUnchecked):
    doors = (("POST", _REACTION), ("DELETE", _REACTION))


class IpBanSparesSearch(_AddressUnchecked):
    doors = (("GET", "/guilds/*/search"),)


class IpBanSparesFiles(_AddressUnchecked):
    doors = (("POST", _FILES), ("GET", f"{_FILES}/*"))


class _AccessUnchecked(_Open):
    """Base of those that let in every member, with access to the channel or without."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._let_in: list[tuple[Scope, Channel, str]] = []

    def instead(self, asked: Asked) -> Answer | None:
        guild = asked.guild_asked
        if guild is None or asked.user_id not in guild.members or not self.is_open(asked):
            return None
        channel = guild.channels.get(asked.scope["path"].split("/")[4])
        if channel is not None:
            channel.readers[asked.user_id] = True
            self._let_in.append((asked.scope, channel, asked.user_id))
        return None

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        for scope, channel, user_id in self._let_in:
            if scope is asked.scope:
                channel.readers.pop(user_id, None)
        self._let_in = [one for one in self._let_in if one[0] is not asked.scope]
        return answer


class PostWithoutAccess(_AccessUnchecked):
    doors = (("POST", _MESSAGES),)


class EditWithoutAccess(_AccessUnchecked):
    doors = (("PATCH", _ONE_MESSAGE), ("DELETE", _ONE_MESSAGE))


class ReactionWithoutAccess(_AccessUnchecked):
    doors = (("POST", _REACTION), ("DELETE", _REACTION))


class UploadWithoutAccess(_AccessUnchecked):
    doors = (("POST", _FILES),)


class FormerMemberSubscribes(Faithful):
    """Who is no member any more is told who is online when subscribing again where it was possible before."""

    def executing(self, execute: Execute) -> Execute:
        known = set[tuple[str, str]]()

        def instead(backend: "Backend", connection: Connection, text: str) -> Ending | None:
            ending = execute(backend, connection, text)
            known.update((connection.user_id, channel_id) for channel_id in connection.subscriptions)
            command = command_in(text)
            wanted = command.get("d")
            if ending is not None or command.get("t") != "subscribe" or not isinstance(wanted, dict):
                return ending
            guild_id, channel_id = wanted["guild_id"], wanted["channel_id"]
            is_refused = channel_id not in connection.subscriptions
            if is_refused and (connection.user_id, channel_id) in known:
                online = list(backend.presence.online(guild_id))
                sync = PresenceSync(guild_id=guild_id, user_ids=online)
                backend.fanout.to_connection(sync, connection)
                told = Subscribed(guild_id=guild_id, channel_id=channel_id)
                backend.fanout.to_connection(told, connection)
            return None

        return instead


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "ip-ban-spares-messages": IpBanSparesMessages,
    "ip-ban-spares-reactions": IpBanSparesReactions,
    "ip-ban-spares-search": IpBanSparesSearch,
    "ip-ban-spares-files": IpBanSparesFiles,
    "post-without-access": PostWithoutAccess,
    "edit-without-access": EditWithoutAccess,
    "reaction-without-access": ReactionWithoutAccess,
    "upload-without-access": UploadWithoutAccess,
    "former-member-subscribes": FormerMemberSubscribes,
}
