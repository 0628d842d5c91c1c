"""The stored state, in memory. Records change only inside one step of the event loop, so nobody sees a half.

Who may see what is `access`'s business; records only say when its conclusions are out of date.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import ChannelKind, GuildVisibility, LegacyRole
from sync_check.reference_server.markdown import tokens_of


@dataclass(slots=True, kw_only=True)
class User:
    """An account; `password_key` is derived from the password with `salt`."""

    user_id: str
    username: str
    salt: bytes
    password_key: bytes
    about_markdown: str = ""
    guilds_created: int = 0
    failed_logins: int = 0
    locked_until: float = 0.0

    def profile(self) -> shapes.Profile:
        """The profile that anybody with an account may read."""
        return shapes.Profile(
            user_id=self.user_id,
            username=self.username,
            about_markdown=self.about_markdown,
            about_markdown_tokens=tokens_of(self.about_markdown),
            avatar_version=0,
            banner_version=0,
        )


@dataclass(slots=True, kw_only=True)
class Member:
    user_id: str
    role: LegacyRole


@dataclass(slots=True, kw_only=True)
class Message:
    message_id: str
    guild_id: str
    channel_id: str
    author_id: str
    content: str
    created_at_unix: int

    def shape(self) -> shapes.Message:
        return shapes.Message(
            message_id=self.message_id,
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            author_id=self.author_id,
            content=self.content,
            markdown_tokens=tokens_of(self.content),
            attachments=[],
            reactions=[],
            created_at_unix=self.created_at_unix,
        )


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel with its messages in order of creation, which is the order of their ids."""

    channel_id: str
    name: str
    kind: ChannelKind
    messages: dict[str, Message] = field(default_factory=dict)
    readers: dict[str, bool] = field(default_factory=dict)
    """What `access` concluded about members, until `Guild.membership_changed`."""

    def shape(self) -> shapes.Channel:
        return shapes.Channel(channel_id=self.channel_id, name=self.name, kind=self.kind)

    def newest_first(self, *, before: str | None, limit: int) -> list[Message]:
        """At most `limit` messages older than the id `before`, whether or not that one still exists."""
        ids = list(self.messages)
        end = len(ids) if before is None else bisect_left(ids, before)
        return [self.messages[message_id] for message_id in reversed(ids[max(0, end - limit) : end])]


@dataclass(slots=True, kw_only=True)
class Guild:
    guild_id: str
    name: str
    visibility: GuildVisibility
    members: dict[str, Member] = field(default_factory=dict)
    banned: dict[str, None] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    def shape(self) -> shapes.Guild:
        return shapes.Guild(guild_id=self.guild_id, name=self.name, visibility=self.visibility)

    def put_member(self, user_id: str, role: LegacyRole) -> None:
        """Add a member or change the legacy role of one."""
        self.members[user_id] = Member(user_id=user_id, role=role)
        self.membership_changed()

    def remove_member(self, user_id: str) -> None:
        """End a membership and with it everything that was assigned to the member (MEM-5)."""
        del self.members[user_id]
        self.membership_changed()

    def membership_changed(self) -> None:
        """Forget what was concluded about access from the former members and roles (PERM-3)."""
        for channel in self.channels.values():
            channel.readers.clear()


@dataclass(slots=True)
class Store:
    users: dict[str, User] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)
    """User ids by username."""
    guilds: dict[str, Guild] = field(default_factory=dict)
    guilds_of: dict[str, dict[str, None]] = field(default_factory=dict)
    """Ids of the guilds that a user is a member of, oldest membership first."""

    def user_named(self, username: str) -> User | None:
        user_id = self.user_ids.get(username)
        return None if user_id is None else self.users[user_id]

    def add_user(self, user: User) -> None:
        self.users[user.user_id] = user
        self.user_ids[user.username] = user.user_id

    def rename(self, user: User, username: str) -> None:
        del self.user_ids[user.username]
        user.username = username
        self.user_ids[username] = user.user_id

    def join(self, guild: Guild, user_id: str, role: LegacyRole) -> None:
        guild.put_member(user_id, role)
        self.guilds_of.setdefault(user_id, {})[guild.guild_id] = None

    def leave(self, guild: Guild, user_id: str) -> None:
        guild.remove_member(user_id)
        del self.guilds_of[user_id][guild.guild_id]
