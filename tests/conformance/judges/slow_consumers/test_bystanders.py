"""Who is not slow gets what is due as soon as before, whoever is."""

from dataclasses import replace

import pytest

from sync_check.conformance.history import ScenarioEnded
from sync_check.conformance.judges.objectives import percentile
from sync_check.conformance.judges.slow_consumers.bystanders import comparable
from sync_check.conformance.verdict import Kind
from sync_check.harness.randomness import Randomness, Stream
from tests.conformance.judges.slow_consumers.slowness import LIMIT, SlowStory, findings

USUAL_US = 4000


def delayed(delay_us: int, *, before: int = 30, meanwhile: int = 30) -> SlowStory:
    """Events that took a while for everybody else, while one takes nothing."""
    story = SlowStory()
    story.pile(before, delay_us=USUAL_US)
    for message in story.kept:
        story.frame(story.ben, "message_create", message)
    story.kept.clear()
    story.stop(absorbs=1_000_000)
    story.pile(meanwhile, delay_us=delay_us)
    story.catch_up(meanwhile)
    return story


@pytest.mark.parametrize("delay_us", [0, USUAL_US, USUAL_US + 19_000])
def test_delays_as_before_or_a_little_longer_are_as_they_must_be(delay_us: int) -> None:
    result = delayed(delay_us).judged()
    assert findings(result) == []
    assert result.witnesses["LIMIT-SLOW-6"] == result.witnesses["DELIV-9"] == 2


def test_longer_delays_are_found_with_both_numbers() -> None:
    result = delayed(USUAL_US + 25_000).judged()
    assert {one.requirement for one in findings(result)} == {"LIMIT-SLOW-6"}
    others, rest = findings(result)
    assert others.kind is rest.kind is Kind.LIMIT
    assert others.message.startswith("what others got took longer while a client was slow: 70 % within 30.")
    assert rest.message.startswith("REST took longer")
    assert "LIMIT-SLOW-6" not in result.witnesses


def some_delayed(delay_us: int) -> SlowStory:
    """Four of fifty events took a while for everybody else."""
    story = SlowStory()
    story.pile(30, delay_us=USUAL_US)
    for message in story.kept:
        story.frame(story.ben, "message_create", message)
    story.kept.clear()
    story.stop(absorbs=1_000_000)
    story.pile(46, delay_us=USUAL_US)
    story.pile(4, delay_us=delay_us)
    story.catch_up(50)
    return story


def test_some_that_take_longer_are_not_told_from_chance_unless_they_take_very_long() -> None:
    assert findings(some_delayed(USUAL_US + 80_000).judged()) == []
    others, rest = findings(some_delayed(USUAL_US + 140_000).judged())
    assert "99 % within 14" in others.message
    assert "99 % within 14" in rest.message


@pytest.mark.parametrize("before", [20, 48, 200, 400])
def test_where_nothing_changes_hardly_ever_more_are_longer_than_by_chance(before: int) -> None:
    chance, trials = Randomness(before).stream("delays"), 2000
    failed = 0
    for _ in range(trials):
        usual = percentile(_ranks(chance, before), 99)
        within = percentile(_ranks(chance, 500), comparable(before))
        failed += within is not None and usual is not None and _delay_us(within) > _delay_us(usual)
    assert failed <= trials / 500


def _ranks(chance: Stream, count: int) -> list[int]:
    """So many numbers of 32 bits, sorted: where in all delays that there may be they stand."""
    return sorted(memoryview(chance.randbytes(4 * count)).cast("I"))


def _delay_us(rank_k: float) -> int:
    """The delay that has so many thousands of 2**32 below it.

    There is no bound: the longest of a few are far below the longest of many.
    """
    return int(USUAL_US / (1 - rank_k * 1000 / 2**32))


@pytest.mark.parametrize(("lag_us", "is_found"), [(25_500, False), (23_000, True)])
def test_by_what_our_own_loop_was_late_delays_may_be_longer(lag_us: int, is_found: bool) -> None:
    assert _is_found_beside(lag_us, delayed(USUAL_US + 25_000)) is is_found


@pytest.mark.parametrize(("lag_us", "is_found"), [(30_000, False), (25_000, True)])
def test_by_what_our_own_loop_was_late_some_may_take_very_long_as_well(lag_us: int, is_found: bool) -> None:
    assert _is_found_beside(lag_us, some_delayed(USUAL_US + 140_000)) is is_found


def _is_found_beside(lag_us: int, story: SlowStory) -> bool:
    """Whether something is found where our own loop was as late as that."""
    story.judged()
    ended = story.records[-1]
    assert isinstance(ended, ScenarioEnded)
    story.records[-1] = replace(ended, lag_us=lag_us)
    return bool(findings(story.result()))


@pytest.mark.parametrize(("before", "meanwhile"), [(5, 30), (30, 5)])
def test_few_samples_show_nothing(before: int, meanwhile: int) -> None:
    result = delayed(USUAL_US + 99_000, before=before, meanwhile=meanwhile).judged()
    assert findings(result) == []
    assert "LIMIT-SLOW-6" not in result.witnesses


def test_what_the_slow_one_gets_late_counts_for_nobody() -> None:
    story = delayed(USUAL_US, meanwhile=LIMIT + 20)
    result = story.judged()
    assert findings(result) == []
