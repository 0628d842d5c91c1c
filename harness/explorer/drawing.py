"""Draws one value from a strategy, by a number: the same one for the same number, whatever else is drawn.

Hypothesis means to draw many and varies the latest: nearly a third of what it draws in one go resembles what
came before. So each value gets a run of its own, of two: the first that a run draws is the simplest there is.
"""

from typing import Final, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_Drawn = TypeVar("_Drawn")
_NOVELTY: Final = st.integers(0, 2**32 - 1)
"""What must differ from the first draw is something of no account, so that all the rest is free."""
_TWICE: Final = settings(
    max_examples=2,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def draw_one(strategy: st.SearchStrategy[_Drawn], number: int) -> _Drawn:
    """The value of a number."""
    drawn: list[_Drawn] = []

    @seed(number)
    @_TWICE
    @given(st.tuples(_NOVELTY, strategy))
    def draw(pair: tuple[int, _Drawn]) -> None:
        drawn.append(pair[1])

    draw()
    return drawn[-1]
