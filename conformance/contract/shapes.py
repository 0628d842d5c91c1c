"""Shapes that REST results and events share (contract 2.2)."""

from typing import Annotated, Any

from pydantic import Field

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import (
    ChannelKind,
    Count,
    GuildVisibility,
    LegacyRole,
    NotNull,
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


class GuildList(WireModel):
    guilds: list[Guild]


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


class Health(WireModel):
    status: str


class HandlerError(WireModel):
    """The body of an error that a handler raised (2.1)."""

    error: str
