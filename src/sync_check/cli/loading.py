"""Commands that are loaded when they are asked for: each needs another part of us, and `--version` none."""

from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer

from sync_check.cli.helping import Command, Group
from sync_check.cli.interruption import quiet_while_loading


class Commands(UserDict[str, Any]):
    """Commands by their names, each loaded when it is looked up.

    `places` tells where each is, as ``module:attribute``: a function, or an application of typer.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        super().__init__()
        self.data = dict(places)

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, str):
            found = self[name] = _command(name, found)
        return found


class LateGroup(Group):
    """A group that knows its commands by their names only."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the table, without a look at what they are."""
        return list(self.commands)


def late_group(places: Mapping[str, str]) -> type[LateGroup]:
    """The class of a group with the commands that are in these `places`."""

    class WithCommands(LateGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = Commands(places)

    return WithCommands


def _command(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    with quiet_while_loading():
        found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=Command)(found)
    return typer.main.get_command(alone)
