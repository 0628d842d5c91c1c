"""Where the values of a profile come from: options win over the environment, and that over a file."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from os.path import relpath
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from sync_check.profiles.model import Profile
from sync_check.profiles.problems import BadProfile
from sync_check.profiles.reading import checked

PREFIX: Final = "SYNC_CHECK_TARGET_"
"""`SYNC_CHECK_TARGET_LIMITS_SEARCH_PAGE` gives `limits.search_page`."""
_TYPED: Final = frozenset(("allow", "host"))
"""What permits something unsafe is typed into a file, by whoever owns the target."""
_FREE: Final = frozenset(("headers", "secret_headers", "rename", "accounts.admin", "target"))
"""Tables with names of their own, which no variable can spell."""
_FILES: Final = (
    ("tls", "ca"),
    ("accounts", "file"),
    ("target", "process", "folder"),
    ("target", "process", "log"),
)
"""Keys whose values are paths, relative to the file that holds them."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Values from one place; `source` names it for people."""

    source: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """A profile, and by key (`limits.search_page`) where its value came from; defaults are left out."""

    profile: Profile
    sources: Mapping[str, str]


def layered(layers: Sequence[Layer]) -> Layered:
    """One profile of several layers, the last of which wins. Raises `BadProfile`."""
    values: Values = {}
    sources: dict[str, str] = {}
    for layer in layers:
        for path, value in _leaves(layer.values):
            _put(values, path, value)
            key = ".".join(path)
            for known in [one for one in sources if one.startswith(f"{key}.")]:
                del sources[known]
            sources[key] = layer.source
    return Layered(profile=checked(values), sources=sources)


def of_file(values: Values, path: Path) -> Values:
    """The values of a file, in which paths are relative to its folder."""
    return _moved(values, lambda held: str(path.parent / held))


def for_file(values: Values, path: Path) -> Values:
    """What a file has to hold so that `of_file` reads these values from it."""
    return _moved(values, lambda held: held if Path(held).is_absolute() else relpath(held, path.parent))


def _moved(values: Values, move: Callable[[str], str]) -> Values:
    for names in _FILES:
        values = _moved_at(values, names, move)
    return values


def _moved_at(values: Values, names: Sequence[str], move: Callable[[str], str]) -> Values:
    name, *further = names
    held = values.get(name)
    if further:
        return {**values, name: _moved_at(held, further, move)} if isinstance(held, dict) else values
    return {**values, name: move(held)} if isinstance(held, str) and held else values


def of_environment(environment: Mapping[str, str]) -> Iterator[Layer]:
    """One layer for each variable that gives a key. Raises `BadProfile` for one that gives none."""
    keys = variables()
    for variable, text in sorted(environment.items()):
        if variable.startswith(PREFIX):
            path = keys.get(variable)
            if path is None:
                near = get_close_matches(variable, keys, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                raise BadProfile(f"{variable} gives no key of a profile{meant}")
            yield Layer(source=variable, values=_nested(path, _value(path, text)))


def of_option(text: str) -> Layer:
    """The layer of one `--set KEY=VALUE`. Raises `BadProfile` for what is none."""
    key, equals, value = text.partition("=")
    written = f"--set {text!r}"
    if not equals or not key.strip():
        raise BadProfile(f"{written} is no KEY=VALUE, such as limits.requests_per_minute=1200")
    try:
        values = tomllib.loads(f"{key} = {value}")
    except tomllib.TOMLDecodeError:
        path = tuple(part.strip() for part in key.split("."))
        values = _nested(path, _value(path, value))
    if _TYPED & values.keys():
        raise BadProfile(f"{written} will not do: allow and host are typed into the profile's file alone")
    return Layer(source=f"--set {key.strip()}", values=values)


def variables() -> Mapping[str, tuple[str, ...]]:
    """The key that each variable gives."""
    return {f"{PREFIX}{'_'.join(path).upper()}": path for path in _keys(Profile) if path[0] not in _TYPED}


def keys_with_defaults() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key that has a value of its own, and its default."""
    for path in _keys(Profile):
        yield path, _default(path)


def _keys(model: type[BaseModel], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        path = (*before, field.alias or name)
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if path[0] not in _FREE:
                yield from _keys(kind, path)
        elif ".".join(path) not in _FREE:
            yield path


def _default(path: tuple[str, ...]) -> Any:
    value: Any = Profile()
    for name in path:
        known = type(value).model_fields
        value = getattr(value, next(one for one in known if (known[one].alias or one) == name))
    return value


def _value(path: tuple[str, ...], text: str) -> Any:
    """What a text without quotation marks means: a list where the key holds one, else TOML, else the text."""
    if path in _keys(Profile) and (isinstance(_default(path), tuple) or path in (("features",), ("absent",))):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        value: Any = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
    return value


def _leaves(values: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in values.items():
        path = (*before, name)
        if isinstance(value, dict) and value:
            yield from _leaves(value, path)
        else:
            yield path, value


def _nested(path: Sequence[str], value: Any) -> Values:
    for name in reversed(path):
        value = {name: value}
    nested: Values = value
    return nested


def _put(values: Values, path: Sequence[str], value: Any) -> None:
    *tables, name = path
    for table in tables:
        held = values.get(table)
        if not isinstance(held, dict):
            held = values[table] = {}
        values = held
    values[name] = value
