"""Which slices of views a change bears on, so that a difference can name its cause."""

from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.slices import (
    ASSIGNMENTS,
    CHANNELS,
    MEMBERS,
    MESSAGES,
    PERMISSIONS,
    REACTIONS,
    ROLES,
    WORKSPACES,
    slice_key,
)
from sync_check.conformance.model.timeline import Touch
from sync_check.conformance.model.world import Guild

_OF_CHANNEL = (PERMISSIONS, MESSAGES, REACTIONS)
_CHANGING_ACCESS: Final = (
    *(ops.JoinGuild, ops.LeaveGuild, ops.AddMember, ops.KickMember, ops.BanMember, ops.ChangeMemberRole),
    *(ops.UpdateRole, ops.DeleteRole, ops.AssignRole, ops.UnassignRole),
    *(ops.OverrideRole, ops.OverridePermission),
)


def changes_access(operation: ops.Operation, guild_id: str) -> bool:
    """Whether an operation may change which channels of a guild somebody sees."""
    return isinstance(operation, _CHANGING_ACCESS) and operation.guild_id == guild_id


def channel_touches(channel_id: str) -> tuple[Touch, ...]:
    """All that somebody sees of a channel beside its entry in the list."""
    return tuple((slice_key(name, channel_id), None) for name in _OF_CHANNEL)


def access_touches(guild: Guild) -> tuple[Touch, ...]:
    """What a change of somebody's permissions bears on: which channels there are, and all in them."""
    of_channels = [touch for channel_id in guild.channels for touch in channel_touches(channel_id)]
    return ((slice_key(CHANNELS, guild.guild_id), None), *of_channels)


def membership_touches(guild: Guild, user_id: str) -> tuple[Touch, ...]:
    """Who is a member, and as what, bears on all that the user sees of the guild."""
    return (
        (slice_key(MEMBERS, guild.guild_id), user_id),
        (WORKSPACES, guild.guild_id),
        (slice_key(ASSIGNMENTS, guild.guild_id), user_id),
        (slice_key(ROLES, guild.guild_id), None),
        *access_touches(guild),
    )
