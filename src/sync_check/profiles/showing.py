"""Every value of a profile, and where it came from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sync_check.profiles.declaring import in_migration
from sync_check.profiles.layers import Layered, keys_with_defaults

DEFAULT: Final = "default"
_FREE_TABLES: Final = ("headers", "secret_headers", "rename.paths", "rename.events", "rename.fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A key, its value as TOML would have it, and where it came from."""

    key: str
    value: str
    source: str


def shown(layered: Layered) -> Iterator[Shown]:
    """All keys in the order of the model; those of free tables follow."""
    values = layered.profile.model_dump(mode="json", by_alias=True)
    # Its default depends on the revision.
    values["migration_window"] = in_migration(layered.profile)
    for path, _ in keys_with_defaults():
        key = ".".join(path)
        yield Shown(key=key, value=_told(_at(values, path)), source=_source(layered.sources, key))
    for table in _FREE_TABLES:
        for name, value in _at(values, tuple(table.split("."))).items():
            key = f"{table}.{name}"
            source = _source(layered.sources, key)
            yield Shown(key=f"{table}.{_quoted(name)}", value=_told(value), source=source)
    for table, held in (("accounts", "admin"), ("target", "process")):
        for name, value in (values[table][held] or {}).items():
            key = f"{table}.{held}.{name}"
            yield Shown(key=key, value=_told(value), source=_source(layered.sources, key))


def _source(sources: Mapping[str, str], key: str) -> str:
    """Where a key came from: itself, the first of what is in it, or nowhere."""
    within = (source for known, source in sources.items() if known.startswith(f"{key}."))
    return sources.get(key) or next(within, DEFAULT)


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = values[name]
    return values


def _told(value: Any) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False)


def _quoted(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)
