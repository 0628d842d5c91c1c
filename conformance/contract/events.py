"""One typed model per gateway event (contract 5.2): constructing it is the only way to make a payload."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import model_validator

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.shapes import (
    Attachment,
    Channel,
    EventRole,
    MarkdownToken,
    Message,
    Participant,
)
from sync_check.conformance.contract.values import (
    Count,
    LegacyRole,
    NotNull,
    OptionalBool,
    OptionalStr,
    OptionalUlid,
    OptionalVisibility,
    OverrideTargetKind,
    PresenceStatus,
    ReactionChange,
    RemovalReason,
    StreamSource,
    Ulid,
    UnixTime,
    UpdatedFields,
    WireModel,
)


class Scope(StrEnum):
    """Whom an event concerns (contract 4.1)."""

    CONNECTION = "connection"
    CHANNEL = "channel"
    GUILD = "guild"
    USER = "user"


class Visibility(StrEnum):
    """How section 5.2 narrows the reach of an event's scope."""

    OWN = "own"
    MEMBERS = "members"
    ACCESS = "access"  # others MUST NOT
    ACCESS_SHOULD = "access_should"  # others SHOULD NOT
    IDS_FILTERED = "ids_filtered"  # CHAN-7
    IP_BAN_MANAGERS = "ip_ban_managers"  # LEAK-IP-2
    PROFILE = "profile"  # SCOPE-7
    BOTH_USERS = "both_users"  # SCOPE-6


