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
    "[(commands.get(name), print(*sys.modules)) for name in sys.argv[1:]]"
)
"""Says what is loaded once the commands up to each of some names were looked up."""


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


def loaded_for(*commands: str) -> list[set[str]]:
    """The parts of us that are loaded once each of the commands was asked for, one after the other."""
    program = [sys.executable, "-c", LOADED, *commands]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    ours = ([name.split(".") for name in line.split()] for line in done.stdout.splitlines())
    return [{words[1] for words in loaded if words[0] == "sync_check" and words[1:]} for loaded in ours]


def test_a_command_is_loaded_when_it_is_asked_for() -> None:
    for_none, for_contract, for_run = loaded_for("no-command", "contract", "run")
    assert not {"harness", "reference_server", "scenarios"} & for_none
    assert not {"reference_server", "scenarios"} & for_contract
    assert "scenarios" in for_run


def test_a_command_is_loaded_once() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined] # that of a group
    assert commands["contract"] is commands["contract"]
    assert "contracts" not in commands
