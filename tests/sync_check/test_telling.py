"""Lines besides the events of a run are wrapped between words on a terminal, and left whole in a pipe."""

import io

import pytest
from rich.console import Console

from sync_check.cli.telling import say_line, say_whole, working

LONG = "expected  " + " ".join(["a frame that was due"] * 6)


def told(text: str, *, terminal: bool, whole: bool = False) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=60, force_terminal=terminal, color_system=None, highlight=False)
    (say_whole if whole else say_line)(console, text)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("indent", [0, 6])
def test_on_a_terminal_no_word_is_cut_and_further_lines_stand_behind_the_label(indent: int) -> None:
    text = " " * indent + LONG
    first, *further = told(text, terminal=True)
    assert first.startswith(" " * indent + "expected  a frame")
    assert all(line.startswith(" " * (indent + 10)) and line[indent + 10] != " " for line in further)
    assert all(len(line) <= 60 for line in (first, *further))
    assert " ".join((first, *further)).split() == text.split()


def test_a_step_of_a_program_goes_on_behind_whose_it_is() -> None:
    step = "      u0: create_role(guild_id='$g', role_name='~role', permissions=['create_message'])"
    first, *further = told(step, terminal=True)
    assert first.startswith("      u0: create_role(")
    assert further
    assert all(line.startswith(" " * 10) and line[10] != " " for line in further)


def test_a_pipe_gets_one_line() -> None:
    assert told(LONG, terminal=False) == [LONG]


def test_what_is_to_be_copied_is_never_wrapped() -> None:
    assert told(LONG, terminal=True, whole=True) == [LONG]


def test_neither_markup_nor_a_control_code_has_a_meaning() -> None:
    assert told("a [red]b[/red] \x1b[2J", terminal=True) == ["a [red]b[/red] \\x1b[2J"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_alone_shows_what_is_being_done_and_takes_it_away(terminal: bool) -> None:
    file = io.StringIO()
    console = Console(
        file=file, width=60, force_terminal=terminal, color_system=None, _environ={"TERM": "xterm"}
    )
    with working(console, "making small"):
        say_line(console, "found")
    told = file.getvalue()
    assert ("making small" in told) == terminal
    assert "found\n" in told
    assert terminal or told == "found\n"
    assert not terminal or told.endswith("\x1b[2K")
