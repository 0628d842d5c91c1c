"""Conformance checks for realtime collaboration servers, driven by many simulated clients.

Names are loaded when they are first used, so that a process that needs one layer does not load the others.
"""

from importlib import import_module
from typing import Final

__version__ = "0.1.0"

# Public name -> module that defines it. A name added here also goes into __all__ and, for type checkers,
# into an import under TYPE_CHECKING.
_HOMES: Final[dict[str, str]] = {}

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
