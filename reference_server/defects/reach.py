"""Defects of whom an event reaches."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar, Final

from sync_check.conformance.contract.events import Event, FriendRequestCreate, Scope
from sync_check.reference_server import access
from sync_check.reference_server.connections import Connection, Connections, Reach
from sync_check.reference_server.defects.spelling import framed
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


# --- somebody misses it


class MessageUpdateDropped(Misrouting):
    """The last subscriber who did not make the edit misses it; alone, even the one who made it does."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "message_update" or not telling.reach:
            return telling.reach
        others = [connection for connection in telling.reach if connection.user_id != telling.cause]
        missed = (others or list(telling.reach))[-1]
        return {connection: None for connection in telling.reach if connection is not missed}


class ActorNotTold(Misrouting):
    """Who changes a role is not told of it: the client is thought to know."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "workspace_role_update":
            return telling.reach
        return {connection: None for connection in telling.reach if connection.user_id != telling.cause}


class RenameToNewestSession(Misrouting):
    """Of each user's connections only the newest is told of a workspace's new name."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "workspace_update":
            return telling.reach
        newest = {connection.user_id: connection for connection in telling.reach}
        return dict.fromkeys(newest.values())


class ProfileToOneSession(Misrouting):
    """Of each user's connections only the oldest is told of a profile."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "profile_update":
            return telling.reach
        oldest: dict[str, Connection] = {}
        for connection in telling.reach:
            oldest.setdefault(connection.user_id, connection)
        return dict.fromkeys(oldest.values())


class ProfileNotToFriends(Misrouting):
    """Friends who share no guild with a user miss the user's profile."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "profile_update":
            return telling.reach
        near = _shared_with(self._store, telling.cause)
        return {connection: None for connection in telling.reach if connection.user_id in near}


class RemovedNotTold(Misrouting):
    """A removed member is not told of the removal."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "workspace_member_remove":
            return telling.reach
        gone = getattr(telling.event, "user_id", None)
        return {connection: None for connection in telling.reach if connection.user_id != gone}


class JoinerNotTold(Misrouting):
    """A new member's sessions, which are subscribed to nothing yet, are not told of the membership."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "workspace_member_add":
            return telling.reach
        joiner = getattr(telling.event, "user_id", None)
        return {connection: None for connection in telling.reach if connection.user_id != joiner}


# --- somebody gets it who must not


class GuildEventToStranger(Misrouting):
    """Every guild event also reaches the newest connection of somebody who is no member."""

    scope: ClassVar = Scope.GUILD

    def reach(self, telling: Telling) -> Reach:
        guild = telling.guild
        if telling.event.scope is not self.scope or guild is None:
            return telling.reach
        strangers = [
            connection
            for connection in self._connections.all()
            if connection.user_id not in guild.members and connection not in telling.reach
        ]
        return telling.reach | dict.fromkeys(strangers[-1:])


class ChannelEventToStranger(GuildEventToStranger):
    """Every channel event also reaches that connection."""

    scope: ClassVar = Scope.CHANNEL


class ChannelNameToHidden(Misrouting):
    """A new name of a channel reaches all who hear of the guild, with access to the channel or without."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "channel_update" or telling.guild is None:
            return telling.reach
        return telling.reach | dict.fromkeys(self._connections.in_guild(telling.guild.guild_id))


class IpBanToMembers(Misrouting):
    """That addresses were banned reaches all who hear of the guild, whether they manage bans or not."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "workspace_ip_ban_sync" or telling.guild is None:
            return telling.reach
        return telling.reach | dict.fromkeys(self._connections.in_guild(telling.guild.guild_id))


