"""Drafts of one kind of steps alone, drawn without Hypothesis, which takes long for thousands of steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from hypothesis import strategies as st

from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.randomness import Randomness, Stream

_Thing = TypeVar("_Thing")
MANY: Final = 60
_MEMBERS: Final = 4


def _never(strategy: st.SearchStrategy[_Thing]) -> _Thing:
    raise NotImplementedError(f"{strategy} is drawn from by nobody")


@dataclass(slots=True)
class _Dice(Draft):
    dice: Stream = field(default_factory=lambda: _stream(0))

    def one(self, things: Sequence[_Thing]) -> _Thing:
        return self.dice.choice(things)

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def some(self, things: Sequence[_Thing], most: int) -> list[_Thing]:
        return self.dice.sample(things, self.dice.randrange(min(most, len(things)) + 1))


def _stream(number: int) -> Stream:
    return Randomness(1).fresh(f"dice/{number}")


def thrown(kind: Kind, times: int) -> list[Step]:
    """The steps of a draft to which a kind was added so many times."""
    draft = _Dice(draw=_never, members=3, strangers=1, channels=["c0"], messages=[("c0", "m0")])
    for _ in range(times):
        kind(draft)
    return draft.steps


def drawn(kind: Kind, *, channels: int = 2, times: int = 1, count: int = MANY) -> list[Program]:
    """Programs of that kind of steps, each drawn so many times; those of so many that have any steps."""
    programs = [_drawn(kind, channels, times, number) for number in range(count)]
    return [program for program in programs if program.steps]


def _drawn(kind: Kind, channels: int, times: int, number: int) -> Program:
    names = [f"c{channel}" for channel in range(channels)]
    draft = _Dice(draw=_never, members=_MEMBERS, strangers=1, channels=names, dice=_stream(number))
    for _ in range(times):
        kind(draft)
    return Program(members=_MEMBERS, strangers=1, channels=channels, steps=tuple(draft.steps))


def done(programs: list[Program]) -> set[str]:
    """What is done in them."""
    return {step.do for program in programs for step in program.steps}


def assert_sound(programs: list[Program]) -> None:
    """Nothing is wrong with them, and each step finds what it names."""
    for program in programs:
        assert list(program.faults()) == []
        assert program.closed() == program
