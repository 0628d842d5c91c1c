"""What the list of public guilds may hold (contract 2.4, GUILD-3)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import DEFAULT_LIMIT, listed, unexpected, wrong_value
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.values_of_content import WindowCheck
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.world import Guild, World

_WILDCARDS: Final = frozenset("%_*?\\")
"""Characters that a server should take literally, and may not."""


def _public(
    worlds: Sequence[World], _call: Call, asked: ops.ListPublicGuilds, answer: shapes.GuildList
) -> list[Disagreement]:
    limit = DEFAULT_LIMIT if asked.limit is None else asked.limit
    ids = [guild.guild_id for guild in answer.guilds]
    wrong = listed("PAGE-1", "guilds", list(dict.fromkeys(ids)), ids)
    wrong += [unexpected("PAGE-2", f"guilds[{guild_id}]") for guild_id in ids[limit:]]
    for told in answer.guilds:
        known = [world.guilds[told.guild_id] for world in worlds if told.guild_id in world.guilds]
        wrong += _wrong_guild(told, known, asked.q or "")
    return wrong


def _wrong_guild(told: shapes.Guild, known: Sequence[Guild], query: str) -> list[Disagreement]:
    """What is wrong with one entry; of a guild that the run did not make only what it says itself."""
    path = f"guilds[{told.guild_id}]"
    if told.visibility != "public" or (known and all(guild.visibility != "public" for guild in known)):
        return [unexpected("GUILD-3", f"{path}, which is private")]
    names = {guild.name for guild in known}
    if names and told.name not in names:
        return [wrong_value("DELIV-10", f"{path}.name", sorted(names)[0], told.name)]
    return [] if _contains(told.name, query) else [unexpected("GUILD-3", f"{path}, called {told.name!r}")]


def _contains(name: str, query: str) -> bool:
    return not _WILDCARDS.isdisjoint(query) or query.lower() in name.lower()


def kept_by_list(worlds: Sequence[World], call: Call, asked: ops.ListPublicGuilds) -> list[str]:
    """GUILD-3 is witnessed by a list that holds a guild of the run while another one must be left out."""
    answer = read_result(ops.ListPublicGuilds, call.body).value
    if not isinstance(answer, shapes.GuildList):
        return []
    told = {guild.guild_id for guild in answer.guilds}
    held = any(guild_id in world.guilds for world in worlds for guild_id in told)
    left_out = any(
        # Each of the two conditions alone keeps somebody out.
        _contains(guild.name, asked.q or "") is (guild.visibility == "private")
        for guild in worlds[-1].guilds.values()
        if guild.guild_id not in told
    )
    return ["GUILD-3"] if held and left_out else []


CHECKS: Final[Mapping[type[ops.Operation], WindowCheck]] = {ops.ListPublicGuilds: _public}
KEPT: Final[Mapping[type[ops.Operation], Any]] = {ops.ListPublicGuilds: kept_by_list}
