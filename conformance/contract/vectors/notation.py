"""A client's state as the vectors write it: the slices of contract 9.2, each left out while it is empty.

Ids are keys; sets are sorted lists. `live` are the subscribed channels with their guild. An override's target
is `role:<id>` or `member:<id>`; a role form has the key of the seed role it stands for, and the legacy role's
bare name while that seed role is not in `roles`.
"""

from typing import Annotated, Any

from pydantic import Field

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.shapes import Channel, MarkdownToken
from sync_check.conformance.contract.values import (
    Count,
    GuildVisibility,
    LegacyRole,
    StreamSource,
    Ulid,
    UnixTime,
    WireModel,
)

Target = Annotated[
    str, Field(pattern=r"^(owner|moderator|member|(role|member):[0-7][0-9A-HJKMNP-TV-Z]{25})\z")
]


class BelievedWorkspace(WireModel):
    name: str
    visibility: GuildVisibility


class BelievedRole(WireModel):
    name: str
    position: int
    is_system: bool
    permissions: list[Permission]
    color_hex: str | None


class BelievedOverride(WireModel):
    allow: list[Permission]
    deny: list[Permission]


class BelievedAttachment(WireModel):
    attachment_id: Ulid
    owner_id: Ulid
    filename: str
    mime_type: str
    size_bytes: Count
    sha256_hex: str


class BelievedMessage(WireModel):
    message_id: Ulid
    author_id: Ulid
    content: str
    markdown_tokens: list[MarkdownToken]
    attachments: list[BelievedAttachment]
    created_at_unix: UnixTime


class BelievedReaction(WireModel):
    count: Count
    users: list[Ulid]


class BelievedProfile(WireModel):
    username: str
    about_markdown: str
    avatar_version: Count
    banner_version: Count


class BelievedFriend(WireModel):
    username: str
    created_at_unix: UnixTime


class BelievedRequest(WireModel):
    sender_user_id: Ulid
    sender_username: str
    recipient_user_id: Ulid
    recipient_username: str
    created_at_unix: UnixTime


class BelievedRequests(WireModel):
    incoming: dict[Ulid, BelievedRequest]
    outgoing: dict[Ulid, BelievedRequest]


class BelievedParticipant(WireModel):
    identity: str
    joined_at_unix: UnixTime
    updated_at_unix: UnixTime
    is_muted: bool
    is_deafened: bool
    is_speaking: bool
    is_video_enabled: bool
    is_screen_share_enabled: bool
    streams: list[StreamSource]


class BelievedState(WireModel):
    """All slices, and the own id."""

    user_id: Ulid | None = None
    live: dict[Ulid, Ulid] = Field(default_factory=dict)
    workspaces: dict[Ulid, BelievedWorkspace] = Field(default_factory=dict)
    channels: dict[Ulid, list[Channel]] = Field(default_factory=dict)
    members: dict[Ulid, dict[Ulid, LegacyRole | None]] = Field(default_factory=dict)
    roles: dict[Ulid, dict[Ulid, BelievedRole]] = Field(default_factory=dict)
    default_join_role_id: dict[Ulid, Ulid] = Field(default_factory=dict)
    assignments: dict[Ulid, dict[Ulid, list[Ulid]]] = Field(default_factory=dict)
    overrides: dict[Ulid, dict[Ulid, dict[Target, BelievedOverride]]] = Field(default_factory=dict)
    messages: dict[Ulid, list[BelievedMessage]] = Field(default_factory=dict)
    reactions: dict[Ulid, dict[str, BelievedReaction]] = Field(default_factory=dict)
    profiles: dict[Ulid, BelievedProfile] = Field(default_factory=dict)
    friends: dict[Ulid, BelievedFriend] = Field(default_factory=dict)
    friend_requests: BelievedRequests = Field(
        default_factory=lambda: BelievedRequests(incoming={}, outgoing={})
    )
    presence: dict[Ulid, list[Ulid]] = Field(default_factory=dict)
    voice: dict[Ulid, dict[Ulid, BelievedParticipant]] = Field(default_factory=dict)
    permissions: dict[Ulid, list[Permission]] = Field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The slices that were written down, in JSON terms; empty requests are an empty slice."""
        written = self.model_dump(mode="json", exclude_unset=True)
        requests = written.get("friend_requests")
        if requests is not None and not any(requests.values()):
            written["friend_requests"] = Field(default_factory=dict)
        return written

    def slices(self) -> dict[str, Any]:
        """The slices that hold anything, in JSON terms."""
        return {name: value for name, value in self.told().items() if value}
