"""What a user should see: a view in the shapes of `sync_check.conformance.contract.slices`."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from sync_check.conformance.contract.permissions import ROLE_OF_LEGACY
from sync_check.conformance.contract.slices import (
    ASSIGNMENTS,
    CHANNELS,
    FEATURE_OF_SLICE,
    FRIEND_REQUESTS,
    FRIENDS,
    MEMBERS,
    MESSAGES,
    PERMISSIONS,
    PROFILES,
    REACTIONS,
    ROLES,
    WORKSPACES,
    slice_key,
)
from sync_check.conformance.history import canonical, digest
from sync_check.conformance.model.access import channel_permissions, in_canonical_order, may_access
from sync_check.conformance.model.world import FriendRequest, Guild, Message, Person, World

_Source = TypeVar("_Source")
_Messages = Mapping[str, Message]
_Reactions = Mapping[str, Mapping[str, frozenset[str]]]
_Own = frozenset[tuple[str, str]]
"""What a viewer reacted with: message and emoji."""


class Slice(NamedTuple):
    """The canonical JSON of a slice and its digest."""

    digest: str
    text: str


class Views:
    """Makes the slices of users' views and remembers their texts, which many users share."""

    def __init__(self, features: Collection[str]) -> None:
        self._features: Final = frozenset(features)
        self._known: dict[tuple[object, ...], tuple[object, Slice]] = {}
        self._own: dict[tuple[int, int], tuple[_Messages, _Reactions, Mapping[str, _Own]]] = {}

    def compares(self, key: str) -> bool:
        """Whether a slice takes part in this run: those of features that are not in force exist nowhere."""
        name = key.partition("/")[0]
        if name not in FEATURE_OF_SLICE:
            return False
        feature = FEATURE_OF_SLICE[name]
        return feature is None or feature in self._features

    def view(
        self, world: World, user_id: str, guilds: Collection[str], live: Collection[str]
    ) -> dict[str, Slice]:
        """Every slice that a connection of the user should hold, by key.

        `guilds` are those that the view covers and `live` the channels to which the connection is subscribed:
        only their messages are known from events. A profile that the model does not know is left out.
        """
        held = {
            guild_id: guild
            for guild_id in sorted(guilds)
            if (guild := world.guilds.get(guild_id)) is not None and user_id in guild.members
        }
        view = {WORKSPACES: self._slice(tuple(held.values()), WORKSPACES, _workspaces)}
        for guild in held.values():
            view |= self._of_guild(world, guild, user_id, live)
        person = world.people.get(user_id)
        if person is not None and person.is_known:
            view[slice_key(PROFILES, user_id)] = self._slice(person, PROFILES, _profile)
        view |= self._of_user(world, user_id)
        return {key: value for key, value in view.items() if self.compares(key)}

    def _of_user(self, world: World, user_id: str) -> Iterator[tuple[str, Slice]]:
        """Friends, where their names and times are known, and requests."""
        if not self.compares(FRIENDS):
            return
        friends, requests = world.friends_of(user_id), world.requests
        people = {friend: world.people.get(friend) for friend in friends}
        if None not in friends.values() and None not in people.values():
            names = tuple(person.username for person in people.values() if person is not None)
            yield slice_key(FRIENDS, user_id), self._slice((friends, names), FRIENDS, _friends)
        source = (requests, (user_id,))
        yield slice_key(FRIEND_REQUESTS, user_id), self._slice(source, FRIEND_REQUESTS, _requests)

    def _of_guild(
        self, world: World, guild: Guild, user_id: str, live: Collection[str]
    ) -> Iterator[tuple[str, Slice]]:
        visible = tuple(channel for channel in guild.channels if may_access(guild, channel, user_id))
        yield slice_key(CHANNELS, guild.guild_id), self._slice((guild, visible), CHANNELS, _channels)
        yield slice_key(MEMBERS, guild.guild_id), self._slice(guild, MEMBERS, _members)
        if guild.knows_roles:
            yield slice_key(ROLES, guild.guild_id), self._slice(guild, ROLES, _roles)
            yield slice_key(ASSIGNMENTS, guild.guild_id), self._slice(guild, ASSIGNMENTS, _assignments)
        for channel_id in visible:
            permissions = channel_permissions(guild, channel_id, user_id)
            yield (
                slice_key(PERMISSIONS, channel_id),
                self._slice(permissions, PERMISSIONS, in_canonical_order),
            )
            if channel_id in live:
                messages = world.messages_of(channel_id)
                yield slice_key(MESSAGES, channel_id), self._slice(messages, MESSAGES, _messages)
                if self.compares(REACTIONS):
                    own = self._own_reactions(messages, world.reactions).get(user_id, frozenset())
                    source = (messages, world.reactions, own)
                    yield slice_key(REACTIONS, channel_id), self._slice(source, REACTIONS, _reactions)

    def _own_reactions(self, messages: _Messages, reactions: _Reactions) -> Mapping[str, _Own]:
        """By user, what they reacted with in a channel: worked out once, for most reacted with nothing."""
        key = (id(messages), id(reactions))
        if key not in self._own:
            self._own[key] = (messages, reactions, _by_reactor(messages, reactions))
        return self._own[key][2]

    def _slice(self, source: _Source, name: str, make: Callable[[_Source], Any]) -> Slice:
        # The source is kept beside its slice: as long as it lives, its identity names it.
        parts = source if isinstance(source, tuple) else (source,)
        key = (name, *(part if isinstance(part, (tuple, frozenset)) else id(part) for part in parts))
        known = self._known.get(key)
        if known is None:
            text = canonical(make(source))
            known = self._known[key] = (source, Slice(digest(text), text))
        return known[1]


