"""What is drawn by a number is the same in every process and wherever it is drawn."""

import pytest
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from sync_check.harness.explorer.drawing import draw_one

NUMBERS = st.lists(st.integers(0, 2**40), min_size=200, max_size=200)


def test_a_number_gives_one_value_and_another_number_another() -> None:
    assert draw_one(NUMBERS, 7) == draw_one(NUMBERS, 7) != draw_one(NUMBERS, 8)


def test_nothing_is_drawn_out_of_the_sources_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw_one(NUMBERS, 7)

    def read_sources() -> None:
        pytest.fail("sources are read")

    monkeypatch.setattr(providers, "_get_local_constants", read_sources)
    providers.CONSTANTS_CACHE.cache.clear()
    assert draw_one(NUMBERS, 7) == before
