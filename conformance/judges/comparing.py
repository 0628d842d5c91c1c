"""How a check of an answer's values says what is wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.emissions import Disagreement, agrees, shown
from sync_check.conformance.model.world import World

Check = Callable[[World, Call, Any, Any], list[Disagreement]]
"""World, call, operation and answer to what the answer gets wrong in that world."""


def compared(requirement: str, wanted: Mapping[str, Any], told: Mapping[str, Any]) -> list[Disagreement]:
    """The members that say something else than `wanted`."""
    return [
        Disagreement(requirement=requirement, path=path, expected=shown(value), received=shown(told[path]))
        for path, value in wanted.items()
        if not agrees(path, told[path], value)
    ]


def listed(requirement: str, path: str, wanted: Sequence[Any], told: Sequence[Any]) -> list[Disagreement]:
    """Whether a list holds these items in this order."""
    if list(wanted) == list(told):
        return []
    return [Disagreement(requirement=requirement, path=path, expected=shown(wanted), received=shown(told))]


def unexpected(requirement: str, path: str) -> Disagreement:
    """An item that must not be there."""
    return Disagreement(requirement=requirement, path=path, expected="nothing", received=path)