class Event(WireModel):
    """Base of all gateway events; a subclass is one row of table 5.2."""

    name: ClassVar[str]
    scope: ClassVar[Scope]
    visibility: ClassVar[Visibility]
    feature: ClassVar[Feature | None] = None
    since: ClassVar[int] = 1
    either: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional fields; all of exactly one group are given."""


class _GuildEvent(Event):
    scope = Scope.GUILD
    visibility = Visibility.MEMBERS
    guild_id: Ulid


class _ChannelEvent(Event):
    scope = Scope.CHANNEL
    visibility = Visibility.ACCESS
    guild_id: Ulid
    channel_id: Ulid


# --- connection scope


class Ready(Event):
    name = "ready"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    user_id: Ulid


class Subscribed(Event):
    name = "subscribed"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    guild_id: Ulid
    channel_id: Ulid


class PresenceSync(Event):
    name = "presence_sync"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    feature = Feature.PRESENCE
    guild_id: Ulid
    user_ids: list[Ulid]


class VoiceParticipantSync(Event):
    name = "voice_participant_sync"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    feature = Feature.VOICE
    since = 2
    guild_id: Ulid
    channel_id: Ulid
    participants: list[Participant]
    synced_at_unix: UnixTime


# --- messages


class MessageCreate(Message, Event):
    name = "message_create"
    scope = Scope.CHANNEL
    visibility = Visibility.ACCESS
    feature = Feature.MESSAGES


class MessageChanges(UpdatedFields):
    content: OptionalStr = None
    markdown_tokens: Annotated[list[MarkdownToken] | None, NotNull] = None
    attachments: Annotated[list[Attachment] | None, NotNull] = None


class MessageUpdate(_ChannelEvent):
    name = "message_update"
    feature = Feature.MESSAGES
    message_id: Ulid
    updated_fields: MessageChanges
    updated_at_unix: UnixTime


class MessageDelete(_ChannelEvent):
    name = "message_delete"
    feature = Feature.MESSAGES
    message_id: Ulid
    deleted_at_unix: UnixTime


class MessageReaction(_ChannelEvent):
    name = "message_reaction"
    feature = Feature.REACTIONS
    message_id: Ulid
    emoji: str
    count: Count
    operation: ReactionChange
    actor_user_id: Ulid


# --- channels


class ChannelCreate(_GuildEvent):
    name = "channel_create"
    visibility = Visibility.ACCESS
    feature = Feature.CHANNELS_CREATE
    channel: Channel


class ChannelChanges(UpdatedFields):
    name: OptionalStr = None


class ChannelUpdate(_GuildEvent):
    name = "channel_update"
    visibility = Visibility.ACCESS
    feature = Feature.CHANNELS_UPDATE
    channel_id: Ulid
    updated_fields: ChannelChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class ChannelDelete(_GuildEvent):
    name = "channel_delete"
    visibility = Visibility.ACCESS_SHOULD
    feature = Feature.CHANNELS_DELETE
    channel_id: Ulid
    deleted_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class ChannelReorder(_GuildEvent):
    name = "channel_reorder"
    visibility = Visibility.IDS_FILTERED
    feature = Feature.CHANNELS_REORDER
    since = 2
    channel_ids: list[Ulid]
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


# --- workspace and members


class PresenceUpdate(_GuildEvent):
    name = "presence_update"
    feature = Feature.PRESENCE
    user_id: Ulid
    status: PresenceStatus


class WorkspaceChanges(UpdatedFields):
    name: OptionalStr = None
    visibility: OptionalVisibility = None


class WorkspaceUpdate(_GuildEvent):
    name = "workspace_update"
    feature = Feature.WORKSPACE_UPDATE
    updated_fields: WorkspaceChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberAdd(_GuildEvent):
    name = "workspace_member_add"
    feature = Feature.MEMBERS
    user_id: Ulid
    role: LegacyRole
    joined_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class MemberChanges(UpdatedFields):
    role: Annotated[LegacyRole | None, NotNull] = None


class WorkspaceMemberUpdate(_GuildEvent):
    name = "workspace_member_update"
    feature = Feature.MEMBERS
    user_id: Ulid
    updated_fields: MemberChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberRemove(_GuildEvent):
    name = "workspace_member_remove"
    feature = Feature.MEMBERS
    user_id: Ulid
    reason: RemovalReason
    removed_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceMemberBan(_GuildEvent):
    name = "workspace_member_ban"
    feature = Feature.MEMBERS
    user_id: Ulid
    banned_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


# --- roles, overrides, moderation


class WorkspaceRoleCreate(_GuildEvent):
    name = "workspace_role_create"
    feature = Feature.ROLES
    role: EventRole
    actor_user_id: OptionalUlid = None


class RoleChanges(UpdatedFields):
    name: OptionalStr = None
    permissions: Annotated[list[Permission] | None, NotNull] = None
    color_hex: str | None = None


class WorkspaceRoleUpdate(_GuildEvent):
    name = "workspace_role_update"
    feature = Feature.ROLES
    role_id: Ulid
    updated_fields: RoleChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleDelete(_GuildEvent):
    name = "workspace_role_delete"
    feature = Feature.ROLES
    role_id: Ulid
    deleted_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleReorder(_GuildEvent):
    name = "workspace_role_reorder"
    feature = Feature.ROLES
    role_ids: list[Ulid]
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleAssignmentAdd(_GuildEvent):
    name = "workspace_role_assignment_add"
    feature = Feature.ROLES
    user_id: Ulid
    role_id: Ulid
    assigned_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceRoleAssignmentRemove(_GuildEvent):
    name = "workspace_role_assignment_remove"
    feature = Feature.ROLES
    user_id: Ulid
    role_id: Ulid
    removed_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class OverrideChanges(WireModel):
    allow: list[Permission]
    deny: list[Permission]


class _OverrideEvent(_GuildEvent):
    visibility = Visibility.ACCESS_SHOULD
    channel_id: Ulid
    updated_fields: OverrideChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceChannelOverrideUpdate(_OverrideEvent):
    name = "workspace_channel_override_update"
    feature = Feature.OVERRIDES_ROLE
    either = (("role",), ("target_kind", "target_id"))
    role: Annotated[LegacyRole | None, NotNull] = None
    target_kind: Annotated[OverrideTargetKind | None, NotNull] = None
    target_id: OptionalUlid = None

    @model_validator(mode="after")
    def _names_one_target(self) -> "WorkspaceChannelOverrideUpdate":
        by_role = self.role is not None
        by_target = self.target_kind is not None and self.target_id is not None
        half = (self.target_kind is None) != (self.target_id is None)
        if half or by_role == by_target:
            raise ValueError("either role, or target_kind with target_id, is needed")
        return self


class WorkspaceChannelRoleOverrideUpdate(_OverrideEvent):
    name = "workspace_channel_role_override_update"
    feature = Feature.OVERRIDES_ROLE
    since = 2
    role: LegacyRole


class WorkspaceChannelPermissionOverrideUpdate(_OverrideEvent):
    name = "workspace_channel_permission_override_update"
    feature = Feature.OVERRIDES_PERMISSION
    since = 2
    target_kind: OverrideTargetKind
    target_id: Ulid


class IpBanSummary(WireModel):
    action: Literal["upsert", "remove"]
    changed_count: Count


class WorkspaceIpBanSync(_GuildEvent):
    name = "workspace_ip_ban_sync"
    visibility = Visibility.IP_BAN_MANAGERS
    feature = Feature.IP_BANS
    summary: IpBanSummary
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


# --- profile and friends


class _ProfileEvent(Event):
    scope = Scope.USER
    visibility = Visibility.PROFILE
    user_id: Ulid
    updated_at_unix: UnixTime


class ProfileChanges(UpdatedFields):
    username: OptionalStr = None
    about_markdown: OptionalStr = None
    about_markdown_tokens: Annotated[list[MarkdownToken] | None, NotNull] = None


class ProfileUpdate(_ProfileEvent):
    name = "profile_update"
    feature = Feature.PROFILE
    updated_fields: ProfileChanges


class ProfileAvatarUpdate(_ProfileEvent):
    name = "profile_avatar_update"
    feature = Feature.PROFILE_AVATAR
    avatar_version: Count


class ProfileBannerUpdate(_ProfileEvent):
    name = "profile_banner_update"
    feature = Feature.PROFILE_BANNER
    since = 2
    banner_version: Count


class _FriendEvent(Event):
    scope = Scope.USER
    visibility = Visibility.BOTH_USERS
    feature = Feature.FRIENDS


class FriendRequestCreate(_FriendEvent):
    name = "friend_request_create"
    request_id: Ulid
    sender_user_id: Ulid
    sender_username: str
    recipient_user_id: Ulid
    recipient_username: str
    created_at_unix: UnixTime


class FriendRequestUpdate(_FriendEvent):
    name = "friend_request_update"
    request_id: Ulid
    state: Literal["accepted"]
    user_id: Ulid
    friend_user_id: Ulid
    friend_username: str
    friendship_created_at_unix: UnixTime
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class FriendRequestDelete(_FriendEvent):
    name = "friend_request_delete"
    request_id: Ulid
    deleted_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class FriendRemove(_FriendEvent):
    name = "friend_remove"
    user_id: Ulid
    friend_user_id: Ulid
    removed_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


# --- voice


class _VoiceEvent(_ChannelEvent):
    feature = Feature.VOICE
    since = 2


class VoiceParticipantJoin(_VoiceEvent):
    name = "voice_participant_join"
    participant: Participant


class VoiceParticipantLeave(_VoiceEvent):
    name = "voice_participant_leave"
    user_id: Ulid
    identity: str
    left_at_unix: UnixTime


class VoiceChanges(UpdatedFields):
    is_muted: OptionalBool = None
    is_deafened: OptionalBool = None
    is_speaking: OptionalBool = None
    is_video_enabled: OptionalBool = None
    is_screen_share_enabled: OptionalBool = None


class VoiceParticipantUpdate(_VoiceEvent):
    name = "voice_participant_update"
    user_id: Ulid
    identity: str
    updated_fields: VoiceChanges
    updated_at_unix: UnixTime


class VoiceStreamPublish(_VoiceEvent):
    name = "voice_stream_publish"
    user_id: Ulid
    identity: str
    stream: StreamSource
    published_at_unix: UnixTime


class VoiceStreamUnpublish(_VoiceEvent):
    name = "voice_stream_unpublish"
    user_id: Ulid
    identity: str
    stream: StreamSource
    unpublished_at_unix: UnixTime


def _all_events(base: type[Event]) -> list[type[Event]]:
    found: list[type[Event]] = []
    for subclass in base.__subclasses__():
        if "name" in subclass.__dict__:
            found.append(subclass)
        found += _all_events(subclass)
    return found


EVENTS: Final[Mapping[str, type[Event]]] = {event.name: event for event in _all_events(Event)}
"""Every event of the contract by its wire name."""
