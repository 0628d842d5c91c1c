"""What a target may declare to have (contract 0.2)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Feature(StrEnum):
    """A part of the contract that a target may leave out, by its declared name."""

    MESSAGES = "messages"
    REACTIONS = "reactions"
    ATTACHMENTS = "attachments"
    CHANNELS_CREATE = "channels.create"
    CHANNELS_UPDATE = "channels.update"
    CHANNELS_DELETE = "channels.delete"
    CHANNELS_REORDER = "channels.reorder"
    WORKSPACE_UPDATE = "workspace.update"
    MEMBERS = "members"
    MEMBERS_LEAVE = "members.leave"
    BANS_LIFT = "bans.lift"
    ROLES = "roles"
    OVERRIDES_ROLE = "overrides.role"
    OVERRIDES_PERMISSION = "overrides.permission"
    IP_BANS = "ip_bans"
    AUDIT = "audit"
    DIRECTORY = "directory"
    PROFILE = "profile"
    PROFILE_AVATAR = "profile.avatar"
    PROFILE_BANNER = "profile.banner"
    FRIENDS = "friends"
    PRESENCE = "presence"
    VOICE = "voice"
    SEARCH = "search"
    METRICS = "metrics"


ALL_FEATURES: Final = frozenset(Feature)

SINCE: Final[Mapping[Feature, int]] = {
    Feature.CHANNELS_REORDER: 2,
    Feature.PROFILE_BANNER: 2,
    Feature.VOICE: 2,
}
"""The revision that a feature needs, where that is not the first (contract 0.3)."""
