"""Judging a history again tells the same run; wherever it is cut, that is an interrupted run, no pass."""

import pytest

from sync_check.conformance.history import (
    DamagedHistory,
    Record,
    ScenarioEnded,
    encode_record,
    read_history,
)
from sync_check.conformance.rejudging import rejudge
from sync_check.conformance.run import RunEvent, RunFinished, RunStarted
from sync_check.conformance.verdict import ExitCode, Verdict
from tests.conformance.test_narration import end_of, lax, passing, planned, told


def two_scenarios() -> list[Record]:
    story = passing("SCOPE-2")
    story.begin("test/next", "SCOPE-2")
    story.edit("ben", story.post("ben", "third"), "fourth")
    story.rest()
    story.end("test/next")
    story.finish()
    return planned(story, "test/story", "test/next")


def again(records: list[Record], *, strict: bool = False, version: str | None = None) -> list[RunEvent]:
    return list(rejudge(read_history(map(encode_record, records)), strict=strict, version=version))


def start_of(events: list[RunEvent]) -> RunStarted:
    first = events[0]
    assert isinstance(first, RunStarted)
    return first


def test_a_history_tells_what_its_records_told() -> None:
    for records in (two_scenarios(), planned(lax(), "test/story")):
        assert again(records) == told(records)
        assert end_of(again(records)).exit_code == ExitCode.PASS


def test_a_run_killed_after_any_record_is_interrupted_and_no_pass() -> None:
    records = two_scenarios()
    lines = [encode_record(record) for record in records]
    for place in range(1, len(records)):
        ended = [record.scenario for record in records[:place] if isinstance(record, ScenarioEnded)]
        last = end_of(list(rejudge(read_history(lines[:place]))))
        assert (last.verdict is not Verdict.PASS, last.exit_code) == (True, ExitCode.INTERRUPTED)
        assert last.interrupted
        assert last.faults == ()
        assert {result.id for result in last.results if result.verdict is Verdict.PASS} <= set(ended)


def test_the_end_is_told_only_when_no_record_is_left() -> None:
    records = two_scenarios()
    events: list[RunEvent] = []
    with pytest.raises(DamagedHistory, match=f"line {len(records) + 1} "):
        events.extend(rejudge([*records, records[-1]]))
    assert events
    assert not any(isinstance(event, RunFinished) for event in events)


def test_strict_judges_as_a_strict_run_does() -> None:
    records = planned(lax(), "test/story")
    events = again(records, strict=True)
    assert end_of(events).exit_code == ExitCode.FAIL
    assert start_of(events).strict
    assert start_of(events).repeat == (*start_of(again(records)).repeat, "--strict")
    strict = planned(lax(), "test/story", strict=True)
    assert again(strict, strict=True) == again(strict)


def test_another_version_that_judges_is_noted() -> None:
    records = two_scenarios()
    assert again(records, version="0") == again(records)
    (note,) = start_of(again(records, version="9.9")).notes
    assert note == "judged again by sync-check 9.9; the run was made by 0"
