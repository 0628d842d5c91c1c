"""Environment variables that look like ours and are read by nothing: most likely misspelt."""

from collections.abc import Iterable, Mapping
from typing import Final

from sync_check.cli.profiles import VARIABLE
from sync_check.cli.values import nearest
from sync_check.conformance.contract.limits import Limits
from sync_check.profiles.layers import PREFIX as TARGET_PREFIX
from sync_check.profiles.layers import variables
from sync_check.reference_server.configuration import LIMIT_PREFIX, PREFIX, VARIABLES
from sync_check.reports.visible import visible

_LONGEST_NAME: Final = 80
_OF_THE_TESTS: Final = ("CI", "LENGTH")
"""Read by the tests of sync-check itself (`.ci/run`), which run its commands too."""
_OF_PROFILES: Final = tuple(variables())
_LIMITS: Final = tuple(name.upper() for name in Limits.model_fields)


def unread_variables(environment: Mapping[str, str], secrets: Iterable[str] = ()) -> str | None:
    """One sentence about the variables named `SYNC_CHECK_…` that no command reads; None if there are none.

    `secrets` are those that a profile names.
    """
    known = frozenset(secrets)
    unread = sorted(
        name for name in environment if name.startswith(PREFIX) and not (name in known or _is_read(name))
    )
    if not unread:
        return None
    verb = "is" if len(unread) == 1 else "are"
    return f"{', '.join(map(_told, unread))} {verb} not read by sync-check"


def _is_read(name: str) -> bool:
    return (
        name.removeprefix(PREFIX) in (*VARIABLES, VARIABLE, *_OF_THE_TESTS)
        or name.removeprefix(LIMIT_PREFIX) in _LIMITS
        or name in _OF_PROFILES
    )


def _told(name: str) -> str:
    """The name, and what was probably meant; the prefix, which all names share, is not compared."""
    prefix = PREFIX
    known: tuple[str, ...] = (*VARIABLES, VARIABLE)
    if name.startswith(LIMIT_PREFIX):
        prefix, known = LIMIT_PREFIX, _LIMITS
    elif name.startswith(TARGET_PREFIX):
        prefix, known = TARGET_PREFIX, tuple(one.removeprefix(TARGET_PREFIX) for one in _OF_PROFILES)
    near = nearest(name.removeprefix(prefix), known)
    return visible(name, _LONGEST_NAME) + ("" if near is None else f" (did you mean {prefix}{near}?)")
