"""What one connection believes, immutable, and how events and snapshots change it (contract 9.1 to 9.3).

A state compares by identity and every step is a function of its arguments, so that equal steps of many
clients can be shared. A step that changes nothing returns the state it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sync_check.conformance.contract import events

_T = TypeVar("_T")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel in a guild's list."""

    channel_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as far as the slices of a view go."""

    message_id: str
    author_id: str
    content: str
    created_at_unix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile; versions only grow."""

    username: str
    about_markdown: str
    avatar_version: int
    banner_version: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guild:
    """A held guild; `channels` and `members` are None until they were read."""

    name: str
    visibility: str
    channels: tuple[Channel, ...] | None = None
    members: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """What a connection believes.

    `live` are the subscribed channels with their guild; `messages` (by channel, then id) and `permissions`
    are held for live channels once they were read.
    """

    user_id: str = ""
    guilds: Mapping[str, Guild] = field(default_factory=lambda: _NOTHING)
    live: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    messages: Mapping[str, Mapping[str, Message]] = field(default_factory=lambda: _NOTHING)
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    profiles: Mapping[str, Profile] = field(default_factory=lambda: _NOTHING)

    def live_in(self, guild_id: str) -> tuple[str, ...]:
        """The subscribed channels of a guild, in order of subscription."""
        return tuple(channel for channel, guild in self.live.items() if guild == guild_id)


# --- steps that more than one occasion needs


def put(mapping: Mapping[str, _T], key: str, value: _T) -> Mapping[str, _T]:
    """`mapping` with `key` at `value`."""
    return {**mapping, key: value}


def without(mapping: Mapping[str, _T], *keys: str) -> Mapping[str, _T]:
    """`mapping` without `keys`."""
    return {key: value for key, value in mapping.items() if key not in keys}


def drop_channels(state: State, channels: tuple[str, ...]) -> State:
    """The state without what hangs on `channels`: subscription, messages, permissions (CLIENT-7)."""
    if not channels:
        return state
    return replace(
        state,
        live=without(state.live, *channels),
        messages=without(state.messages, *channels),
        permissions=without(state.permissions, *channels),
    )


def drop_guild(state: State, guild_id: str) -> State:
    """The state without a guild and everything in it (CLIENT-8)."""
    state = drop_channels(state, state.live_in(guild_id))
    if guild_id not in state.guilds:
        return state
    return replace(state, guilds=without(state.guilds, guild_id))


def make_live(state: State, guild_id: str, channel_id: str) -> State:
    """The state with the channel subscribed."""
    if state.live.get(channel_id) == guild_id:
        return state
    return replace(state, live=put(state.live, channel_id, guild_id))


def _in_guild(state: State, guild_id: str, change: Callable[[Guild], Guild]) -> State:
    guild = state.guilds.get(guild_id)
    if guild is None:
        return state
    changed = change(guild)
    return state if changed is guild else replace(state, guilds=put(state.guilds, guild_id, changed))


# --- events (table 9.2)


def _ready(state: State, event: events.Ready) -> State:
    return state if state.user_id == event.user_id else replace(state, user_id=event.user_id)


def _message_create(state: State, event: events.MessageCreate) -> State:
    held = _held_messages(state, event.guild_id, event.channel_id)
    if held is None:
        return state
    message = Message(
        message_id=event.message_id,
        author_id=event.author_id,
        content=event.content,
        created_at_unix=event.created_at_unix,
    )
    if held.get(event.message_id) == message:
        return state
    return replace(
        state, messages=put(state.messages, event.channel_id, put(held, event.message_id, message))
    )


def _message_update(state: State, event: events.MessageUpdate) -> State:
    held = _held_messages(state, event.guild_id, event.channel_id) or {}
    message, content = held.get(event.message_id), event.updated_fields.content
    if message is None or content is None or content == message.content:
        return state
    changed = put(held, event.message_id, replace(message, content=content))
    return replace(state, messages=put(state.messages, event.channel_id, changed))


def _message_delete(state: State, event: events.MessageDelete) -> State:
    held = _held_messages(state, event.guild_id, event.channel_id) or {}
    if event.message_id not in held:
        return state
    return replace(state, messages=put(state.messages, event.channel_id, without(held, event.message_id)))


def _held_messages(state: State, guild_id: str, channel_id: str) -> Mapping[str, Message] | None:
    return state.messages.get(channel_id) if state.live.get(channel_id) == guild_id else None


