"""Runs are those that a regular expression finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.judges.runs import ALPHANUMERIC, Runs


@given(st.text(alphabet="aZ09 -é\u0301?\ud800😀\x00\n", max_size=60), st.integers(1, 5))
def test_they_are_found_wherever_they_stand(text: str, least: int) -> None:
    found = list(Runs(ALPHANUMERIC, least).of(text))
    assert found == re.findall(f"[A-Za-z0-9]{{{least},}}", text)


def test_any_alphabet_will_do() -> None:
    assert list(Runs("a+/", 3).of("aa a+/a?+++")) == ["a+/a", "+++"]
    assert list(Runs("a", 3).of("aa")) == []