class ProfileToStranger(Misrouting):
    """A profile also reaches the newest connection of somebody who shares no guild with its user."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.name != "profile_update":
            return telling.reach
        near = _shared_with(self._store, telling.cause)
        strangers = [
            connection
            for connection in self._connections.all()
            if connection not in telling.reach and connection.user_id not in near
        ]
        return telling.reach | dict.fromkeys(strangers[-1:])


class FriendRequestToStranger(Misrouting):
    """A friend request also reaches the newest connection of who is neither its sender nor its recipient."""

    def reach(self, telling: Telling) -> Reach:
        event = telling.event
        if not isinstance(event, FriendRequestCreate):
            return telling.reach
        both = (event.sender_user_id, event.recipient_user_id)
        strangers = [one for one in self._connections.all() if one.user_id not in both]
        return telling.reach | dict.fromkeys(strangers[-1:])


def _shared_with(store: Store, user_id: str) -> set[str]:
    """The user and whoever shares a guild with the user."""
    guilds = store.guilds_of.get(user_id, {})
    return {user_id}.union(*(store.guilds[guild_id].members for guild_id in guilds))


# --- subscriptions outlive their reason


class _Keeping(Misrouting):
    """Base of what remembers subscriptions that are lost: by connection the ids of guilds and channels."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._kept: dict[Connection, dict[str, None]] = {}

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
            if wanted in kept and connection in open_now and self.hears(connection, guild, wanted)
        }

    def hears(self, connection: Connection, guild: Guild, wanted: str) -> bool:
        """Whether a connection gets the events of a guild or channel that it has lost."""
        return True


class KickKeepsStream(_Keeping):
    """A removed member's subscriptions go on as they were at the removal."""

    def subscription_lost(self, connection: Connection, guild: Guild, channel_id: str) -> None:
        if connection.user_id not in guild.members:
            self._kept.setdefault(connection, {}).update({channel_id: None, guild.guild_id: None})


class OverrideKeepsStream(_Keeping):
    """A member who loses access to a channel goes on hearing it."""

    def subscription_lost(self, connection: Connection, guild: Guild, channel_id: str) -> None:
        if connection.user_id in guild.members and channel_id in guild.channels:
            self._kept.setdefault(connection, {})[channel_id] = None


class RegainedAccessResumes(OverrideKeepsStream):
    """A member who gets access back hears the channel again without a new subscribe."""

    def hears(self, connection: Connection, guild: Guild, wanted: str) -> bool:
        channel = guild.channels.get(wanted)
        return channel is not None and access.can_read(guild, channel, connection.user_id)


class LateLeak(Faithful):
    """Some time after a removal a detached task tells the removed user the newest event of the guild."""

    after_s: ClassVar = 5.0

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._newest: dict[str, Event] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        guild, event = telling.guild, telling.event
        if guild is not None:
            self._newest[guild.guild_id] = event
        if guild is not None and event.name == "workspace_member_remove":
            removed = getattr(event, "user_id", "")
            asyncio.get_running_loop().call_later(self.after_s, self._leak, guild.guild_id, removed)
        return (telling,)

    def _leak(self, guild_id: str, user_id: str) -> None:
        for connection in self._connections.of_user(user_id):
            connection.push(framed(self._newest[guild_id]))


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "message-update-dropped": MessageUpdateDropped,
    "role-update-not-to-actor": ActorNotTold,
    "rename-to-newest-session": RenameToNewestSession,
    "profile-to-one-session": ProfileToOneSession,
    "removed-not-told": RemovedNotTold,
    "joiner-not-told": JoinerNotTold,
    "guild-event-to-stranger": GuildEventToStranger,
    "message-to-stranger": ChannelEventToStranger,
    "channel-name-to-hidden": ChannelNameToHidden,
    "ip-ban-told-to-members": IpBanToMembers,
    "profile-to-stranger": ProfileToStranger,
    "profile-not-to-friends": ProfileNotToFriends,
    "friend-request-to-stranger": FriendRequestToStranger,
    "kick-keeps-stream": KickKeepsStream,
    "override-keeps-stream": OverrideKeepsStream,
    "regained-access-resumes": RegainedAccessResumes,
    "late-leak": LateLeak,
}
