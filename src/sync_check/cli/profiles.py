"""The profile that a command is given: by a file, by variables, by options; the last of these win."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sync_check.cli.errors import UsageFault
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.target import Target
from sync_check.profiles import BadProfile, Layered, Profile, layered
from sync_check.profiles.declaring import declared
from sync_check.profiles.layers import Layer, of_environment, of_file, of_option, variables
from sync_check.profiles.reading import parsed
from sync_check.reference_server.configuration import PREFIX
from sync_check.targets import EMBEDDED, OWN, undeclared

VARIABLE: Final = "PROFILE"
"""What may be set by `SYNC_CHECK_<name>` for a run."""
_PYPROJECT: Final = Path("pyproject.toml")
_TABLE: Final = "sync-check"
_WHERE: Final = ("url", "gateways", "metrics.urls", "tls.ca", "accounts.admin.path", "accounts.file")
_LONGEST: Final = 1 << 20
"""Bytes of a profile: what is longer is none, and is not read into memory."""

ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", metavar="FILE", help="What a server of yours declares: TOML (see the README)."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="One key of the profile, such as revision=1; repeatable, wins."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A profile and how it was `written`; `asked` says whether by an option, `repeat` are its words."""

    layered: Layered
    written: str
    asked: bool
    repeat: tuple[str, ...] = ()

    @property
    def profile(self) -> Profile:
        """What is declared."""
        return self.layered.profile

    def target(self, url: str, environment: Mapping[str, str]) -> Target:
        """The target at a URL. Raises `UsageFault` for what the profile names and is not there."""
        try:
            return declared(self.profile, url, environment)
        except BadProfile as error:
            raise UsageFault(f"{self.written} will not do: {error}") from error


def given_profile(
    option: str | None, environment: Mapping[str, str], settings: Sequence[str] = ()
) -> Given | None:
    """The profile of a command; None if nothing gives any of it. Raises `UsageFault`.

    `--set` wins over `SYNC_CHECK_TARGET_…`, and that over the file: the one that the option names, else
    `SYNC_CHECK_PROFILE`, else `[tool.sync-check]` of ./pyproject.toml.
    """
    variable = PREFIX + VARIABLE
    path = environment.get(variable) if option is None else option
    if path is None:
        file, words = _of_pyproject(), tuple[str, ...]()
    else:
        written = f"{variable}={path!r}" if option is None else f"--profile {path!r}"
        file, words = _of_path(path, written), ("--profile", path)
    try:
        layers = [*of_environment(environment), *map(of_option, settings)]
    except BadProfile as error:
        raise UsageFault(str(error)) from error  # it names the variable or the option
    if file is not None:
        layers.insert(0, file)
    if not layers:
        return None
    written = ", ".join(layer.source for layer in layers)
    try:
        merged = layered(layers)
    except BadProfile as error:
        raise UsageFault(f"{written} will not do: {error}") from error
    return Given(
        layered=merged,
        written=written,
        asked=path is not None or bool(settings),
        repeat=(*words, *(word for one in (*_settings(environment), *settings) for word in ("--set", one))),
    )


def _settings(environment: Mapping[str, str]) -> Iterator[str]:
    """The variables that give keys, as `--set` takes them. None holds a secret: keys name where those are."""
    for variable, path in variables().items():
        if variable in environment:
            yield f"{'.'.join(path)}={environment[variable]}"


def target_text(option: str | None, given: Given | None, default: str = EMBEDDED) -> str:
    """What to test: the option, else the profile's URL, else `default`. Raises `UsageFault`."""
    if given is None:
        return default if option is None else option
    if option in OWN and given.asked:
        raise UsageFault(f"{given.written} declares a server of yours: leave it out with --target {option}")
    text = option or given.profile.url
    if text is None and given.asked:
        raise UsageFault(f"{given.written} holds no url: add one, or give --target URL")
    return text or default


@contextmanager
def naming_keys(given: Given | None) -> Iterator[None]:
    """Let what cannot be reached name the keys of the profile that say where it is."""
    try:
        yield
    except TargetUnavailable as error:
        if given is not None:
            sources = given.layered.sources
            keys = [f"{key} ({sources[key]})" for key in _WHERE if key in sources]
            if keys:
                error.add_note(f"it is reached by {', '.join(keys)}")
        raise


def declared_target(text: str, given: Given | None) -> Target | None:
    """What is known of the target that `text` names; None for a server of our own. Raises `UsageFault`."""
    if text in OWN:
        return None
    url = text.rstrip("/")
    return undeclared(url) if given is None else given.target(url, os.environ)


def _of_path(path: str, written: str) -> Layer:
    try:
        return Layer(source=written, values=of_file(parsed(_text(path, written)), Path(path)))
    except BadProfile as error:
        raise UsageFault(f"{written} will not do: {error}") from error


def _of_pyproject() -> Layer | None:
    """What ./pyproject.toml holds for us, if it does."""
    if not _PYPROJECT.is_file():
        return None
    try:
        tool = parsed(_text(str(_PYPROJECT), str(_PYPROJECT))).get("tool")
    except BadProfile as error:
        raise UsageFault(f"{_PYPROJECT} will not do: {error}") from error
    values: Any = tool.get(_TABLE) if isinstance(tool, dict) else None
    if not isinstance(values, dict):
        return None
    return Layer(source=f"{_PYPROJECT} [tool.{_TABLE}]", values=of_file(values, _PYPROJECT))


def _text(path: str, written: str) -> str:
    if not path:
        raise UsageFault(f"{written} names no file; give a TOML file")
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise UsageFault(f"{written} cannot be read: {error.strerror}; give a TOML file") from error
    except ValueError as error:
        raise UsageFault(f"{written} names no file: {error}") from error
    if len(content) > _LONGEST:
        raise UsageFault(f"{written} is longer than a profile can be; give a TOML file")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageFault(f"{written} is no UTF-8 text; give a TOML file") from None
