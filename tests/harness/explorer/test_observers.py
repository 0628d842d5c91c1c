"""Programs with an observer: well-formed, framed, and never letting the observer in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.harness.explorer.observers import WORDS, Observer, Watched, answers_alike, watched_programs
from sync_check.harness.explorer.program import Step

DRAWN = st.sampled_from(Observer).flatmap(
    lambda one: watched_programs(features=ALL_FEATURES, steps=8, observer=one)
)


@settings(max_examples=20, database=None, deadline=None)
@given(DRAWN)
def test_programs_are_well_formed_and_their_steps_alone(watched: Watched) -> None:
    assert not list(watched.program.faults())
    assert watched.name in watched.program.given
    assert not any(step.beside for step in watched.program.steps)


@settings(max_examples=20, database=None, deadline=None)
@given(DRAWN)
def test_nobody_lets_the_observer_in(watched: Watched) -> None:
    if watched.observer in (Observer.STRANGER, Observer.REMOVED):
        about = [step for step in watched.program.steps if step.args.get("user_id") == f"${watched.name}"]
        assert "add_member" not in {step.do for step in about}
        assert not any(step.args.get("visibility") == "public" for step in watched.program.steps)


@pytest.mark.parametrize(
    ("do", "as_member", "alike"),
    [
        ("history", False, True),
        ("history", True, False),
        ("subscribe", True, True),
        ("add_reaction", True, True),
        ("leave_voice", False, False),
    ],
)
def test_what_answers_alike_whatever_it_names(do: str, as_member: bool, alike: bool) -> None:
    assert answers_alike(Step(by="u1", do=do), as_member=as_member) is alike


def test_every_observer_has_words() -> None:
    assert WORDS.keys() == set(Observer)
