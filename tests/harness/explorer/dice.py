"""Drafts that are drawn without Hypothesis, which takes long for thousands of steps."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.program import Step
from sync_check.harness.randomness import Randomness

_Thing = TypeVar("_Thing")


def _never(strategy: st.SearchStrategy[_Thing]) -> _Thing:
    raise NotImplementedError(f"{strategy} is drawn from by nobody")


class _Dice(Draft):
    dice = Randomness(1).fresh("dice")

    def one(self, things: Sequence[_Thing]) -> _Thing:
        return self.dice.choice(things)

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent


def thrown(kind: Kind, times: int) -> list[Step]:
    """The steps of a draft to which a kind was added so many times."""
    draft = _Dice(draw=_never, members=3, strangers=1, channels=["c0"], messages=[("c0", "m0")])
    for _ in range(times):
        kind(draft)
    return draft.steps
