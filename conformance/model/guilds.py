"""Guilds in the model: create, rename, list (contract 2.4)."""

from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.operations import (
    CreateGuild,
    ListGuilds,
    UpdateGuild,
)
from sync_check.conformance.contract.slices import WORKSPACES
from sync_check.conformance.model.access import guild_permissions
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Guild

_VISIBILITIES: Final = ("private", "public")


def refused_name(name: str | None, most: int) -> Expectation | None:
    """The refusal of a name that no guild and no channel may have."""
    if name is None:
        return None
    fits = 0 < len(name) <= most and name.isascii() and name.isprintable()
    return refused_unless(fits, 400, "REST-4")


def refused_choice(value: str | None, choices: tuple[str, ...]) -> Expectation | None:
    """The refusal of a value that is none of an enum's (REST-3)."""
    return refused_unless(value is None or value in choices, 422, "REST-3")


# --- guilds


def _expect_create_guild(situation: Situation, operation: CreateGuild) -> Expectation:
    owned = sum(
        guild.members.get(situation.actor or "") == "owner" for guild in situation.world.guilds.values()
    )
    return success_unless(
        expected(200),
        refused_unless(owned < situation.limits.guilds_per_user, 403, "LIMIT-1"),
        refused_name(operation.guild_name, situation.limits.guild_name_bytes),
        refused_choice(operation.visibility, _VISIBILITIES),
    )


def _create_guild(situation: Situation, operation: CreateGuild) -> Effect:
    if not situation.happened:
        return Effect(world=situation.world)
    answer = situation.answer
    if not isinstance(answer, shapes.Guild) or situation.actor is None:
        return Effect(world=None)
    guild = Guild(
        guild_id=answer.guild_id,
        name=operation.guild_name,
        visibility="public" if operation.visibility == "public" else "private",
        members={situation.actor: "owner"},
    )
    return Effect(world=situation.world.with_guild(guild), touched=((WORKSPACES, guild.guild_id),))


def _expect_update_guild(situation: Situation, operation: UpdateGuild) -> Expectation:
    guild = situation.world.guilds.get(operation.guild_id)
    permitted = "manage_roles" in guild_permissions(guild, situation.actor)
    return success_unless(
        expected(200),
        refused_outsider(situation, operation.guild_id) or refused_unless(permitted, 403, "REST-6"),
        refused_name(operation.guild_name, situation.limits.guild_name_bytes),
        refused_choice(operation.visibility, _VISIBILITIES),
        refused_unless(operation.guild_name is not None or operation.visibility is not None, 400, "REST-4"),
    )


def _update_guild(situation: Situation, operation: UpdateGuild) -> Effect:
    guild = situation.world.guilds.get(operation.guild_id)
    asked = {"name": operation.guild_name, "visibility": operation.visibility}
    given = {name: value for name, value in asked.items() if value is not None}
    if guild is None:
        world = None if situation.happened else situation.world
        return Effect(world=world, emissions=(_guild_updated(situation.standing, operation, given),))
    changes: dict[str, Any] = {name: value for name, value in given.items() if getattr(guild, name) != value}
    if not situation.happened:
        return Effect(
            world=situation.world, emissions=(_guild_updated(situation.standing, operation, given),)
        )
    standing = Standing.DUE if changes else Standing.NO_OP
    return Effect(
        world=situation.world.with_guild(replace(guild, **changes)) if changes else situation.world,
        emissions=(_guild_updated(standing, operation, changes or given),),
        touched=((WORKSPACES, guild.guild_id),) if changes else (),
    )


def _guild_updated(standing: Standing, operation: UpdateGuild, changes: dict[str, Any]) -> Emission:
    identity = {"guild_id": operation.guild_id}
    if standing in (Standing.REFUSED, Standing.OPTIONAL):
        identity |= {f"updated_fields.{name}": value for name, value in changes.items()}
    return Emission(
        event=events.WorkspaceUpdate,
        standing=standing,
        identity=identity,
        updated=changes,
        surplus="GUILD-4",
        unless_changed="GUILD-4",
        guild_id=operation.guild_id,
    )


def _expect_any(_situation: Situation, _operation: ListGuilds) -> Expectation:
    return expected(200)


rule(CreateGuild, _expect_create_guild, _create_guild)
rule(ListGuilds, _expect_any)
rule(UpdateGuild, _expect_update_guild, _update_guild)
