"""One guild's stored state: members, roles, channels with their overrides, bans, audit rows.

Records change only inside one step of the event loop, so nobody sees a half. Who may see what is `access`'s
business; records only say when its conclusions are out of date.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.permissions import (
    CANONICAL_ORDER,
    EVERYONE,
    MEMBER,
    MODERATOR,
    SEED_ROLES,
    WORKSPACE_OWNER,
    Permission,
    SeedRole,
)
from sync_check.conformance.contract.values import ChannelKind, GuildVisibility, LegacyRole
from sync_check.reference_server.content import Attachment, Message

_NOTHING: Final[frozenset[Permission]] = frozenset()


@dataclass(slots=True, kw_only=True)
class Role:
    """A role; `seed` is the seed role that it began as, whatever it is called now (ROLE-9)."""

    role_id: str
    name: str
    position: int
    is_system: bool = False
    permissions: frozenset[Permission]
    color_hex: str | None = None
    seed: SeedRole | None = None

    def shape(self) -> shapes.Role:
        return shapes.Role(
            role_id=self.role_id,
            name=self.name,
            position=self.position,
            is_system=self.is_system,
            permissions=in_canonical_order(self.permissions),
            color_hex=self.color_hex,
        )


@dataclass(slots=True, kw_only=True)
class Member:
    """A member with the roles assigned explicitly; `access.held_roles` adds the implied ones."""

    user_id: str
    role_ids: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What one channel allows and denies to one target."""

    allow: frozenset[Permission] = _NOTHING
    deny: frozenset[Permission] = _NOTHING


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel with its messages in order of creation, which is the order of their ids."""

    channel_id: str
    name: str
    kind: ChannelKind
    messages: dict[str, Message] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    searchable: dict[str, str] = field(default_factory=dict)
    """The index of `search`: folded texts by message id."""
    overrides: dict[str, Override] = field(default_factory=dict)
    """By the id of the role or of the user, which never coincide."""
    readers: dict[str, bool] = field(default_factory=dict)
    """What `access` concluded about members, until `Guild.access_changed`."""

    def shape(self) -> shapes.Channel:
        return shapes.Channel(channel_id=self.channel_id, name=self.name, kind=self.kind)

    def override(self, target_id: str, override: Override) -> None:
        """Replace what is overridden for a role or a user; an empty override is none (OVR-1)."""
        self.overrides.pop(target_id, None)
        if override != Override():
            self.overrides[target_id] = override
        self.readers.clear()

    def newest_first(self, *, before: str | None, limit: int) -> list[Message]:
        """At most `limit` messages older than the id `before`, whether or not that one still exists."""
        ids = list(self.messages)
        end = len(ids) if before is None else bisect_left(ids, before)
        return [self.messages[message_id] for message_id in reversed(ids[max(0, end - limit) : end])]


@dataclass(frozen=True, slots=True, kw_only=True)
class IpBan:
    """A banned address; `expires_at` is on the wall clock, None for never."""

    ban_id: str
    address: str
    source_user_id: str | None
    reason: str | None
    created_at_unix: int
    expires_at_unix: int | None


@dataclass(slots=True, kw_only=True)
class Guild:
    """A guild; make one with `Guild.founded`, which gives it the seed roles."""

    guild_id: str
    name: str
    visibility: GuildVisibility
    roles: dict[str, Role] = field(default_factory=dict)
    seed_ids: dict[str, str] = field(default_factory=dict)
    """The role id by the seed role's name."""
    default_join_role_id: str | None = None
    members: dict[str, Member] = field(default_factory=dict)
    banned: dict[str, None] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    """In the order of the channel list."""
    ip_bans: dict[str, IpBan] = field(default_factory=dict)
    observed_addresses: dict[str, dict[str, None]] = field(default_factory=dict)
    """By user id: from where the user called join."""
    audit: list[shapes.AuditEvent] = field(default_factory=list)
    """Oldest first."""

    @classmethod
    def founded(
        cls, *, guild_id: str, name: str, visibility: GuildVisibility, role_ids: list[str]
    ) -> "Guild":
        """A guild without members, with one role for each of `role_ids`, which are as many as seed roles."""
        roles = [
            Role(
                role_id=role_id,
                name=seed.name,
                position=seed.position,
                is_system=seed.is_system,
                permissions=frozenset(seed.permissions),
                seed=seed,
            )
            for role_id, seed in zip(role_ids, SEED_ROLES, strict=True)
        ]
        return cls(
            guild_id=guild_id,
            name=name,
            visibility=visibility,
            roles={role.role_id: role for role in roles},
            seed_ids={role.name: role.role_id for role in roles},
        )

    def shape(self) -> shapes.Guild:
        return shapes.Guild(guild_id=self.guild_id, name=self.name, visibility=self.visibility)

    def seed_role(self, seed: SeedRole) -> Role:
        """The role that the guild began with; seed roles are never deleted (ROLE-5)."""
        return self.roles[self.seed_ids[seed.name]]

    @property
    def everyone(self) -> Role:
        return self.seed_role(EVERYONE)

    def legacy_role(self, member: Member) -> LegacyRole:
        """Owner, moderator or member, by the seed roles that the member holds (8.1)."""
        if self.seed_ids[WORKSPACE_OWNER.name] in member.role_ids:
            return "owner"
        return "moderator" if self.seed_ids[MODERATOR.name] in member.role_ids else "member"

    def add_member(self, user_id: str, role: LegacyRole = "member") -> None:
        """Make a user a member with a legacy role."""
        seed_ids = {"owner": WORKSPACE_OWNER.name, "moderator": MODERATOR.name, "member": None}
        seed = seed_ids[role]
        assigned = {} if seed is None else {self.seed_ids[seed]: None}
        self.members[user_id] = Member(user_id=user_id, role_ids=assigned)
        self.access_changed()

    def remove_member(self, user_id: str) -> None:
        """End a membership and with it everything that was assigned to the member (MEM-5)."""
        del self.members[user_id]
        self.access_changed()

    def remove_role(self, role_id: str) -> None:
        """Delete a role that is no seed role, with assignments, overrides and use as default (ROLE-4)."""
        del self.roles[role_id]
        for member in self.members.values():
            member.role_ids.pop(role_id, None)
        for channel in self.channels.values():
            channel.overrides.pop(role_id, None)
        if self.default_join_role_id == role_id:
            self.default_join_role_id = None
        self.access_changed()

    def implied_role(self, member: Member) -> Role:
        """The seed role that the legacy role stands for, which every member holds (8.1)."""
        seeds = {"owner": WORKSPACE_OWNER, "moderator": MODERATOR, "member": MEMBER}
        return self.seed_role(seeds[self.legacy_role(member)])

    def access_changed(self) -> None:
        """Forget what was concluded about access from former members, roles and overrides (PERM-3)."""
        for channel in self.channels.values():
            channel.readers.clear()


def in_canonical_order(permissions: frozenset[Permission]) -> list[Permission]:
    """As lists of permissions are sent (8.1)."""
    return [permission for permission in CANONICAL_ORDER if permission in permissions]
