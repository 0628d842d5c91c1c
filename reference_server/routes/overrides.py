"""Channel overrides in both forms (contract 2.4, features `overrides.role` and `overrides.permission`)."""

from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.events import (
    Event,
    OverrideChanges,
    WorkspaceChannelOverrideUpdate,
    WorkspaceChannelPermissionOverrideUpdate,
    WorkspaceChannelRoleOverrideUpdate,
)
from sync_check.conformance.contract.permissions import ROLE_OF_LEGACY, Permission
from sync_check.conformance.contract.shapes import Accepted
from sync_check.conformance.contract.values import LegacyRole, OverrideTargetKind
from sync_check.reference_server import access, auditing, membership
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound
from sync_check.reference_server.guild import Channel, Guild, Override, in_canonical_order
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.settings import Revision

router = strict_router()

_ACCEPTED: Final = Accepted(accepted=True)
_CHANNEL: Final = "/guilds/{guild_id}/channels/{channel_id}"


class NewOverride(Body):
    allow: list[Permission]
    deny: list[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Whose override is written: `target_id` is stored, `named` is how the events of this form say it."""

    target_id: str
    named: dict[str, str]
    event: type[Event]
    action: str


@router.post(_CHANNEL + "/overrides/{role}")
async def override_role(
    guild_id: str, channel_id: str, role: LegacyRole, body: NewOverride, caller: ThisCaller
) -> Accepted:
    """Override a legacy role: the permission form aimed at the seed role of that name (OVR-4)."""
    guild = caller.content(guild_id)
    channel = guild.channels.get(channel_id)
    if channel is None:
        raise NotFound
    if not access.is_owner(guild, caller.user_id):
        raise Forbidden
    target = _Target(
        target_id=guild.seed_role(ROLE_OF_LEGACY[role]).role_id,
        named={"role": role},
        event=WorkspaceChannelRoleOverrideUpdate,
        action="channel.override.update",
    )
    return _put(caller, guild, channel, target, body)


@router.post(_CHANNEL + "/permission-overrides/{target_kind}/{target_id}")
async def override_permissions(
    guild_id: str,
    channel_id: str,
    target_kind: OverrideTargetKind,
    target_id: str,
    body: NewOverride,
    caller: ThisCaller,
) -> Accepted:
    """Override one role or one member, which must exist in the guild (OVR-6)."""
    guild = caller.content(guild_id)
    channel = caller.managed_channel(guild, channel_id)
    known = target_id in guild.roles if target_kind == "role" else well_formed(target_id) in guild.members
    if not known:
        raise NotFound
    target = _Target(
        target_id=target_id,
        named={"target_kind": target_kind, "target_id": target_id},
        event=WorkspaceChannelPermissionOverrideUpdate,
        action="channel.permission_override.update",
    )
    return _put(caller, guild, channel, target, body)


def _put(caller: Caller, guild: Guild, channel: Channel, target: _Target, body: NewOverride) -> Accepted:
    """Replace the target's override, tell who has access before or after, end what is lost (OVR-1, OVR-3).

    Raises `InvalidRequest` for a permission in both lists (OVR-2), and `Forbidden` where the caller would
    allow what the caller may not do in this channel (PERM-ESC-2).
    """
    backend = caller.backend
    override = Override(allow=frozenset(body.allow), deny=frozenset(body.deny))
    if override.allow & override.deny:
        raise InvalidRequest
    if not override.allow <= access.in_channel(guild, channel, caller.user_id):
        raise Forbidden
    if override == channel.overrides.get(target.target_id, Override()):
        return _ACCEPTED
    before = backend.fanout.readers(guild, channel)
    channel.override(target.target_id, override)
    auditing.record(backend, guild, target.action, actor_id=caller.user_id)
    for event in _events(caller, guild, channel, target, override):
        backend.fanout.to_guild(
            event,
            guild=guild,
            cause=caller.user_id,
            seen_by=lambda user_id: user_id in before or access.can_read(guild, channel, user_id),
        )
    membership.access_changed(backend, guild)
    return _ACCEPTED


def _events(
    caller: Caller, guild: Guild, channel: Channel, target: _Target, override: Override
) -> list[Event]:
    """The announcement under each name that the server's revision has for it (EVT-5, 10.2)."""
    told: dict[str, Any] = {
        "guild_id": guild.guild_id,
        "channel_id": channel.channel_id,
        **target.named,
        "updated_fields": OverrideChanges(
            allow=in_canonical_order(override.allow), deny=in_canonical_order(override.deny)
        ),
        "updated_at_unix": caller.backend.clock.unix(),
        "actor_user_id": caller.user_id,
    }
    by_revision: dict[Revision, tuple[type[Event], ...]] = {
        Revision.ONE: (WorkspaceChannelOverrideUpdate,),
        Revision.TWO: (target.event,),
        Revision.BOTH: (target.event, WorkspaceChannelOverrideUpdate),
    }
    return [event(**told) for event in by_revision[caller.backend.settings.revision]]
