"""Workspaces (contract 2.4; PATCH is feature `workspace.update`)."""

import re
from typing import Any

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import WorkspaceChanges, WorkspaceUpdate
from sync_check.conformance.contract.shapes import GuildList
from sync_check.conformance.contract.values import GuildVisibility, OptionalVisibility
from sync_check.reference_server.errors import GuildLimitReached, InvalidRequest
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.routes.caller import ThisCaller
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.text import OptionalText, Text

router = strict_router()

_PRINTABLE = re.compile(r"[ -~]+")


class NewGuild(Body):
    name: Text
    visibility: GuildVisibility = "private"


class GuildPatch(Body):
    name: OptionalText = None
    visibility: OptionalVisibility = None


def require_name(name: str, max_bytes: int) -> None:
    """Raise `InvalidRequest` unless a guild's or channel's name is printable ASCII of 1 to `max_bytes`."""
    if len(name) > max_bytes or not _PRINTABLE.fullmatch(name):
        raise InvalidRequest


@router.post("/guilds")
async def create_guild(body: NewGuild, caller: ThisCaller) -> shapes.Guild:
    backend, user = caller.backend, caller.user
    limits = backend.settings.limits
    require_name(body.name, limits.guild_name_bytes)
    if user.guilds_created >= limits.guilds_per_user:
        raise GuildLimitReached
    user.guilds_created += 1
    guild = backend.found_guild(owner_id=user.user_id, name=body.name, visibility=body.visibility)
    return guild.shape()


@router.get("/guilds")
async def list_guilds(caller: ThisCaller) -> GuildList:
    state = caller.backend.store
    own = list(state.guilds_of.get(caller.user_id, ()))[: caller.backend.settings.limits.listed_guilds]
    return GuildList(guilds=[state.guilds[guild_id].shape() for guild_id in own])


@router.patch("/guilds/{guild_id}")
async def update_guild(guild_id: str, body: GuildPatch, caller: ThisCaller) -> shapes.Guild:
    backend = caller.backend
    guild = caller.guild(guild_id, needs="manage_roles")
    if not body.model_fields_set:
        raise InvalidRequest
    if body.name is not None:
        require_name(body.name, backend.settings.limits.guild_name_bytes)
    changed = _changes(guild, body)
    if not changed:
        return guild.shape()
    guild.name = changed.get("name", guild.name)
    guild.visibility = changed.get("visibility", guild.visibility)
    event = WorkspaceUpdate(
        guild_id=guild.guild_id,
        updated_fields=WorkspaceChanges(**changed),
        updated_at_unix=backend.clock.unix(),
        actor_user_id=caller.user_id,
    )
    backend.fanout.to_guild(event, guild=guild, cause=caller.user_id)
    return guild.shape()


def _changes(guild: Guild, body: GuildPatch) -> dict[str, Any]:
    """The fields whose value changes (GUILD-4)."""
    wanted = {"name": body.name, "visibility": body.visibility}
    return {
        name: value for name, value in wanted.items() if value is not None and value != getattr(guild, name)
    }
