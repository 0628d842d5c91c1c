"""What a change of the contract breaks: it only ever grows, and only under a new number (COMPAT-1)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sync_check.conformance.contract.export.data import Data

_TABLES: Final = {
    "events": "event",
    "commands": "command",
    "operations": "operation",
    "triggers": "trigger",
    "requirements": "requirement",
    "limits": "limit",
    "seed_roles": "seed role",
    "legacy_ranks": "legacy rank",
}
_LISTS: Final = ("features", "permissions")
_VALUES: Final = ("envelope", "gateway_path")
_GROWING: Final = frozenset(("permissions",))
"""Lists inside an entry that a later revision may add to."""
_FIELDS: Final = {
    "fields": "field",
    "path_fields": "path field",
    "query_fields": "query field",
    "body_fields": "body field",
    "result": "result field",
}
_PLANNED: Final = frozenset(("section", "phase"))
"""What of a requirement says where it stands, not what it means."""
_TOLD: Final = ("causes", "companions")
_NEEDS_NUMBER: Final = "which needs a new revision number"


def differences(frozen: Data, current: Data) -> list[str]:
    """What `current` does that `frozen` does not allow, a sentence each; empty if nothing.

    Both are what `as_data` gives. Under the same revision number nothing may differ. Under a later one
    entries and optional fields may be added, and whatever was published stays as it is. An operation goes on
    to tell what it told, if only in some cases (EVT-5 renames an event so).
    """
    if current["revision"] < frozen["revision"]:
        return [f"revision {current['revision']} is older than the frozen revision {frozen['revision']}"]
    may_grow = current["revision"] > frozen["revision"]
    return [
        *_values(frozen, current),
        *(fault for key in _LISTS for fault in _list(f"the {key}", frozen[key], current[key], may_grow)),
        *(
            fault
            for key, noun in _TABLES.items()
            for fault in _table(noun, frozen[key], current[key], may_grow)
        ),
    ]


def _values(frozen: Data, current: Data) -> Iterator[str]:
    for key in _VALUES:
        if frozen[key] != current[key]:
            yield _changed(f"the {key.replace('_', ' ')}", frozen[key], current[key])


def _table(noun: str, old: Data, new: Data, may_grow: bool) -> Iterator[str]:
    for name in old:
        if name not in new:
            yield f"{noun} {name} was removed"
        else:
            yield from _entry(f"{noun} {name}", old[name], new[name], may_grow)
    if not may_grow:
        yield from (f"{noun} {name} was added, {_NEEDS_NUMBER}" for name in new if name not in old)


def _entry(what: str, old: Any, new: Any, may_grow: bool) -> Iterator[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield _changed(what, old, new)
        return
    for key in (key for key in dict.fromkeys((*old, *new)) if not (may_grow and key in _PLANNED)):
        before, after = old.get(key, ()), new.get(key, ())
        if key in _FIELDS and isinstance(before, dict) and isinstance(after, dict):
            yield from _fields(f"{_FIELDS[key]} %s of {what}", before, after, may_grow)
        elif key in _TOLD and may_grow:
            yield from _told(what, before, [*new.get("causes", ()), *new.get("companions", ())])
        elif key == "refusals":
            yield from _refusals(what, before, after, may_grow)
        elif key in _GROWING:
            yield from _list(f"{key} of {what}", before, after, may_grow)
        elif before != after:
            yield _changed(f"{key} of {what}", before, after)


def _fields(what: str, old: Data, new: Data, may_grow: bool) -> Iterator[str]:
    for path, field in old.items():
        if path not in new:
            yield f"{what % path} was removed"
        else:
            yield from _field(what % path, field, new[path])
    for path in (path for path in new if path not in old):
        if new[path]["required"] and _parent(path) not in new.keys() - old.keys():
            yield f"{what % path} was added as required; what is new must be optional"
        elif not may_grow:
            yield f"{what % path} was added, {_NEEDS_NUMBER}"


def _refusals(what: str, old: Data, new: Data, may_grow: bool) -> Iterator[str]:
    for status, codes in old.items():
        if status not in new:
            yield f"status {status} of {what} was removed"
        else:
            yield from _list(f"codes of status {status} of {what}", codes, new[status], may_grow)
    if not may_grow:
        added = (status for status in new if status not in old)
        yield from (f"status {status} of {what} was added, {_NEEDS_NUMBER}" for status in added)


def _field(what: str, old: Data, new: Data) -> Iterator[str]:
    if old["required"] != new["required"]:
        yield f"{what} was made {'required' if new['required'] else 'optional'}"
    for key in ("type", "enum"):
        if old.get(key) != new.get(key):
            yield _changed(f"{key} of {what}", old.get(key), new.get(key))


def _parent(path: str) -> str:
    return path.rpartition(".")[0].removesuffix("[]")


def _told(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for name in old:
        if name not in new:
            yield f"{what} no longer tells {name}"


def _list(what: str, old: Sequence[str], new: Sequence[str], may_grow: bool) -> Iterator[str]:
    kept = [name for name in new if name in old]
    if kept != list(old) or (len(new) > len(kept) and not may_grow):
        yield _changed(what, old, new)


def _changed(what: str, old: Any, new: Any) -> str:
    return f"{what} changed from {old!r} to {new!r}"
