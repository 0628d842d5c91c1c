"""Draws one value from a strategy, by a number: the same one for the same number, whatever else is drawn.

Hypothesis means to draw many and varies the latest: nearly a third of what it draws in one go resembles what
came before. So each value gets a run of its own, of two: the first that a run draws is the simplest there is.

It also means to hit upon what a program under test compares with, and so draws what stands in the source of
all modules of a project now and then. What is drawn here is the same wherever `sync-check` is installed.
"""

from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

_Drawn = TypeVar("_Drawn")


class Plain(HypothesisProvider):
    """Draws as Hypothesis does, but for values out of the sources of modules."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


_BACKEND: Final = "sync-check"
AVAILABLE_PROVIDERS[_BACKEND] = f"{Plain.__module__}.{Plain.__qualname__}"
_NOVELTY: Final = st.integers(0, 2**32 - 1)
"""What must differ from the first draw is something of no account, so that all the rest is free."""
_TWICE: Final = settings(
    max_examples=2,
    backend=_BACKEND,
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
