"""The state that a server should hold, as an immutable value: a change makes a new world.

Worlds share what did not change: a change copies the mapping that it touches and no other. Whoever sees the
same `Guild` object in two worlds therefore knows that nobody's access in that guild differs between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from sync_check.conformance.contract.permissions import SEED_ROLES, Permission
from sync_check.conformance.contract.values import ChannelKind, GuildVisibility, LegacyRole
from sync_check.conformance.model.address_bans import IpBans, Observed
from sync_check.conformance.model.audit_trail import AuditTrail
from sync_check.conformance.model.participants import Voice

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_NEVER_SEEN: Final = Observed()
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user. `about_markdown` and the versions are None as long as the model has not learnt them.

    `images` names the versions of which an upload was accepted, so that there is an image.
    """

    user_id: str
    username: str
    about_markdown: str | None = None
    avatar_version: int | None = None
    banner_version: int | None = None
    images: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether the model has learnt the whole profile."""
        return None not in (self.about_markdown, self.avatar_version, self.banner_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What one override allows and denies in a channel (contract 8.2); an empty one is none (OVR-1)."""

    allow: frozenset[Permission] = frozenset()
    deny: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel of a guild, created between `asked_at` and `answered_at`, in µs of the history's clock."""

    channel_id: str
    name: str
    kind: ChannelKind
    asked_at: int = 0
    answered_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role. `key` names it in the model: the seed role's name, which no id can be, or the id.

    `role_id` is None for a seed role as long as no answer has told it.
    """

    key: str
    role_id: str | None
    name: str
    position: int
    is_system: bool = False
    permissions: frozenset[Permission]
    color_hex: str | None = None


SEEDS: Final[Mapping[str, Role]] = {
    seed.name: Role(
        key=seed.name,
        role_id=None,
        name=seed.name,
        position=seed.position,
        is_system=seed.is_system,
        permissions=frozenset(seed.permissions),
    )
    for seed in SEED_ROLES
}
"""The roles that a guild starts with, by key (contract 8.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guild:
    """A guild: `members` are users by legacy role, `channels` stand in the order of the channel list.

    `roles` are by key. `assigned` are the keys of the roles given to a member beside the one that the legacy
    role implies. `overrides` are by channel, then by target: the key of a role or the id of a user. `lifted`
    are users whose ban was lifted. `ip_bans` are all that were ever made, the removed ones included.
    """

    guild_id: str
    name: str
    visibility: GuildVisibility
    members: Mapping[str, LegacyRole]
    channels: Mapping[str, Channel] = field(default_factory=dict)
    unordered: frozenset[frozenset[str]] = frozenset()
    """Pairs of channels created at the same time and not put in order since: which comes first is open."""
    roles: Mapping[str, Role] = field(default_factory=lambda: SEEDS)
    assigned: Mapping[str, frozenset[str]] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, Override]] = field(default_factory=dict)
    banned: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()
    default_role: str | None = None
    ip_bans: tuple[IpBans, ...] = ()
    permitted: dict[tuple[str | None, str], frozenset[Permission]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `access` has worked out of this guild, by channel (None: of the guild itself) and user."""

    def role(self, role_id: str) -> Role | None:
        """The role with this id; None for one that the model does not know."""
        return next((role for role in self.roles.values() if role.role_id == role_id), None)

    def in_one_order(self, channel_ids: Sequence[str]) -> list[str]:
        """A list of channels with those whose order is open in the order of their ids."""
        ordered = list(channel_ids)
        swapped = bool(self.unordered)
        while swapped:
            swapped = False
            for index in range(1, len(ordered)):
                one, other = ordered[index - 1 : index + 1]
                if one > other and frozenset((one, other)) in self.unordered:
                    ordered[index - 1 : index + 1] = other, one
                    swapped = True
        return ordered

    @property
    def knows_roles(self) -> bool:
        """Whether the model has learnt the id of every role, so that an unknown id is nobody's."""
        return all(role.role_id is not None for role in self.roles.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, as far as views show it.

    It was created at some moment between `asked_at` and `answered_at`, in µs of the history's clock. `tokens`
    is the canonical text of the `markdown_tokens` that were told of its content, None where none were.
    """

    message_id: str
    author_id: str
    content: str
    created_at_unix: int
    tokens: str | None = None
    asked_at: int = 0
    answered_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """An uploaded file, with its bytes. `message_id` is None as long as no message binds it."""

    attachment_id: str
    guild_id: str
    channel_id: str
    owner_id: str
    filename: str
    mime_type: str
    data: bytes
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendRequest:
    """A pending friend request."""

    request_id: str
    sender_id: str
    recipient_id: str
    created_at_unix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a server knows: people and guilds by id, messages by channel in order of creation.

    `passwords` are by username, as the history shows them (marked); a user that the harness did not register
    has none. `messages` lie outside the guilds so that a message changes nobody's access. `reactions` are by
    message, then emoji: who reacted. `attachments` are by id; those of a message stand in the order in which
    it lists them. `friends` are by user, then friend: since when, in unix seconds, None where no answer told
    it; `requests` are the pending ones by id. `observed` is by guild, then user; `audit` by guild. Both lie
    outside the guilds because they change nobody's access.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    guilds: Mapping[str, Guild] = field(default_factory=dict)
    messages: Mapping[str, Mapping[str, Message]] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict)
    reactions: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    friends: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    requests: Mapping[str, FriendRequest] = field(default_factory=dict)
    voice: Voice = field(default_factory=Voice)
    observed: Mapping[str, Mapping[str, Observed]] = field(default_factory=dict)
    audit: Mapping[str, AuditTrail] = field(default_factory=dict)

    def observed_of(self, guild_id: str, user_id: str | None) -> Observed:
        """Where a user called join of a guild from."""
        return self.observed.get(guild_id, {}).get(user_id or "", _NEVER_SEEN)

    def friends_of(self, user_id: str | None) -> Mapping[str, int | None]:
        """A user's friends."""
        return self.friends.get(user_id or "", _NOTHING)

    def with_person(self, person: Person) -> "World":
        """This world with `person` added or replaced."""
        return replace(self, people=with_entry(self.people, person.user_id, person))

    def with_guild(self, guild: Guild) -> "World":
        """This world with `guild` added or replaced."""
        return replace(self, guilds=with_entry(self.guilds, guild.guild_id, guild))

    def with_messages(self, channel_id: str, messages: Mapping[str, Message]) -> "World":
        """This world with the messages of a channel replaced."""
        return replace(self, messages=with_entry(self.messages, channel_id, messages))

    def messages_of(self, channel_id: str) -> Mapping[str, Message]:
        """The messages of a channel, oldest first; none where the channel is unknown."""
        return self.messages.get(channel_id, _NOTHING)

    def reactors(self, message_id: str, emoji: str) -> frozenset[str]:
        """Who reacted to a message with an emoji."""
        return self.reactions.get(message_id, {}).get(emoji, frozenset())

    def with_reactors(self, message_id: str, emoji: str, reactors: frozenset[str]) -> "World":
        """This world with those who reacted replaced; an emoji that nobody reacts with is no entry."""
        entries = without_entry(self.reactions.get(message_id, {}), emoji)
        if reactors:
            entries[emoji] = reactors
        reactions = without_entry(self.reactions, message_id)
        if entries:
            reactions[message_id] = entries
        return replace(self, reactions=reactions)

    def attached_to(self, message_id: str) -> tuple[Attachment, ...]:
        """The attachments that a message binds."""
        return tuple(one for one in self.attachments.values() if one.message_id == message_id)

    def without_message(self, channel_id: str, message_id: str) -> "World":
        """This world without a message, its reactions and its attachments (MSG-DEL-1)."""
        messages = without_entry(self.messages_of(channel_id), message_id)
        return replace(
            self.with_messages(channel_id, messages),
            reactions=without_entry(self.reactions, message_id),
            attachments={
                key: value for key, value in self.attachments.items() if value.message_id != message_id
            },
        )


def with_entry(mapping: Mapping[_Key, _Value], key: _Key, value: _Value) -> dict[_Key, _Value]:
    """A copy of `mapping` with one entry set; a new key comes last."""
    return {**mapping, key: value}


def without_entry(mapping: Mapping[_Key, _Value], key: _Key) -> dict[_Key, _Value]:
    """A copy of `mapping` without `key`."""
    return {kept: value for kept, value in mapping.items() if kept != key}
