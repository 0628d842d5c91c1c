"""The narration tells a run's records as its events: in order, amended at the end, and never greener."""

from dataclasses import replace

import pytest

from sync_check.conformance import examination
from sync_check.conformance.cone import MOST_CONES
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.groups import group_findings
from sync_check.conformance.history import (
    Ending,
    HarnessFailed,
    Header,
    Record,
    RunEnded,
    ScenarioPlan,
    ScenarioSkipped,
)
from sync_check.conformance.judges.case import Case
from sync_check.conformance.narration import Narration
from sync_check.conformance.run import (
    FindingRaised,
    OperationDone,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
)
from sync_check.conformance.verdict import ExitCode, Finding, Verdict
from tests.conformance.histories import Builder, is_remark
from tests.conformance.stories import Story


def passing(*covers: str) -> Story:
    story = Story(*covers)
    story.edit("ben", story.post("ben", "first"), "second")
    story.close_scenario()
    return story


def lax() -> Story:
    """An answer has a member that the contract does not know. All fences are strong."""
    story = Story("SCOPE-7")
    story.about("ana", "first")
    guild = {"guild_id": story.guild, "name": "room", "visibility": "private", "icon": 1}
    story.call("ana", ops.ListGuilds(), body={"guilds": [guild]})
    story.close_scenario()
    story.finish()
    return story


def planned(builder: Builder, *ids: str, strict: bool = False) -> list[Record]:
    """The builder's records, the header with a plan of these scenarios."""
    header, *others = builder.records
    assert isinstance(header, Header)
    plan = tuple(ScenarioPlan(id=one, title=one, covers=()) for one in ids)
    return [replace(header, plan=plan, strict=strict), *others]


def told(records: list[Record]) -> list[RunEvent]:
    narration = Narration()
    return [event for record in records for event in narration.take(record)]


def end_of(events: list[RunEvent]) -> RunFinished:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last


def test_the_start_is_what_the_header_says() -> None:
    (started,) = told(planned(Builder(), "test/story")[:1])
    assert isinstance(started, RunStarted)
    assert (started.target, started.clients, started.started_at) == ("test", 3, "2023-11-14T22:13:20+00:00")
    assert [plan.id for plan in started.scenarios] == ["test/story"]


def test_a_scenario_is_told_from_its_beginning_to_its_result() -> None:
    story = passing("SCOPE-2")
    story.finish()
    events = told(planned(story, "test/story"))
    assert events[1] == ScenarioStarted(id="test/story", title="test/story", index=1, total=1)
    # Set-up and fences are not told.
    assert [event.operation for event in events if isinstance(event, OperationDone)] == [
        "create_message",
        "edit_message",
    ]
    assert [type(event) for event in events[-2:]] == [ScenarioFinished, RunFinished]
    assert end_of(events).exit_code == ExitCode.PASS
    end = story.records[-1]
    assert isinstance(end, RunEnded)
    assert end_of(events).wall_s == end.at / 1e6


def test_an_operation_takes_from_its_sending_to_its_answer() -> None:
    events = told(passing().records)
    done = next(event for event in events if isinstance(event, OperationDone))
    # Three frames and the answer, a millisecond of the builder's clock each.
    assert done.seconds == pytest.approx(0.004)


def test_a_finding_is_raised_before_its_scenario_finishes() -> None:
    story = Story("SCOPE-2")
    story.post("ben", "first", to=[story.ana, story.ben])
    story.close_scenario()
    story.finish()
    events = told(planned(story, "test/story"))
    result = end_of(events).results[0]
    assert result.findings
    raised = tuple(event.finding for event in events if isinstance(event, FindingRaised))
    assert raised == result.findings
    assert end_of(events).exit_code == ExitCode.FAIL


def test_what_comes_late_amends_an_earlier_result() -> None:
    story = Story("SCOPE-2")
    note = story.post("ben", "first")
    story.close_scenario()
    story.begin("test/next")
    story.frame(story.eve, "message_create", story.messages[note])
    story.end("test/next")
    story.finish()
    events = told(planned(story, "test/story", "test/next"))
    told_of_first = [
        event.result.verdict
        for event in events
        if isinstance(event, ScenarioFinished) and event.result.id == "test/story"
    ]
    assert told_of_first == [Verdict.PASS, Verdict.FAIL]
    raised = [event.finding for event in events if isinstance(event, FindingRaised)]
    assert sum(not is_remark(finding) for finding in raised) == 1
    assert [result.verdict for result in end_of(events).results] == [Verdict.FAIL, Verdict.INCONCLUSIVE]


def test_what_comes_after_the_last_scenario_amends_it() -> None:
    story = Story("SCOPE-2")
    note = story.post("ben", "first")
    story.close_scenario()
    story.frame(story.eve, "message_create", story.messages[note])
    story.finish()
    events = told(planned(story, "test/story"))
    verdicts = [event.result.verdict for event in events if isinstance(event, ScenarioFinished)]
    assert verdicts == [Verdict.PASS, Verdict.FAIL]
    assert end_of(events).exit_code == ExitCode.FAIL


