"""Everything stored, in memory: users with their friendships, and guilds."""

from dataclasses import dataclass, field

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.markdown import tokens_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An avatar or a banner."""

    mime_type: str
    data: bytes


@dataclass(slots=True, kw_only=True)
class User:
    """An account; `password_key` is derived from the password with `salt`."""

    user_id: str
    username: str
    salt: bytes
    password_key: bytes
    about_markdown: str = ""
    avatar: Image | None = None
    avatar_version: int = 0
    banner: Image | None = None
    banner_version: int = 0
    guilds_created: int = 0
    attachment_bytes: int = 0
    failed_logins: int = 0
    locked_until: float = 0.0
    friends: dict[str, int] = field(default_factory=dict)
    """When each friendship began, in unix seconds, by the friend's id; oldest first."""

    def profile(self) -> shapes.Profile:
        """The profile that anybody with an account may read."""
        return shapes.Profile(
            user_id=self.user_id,
            username=self.username,
            about_markdown=self.about_markdown,
            about_markdown_tokens=tokens_of(self.about_markdown),
            avatar_version=self.avatar_version,
            banner_version=self.banner_version,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendRequest:
    """A pending request."""

    request_id: str
    sender_id: str
    recipient_id: str
    created_at_unix: int


@dataclass(slots=True)
class Store:
    users: dict[str, User] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)
    """User ids by username."""
    friend_requests: dict[str, FriendRequest] = field(default_factory=dict)
    """Pending ones by id, oldest first."""
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

    def join(self, guild: Guild, user_id: str, role: LegacyRole = "member") -> None:
        guild.add_member(user_id, role)
        self.guilds_of.setdefault(user_id, {})[guild.guild_id] = None

    def leave(self, guild: Guild, user_id: str) -> None:
        guild.remove_member(user_id)
        del self.guilds_of[user_id][guild.guild_id]
