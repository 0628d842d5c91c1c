"""The command line: `sync-check run | list | serve | contract`.

Only `main` loads anything, because Ctrl-C must be quiet by then.
"""

import sys
from typing import TYPE_CHECKING

from sync_check.cli.interruption import quiet_while_loading

if TYPE_CHECKING:
    from sync_check.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """The entry point of the console script."""
    with quiet_while_loading():
        from sync_check.cli.commands import call
    sys.exit(call())


def __getattr__(name: str) -> object:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sync_check.cli import commands

    return commands.app
