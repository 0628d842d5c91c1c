"""A profile of what a probe saw, each value with why, and what it could not see as a comment."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sync_check.conformance.contract.limits import Limits
from sync_check.probing.sights import Sight
from sync_check.probing.survey import Survey
from sync_check.profiles import Profile
from sync_check.profiles.layers import for_file
from sync_check.reports.visible import visible

_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_HERE: Final = Path("sync-check.toml")
_PROXY: Final = "# trusts_proxy = false  # not seen: shows only by a ban of addresses"


def profile_text(survey: Survey, given: Profile | None = None, path: Path = _HERE) -> str:
    """The TOML of a profile: what was `given` to the probe, and what it saw, which wins.

    It is for a file at `path`, whose folder is what the paths in it are relative to.
    """
    values = {} if given is None else given.model_dump(mode="json", by_alias=True, exclude_unset=True)
    values = for_file(values, path)
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    plain = {name: value for name, value in values.items() if name not in tables}
    for name in ("url", "features", "absent", "revision", "migration_window"):
        plain.pop(name, None)
    lines = [
        f"# The profile of {survey.url} as `sync-check probe` saw it, by {survey.calls} calls.",
        "# What it could not see is commented out, with the value that holds without it. See `profile init`",
        "# for every key that there is.",
        "",
        f"url = {_value(survey.url)}",
        *(f"{_key(name)} = {_value(value)}" for name, value in plain.items()),
        "",
        *_features(survey),
        "",
        _line("revision", survey.revision, 2),
        *([_line("migration_window", survey.window, True)] if survey.revision.value != 1 else []),
        *([] if "trusts_proxy" in plain else ["", _PROXY]),
        "",
        "[limits]",
        *_limits(survey, tables.pop("limits", {})),
        "",
        "[metrics]",
        _line("prefix", survey.prefix, ""),
        *(
            f"{name} = {_value(value)}"
            for name, value in tables.pop("metrics", {}).items()
            if name != "prefix"
        ),
        *(line for name, table in tables.items() for line in _table(name, table)),
    ]
    return "\n".join(lines) + "\n"


def _features(survey: Survey) -> Iterator[str]:
    absent = {feature: sight for feature, sight in survey.features.items() if sight.value is False}
    for feature, sight in absent.items():
        yield visible(f"# {feature}: {sight.why}")
    yield f"absent = {_value([str(feature) for feature in absent])}"
    for feature, sight in survey.features.items():
        if not sight.is_seen:
            yield visible(f"# {feature} could not be seen and is taken to be there: {sight.why}")


def _limits(survey: Survey, given: Mapping[str, Any]) -> Iterator[str]:
    for name, sight in survey.limits.items():
        if not sight.is_seen and name in given:
            yield f"{name} = {_value(given[name])}"
        else:
            yield _line(name, sight, Limits.model_fields[name].default)


def _line(key: str, sight: Sight, default: Any) -> str:
    if sight.is_seen:
        return visible(f"{key} = {_value(sight.value)}" + (f"  # {sight.why}" if sight.why else ""))
    return visible(f"# {key} = {_value(default)}  # not seen: {sight.why}")


def _table(name: str, table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    path = f"{before}{_key(name)}"
    yield from ("", f"[{path}]")
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key, value in table.items():
        if key not in inner:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        yield from _table(key, value, f"{path}.")


def _key(name: str) -> str:
    return name if name and _BARE.issuperset(name) else _value(name)


def _value(value: Any) -> str:
    """A value in one line. Strings, numbers and truth values are written in TOML as in JSON, but for DEL."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)} = {_value(one)}' for name, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
