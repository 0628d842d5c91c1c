"""Members, bans and IP bans (contract 2.4)."""

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.guilds import (
    DEPARTURE_REMARK,
    REMOVAL_COMPANIONS,
    REMOVAL_REMARK,
)
from sync_check.conformance.contract.operations.operation import Authority, Operation, Refusal, Sending


class ListMembers(Operation):
    name = "list_members"
    method = "GET"
    path = "/guilds/{guild_id}/members"
    sending = Sending.QUERY
    result = shapes.MemberPage
    authority = Authority.MEMBER
    feature = Feature.MEMBERS
    guild_id: str
    limit: int | None = None
    cursor: str | None = None


class AddMember(Operation):
    name = "add_member"
    method = "POST"
    path = "/guilds/{guild_id}/members/{user_id}"
    result = shapes.Accepted
    authority = "manage_member_roles"
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberAdd,)
    guild_id: str
    user_id: str


class ChangeMemberRole(Operation):
    name = "change_member_role"
    method = "PATCH"
    path = "/guilds/{guild_id}/members/{user_id}"
    sending = Sending.JSON
    result = shapes.Accepted
    authority = Authority.LEGACY_RANK
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberUpdate,)
    companions = (events.WorkspaceRoleAssignmentAdd, events.WorkspaceRoleAssignmentRemove)
    remark = "assignments that the change alters (SHOULD, MEM-12)"
    refusals = (Refusal(409, "quota_exceeded"),)
    guild_id: str
    user_id: str
    role: str


class KickMember(Operation):
    name = "kick_member"
    method = "POST"
    path = "/guilds/{guild_id}/members/{user_id}/kick"
    result = shapes.Accepted
    authority = Authority.BAN_MEMBER_AND_RANK
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberRemove,)
    companions = REMOVAL_COMPANIONS
    remark = REMOVAL_REMARK
    remark_since_2 = DEPARTURE_REMARK
    guild_id: str
    user_id: str


class BanMember(Operation):
    name = "ban_member"
    method = "POST"
    path = "/guilds/{guild_id}/members/{user_id}/ban"
    result = shapes.Accepted
    authority = Authority.BAN_MEMBER_AND_RANK
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberBan, events.WorkspaceMemberRemove)
    companions = REMOVAL_COMPANIONS
    remark = f"{REMOVAL_REMARK}; of who is no member the ban only (SHOULD, MEM-8)"
    remark_since_2 = DEPARTURE_REMARK
    guild_id: str
    user_id: str


class LiftBan(Operation):
    name = "lift_ban"
    method = "DELETE"
    path = "/guilds/{guild_id}/bans/{user_id}"
    result = shapes.Accepted
    authority = "ban_member"
    feature = Feature.BANS_LIFT
    guild_id: str
    user_id: str


class ListIpBans(Operation):
    name = "list_ip_bans"
    method = "GET"
    path = "/guilds/{guild_id}/ip-bans"
    sending = Sending.QUERY
    result = shapes.IpBanPage
    authority = "manage_ip_bans"
    feature = Feature.IP_BANS
    guild_id: str
    limit: int | None = None
    cursor: str | None = None


class BanAddressesOf(Operation):
    name = "ban_addresses_of"
    method = "POST"
    path = "/guilds/{guild_id}/ip-bans/by-user"
    sending = Sending.JSON
    result = shapes.CreatedIpBans
    authority = "manage_ip_bans"
    feature = Feature.IP_BANS
    causes = (events.WorkspaceIpBanSync,)
    refusals = (Refusal(409, "quota_exceeded"),)
    guild_id: str
    target_user_id: str
    reason: str | None = None
    expires_in_secs: int | None = None


class RemoveIpBan(Operation):
    name = "remove_ip_ban"
    method = "DELETE"
    path = "/guilds/{guild_id}/ip-bans/{ban_id}"
    result = shapes.Accepted
    authority = "manage_ip_bans"
    feature = Feature.IP_BANS
    causes = (events.WorkspaceIpBanSync,)
    guild_id: str
    ban_id: str
