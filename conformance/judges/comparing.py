"""How a check of an answer's values says what is wrong."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.history import canonical
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.emissions import Disagreement, agrees, shown
from sync_check.conformance.model.world import Message, World

DEFAULT_LIMIT: Final = 20
"""Items of a page that nobody gave a limit; the list of members has another."""
_TOKENS: Final = "markdown_tokens"
Check = Callable[[World, Call, Any, Any], list[Disagreement]]
"""World, call, operation and answer to what the answer gets wrong in that world."""


def compared(requirement: str, wanted: Mapping[str, Any], told: Mapping[str, Any]) -> list[Disagreement]:
    """The members that say something else than `wanted`."""
    return [
        Disagreement(requirement=requirement, path=path, expected=shown(value), received=shown(told[path]))
        for path, value in wanted.items()
        if not agrees(path, told[path], value)
    ]


def compared_tokens(possible: Sequence[Message], told: Mapping[str, Any]) -> list[Disagreement]:
    """Whether the formatting of a message is as it was told with its content before (2.2).

    It may be as any of those: the message at different moments.
    """
    known = {message.tokens for message in possible}
    if None in known or not known or canonical(told[_TOKENS]) in known:
        return []
    return compared("DELIV-10", {_TOKENS: json.loads(possible[-1].tokens or "")}, told)


def listed(requirement: str, path: str, wanted: Sequence[Any], told: Sequence[Any]) -> list[Disagreement]:
    """Whether a list holds these items in this order."""
    if list(wanted) == list(told):
        return []
    return [Disagreement(requirement=requirement, path=path, expected=shown(wanted), received=shown(told))]


def unexpected(requirement: str, path: str) -> Disagreement:
    """An item that must not be there."""
    return Disagreement(requirement=requirement, path=path, expected="nothing", received=path)


def missing(requirement: str, path: str) -> Disagreement:
    """An item that must be there."""
    return Disagreement(requirement=requirement, path=path, expected=path, received="nothing")


def wrong_value(requirement: str, path: str, wanted: object, told: object) -> Disagreement:
    """A value that is none of those that it may be, described by `wanted`."""
    return Disagreement(requirement=requirement, path=path, expected=shown(wanted), received=shown(told))


def newest_first(path: str, times: Sequence[int]) -> list[Disagreement]:
    """Whether a list is ordered by descending times."""
    return listed("REST-1", f"{path} (newest first)", sorted(times, reverse=True), times)


def within_default(path: str, limit: int | None, count: int) -> list[Disagreement]:
    """Whether a page is within the limit that is in force without one."""
    if limit is not None or count <= DEFAULT_LIMIT:
        return []
    return [wrong_value("PAGE-2", path, f"at most {DEFAULT_LIMIT}", count)]
