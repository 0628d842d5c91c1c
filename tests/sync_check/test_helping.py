"""What `--help` shows of all commands, and that each is loaded only when it is asked for."""

import subprocess
import sys
from typing import Any, Final

import pytest
import typer

from sync_check.cli.commands import app
from tests.sync_check.command import sync_check_here

LOADED: Final = (
    "import sys, typer; from sync_check.cli import app; commands = typer.main.get_command(app).commands;"
    "commands.get(sys.argv[1]); print(*sys.modules)"
)
"""Says what is loaded once the command of a name was looked up."""


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


@pytest.mark.parametrize("words", [(), ("contract",), ("profile",)])
def test_where_a_command_is_missing_help_is_shown_and_nothing_else(words: tuple[str, ...]) -> None:
    shown = sync_check_here(*words)
    assert (shown.code, shown.err) == (2, "")
    assert "Usage: " in shown.out


def loaded_for(command: str) -> set[str]:
    """The parts of us that a command loads."""
    done = subprocess.run([sys.executable, "-c", LOADED, command], capture_output=True, text=True, check=True)
    ours = (name.split(".") for name in done.stdout.split() if name.startswith("sync_check."))
    return {words[1] for words in ours}


def test_a_command_is_loaded_when_it_is_asked_for() -> None:
    assert not {"harness", "reference_server", "scenarios"} & loaded_for("no-command")
    assert not {"reference_server", "scenarios"} & loaded_for("contract")
    assert "scenarios" in loaded_for("run")


def test_a_command_is_loaded_once() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined] # that of a group
    assert commands["contract"] is commands["contract"]
    assert "contracts" not in commands
