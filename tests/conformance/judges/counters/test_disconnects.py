"""Each connection that ends is counted once, under its label (METRIC-4)."""

import pytest

from sync_check.conformance.history import Ending, EndOfConnection
from sync_check.conformance.verdict import Level
from tests.conformance.judges.counters.counting import (
    FIRST_SCENARIO,
    SECOND_SCENARIO,
    Counting,
    broken,
    findings,
)

CLIENT_CLOSE = 'ws_disconnects_total{reason="client_close"}'
SLOW = 'ws_disconnects_total{reason="slow_consumer"}'
VANISHED = 'ws_disconnects_total{reason="connection_closed"}'


def ended(*, after: float = 6.0, before: dict[str, int] | None = None) -> Counting:
    """Ben's second connection is closed, and time goes by."""
    story = Counting(before=before)
    story.leave(story.ben2)
    story.work()
    story.wait(after)
    return story


def test_an_end_that_is_counted_once_is_a_witness() -> None:
    story = ended(before={CLIENT_CLOSE: 40, VANISHED: 3})
    story.proof()
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-4"] == 1


@pytest.mark.parametrize("after", [0.0, 4.0])
def test_an_end_may_be_counted_within_the_end_window(after: float) -> None:
    story = ended(after=after)
    story.extra[CLIENT_CLOSE] -= 1
    story.proof()
    story.extra[CLIENT_CLOSE] += 1
    story.wait(6)
    story.proof()
    assert findings(story.judged()) == []


def test_an_end_that_is_never_counted_is_found() -> None:
    story = ended()
    story.extra[CLIENT_CLOSE] -= 1
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.level) == ("METRIC-4", Level.FAIL)
    assert finding.expected is not None
    assert finding.expected.startswith("1 since op ")
    assert finding.received == "+0"


@pytest.mark.parametrize("after", [0.0, 6.0])
@pytest.mark.parametrize("by", [1, 5])
def test_an_end_that_is_counted_more_than_once_is_found_at_once(after: float, by: int) -> None:
    story = ended(after=after)
    story.extra[CLIENT_CLOSE] += by
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.received) == ("METRIC-4", f"+{1 + by}")


def test_an_end_that_nobody_saw_is_found() -> None:
    story = Counting()
    story.work()
    story.extra[CLIENT_CLOSE] += 1
    story.proof()
    (finding,) = findings(story.judged())
    assert finding.expected is not None
    assert finding.expected.startswith("0 since op ")


@pytest.mark.parametrize("after", [0.0, 6.0])
@pytest.mark.parametrize("label", [SLOW, VANISHED])
def test_an_end_under_another_label_is_found(label: str, after: float) -> None:
    story = ended(after=after)
    story.extra.update({CLIENT_CLOSE: -1, label: 1})
    story.proof()
    assert broken(story.judged()) == {"METRIC-4"}


def test_a_label_that_the_contract_does_not_have_is_found() -> None:
    story = ended()
    story.extra.update({CLIENT_CLOSE: -1, 'ws_disconnects_total{reason="tired"}': 1})
    story.proof()
    assert "tired +1" in {finding.received for finding in findings(story.judged())}


def test_one_fault_is_told_once() -> None:
    story = ended()
    story.extra[CLIENT_CLOSE] += 1
    for _ in range(4):
        story.proof()
    assert len(findings(story.judged())) == 1


def test_a_fault_is_told_of_the_scenario_in_which_it_shows() -> None:
    story = Counting()
    story.leave(story.ben2)
    story.another()
    story.wait(6)
    story.extra[CLIENT_CLOSE] -= 1
    story.proof()
    later = story.judged(SECOND_SCENARIO)
    assert broken(later) == {"METRIC-4"}
    assert findings(story.result(FIRST_SCENARIO)) == []


@pytest.mark.parametrize("how", [EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED])
@pytest.mark.parametrize("counted", [0, 1, 2])
def test_an_end_by_the_target_has_one_label_of_those_that_are_not_ours(
    how: EndOfConnection, counted: int
) -> None:
    story = Counting()
    story.drop(story.ben2)
    story.close(story.ben2, how)
    story.extra.update({CLIENT_CLOSE: -1, SLOW: counted})
    story.wait(6)
    story.proof()
    assert broken(story.judged()) == (set() if counted == 1 else {"METRIC-4"})


@pytest.mark.parametrize("label", [CLIENT_CLOSE, VANISHED])
def test_a_close_that_was_not_answered_may_have_been_read_or_not(label: str) -> None:
    story = Counting()
    story.leave(story.ben2, code=None)
    story.extra.update({CLIENT_CLOSE: -1})
    story.extra.update({label: 1})
    story.wait(6)
    story.proof()
    assert findings(story.judged()) == []


def test_after_a_scenario_that_halted_it_is_counted_anew() -> None:
    story = Counting()
    story.work()
    story.proof()
    story.end(ending=Ending.HALTED)
    story.begin(SECOND_SCENARIO)
    story.extra[CLIENT_CLOSE] += 1  # a connection that came about although its upgrade failed
    story.work()
    story.proof()
    assert findings(story.judged(SECOND_SCENARIO)) == []
