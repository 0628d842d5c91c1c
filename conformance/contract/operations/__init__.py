"""One class per operation: what a client can ask a server for (contract 2.3 to 2.5 and 3.2)."""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract.operations.accounts import (
    Login,
    Logout,
    LookUpUsers,
    OwnProfile,
    ReadAvatar,
    ReadBanner,
    ReadProfile,
    Refresh,
    Register,
    UpdateProfile,
    UploadAvatar,
    UploadBanner,
)
from sync_check.conformance.contract.operations.channels import (
    CreateChannel,
    DeleteChannel,
    ListChannels,
    OverridePermission,
    OverrideRole,
    OwnPermissions,
    ReorderChannels,
    UpdateChannel,
)
from sync_check.conformance.contract.operations.friends import (
    AcceptFriend,
    DeleteFriendRequest,
    ListFriendRequests,
    ListFriends,
    RemoveFriend,
    RequestFriend,
)
from sync_check.conformance.contract.operations.gateway import (
    TRIGGERS,
    SendMessage,
    Subscribe,
    Trigger,
)
from sync_check.conformance.contract.operations.guilds import (
    CreateGuild,
    JoinGuild,
    LeaveGuild,
    ListGuilds,
    ListPublicGuilds,
    ReadAudit,
    UpdateGuild,
)
from sync_check.conformance.contract.operations.members import (
    AddMember,
    BanAddressesOf,
    BanMember,
    ChangeMemberRole,
    KickMember,
    LiftBan,
    ListIpBans,
    ListMembers,
    RemoveIpBan,
)
from sync_check.conformance.contract.operations.messages import (
    AddReaction,
    CreateMessage,
    DeleteAttachment,
    DeleteMessage,
    EditMessage,
    History,
    ReadAttachment,
    RebuildSearch,
    ReconcileSearch,
    RemoveReaction,
    Search,
    UploadAttachment,
)
from sync_check.conformance.contract.operations.operation import (
    Authority,
    Command,
    Method,
    Operation,
    Refusal,
    Sending,
    Upload,
)
from sync_check.conformance.contract.operations.roles import (
    AssignRole,
    CreateRole,
    DeleteRole,
    ListRoles,
    ReorderRoles,
    SetDefaultRole,
    UnassignRole,
    UpdateRole,
)
from sync_check.conformance.contract.operations.service import (
    ReadHealth,
    ReadMetrics,
)
from sync_check.conformance.contract.operations.voice import (
    IssueVoiceToken,
    LeaveVoice,
    UpdateVoiceState,
)

__all__ = [
    "COMMANDS",
    "GATEWAY_PATH",
    "OPERATIONS",
    "TRIGGERS",
    "AcceptFriend",
    "AddMember",
    "AddReaction",
    "AssignRole",
    "Authority",
    "BanAddressesOf",
    "BanMember",
    "ChangeMemberRole",
    "Command",
    "CreateChannel",
    "CreateGuild",
    "CreateMessage",
    "CreateRole",
    "DeleteAttachment",
    "DeleteChannel",
    "DeleteFriendRequest",
    "DeleteMessage",
    "DeleteRole",
    "EditMessage",
    "History",
    "IssueVoiceToken",
    "JoinGuild",
    "KickMember",
    "LeaveGuild",
    "LeaveVoice",
    "LiftBan",
    "ListChannels",
    "ListFriendRequests",
    "ListFriends",
    "ListGuilds",
    "ListIpBans",
    "ListMembers",
    "ListPublicGuilds",
    "ListRoles",
    "Login",
    "Logout",
    "LookUpUsers",
    "Method",
    "Operation",
    "OverridePermission",
    "OverrideRole",
    "OwnPermissions",
    "OwnProfile",
    "ReadAttachment",
    "ReadAudit",
    "ReadAvatar",
    "ReadBanner",
    "ReadHealth",
    "ReadMetrics",
    "ReadProfile",
    "RebuildSearch",
    "ReconcileSearch",
    "Refresh",
    "Refusal",
    "Register",
    "RemoveFriend",
    "RemoveIpBan",
    "RemoveReaction",
    "ReorderChannels",
    "ReorderRoles",
    "RequestFriend",
    "Search",
    "SendMessage",
    "Sending",
    "SetDefaultRole",
    "Subscribe",
    "Trigger",
    "UnassignRole",
    "UpdateChannel",
    "UpdateGuild",
    "UpdateProfile",
    "UpdateRole",
    "UpdateVoiceState",
    "Upload",
    "UploadAttachment",
    "UploadAvatar",
    "UploadBanner",
]

GATEWAY_PATH: Final = "/gateway/ws"
"""Where a WebSocket upgrade opens a gateway connection (contract 3.1)."""

OPERATIONS: Final[Mapping[str, type[Operation]]] = {
    operation.name: operation
    for base in (Operation, Upload)
    for operation in base.__subclasses__()
    if operation is not Upload
}
"""Every operation by name, as the history records it."""

COMMANDS: Final[Mapping[str, type[Command]]] = {command.name: command for command in Command.__subclasses__()}
