"""Profiles and friends."""

from typing import Annotated, Literal

from sync_check.conformance.contract.events.event import Event, Scope, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import (
    MarkdownToken,
)
from sync_check.conformance.contract.values import (
    Count,
    NotNull,
    OptionalStr,
    OptionalUlid,
    Ulid,
    UnixTime,
    UpdatedFields,
)


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
