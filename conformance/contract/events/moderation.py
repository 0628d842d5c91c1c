"""Channel overrides under both namings (EVT-5), and IP bans."""

from typing import Annotated, Literal

from pydantic import model_validator

from sync_check.conformance.contract.events.event import GuildEvent, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import (
    Count,
    LegacyRole,
    NotNull,
    OptionalUlid,
    OverrideTargetKind,
    Ulid,
    UnixTime,
    WireModel,
)


class OverrideChanges(WireModel):
    allow: list[Permission]
    deny: list[Permission]


class _OverrideEvent(GuildEvent):
    visibility = Visibility.ACCESS_SHOULD
    channel_id: Ulid
    updated_fields: OverrideChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class WorkspaceChannelOverrideUpdate(_OverrideEvent):
    name = "workspace_channel_override_update"
    feature = Feature.OVERRIDES_ROLE
    shared_with = (Feature.OVERRIDES_PERMISSION,)
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


class WorkspaceIpBanSync(GuildEvent):
    name = "workspace_ip_ban_sync"
    visibility = Visibility.IP_BAN_MANAGERS
    feature = Feature.IP_BANS
    summary: IpBanSummary
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None
