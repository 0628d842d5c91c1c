"""Shapes that REST results and events share (contract 2.2)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import (
    ChannelKind,
    Count,
    GuildVisibility,
    LegacyRole,
    NotNull,
    StreamSource,
    Ulid,
    UnixTime,
    WireModel,
)

MarkdownToken = dict[str, Any]
"""An object with a string `type`; the rest is opaque."""


class Guild(WireModel):
    guild_id: Ulid
    name: str
    visibility: GuildVisibility


class Channel(WireModel):
    channel_id: Ulid
    name: str
    kind: ChannelKind


class Role(WireModel):
    role_id: Ulid
    name: str
    position: int
    is_system: bool
    permissions: list[Permission]
    color_hex: str | None


class EventRole(WireModel):
    """A role inside `workspace_role_create`: `color_hex` is left out when there is none."""

    role_id: Ulid
    name: str
    position: int
    is_system: bool
    permissions: list[Permission]
    color_hex: Annotated[str | None, NotNull] = None


class Profile(WireModel):
    user_id: Ulid
    username: str
    about_markdown: str
    about_markdown_tokens: list[MarkdownToken]
    avatar_version: Count
    banner_version: Count


class Attachment(WireModel):
    attachment_id: Ulid
    guild_id: Ulid
    channel_id: Ulid
    owner_id: Ulid
    filename: str
    mime_type: str
    size_bytes: Count
    sha256_hex: str


class Reaction(WireModel):
    emoji: str
    count: Count
    reacted_by_me: bool
    reactor_user_ids: Annotated[list[Ulid] | None, NotNull, Field(max_length=32)] = None


class Message(WireModel):
    message_id: Ulid
    guild_id: Ulid
    channel_id: Ulid
    author_id: Ulid
    content: str
    markdown_tokens: list[MarkdownToken]
    attachments: list[Attachment]
    reactions: list[Reaction]
    created_at_unix: UnixTime


class Participant(WireModel):
    user_id: Ulid
    identity: str
    joined_at_unix: UnixTime
    updated_at_unix: UnixTime
    is_muted: bool
    is_deafened: bool
    is_speaking: bool
    is_video_enabled: bool
    is_screen_share_enabled: bool


class Accepted(WireModel):
    """The body `{"accepted": true}`."""

    accepted: Annotated[bool, Field(strict=True)]


class TokenPair(WireModel):
    access_token: str
    refresh_token: str
    expires_in_secs: Annotated[int, Field(gt=0)]


class FoundUser(WireModel):
    user_id: Ulid
    username: str
    avatar_version: Count


class FoundUsers(WireModel):
    users: list[FoundUser]


class Friend(WireModel):
    user_id: Ulid
    username: str
    created_at_unix: UnixTime


class FriendList(WireModel):
    """Newest first."""

    friends: list[Friend]


class FriendRequest(WireModel):
    request_id: Ulid
    sender_user_id: Ulid
    sender_username: str
    recipient_user_id: Ulid
    recipient_username: str
    created_at_unix: UnixTime


class FriendRequestList(WireModel):
    """Newest first."""

    incoming: list[FriendRequest]
    outgoing: list[FriendRequest]


class CreatedFriendRequest(WireModel):
    request_id: Ulid
    sender_user_id: Ulid
    recipient_user_id: Ulid
    created_at_unix: UnixTime


class GuildList(WireModel):
    guilds: list[Guild]


class JoinResult(WireModel):
    guild_id: Ulid
    outcome: Literal["accepted", "already_member"]


class AuditEvent(WireModel):
    audit_id: Ulid
    actor_user_id: Ulid
    target_user_id: Ulid | None
    action: str
    created_at_unix: UnixTime
    ip_ban_match: bool


class AuditPage(WireModel):
    """Newest first."""

    events: list[AuditEvent]
    next_cursor: str | None


class RoleList(WireModel):
    """Highest position first."""

    roles: list[Role]
    default_join_role_id: Ulid | None


class IpBan(WireModel):
    ban_id: Ulid
    source_user_id: Ulid | None
    reason: str | None
    created_at_unix: UnixTime
    expires_at_unix: UnixTime | None


class IpBanPage(WireModel):
    """Newest first, without expired ones."""

    bans: list[IpBan]
    next_cursor: str | None


class CreatedIpBans(WireModel):
    created_count: Count
    ban_ids: list[Ulid]


class ChannelList(WireModel):
    channels: list[Channel]


class MemberEntry(WireModel):
    user_id: Ulid
    role_ids: list[Ulid]


class MemberPage(WireModel):
    members: list[MemberEntry]
    next_cursor: str | None


class MessagePage(WireModel):
    """History, newest first; `next_before` is the last item's id, null only on an empty page (2.5)."""

    messages: list[Message]
    next_before: Ulid | None


class OwnPermissions(WireModel):
    role: LegacyRole
    permissions: list[Permission]


class SearchResult(WireModel):
    """`messages` are those of `message_ids`, in the same order."""

    message_ids: list[Ulid]
    messages: list[Message]


class Reconciled(WireModel):
    upserted: Count
    deleted: Count


class VoiceToken(WireModel):
    """Token, room and identity are opaque."""

    token: str
    livekit_url: str
    room: str
    identity: str
    can_publish: bool
    can_subscribe: bool
    publish_sources: list[StreamSource]
    expires_in_secs: Annotated[int, Field(gt=0)]


class Health(WireModel):
    status: str


class HandlerError(WireModel):
    """The body of an error that a handler raised (2.1)."""

    error: str
