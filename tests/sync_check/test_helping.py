"""What `--help` shows of all commands."""

from typing import Any

import typer

from sync_check.cli.commands import app
from tests.sync_check.command import sync_check_here


def paths(command: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of a command and of all below it."""
    below = getattr(command, "commands", {})
    return [before, *(path for name, one in below.items() for path in paths(one, (*before, name)))]


def test_a_flag_is_shown_without_a_value() -> None:
    commands = paths(typer.main.get_command(app))
    assert ("profile", "check") in commands
    for words in commands:
        shown = sync_check_here(*words, "--help").out
        assert "--help" in shown
        assert "<bool>" not in shown, words
