"""What the rules of members, bans and roles share: who is refused, and what the gateway says of a member."""

from collections.abc import Hashable
from typing import Any

from sync_check.conformance.contract import events
from sync_check.conformance.contract.permissions import MODERATOR, Permission
from sync_check.conformance.model.access import guild_permissions
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.transitions import (
    Expectation,
    Situation,
    refused_malformed,
    refused_outsider,
    refused_unless,
)
from sync_check.conformance.model.world import Guild


def refused_without(situation: Situation, guild_id: str, permission: Permission) -> Expectation | None:
    """The refusal of whoever is no member, or lacks a guild-level permission (REST-5, REST-6)."""
    outsider = refused_outsider(situation, guild_id)
    if outsider is not None:
        return outsider
    held = guild_permissions(situation.world.guilds[guild_id], situation.actor)
    return refused_unless(permission in held, 403, "REST-6")


def refused_unknown(known: bool, user_id: str, requirement: str) -> Expectation | None:
    """The 404 for a user who does not exist, or is not in the guild."""
    # The contract names no order between a missing permission and an unknown user.
    return refused_malformed(user_id) or refused_unless(known, 404, requirement)


def membership_event(
    event: type[events.Event], standing: Standing, guild_id: str, user_id: str, **details: Any
) -> Emission:
    """The emission of an event about a user's membership; `details` are further fields of it."""
    return Emission(
        event=event,
        standing=standing,
        identity={"guild_id": guild_id, "user_id": user_id},
        guild_id=guild_id,
        subject=user_id,
        **details,
    )


def membership(guild_id: str, user_id: str) -> Hashable:
    """What joining, adding, and any end of a membership set (`Emission.sets`)."""
    return "membership", guild_id, user_id


def assignment_event(
    event: type[events.Event],
    standing: Standing,
    guild_id: str,
    user_id: str,
    role_id: str | None,
    *,
    owed_by: str | None = None,
) -> Emission:
    """The emission of an assignment's event; `role_id` is None where no answer has told it."""
    identity = {"guild_id": guild_id, "user_id": user_id}
    return Emission(
        event=event,
        standing=standing,
        identity=identity if role_id is None else {**identity, "role_id": role_id},
        guild_id=guild_id,
        subject=user_id,
        unless_changed="ROLE-8",
        owed_by=owed_by,
        sets=("assignment", guild_id, user_id, role_id),
    )


def moderator_id(guild: Guild) -> str | None:
    """The id of the seed role `moderator`, if it still exists and an answer has told it."""
    role = guild.roles.get(MODERATOR.name)
    return None if role is None else role.role_id
