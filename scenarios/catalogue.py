"""All scenarios, and how ids, families and globs select from them."""

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from sync_check.harness.scenario import Scenario, Tier
from sync_check.scenarios import (
    attachments,
    audit,
    auth,
    channels,
    directory,
    faults,
    friends,
    gateway,
    ip_bans,
    limits,
    members,
    messages,
    moderation,
    overrides,
    presence,
    profile,
    reactions,
    restart,
    roles,
    search,
    slow_consumer,
    voice,
    wire,
    workspace,
)
from sync_check.scenarios.registry import REGISTERED

FAMILIES: Final = (
    messages,
    reactions,
    attachments,
    gateway,
    search,
    workspace,
    channels,
    members,
    moderation,
    directory,
    presence,
    voice,
    ip_bans,
    audit,
    roles,
    overrides,
    profile,
    friends,
    faults,
    wire,
    limits,
    slow_consumer,
    auth,
    restart,
)
"""Importing a family's module registers its scenarios; the order is that of the plan's phases.

A restart comes last: it ends the connections of those who listen until the run ends.
"""
_NEAREST: Final = 3


class UnknownScenario(LookupError):
    """No scenario is selected by `pattern`; `nearest` are ids that look like it."""

    def __init__(self, pattern: str, nearest: tuple[str, ...]) -> None:
        super().__init__(pattern, nearest)
        self.pattern = pattern
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; did you mean {', '.join(self.nearest)}?" if self.nearest else ""
        return f"there is no scenario {self.pattern!r}{hint} (`sync-check list` shows all)"


class NothingInTier(LookupError):
    """All scenarios that `pattern` names are of another tier than `tier` plays."""

    def __init__(self, pattern: str, tier: Tier) -> None:
        super().__init__(pattern, tier)
        self.pattern = pattern
        self.tier = tier

    def __str__(self) -> str:
        return (
            f"no scenario of {self.pattern!r} is of tier {self.tier}: add --tier {Tier.NIGHTLY},"
            " or name one by its id (`sync-check list` shows the tiers)"
        )


def catalogue() -> tuple[Scenario, ...]:
    """All scenarios, family by family, each in the order of its file."""
    families = [family.__name__.rpartition(".")[2] for family in FAMILIES]
    return tuple(sorted(REGISTERED.values(), key=lambda one: families.index(one.family)))


def select(patterns: Iterable[str], tier: Tier = Tier.NIGHTLY) -> tuple[Scenario, ...]:
    """The scenarios that any of `patterns` (an id, a family, a glob) names, all without one, in order.

    Families and globs name what a run of `tier` plays; an id names its scenario, whatever the tier.
    Raises `UnknownScenario` for a pattern that names none, `NothingInTier` for one that names none of these.
    """
    chosen: set[str] = set()
    for pattern in tuple(patterns) or ("*",):
        named = [one for one in catalogue() if _names(pattern, one)]
        if not named:
            raise UnknownScenario(pattern, _nearest(pattern))
        played = {one.id for one in named if one.tier in tier.tiers or one.id == pattern}
        if not played:
            raise NothingInTier(pattern, tier)
        chosen |= played
    return tuple(one for one in catalogue() if one.id in chosen)


def _names(pattern: str, one: Scenario) -> bool:
    return pattern == one.family or fnmatchcase(one.id, pattern)


def _nearest(pattern: str) -> tuple[str, ...]:
    ids = [one.id for one in catalogue()]
    names = [*ids, *dict.fromkeys(one.family for one in catalogue())]
    return tuple(difflib.get_close_matches(pattern, names, n=_NEAREST, cutoff=0.4))