def _workspaces(guilds: tuple[Guild, ...]) -> dict[str, Any]:
    return {guild.guild_id: {"name": guild.name, "visibility": guild.visibility} for guild in guilds}


def _channels(source: tuple[Guild, tuple[str, ...]]) -> list[dict[str, str]]:
    guild, visible = source
    channels = (guild.channels[channel_id] for channel_id in visible)
    return [{"channel_id": c.channel_id, "name": c.name, "kind": c.kind} for c in channels]


def _members(guild: Guild) -> list[str]:
    return sorted(guild.members)


def _roles(guild: Guild) -> list[dict[str, Any]]:
    ordered = sorted(guild.roles.values(), key=lambda role: (-role.position, role.role_id or ""))
    return [
        {
            "role_id": role.role_id,
            "name": role.name,
            "position": role.position,
            "is_system": role.is_system,
            "permissions": in_canonical_order(role.permissions),
            "color_hex": role.color_hex,
        }
        for role in ordered
    ]


def _assignments(guild: Guild) -> dict[str, list[str]]:
    """The roles that members hold beside the one that their legacy role implies."""
    found = {}
    for user_id, keys in guild.assigned.items():
        legacy = guild.members.get(user_id)
        implied = None if legacy is None else ROLE_OF_LEGACY[legacy].name
        held = [guild.roles[key].role_id or "" for key in keys - {implied} if key in guild.roles]
        if held:
            found[user_id] = sorted(held)
    return found


def _messages(messages: Mapping[str, Message]) -> list[dict[str, Any]]:
    """Ordered by creation and then by id, because the wire's times have a resolution of a second."""
    return [
        {
            "message_id": message.message_id,
            "author_id": message.author_id,
            "content": message.content,
            "created_at_unix": message.created_at_unix,
        }
        for message in sorted(messages.values(), key=lambda m: (m.created_at_unix, m.message_id))
    ]


def _by_reactor(messages: _Messages, reactions: _Reactions) -> dict[str, _Own]:
    found: dict[str, set[tuple[str, str]]] = {}
    for message_id in messages.keys() & reactions.keys():
        for emoji, users in reactions[message_id].items():
            for user_id in users:
                found.setdefault(user_id, set()).add((message_id, emoji))
    return {user_id: frozenset(own) for user_id, own in found.items()}


def _reactions(source: tuple[_Messages, _Reactions, _Own]) -> dict[str, dict[str, Any]]:
    messages, reactions, own = source
    return {
        message_id: {
            emoji: {"count": len(users), "mine": (message_id, emoji) in own}
            for emoji, users in reactions[message_id].items()
        }
        for message_id in messages
        if message_id in reactions
    }


def _profile(person: Person) -> dict[str, Any]:
    return {
        "username": person.username,
        "about_markdown": person.about_markdown,
        "avatar_version": person.avatar_version,
        "banner_version": person.banner_version,
    }


def _friends(source: tuple[Mapping[str, int | None], tuple[str, ...]]) -> dict[str, dict[str, Any]]:
    friends, names = source
    return {
        user_id: {"username": name, "created_at_unix": since}
        for (user_id, since), name in zip(friends.items(), names, strict=True)
    }


def _requests(source: tuple[Mapping[str, FriendRequest], tuple[str]]) -> dict[str, dict[str, Any]]:
    """Incoming and outgoing requests; names are left out, they may be as of then (CLIENT-10)."""
    requests, (user_id,) = source
    return {
        "incoming": {
            request.request_id: {"user_id": request.sender_id, "created_at_unix": request.created_at_unix}
            for request in requests.values()
            if request.recipient_id == user_id
        },
        "outgoing": {
            request.request_id: {"user_id": request.recipient_id, "created_at_unix": request.created_at_unix}
            for request in requests.values()
            if request.sender_id == user_id
        },
    }
