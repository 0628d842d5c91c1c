"""How two JSON values differ: paths with both sides, list entries told apart by their ids."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sync_check.conformance.model.emissions import same, shown

_ID_MEMBERS: Final = ("message_id", "channel_id", "role_id")


class Difference(NamedTuple):
    """A place where two values differ; `entity` is the id of the list entry or object member it lies in."""

    path: str
    entity: str | None
    left: str
    right: str


def differences(left: Any, right: Any, most: int = 5) -> list[Difference]:
    """The first few differences of two slices."""
    return list(islice(_compare(left, right, "$", None), most))


def _compare(left: Any, right: Any, path: str, entity: str | None) -> Iterator[Difference]:
    if same(left, right):
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        yield from _members(left, right, path, entity)
    elif isinstance(left, list) and isinstance(right, list):
        yield from _entries(left, right, path)
    else:
        yield Difference(path, entity, shown(left), shown(right))


def _members(
    left: Mapping[str, Any], right: Mapping[str, Any], path: str, entity: str | None
) -> Iterator[Difference]:
    for key in sorted(left.keys() | right.keys()):
        inner = entity or (key if path == "$" else None)
        if key not in left or key not in right:
            yield Difference(f"{path}.{key}", inner, _side(left, key), _side(right, key))
        else:
            yield from _compare(left[key], right[key], f"{path}.{key}", inner)


def _entries(left: Sequence[Any], right: Sequence[Any], path: str) -> Iterator[Difference]:
    ours, theirs = _by_id(left), _by_id(right)
    if len(ours) != len(left) or len(theirs) != len(right):
        yield Difference(path, None, shown(left), shown(right))
        return
    for entity in dict.fromkeys((*ours, *theirs)):
        where = f"{path}[{entity}]"
        if entity not in ours or entity not in theirs:
            yield Difference(where, entity, _side(ours, entity), _side(theirs, entity))
        else:
            yield from _compare(ours[entity], theirs[entity], where, entity)
    if list(ours) != list(theirs) and ours.keys() == theirs.keys():
        yield Difference(f"{path} (order)", None, shown(list(ours)), shown(list(theirs)))


def _by_id(entries: Sequence[Any]) -> dict[str, Any]:
    """The entries by id; fewer than there are if one has none or two share one."""
    found = {}
    for entry in entries:
        named = entry
        if isinstance(entry, Mapping):
            named = next((entry[member] for member in _ID_MEMBERS if member in entry), None)
        if isinstance(named, str):
            found[named] = entry
    return found


def _side(side: Mapping[str, Any], key: str) -> str:
    return shown(side[key]) if key in side else "nothing"