def _channel_create(state: State, event: events.ChannelCreate) -> State:
    told = event.channel
    channel = Channel(channel_id=told.channel_id, name=told.name, kind=told.kind)

    def insert(guild: Guild) -> Guild:
        if guild.channels is None or channel in guild.channels:
            return guild
        if all(held.channel_id != channel.channel_id for held in guild.channels):
            return replace(guild, channels=(*guild.channels, channel))
        channels = (channel if held.channel_id == channel.channel_id else held for held in guild.channels)
        return replace(guild, channels=tuple(channels))

    return _in_guild(state, event.guild_id, insert)


def _workspace_update(state: State, event: events.WorkspaceUpdate) -> State:
    told = event.updated_fields

    def update(guild: Guild) -> Guild:
        name = guild.name if told.name is None else told.name
        visibility = guild.visibility if told.visibility is None else told.visibility
        if (name, visibility) == (guild.name, guild.visibility):
            return guild
        return replace(guild, name=name, visibility=visibility)

    return _in_guild(state, event.guild_id, update)


def _member_add(state: State, event: events.WorkspaceMemberAdd) -> State:
    def add(guild: Guild) -> Guild:
        if guild.members is None or event.user_id in guild.members:
            return guild
        return replace(guild, members=guild.members | {event.user_id})

    return _in_guild(state, event.guild_id, add)


def _member_ban(state: State, event: events.WorkspaceMemberBan) -> State:
    # One's own ban has no effect yet: the removal follows.
    return state if event.user_id == state.user_id else _member_gone(state, event.guild_id, event.user_id)


def _member_remove(state: State, event: events.WorkspaceMemberRemove) -> State:
    if event.user_id == state.user_id:
        return drop_guild(state, event.guild_id)
    return _member_gone(state, event.guild_id, event.user_id)


def _member_gone(state: State, guild_id: str, user_id: str) -> State:
    def remove(guild: Guild) -> Guild:
        if guild.members is None or user_id not in guild.members:
            return guild
        return replace(guild, members=guild.members - {user_id})

    return _in_guild(state, guild_id, remove)


def _profile_update(state: State, event: events.ProfileUpdate) -> State:
    told = event.updated_fields

    def update(profile: Profile) -> Profile:
        username = profile.username if told.username is None else told.username
        about = profile.about_markdown if told.about_markdown is None else told.about_markdown
        return replace(profile, username=username, about_markdown=about)

    return _in_profile(state, event.user_id, update)


def _avatar_update(state: State, event: events.ProfileAvatarUpdate) -> State:
    def update(profile: Profile) -> Profile:
        return replace(profile, avatar_version=max(profile.avatar_version, event.avatar_version))

    return _in_profile(state, event.user_id, update)


def _banner_update(state: State, event: events.ProfileBannerUpdate) -> State:
    def update(profile: Profile) -> Profile:
        return replace(profile, banner_version=max(profile.banner_version, event.banner_version))

    return _in_profile(state, event.user_id, update)


def _in_profile(state: State, user_id: str, change: Callable[[Profile], Profile]) -> State:
    profile = state.profiles.get(user_id)
    if profile is None:
        return state
    changed = change(profile)
    return state if changed == profile else replace(state, profiles=put(state.profiles, user_id, changed))


_REDUCERS: Final[Mapping[type[events.Event], Callable[[State, Any], State]]] = {
    events.Ready: _ready,
    events.MessageCreate: _message_create,
    events.MessageUpdate: _message_update,
    events.MessageDelete: _message_delete,
    events.ChannelCreate: _channel_create,
    events.WorkspaceUpdate: _workspace_update,
    events.WorkspaceMemberAdd: _member_add,
    events.WorkspaceMemberBan: _member_ban,
    events.WorkspaceMemberRemove: _member_remove,
    events.ProfileUpdate: _profile_update,
    events.ProfileAvatarUpdate: _avatar_update,
    events.ProfileBannerUpdate: _banner_update,
}
"""Every event with an effect here; `subscribed` is the replica's, which knows what was asked for."""


def reduce(state: State, event: events.Event) -> State:
    """The state after `event`; the same object if the event has no effect (CLIENT-3, CLIENT-4, CLIENT-5)."""
    reducer = _REDUCERS.get(type(event))
    return state if reducer is None else reducer(state, event)
