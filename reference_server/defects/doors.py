"""Defects of doors left open: one kind of request is not checked for what all others are checked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sync_check.conformance.contract.events import PresenceSync, Subscribed
from sync_check.conformance.contract.permissions import CANONICAL_ORDER, Permission
from sync_check.reference_server import access
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

_CHANNEL: Final = "/guilds/*/channels/*"
_MESSAGES: Final = f"{_CHANNEL}/messages"
_ONE_MESSAGE: Final = f"{_MESSAGES}/*"
_FILES: Final = f"{_CHANNEL}/attachments"
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


class EditThroughAnotherChannel(Rewriting):
    """A message can be changed through the path of any channel of its guild."""

    def instead(self, asked: Asked) -> Answer | None:
        for method in ("PATCH", "DELETE"):
            found, guild = asked.at(method, _ONE_MESSAGE), asked.guild_asked
            if found is None or guild is None:
                continue
            home = next((one for one in guild.channels.values() if found[2] in one.messages), None)
            if home is not None:
                path = f"/guilds/{found[0]}/channels/{home.channel_id}/messages/{found[2]}"
                asked.scope["path"], asked.scope["raw_path"] = path, path.encode()
        return None


class AllowanceBeatsDenial(Rewriting):
    """What one of a member's roles is allowed in a channel no other role is denied there."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        found, guild = asked.at("POST", f"{_CHANNEL}/permission-overrides/role/*"), asked.guild_asked
        channel = None if found is None or guild is None else guild.channels.get(found[1])
        if guild is None or channel is None:
            return answer
        roles = {one for one in channel.overrides if one in guild.roles and one != guild.everyone.role_id}
        allowed = frozenset[Permission]().union(*(channel.overrides[one].allow for one in roles))
        for one in roles:
            kept = channel.overrides[one]
            channel.overrides[one] = replace(kept, deny=kept.deny - allowed)
        channel.readers.clear()
        return answer


class ChannelManagedByGuild(Rewriting):
    """Who may manage a channel is looked up for the whole guild, whatever is overridden there."""

    def instead(self, asked: Asked) -> Answer | None:
        guild = asked.guild_asked
        if guild is None or asked.at("PATCH", _CHANNEL) is None:
            return None
        is_permitted = "manage_channel_overrides" in access.in_guild(guild, asked.user_id)
        return None if is_permitted else Answer().saying({"error": "forbidden"}, status=403)


class _Granting(Rewriting):
    """While it answers, roles have all rights that they should not have."""

    def instead(self, asked: Asked) -> Answer | None:
        self._grant(asked, frozenset(CANONICAL_ORDER))
        return None

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        self._grant(asked, frozenset())
        return answer

    def _grant(self, asked: Asked, permissions: frozenset[Permission]) -> None:
        raise NotImplementedError


class NameGivesRights(_Granting):
    """Whoever holds a role that is called `admin` has all rights."""

    def _grant(self, asked: Asked, permissions: frozenset[Permission]) -> None:
        guild = asked.guild_asked if asked.scope["method"] != "GET" else None
        for role in guild.roles.values() if guild is not None else ():
            if role.name == "admin":
                role.permissions = permissions


class NameShowsRights(_Granting):
    """Whoever holds a role that is called `owner` is told to have all rights."""

    def _grant(self, asked: Asked, permissions: frozenset[Permission]) -> None:
        guild = asked.guild_asked
        if guild is None or asked.at("GET", f"{_CHANNEL}/permissions/self") is None:
            return
        for role in guild.roles.values():
            if role.name == "owner":
                role.permissions = permissions


class BanBeforeVisibility(Rewriting):
    """Who was banned from a private guild is told so when asking to join it."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild = asked.guild_asked
        if answer.status != 404 or guild is None or asked.at("POST", "/guilds/*/join") is None:
            return answer
        if asked.user_id not in guild.banned:
            return answer
        return answer.saying({"error": "directory_join_user_banned"}, status=403)


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
    "edit-through-another-channel": EditThroughAnotherChannel,
    "allowance-beats-denial": AllowanceBeatsDenial,
    "channel-managed-by-guild": ChannelManagedByGuild,
    "name-gives-rights": NameGivesRights,
    "name-shows-rights": NameShowsRights,
    "ban-before-visibility": BanBeforeVisibility,
}
