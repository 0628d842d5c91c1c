"""The profile that `--profile` or `SYNC_CHECK_PROFILE` names; what is wrong with it, in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync_check.cli.errors import UsageFault
from sync_check.profile import BadProfile, Profile, read_profile
from sync_check.reference_server.configuration import PREFIX
from sync_check.targets import EMBEDDED, OWN

VARIABLE: Final = "PROFILE"
"""What may be set by `SYNC_CHECK_<name>` for a run."""
_LONGEST: Final = 1 << 20
"""Bytes of a profile: what is longer is none, and is not read into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A profile, the `path` that it was read from, and how that was `written`."""

    path: str
    written: str
    profile: Profile


def given_profile(option: str | None, environment: Mapping[str, str]) -> Given | None:
    """The profile that the option names, else the environment; None if neither does. Raises `UsageFault`."""
    variable = PREFIX + VARIABLE
    path = environment.get(variable) if option is None else option
    if path is None:
        return None
    written = f"{variable}={path!r}" if option is None else f"--profile {path!r}"
    try:
        return Given(path=path, written=written, profile=read_profile(_text(path, written)))
    except BadProfile as error:
        raise UsageFault(f"{written} will not do: {error}") from error


def target_text(option: str | None, given: Given | None) -> str:
    """What to test: the option, else the profile's URL, else the embedded server. Raises `UsageFault`."""
    if given is None:
        return EMBEDDED if option is None else option
    if option in OWN:
        raise UsageFault(f"{given.written} declares a server of yours: leave it out with --target {option}")
    text = option or given.profile.url
    if text is None:
        raise UsageFault(f"{given.written} holds no url: add one, or give --target URL")
    return text


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
