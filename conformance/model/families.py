"""Loads every family of operations, so that each has its rule."""

from functools import lru_cache
from typing import Final

from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.model import (
    assignments,
    attachments,
    channels,
    directory,
    friends,
    guilds,
    images,
    ip_bans,
    members,
    messages,
    overrides,
    people,
    reactions,
    removals,
    roles,
    search,
    voice,
    voice_states,
)
from sync_check.conformance.model.transitions import RULES, Rule

FAMILIES: Final = (
    people,
    images,
    friends,
    guilds,
    channels,
    overrides,
    members,
    removals,
    ip_bans,
    directory,
    roles,
    assignments,
    messages,
    reactions,
    attachments,
    search,
    voice,
    voice_states,
)


@lru_cache(maxsize=1024)
def rule_of(name: str) -> Rule | None:
    """The rule of the operation called `name`; None for one that the model does not know."""
    operation = OPERATIONS.get(name)
    return None if operation is None else RULES.get(operation)
