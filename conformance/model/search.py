"""Search in the model: find messages, rebuild and reconcile the index (contract 2.5).

None of them changes what a client knows. What a search finds is judged with the answers: the contract leaves
open how texts match, so more than statuses is claimed only of words that no text holds by chance.
"""

import re
from typing import Final

from sync_check.conformance.contract.operations import RebuildSearch, ReconcileSearch, Search
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.membership import refused_without
from sync_check.conformance.model.transitions import (
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    success_unless,
)

_WORDS: Final = re.compile(r"\w+")


def _refused_query(query: str, characters: int, terms: int) -> Expectation | None:
    sound = 1 <= len(query) <= characters and len(query.split()) <= terms and ":" not in query
    if not sound:
        return expected(400, requirement="REST-4")
    # What parts two terms is left open, and so is what a query without any finds.
    doubtful = not query.split() or len(_WORDS.findall(query)) > terms or not _WORDS.search(query)
    return expected(200, 400, requirement="REST-4") if doubtful else None


def _refused_channel(situation: Situation, operation: Search) -> Expectation | None:
    """An unknown or hidden channel may be refused."""
    channel_id = operation.channel_id
    if channel_id is None:
        return None
    guild = situation.world.guilds.get(operation.guild_id)
    if may_access(guild, channel_id, situation.actor):
        return None
    malformed = () if ULID_PATTERN.fullmatch(channel_id) else (400,)
    return expected(200, 403, *malformed, requirement="SEARCH-1")


def _expect_search(situation: Situation, operation: Search) -> Expectation:
    limits = situation.limits
    limit = 1 if operation.limit is None else operation.limit
    return success_unless(
        expected(200),
        refused_without(situation, operation.guild_id, "create_message"),
        _refused_query(operation.q, limits.search_characters, limits.search_terms),
        refused_unless(1 <= limit <= limits.search_page, 400, "REST-4"),
        _refused_channel(situation, operation),
    )


def _expect_rebuild(situation: Situation, operation: RebuildSearch) -> Expectation:
    return success_unless(
        expected(204), refused_without(situation, operation.guild_id, "manage_workspace_roles")
    )


def _expect_reconcile(situation: Situation, operation: ReconcileSearch) -> Expectation:
    return success_unless(
        expected(200), refused_without(situation, operation.guild_id, "manage_workspace_roles")
    )


rule(Search, _expect_search)
rule(RebuildSearch, _expect_rebuild)
rule(ReconcileSearch, _expect_reconcile)
