"""What the answer to a search must hold (contract 2.5, SEARCH-1 and SEARCH-2).

How texts match is left to the server: letter case, word forms, misspellings. So which messages a query finds
is claimed only of a single random word, such as a canary: what holds it as a word of its own must be found,
and what does not hold it at all must not.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import compared, compared_tokens, listed, unexpected
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.values_of_content import Contents, WindowCheck
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.world import Message, World

_RANDOM_WORD: Final = re.compile(r"(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{12,}|sc[a-z0-9]{12}")
_DEFAULT_LIMIT: Final = 20


class _Found(NamedTuple):
    """A message in one world, its channel, and whether who searches may read it."""

    message: Message
    channel_id: str
    readable: bool


_Guild = Mapping[str, _Found]
"""The messages of a guild in one world, by id."""


def _messages(world: World, guild_id: str, viewer: str | None) -> _Guild:
    guild = world.guilds.get(guild_id)
    return {
        message_id: _Found(message, channel_id, may_access(guild, channel_id, viewer))
        for channel_id in (guild.channels if guild is not None else ())
        for message_id, message in world.messages_of(channel_id).items()
    }


def _states(worlds: Sequence[World], guild_id: str, viewer: str | None) -> list[_Guild]:
    """The different states of a guild's messages over a window."""
    different = {(id(world.messages), id(world.guilds.get(guild_id))): world for world in worlds}
    return [_messages(world, guild_id, viewer) for world in different.values()]


def _searched(
    worlds: Sequence[World], call: Call, asked: ops.Search, answer: shapes.SearchResult
) -> list[Disagreement]:
    guilds = _states(worlds, asked.guild_id, call.actor)
    contents = Contents(worlds, call.actor)
    ids = [message.message_id for message in answer.messages]
    wrong = listed("REST-1", "messages", answer.message_ids, ids)
    wrong += listed("PAGE-1", "message_ids", list(dict.fromkeys(ids)), ids)
    limit = _DEFAULT_LIMIT if asked.limit is None else asked.limit
    wrong += [unexpected("PAGE-2", f"messages[{message_id}]") for message_id in ids[limit:]]
    for message in answer.messages:
        known = [guild[message.message_id] for guild in guilds if message.message_id in guild]
        wrong += _wrong_message(asked, message, known)
        if known:
            wrong += contents.wrong(message)
    return wrong + [
        Disagreement(requirement="SEARCH-2", path="messages", expected=message_id, received="nothing of it")
        for message_id in _owed(guilds, asked, limit)
        if message_id not in ids
    ]


def _wrong_message(asked: ops.Search, message: shapes.Message, known: Sequence[_Found]) -> list[Disagreement]:
    """What is wrong with one result; `known` is what the model knows of it, in the worlds that have it."""
    path = f"messages[{message.message_id}]"
    if not known:
        return [unexpected("SEARCH-2", path)]
    if not any(found.readable for found in known):
        return [unexpected("SEARCH-1", path)]
    if asked.channel_id not in (None, known[-1].channel_id):
        return [unexpected("SEARCH-1", path)]
    wrong = compared(
        "DELIV-10",
        {
            "guild_id": asked.guild_id,
            "channel_id": known[-1].channel_id,
            "author_id": known[-1].message.author_id,
            "created_at_unix": known[-1].message.created_at_unix,
        },
        message.wire(),
    )
    texts = {found.message.content for found in known}
    if message.content not in texts:
        wrong += compared("SEARCH-2", {"content": known[-1].message.content}, message.wire())
        return wrong
    wrong += compared_tokens(
        [found.message for found in known if found.message.content == message.content], message.wire()
    )
    if _is_random_word(asked.q) and not any(asked.q in text.casefold() for text in texts):
        wrong.append(unexpected("SEARCH-2", path))
    return wrong


def _is_random_word(query: str) -> bool:
    return _RANDOM_WORD.fullmatch(query) is not None


def _owed(guilds: Sequence[_Guild], asked: ops.Search, limit: int) -> list[str]:
    """The messages that must be found; none where there is no telling, or more may be found than fit."""
    if not _is_random_word(asked.q):
        return []
    possible = {key for guild in guilds for key, found in guild.items() if _may_be_found(found, asked)}
    if len(possible) > limit:
        return []
    return sorted(key for key in possible if all(_must_be_found(guild.get(key), asked) for guild in guilds))


def _may_be_found(found: _Found, asked: ops.Search) -> bool:
    return found.readable and asked.q in found.message.content.casefold()


def _must_be_found(found: _Found | None, asked: ops.Search) -> bool:
    if found is None or not found.readable or asked.channel_id not in (None, found.channel_id):
        return False
    return asked.q in found.message.content.split()


def kept_by_search(worlds: Sequence[World], call: Call, asked: ops.Search) -> list[str]:
    """What a right answer was seen to keep: it found what it must, and left out what is hidden."""
    guilds = _states(worlds, asked.guild_id, call.actor)
    kept = []
    if _owed(guilds, asked, _DEFAULT_LIMIT if asked.limit is None else asked.limit):
        kept.append("SEARCH-2")
    if _is_random_word(asked.q) and all(_hides_one(guild, asked) for guild in guilds):
        kept.append("SEARCH-1")
    return kept


def _hides_one(guild: _Guild, asked: ops.Search) -> bool:
    return any(not found.readable and asked.q in found.message.content.split() for found in guild.values())


CHECKS: Final[Mapping[type[ops.Operation], WindowCheck]] = {ops.Search: _searched}
