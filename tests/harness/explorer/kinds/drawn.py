"""Drafts of one kind of steps alone."""

from typing import Any

from hypothesis import strategies as st

from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.program import Program

MANY = 60


@st.composite
def _programs(draw: Any, kind: Kind, channels: int, times: int) -> Program:
    draft = Draft(draw, members=4, strangers=1, channels=[f"c{number}" for number in range(channels)])
    for _ in range(times):
        kind(draft)
    return Program(members=4, strangers=1, channels=channels, steps=tuple(draft.steps))


def drawn(kind: Kind, *, channels: int = 2, times: int = 1, count: int = MANY) -> list[Program]:
    """Programs of that kind of steps, each drawn so many times; those of so many that have any steps."""
    strategy = _programs(kind, channels, times)
    programs = [draw_one(strategy, number) for number in range(count)]
    return [program for program in programs if program.steps]


def done(programs: list[Program]) -> set[str]:
    """What is done in them."""
    return {step.do for program in programs for step in program.steps}


def assert_sound(programs: list[Program]) -> None:
    """Nothing is wrong with them, and each step finds what it names."""
    for program in programs:
        assert list(program.faults()) == []
        assert program.closed() == program
