import pytest

from sync_check.reports.completed import CompletedRun, RunCollector, RunOutOfOrder
from tests.reports import runs


def test_a_run_is_complete_with_its_last_event() -> None:
    run = runs.failing()
    *earlier, last = runs.events(run)
    collector = RunCollector()
    assert [collector.handle(event) for event in earlier] == [None] * len(earlier)
    assert collector.handle(last) == run


def test_the_results_are_the_final_ones() -> None:
    run = runs.failing()
    assert CompletedRun.of(runs.events(run)).results == run.finished.results


def test_an_end_without_a_start_is_refused() -> None:
    with pytest.raises(RunOutOfOrder, match="exactly one RunStarted"):
        RunCollector().handle(runs.passing().finished)


def test_a_second_start_is_refused() -> None:
    collector = RunCollector()
    collector.handle(runs.started())
    with pytest.raises(RunOutOfOrder, match="exactly one RunStarted"):
        collector.handle(runs.started())


def test_a_run_without_end_is_not_complete() -> None:
    with pytest.raises(RunOutOfOrder, match="exactly one RunFinished"):
        CompletedRun.of([runs.started()])
