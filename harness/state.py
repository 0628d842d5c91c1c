"""What one connection believes, immutable (contract 9.2), and the steps that more than one occasion needs.

A state and its parts compare by identity and every step is a function of its arguments, so that equal steps
of many clients can be shared. A step that changes nothing returns what it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel in a guild's list."""

    channel_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role; `permissions` are the known ones, as they were told."""

    name: str
    position: int
    is_system: bool
    permissions: tuple[str, ...]
    color_hex: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What an override of a channel allows and denies, as it was told."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guild:
    """A held guild; `channels`, `members` and `roles` are None until they were read.

    `members` are user ids with the legacy role, None where no event told it; `assignments` the role ids of
    users who have any. `overrides` are keyed by channel, then by target (`reducers.overrides.target_of`).
    """

    name: str
    visibility: str
    channels: tuple[Channel, ...] | None = None
    members: Mapping[str, str | None] | None = None
    roles: Mapping[str, Role] | None = None
    default_join_role_id: str | None = None
    assignments: Mapping[str, frozenset[str]] = field(default_factory=lambda: NOTHING)
    overrides: Mapping[str, Mapping[str, Override]] = field(default_factory=lambda: NOTHING)

    def has_channel(self, channel_id: str) -> bool:
        """Whether the channel list was read and has the channel."""
        return any(channel.channel_id == channel_id for channel in self.channels or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a message."""

    attachment_id: str
    owner_id: str
    filename: str
    mime_type: str
    size_bytes: int
    sha256_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message; `markdown_tokens` are opaque JSON objects."""

    message_id: str
    author_id: str
    content: str
    markdown_tokens: tuple[Any, ...]
    attachments: tuple[Attachment, ...]
    created_at_unix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How many reacted with an emoji, and who of them is known: REST names at most 32."""

    count: int
    users: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Content:
    """What was said in a channel: messages by id, and reactions by message, then emoji."""

    messages: Mapping[str, Message] = field(default_factory=lambda: NOTHING)
    reactions: Mapping[str, Mapping[str, Reaction]] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a voice channel, with the streams that events told of."""

    identity: str
    joined_at_unix: int
    updated_at_unix: int
    is_muted: bool
    is_deafened: bool
    is_speaking: bool
    is_video_enabled: bool
    is_screen_share_enabled: bool
    streams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile; versions only grow."""

    username: str
    about_markdown: str
    avatar_version: int
    banner_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Friend:
    """A friend, by the name that the friend has now."""

    username: str
    created_at_unix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendRequest:
    """A pending request; its names stay as they were when it was made."""

    sender_user_id: str
    sender_username: str
    recipient_user_id: str
    recipient_username: str
    created_at_unix: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FriendRequests:
    """The pending requests by id, made to the user and by the user."""

    incoming: Mapping[str, FriendRequest]
    outgoing: Mapping[str, FriendRequest]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """What a connection believes.

    `asked` are the channels whose subscribe is not answered yet and `live` those that were acknowledged,
    each with its guild. `contents` and `permissions` (by channel) are held for live channels once read,
    `voice` (by channel, then user) and `presence` (by guild) since the subscribe. `own_reactions` (by
    channel, then message) are the emojis with which the user reacted. `profiles` are those that were read;
    `friends` and `requests` are None until they were.
    """

    user_id: str = ""
    guilds: Mapping[str, Guild] = field(default_factory=lambda: NOTHING)
    asked: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    live: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    contents: Mapping[str, Content] = field(default_factory=lambda: NOTHING)
    own_reactions: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=lambda: NOTHING)
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    voice: Mapping[str, Mapping[str, Participant]] = field(default_factory=lambda: NOTHING)
    presence: Mapping[str, frozenset[str]] = field(default_factory=lambda: NOTHING)
    profiles: Mapping[str, Profile] = field(default_factory=lambda: NOTHING)
    friends: Mapping[str, Friend] | None = None
    requests: FriendRequests | None = None

    def live_in(self, guild_id: str) -> tuple[str, ...]:
        """The subscribed channels of a guild, in order of subscription."""
        return tuple(channel for channel, guild in self.live.items() if guild == guild_id)


_SET: Final = object.__setattr__


def with_contents(state: State, contents: Mapping[str, Content]) -> State:
    """`replace(state, contents=contents)`, only faster: messages are most of what comes."""
    return _with(state, "contents", contents)


def with_presence(state: State, presence: Mapping[str, frozenset[str]]) -> State:
    """`replace(state, presence=presence)`, as fast: everybody is told of everybody."""
    return _with(state, "presence", presence)


def _with(state: State, part: str, value: Any) -> State:
    changed = object.__new__(State)
    for name in _FIELDS:
        _SET(changed, name, getattr(state, name))
    _SET(changed, part, value)
    return changed


_FIELDS: Final = tuple(field.name for field in fields(State))


def with_mappings(state: State, one: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> State:
    """The state with each of its mappings as `one` gives it, which is equal."""
    changed: dict[str, Any] = {}
    for name in _FIELDS:
        before = getattr(state, name)
        if isinstance(before, Mapping) and (after := one(before)) is not before:
            changed[name] = after
    return replace(state, **changed) if changed else state


def put(mapping: Mapping[str, _T], key: str, value: _T) -> Mapping[str, _T]:
    """`mapping` with `key` at `value`."""
    return {**mapping, key: value}


def without(mapping: Mapping[str, _T], *keys: str) -> Mapping[str, _T]:
    """`mapping` without `keys`; the same object if it has none of them."""
    if mapping.keys().isdisjoint(keys):
        return mapping
    return {key: value for key, value in mapping.items() if key not in keys}


def drop_channels(state: State, channels: tuple[str, ...]) -> State:
    """The state without what hangs on `channels` (CLIENT-7).

    That is subscription, messages, reactions, voice and permissions.
    """
    held = (state.live, state.contents, state.voice, state.permissions)
    if not any(channel in part for channel in channels for part in held):
        return state
    return replace(
        state,
        live=without(state.live, *channels),
        contents=without(state.contents, *channels),
        own_reactions=without(state.own_reactions, *channels),
        voice=without(state.voice, *channels),
        permissions=without(state.permissions, *channels),
    )


def drop_guild(state: State, guild_id: str) -> State:
    """The state without a guild and everything in it (CLIENT-8)."""
    asked = tuple(channel for channel, guild in state.asked.items() if guild == guild_id)
    state = drop_channels(state, state.live_in(guild_id))
    if guild_id not in state.guilds and guild_id not in state.presence and not asked:
        return state
    return replace(
        state,
        guilds=without(state.guilds, guild_id),
        presence=without(state.presence, guild_id),
        asked=without(state.asked, *asked),
    )


def make_asked(state: State, guild_id: str, channel_id: str) -> State:
    """The state in which a subscribe for the channel was sent."""
    if state.asked.get(channel_id) == guild_id:
        return state
    return replace(state, asked=put(state.asked, channel_id, guild_id))


def make_live(state: State, guild_id: str, channel_id: str) -> State:
    """The state with the channel subscribed; what was asked is answered."""
    return replace(state, asked=without(state.asked, channel_id), live=put(state.live, channel_id, guild_id))
