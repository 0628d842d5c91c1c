"""Guilds, the directory and the audit log (contract 2.4)."""

from pydantic import Field

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import Authority, Operation, Refusal, Sending

DEPARTURE = (events.VoiceStreamUnpublish, events.VoiceParticipantLeave)
"""One `voice_stream_unpublish` for each published stream, then `voice_participant_leave` (VOICE-3)."""
REMOVAL_COMPANIONS = (*DEPARTURE, events.PresenceUpdate)
REMOVAL_REMARK = "offline of an online member (SHOULD, PRES-6)"
DEPARTURE_REMARK = "departure of a voice participant (VOICE-5)"


class CreateGuild(Operation):
    name = "create_guild"
    method = "POST"
    path = "/guilds"
    sending = Sending.JSON
    result = shapes.Guild
    authority = Authority.ANY_USER
    refusals = (Refusal(403, "guild_creation_limit_reached"),)
    guild_name: str = Field(serialization_alias="name")
    visibility: str | None = None


class ListGuilds(Operation):
    name = "list_guilds"
    method = "GET"
    path = "/guilds"
    result = shapes.GuildList
    authority = Authority.ANY_USER


class ListPublicGuilds(Operation):
    name = "list_public_guilds"
    method = "GET"
    path = "/guilds/public"
    sending = Sending.QUERY
    result = shapes.GuildList
    authority = Authority.ANY_USER
    feature = Feature.DIRECTORY
    q: str | None = None
    limit: int | None = None


class UpdateGuild(Operation):
    name = "update_guild"
    method = "PATCH"
    path = "/guilds/{guild_id}"
    sending = Sending.JSON
    result = shapes.Guild
    authority = "manage_roles"
    feature = Feature.WORKSPACE_UPDATE
    causes = (events.WorkspaceUpdate,)
    guild_id: str
    guild_name: str | None = Field(None, serialization_alias="name")
    visibility: str | None = None


class JoinGuild(Operation):
    name = "join_guild"
    method = "POST"
    path = "/guilds/{guild_id}/join"
    result = shapes.JoinResult
    authority = Authority.ANY_USER
    feature = Feature.DIRECTORY
    causes = (events.WorkspaceMemberAdd,)
    companions = (events.WorkspaceRoleAssignmentAdd,)
    remark = "the assignment if a default join role is set (SHOULD, JOIN-4)"
    refusals = (
        Refusal(403, "directory_join_user_banned"),
        Refusal(403, "directory_join_ip_banned"),
    )
    guild_id: str


class LeaveGuild(Operation):
    name = "leave_guild"
    method = "POST"
    path = "/guilds/{guild_id}/leave"
    result = shapes.Accepted
    authority = Authority.MEMBER
    feature = Feature.MEMBERS_LEAVE
    causes = (events.WorkspaceMemberRemove,)
    companions = REMOVAL_COMPANIONS
    remark = REMOVAL_REMARK
    remark_since_2 = DEPARTURE_REMARK
    guild_id: str


class ReadAudit(Operation):
    name = "read_audit"
    method = "GET"
    path = "/guilds/{guild_id}/audit"
    sending = Sending.QUERY
    result = shapes.AuditPage
    authority = "view_audit_log"
    feature = Feature.AUDIT
    refusals = (Refusal(403, "audit_access_denied"),)
    guild_id: str
    limit: int | None = None
    cursor: str | None = None
    action_prefix: str | None = None