def test_a_scenario_told_twice_hides_none_of_its_results() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana, story.ben])
    story.close_scenario()
    story.begin()
    story.end()
    story.finish()
    last = end_of(told(planned(story, "test/story")))
    assert [result.verdict for result in last.results] == [Verdict.FAIL, Verdict.INCONCLUSIVE]
    assert last.exit_code == ExitCode.FAIL


def test_skipped_scenarios_are_unsupported_and_alone_no_pass() -> None:
    builder = Builder()
    for name in ("a", "b"):
        builder.add(
            ScenarioSkipped(
                at=builder.now(), scenario=f"test/{name}", title=name, covers=("V",), reason="why"
            )
        )
    builder.finish()
    last = end_of(told(planned(builder, "test/a", "test/b")))
    assert [(one.id, one.verdict, one.note) for one in last.results] == [
        ("test/a", Verdict.UNSUPPORTED, "why"),
        ("test/b", Verdict.UNSUPPORTED, "why"),
    ]
    assert last.exit_code == ExitCode.NOTHING_RUN


def test_a_failure_of_the_harness_is_never_green() -> None:
    story = passing("SCOPE-2")
    story.add(HarnessFailed(at=story.now(), message="KeyError: 'x'"))
    story.finish()
    last = end_of(told(planned(story, "test/story")))
    assert [result.verdict for result in last.results] == [Verdict.PASS]
    assert (last.verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERNAL)
    assert last.faults == ("KeyError: 'x'",)


def test_a_run_that_left_out_what_was_planned_was_not_completed() -> None:
    story = passing("SCOPE-2")
    story.finish()
    last = end_of(told(planned(story, "test/story", "test/other")))
    assert last.interrupted
    assert (last.verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERRUPTED)


def test_a_scenario_interrupted_before_its_first_step_has_a_result() -> None:
    story = Story()
    story.finish(Ending.INTERRUPTED)
    last = end_of(told(planned(story, "test/story")))
    assert [result.ending for result in last.results] == [Ending.INTERRUPTED]
    assert last.interrupted


def test_a_run_without_its_end_is_cut_short_once() -> None:
    story = passing("SCOPE-2")
    narration = Narration()
    for record in planned(story, "test/story"):
        narration.take(record)
    last = end_of(list(narration.cut_short()))
    assert [result.verdict for result in last.results] == [Verdict.PASS]
    assert (last.verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERRUPTED)
    assert list(narration.cut_short()) == []


@pytest.mark.parametrize(("strict", "code"), [(False, ExitCode.PASS), (True, ExitCode.FAIL)])
def test_a_should_that_is_not_met_is_red_in_a_strict_run_alone(strict: bool, code: ExitCode) -> None:
    assert end_of(told(planned(lax(), "test/story", strict=strict))).exit_code == code


# --- cones


def _leaks(number: int) -> Story:
    story = Story()
    for count in range(number):
        story.post("ana", f"secret {count}", to=[story.ana, story.ben, story.ben2, story.eve])
    return story


def _over(story: Story) -> Story:
    story.close_scenario()
    story.finish()
    return story


def test_the_worst_groups_have_their_cones_and_no_more_than_can_be_looked_at() -> None:
    last = end_of(told(planned(_over(_leaks(MOST_CONES + 2)), "test/story")))
    leads = [group.lead for group in group_findings(last.results)]
    assert len(leads) > MOST_CONES
    assert list(last.cones) == leads[:MOST_CONES]


def test_each_kind_of_finding_has_a_cone_before_one_has_two() -> None:
    story = _leaks(MOST_CONES + 2)
    note = story.post("ben", "first")
    story.edit("ben", note, "second", to=[story.ana, story.ben])
    last = end_of(told(planned(_over(story), "test/story")))
    leads = [group.lead for group in group_findings(last.results)]
    assert leads[-1].requirement == "SCOPE-2"
    assert list(last.cones) == [leads[0], leads[-1], *leads[1 : MOST_CONES - 1]]


def test_a_cone_that_crashes_loses_no_finding_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(case: Case, finding: Finding) -> None:
        raise KeyError(finding.requirement, case.scenario.id)

    monkeypatch.setattr(examination, "cone_of", crash)
    last = end_of(told(planned(_over(_leaks(1)), "test/story")))
    assert last.cones == {}
    assert [finding.requirement for finding in last.results[0].findings] == ["SCOPE-3"]
    (fault,) = last.faults
    assert fault.startswith("drawing a cone crashed:")


def test_what_comes_late_to_an_earlier_scenario_has_its_cone_there() -> None:
    story = Story(scenario="test/first")
    story.kick("ana", "ben", stop=False)
    story.post("ana", "before", to=[story.ana])
    story.rest()
    story.end("test/first")
    story.begin("test/second")
    story.post("ana", "late", to=[story.ana, story.ben])
    story.rest()
    story.end("test/second")
    story.finish()
    last = end_of(told(planned(story, "test/first", "test/second")))
    assert last.cones
    assert {finding.scenario for finding in last.cones} <= {result.id for result in last.results}
