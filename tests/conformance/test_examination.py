"""The examination as a whole: a good story passes with evidence, and nothing is green without."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from sync_check.conformance import examination as module
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.examination import Examination, UnknownScenario, examine
from sync_check.conformance.history import (
    ConnectionOpened,
    Ending,
    EndOfConnection,
    FramesReceived,
    OperationAnswered,
    Purpose,
    UpgradeAnswered,
    decode_record,
    encode_record,
)
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.verdict import RequirementStatus, Verdict
from tests.conformance.histories import FEATURES, NOW, Builder, found, ulid, user
from tests.conformance.stories import Story, profile

CANARY = "scq1w2e3r4t5y6"


def _edit_story(*covers: str) -> Story:
    story = Story(*covers)
    note = story.post("ben", "first")
    story.edit("ben", note, "second")
    story.close_scenario()
    return story


def test_a_correct_story_passes_and_shows_its_evidence() -> None:
    result = _edit_story("SCOPE-2", "SCOPE-3", "MSG-1", "MSG-EDIT-2", "DELIV-8", "DELIV-10").result()
    assert (result.verdict, result.findings, result.note) == (Verdict.PASS, (), None)
    # Two events reached ana's connection, which is not the actor's, and ben's own two.
    assert result.witnesses["SCOPE-2"] == 2
    assert result.witnesses["DELIV-8"] == 4
    # Neither event reached eve, whose later fence did.
    assert result.witnesses["SCOPE-3"] == 2
    assert result.evidence["comparisons"] == 4
    assert result.evidence["pairs_decided"] == result.evidence["pairs"]


def test_times_are_those_of_the_records() -> None:
    story = _edit_story()
    examination = story.examine()
    result = examination.result("test/story")
    assert 0 < result.wall_s < 1
    latency = examination.latency_ms()
    # Ben's two operations and the fences: one frame per hearer, a millisecond of the builder's clock each.
    assert (latency.p50, latency.p99, latency.samples) == (2.0, 3.0, 10)


def test_an_examination_without_samples_has_no_latency() -> None:
    latency = examine([]).latency_ms()
    assert (latency.p50, latency.p95, latency.p99, latency.samples) == (None, None, None, 0)


def test_judging_the_file_gives_the_same_result() -> None:
    story = _edit_story("SCOPE-2")
    reread = [decode_record(encode_record(record), number) for number, record in enumerate(story.records, 1)]
    assert examine(reread).result("test/story") == story.examine().result("test/story")


def test_a_covered_requirement_without_witness_is_named() -> None:
    result = _edit_story("SCOPE-2", "MSG-DEL-1", "VOICE-1").result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note == "not witnessed: MSG-DEL-1, VOICE-1"


def test_fences_alone_witness_nothing() -> None:
    story = Story("SCOPE-2")
    story.close_scenario()
    result = story.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note is not None
    assert "it asked for no operation" in result.note
    assert "not witnessed: SCOPE-2" in result.note


def test_an_empty_scenario_never_passes() -> None:
    builder = Builder()
    builder.begin()
    builder.end()
    result = builder.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note is not None
    assert "no frame was received" in result.note
    assert "nothing was compared" in result.note


def test_a_void_settle_compares_nothing() -> None:
    story = Story()
    story.post("ben", "first")
    story.rest(void="an operation ran in between")
    story.end()
    result = story.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note == "no settle was completed, so nothing was compared"


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.COMPLETED])
def test_a_body_that_did_not_run_to_its_end_is_inconclusive(ending: Ending) -> None:
    story = Story()
    story.post("ben", "first")
    story.rest()
    story.end(ending=ending, message="because")
    result = story.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note is not None
    assert "because" in result.note


def test_a_finding_outweighs_a_body_that_did_not_run_to_its_end() -> None:
    story = Story()
    story.post("ben", "first", to=[story.ana, story.ben])
    story.fence()
    story.end(ending=Ending.HALTED)
    assert story.result().verdict is Verdict.FAIL


class _CrashingJudge:
    NAME = "crashing"

    @staticmethod
    def judge(case: Case) -> Judgement:
        raise KeyError(case.scenario.id)


@pytest.fixture
def crashing_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JUDGES", (*module.JUDGES, _CrashingJudge))


@pytest.mark.usefixtures("crashing_judge")
def test_a_crashed_judge_is_never_a_pass_and_loses_nothing() -> None:
    examination = _edit_story("SCOPE-2").examine()
    result = examination.result("test/story")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note == "crashed: judge crashing"
    assert result.witnesses["SCOPE-2"] == 2
    (fault,) = examination.faults
    assert "KeyError: 'test/story'" in fault


def test_a_record_that_cannot_be_read_is_a_fault_of_ours() -> None:
    story = _edit_story()
    story.records.insert(-1, FramesReceived(at=1, body=1, connections=(99,), after=(0,)))
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.INCONCLUSIVE
    assert len(examination.faults) == 1


def test_asking_again_takes_in_what_came_late() -> None:
    story = Story("SCOPE-2")
    note = story.post("ben", "first")
    story.close_scenario()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    seen = len(story.records)
    story.begin("test/next")
    story.frame(story.eve, "message_create", story.messages[note])
    for record in story.records[seen:]:
        examination.add(record)
    late = examination.result("test/story")
    assert found(late) == [("delivery", "SCOPE-3", "eve#1")]
    assert examination.result("test/next").findings == ()
    assert [result.id for result in examination.results()] == ["test/story", "test/next"]


class _Counting:
    """Counts how often it judges each scenario, and finds nothing."""

    def __init__(self, name: str) -> None:
        self.NAME = name
        self.judged = Counter[str]()

    def judge(self, case: Case) -> Judgement:
        self.judged[case.scenario.id] += 1
        return Judgement(scenario=case.scenario.id, judge=self.NAME)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> tuple[_Counting, _Counting]:
    """A judge of nothing but what a scenario answers for, and one that looks around."""
    own, curious = _Counting("own"), _Counting("curious")
    monkeypatch.setattr(module, "JUDGES", (*module.JUDGES, own, curious))
    monkeypatch.setattr(module, "_OF_OWN", (own,))
    return own, curious


def _next_scenario(story: Story, examination: Examination, *events: tuple[str, dict[str, Any]]) -> None:
    """Another scenario, in which one who was told nothing in the first one gets some events."""
    seen = len(story.records)
    story.begin("test/next")
    for name, payload in events:
        story.frame(story.eve, name, payload)
    for record in story.records[seen:]:
        examination.add(record)


def test_what_later_scenarios_do_is_no_reason_to_judge_the_own_again(
    counting: tuple[_Counting, _Counting],
) -> None:
    own, curious = counting
    story = _edit_story("SCOPE-2")
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    _next_scenario(story, examination)
    assert examination.result("test/story").verdict is Verdict.PASS
    assert (own.judged["test/story"], curious.judged["test/story"]) == (1, 2)


def test_what_a_scenario_answers_for_is_judged_by_all_whenever_it_comes(
    counting: tuple[_Counting, _Counting],
) -> None:
    own, curious = counting
    story = Story("SCOPE-2")
    note = story.post("ben", "first")
    story.close_scenario()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    _next_scenario(story, examination, ("message_create", story.messages[note]))
    assert examination.result("test/story").verdict is Verdict.FAIL
    assert (own.judged["test/story"], curious.judged["test/story"]) == (2, 2)


def test_what_did_not_pass_is_judged_again_by_all(counting: tuple[_Counting, _Counting]) -> None:
    own, _ = counting
    story = _edit_story("SCOPE-2", "MEM-2")
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.INCONCLUSIVE
    _next_scenario(story, examination)
    assert examination.result("test/story").verdict is Verdict.INCONCLUSIVE
    assert own.judged["test/story"] == 2


def test_a_canary_that_comes_after_the_end_is_found() -> None:
    story = Story("SCOPE-2")
    note = story.post("ben", f"psst {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    story.close_scenario()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    _next_scenario(story, examination, ("message_create", story.messages[note]))
    assert ("leaks", "SCOPE-3", "eve#1") in found(examination.result("test/story"))


def _tells_in_its_close(story: Story) -> None:
    story.close(story.eve, EndOfConnection.CLOSED_BY_TARGET, reason=f"bye {CANARY}", code=1001)


def _tells_whoever_is_refused(story: Story) -> None:
    story.add(UpgradeAnswered(at=story.now(), client="eve", header="Basic", status=401, body=CANARY))


def _tells_whoever_is_let_in(story: Story) -> None:
    story.open("eve", ready=False)
    opened = story.records.pop()
    assert isinstance(opened, ConnectionOpened)
    story.add(replace(opened, headers={"x-hint": CANARY}))


@pytest.mark.parametrize("tells", [_tells_in_its_close, _tells_whoever_is_refused, _tells_whoever_is_let_in])
def test_what_is_told_at_doors_between_two_scenarios_is_found(tells: Callable[[Story], None]) -> None:
    story = Story("SCOPE-2")
    story.post("ben", f"psst {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    story.close_scenario()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    seen = len(story.records)
    tells(story)
    story.begin("test/next")
    for record in story.records[seen:]:
        examination.add(record)
    assert "leaks" in {judge for judge, _, _ in found(examination.result("test/story"))}
    assert examination.results() == story.examine().results()


def test_times_are_looked_at_again_once_the_targets_clock_is_known() -> None:
    story = _edit_story("SCOPE-2")
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    seen = len(story.records)
    story.begin("test/next")
    story.answer(story.invoke("ana", ops.OwnProfile()), 200, profile("ana"))
    answered = story.records.pop()
    assert isinstance(answered, OperationAnswered)
    story.add(replace(answered, headers={"date": formatdate(NOW + 5000, usegmt=True)}))
    for record in story.records[seen:]:
        examination.add(record)
    assert ("times", "ENV-10", "ben") in found(examination.result("test/story"))
    assert examination.results() == story.examine().results()


def test_a_guild_that_is_subscribed_to_later_was_not_dropped_before() -> None:
    story = _edit_story("SCOPE-2")
    story.begin("test/next")
    guild, channel = story.id(), story.id()
    story.call(
        "eve",
        ops.CreateGuild(guild_name="hers"),
        body={"guild_id": guild, "name": "hers", "visibility": "private"},
    )
    made = {"channel_id": channel, "name": "general", "kind": "text"}
    story.call("eve", ops.CreateChannel(guild_id=guild, channel_name="general"), body=made)
    story.subscribe(story.eve, guild, channel)
    assert "CLIENT-8" not in story.examine().results()[0].witnesses


def _reads_audit(story: Story, guild_id: str, actor: str) -> None:
    row = {
        "audit_id": ulid(77),
        "actor_user_id": user(actor),
        "target_user_id": None,
        "action": "guild.create",
        "created_at_unix": NOW,
        "ip_ban_match": False,
    }
    read = ops.ReadAudit(guild_id=guild_id, limit=9)
    story.call("ana", read, body={"events": [row], "next_cursor": None}, purpose=Purpose.SURFACE)


def _reads_the_same_row_elsewhere(story: Story) -> None:
    guild = {"guild_id": story.id(), "name": "other", "visibility": "private"}
    story.call("ana", ops.CreateGuild(guild_name="other"), body=guild)
    _reads_audit(story, guild["guild_id"], "ana")


@pytest.mark.parametrize(
    ("actor", "then"),
    [("ana", _reads_the_same_row_elsewhere), ("zoe", lambda story: story.client("zoe"))],
    ids=["a row of two guilds", "a row about somebody who is known later"],
)
def test_a_row_that_turns_out_to_be_another_guilds_is_found(
    actor: str, then: Callable[[Story], None]
) -> None:
    features = (*FEATURES, "audit")
    story = Story("SCOPE-2", declared=features, features=features)
    story.post("ben", "first")
    _reads_audit(story, story.guild, actor)
    story.close_scenario()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    seen = len(story.records)
    story.begin("test/next")
    then(story)
    for record in story.records[seen:]:
        examination.add(record)
    assert ("leaks", "LEAK-READ-1", "ana") in found(examination.result("test/story"))
    assert examination.results() == story.examine().results()


def test_a_look_back_that_crashes_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(case: Case) -> object:
        raise KeyError(case.scenario.id)

    monkeypatch.setattr(Case, "aftermath", property(crash))
    examination = _edit_story("SCOPE-2").examine()
    assert examination.result("test/story").verdict is Verdict.INCONCLUSIVE
    assert len(examination.faults) == 1


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(UnknownScenario, match="no scenario 'other'"):
        _edit_story().examine().result("other")


def test_a_second_run_of_a_scenario_is_the_one_asked_for() -> None:
    story = _edit_story()
    story.begin()
    story.end()
    examination = story.examine()
    assert examination.result("test/story").verdict is Verdict.INCONCLUSIVE
    assert [result.verdict for result in examination.results()] == [Verdict.PASS, Verdict.INCONCLUSIVE]


def test_requirements_of_the_whole_run() -> None:
    story = Story("SCOPE-2")
    story.post("ben", "first")
    story.post("ben", "second", to=[story.ana, story.ben])
    story.close_scenario()
    by_id = {result.id: result for result in story.examine().requirements()}
    assert by_id["SCOPE-2"].status is RequirementStatus.VIOLATED
    assert by_id["MSG-1"].status is RequirementStatus.WITNESSED
    assert by_id["MSG-1"].level == "MUST"
    assert by_id["MSG-DEL-1"].status is RequirementStatus.NOT_WITNESSED
    assert by_id["VOICE-1"].status is RequirementStatus.NOT_APPLICABLE


def test_an_examination_without_records_has_no_results() -> None:
    examination = Examination()
    assert examination.results() == ()
    assert examination.faults == ()


def test_retried_requests_are_nobodys_fault() -> None:
    story = Story()
    op = story.invoke("ben", ops.CreateMessage(**story.place, content="first"))
    story.answer(op, 429, {"error": "rate_limited"}, error="retried")
    story.post("ben", "first")
    story.close_scenario()
    assert story.result().verdict is Verdict.PASS


def test_a_rate_limit_that_stays_is_a_finding() -> None:
    story = Story()
    story.call("ben", ops.CreateMessage(**story.place, content="first"), 429, {"error": "rate_limited"})
    story.close_scenario()
    assert found(story.result()) == [("answers", "LIMIT-4", "ben")]


def test_the_user_of_the_builder_is_stable() -> None:
    assert len({user("ana"), user("ben"), user("eve")}) == 3


def _cleaned_up_in_the_next_scenario(*told: str) -> Story:
    """Ben leaves ana's guild only when both are needed again; `told` are the connections that hear of it."""
    story = Story("SCOPE-2")
    story.post("ben", "first")
    story.rest()
    for connection in story.subscribed:
        story.close(connection)
    story.end()
    story.begin("test/next")
    late = {name: story.open(name) for name in ("ana", "ben")}
    op = story.invoke("ana", ops.KickMember(guild_id=story.guild, user_id=user("ben")), Purpose.CLEANUP)
    connections = {"eve": story.eve, **late}
    story.frames([connections[name] for name in told], "workspace_member_remove", story.removal("ben"))
    story.answer(op, 200, {"accepted": True})
    return story


def test_cleaning_up_belongs_to_the_scenario_that_made_the_guild() -> None:
    examination = _cleaned_up_in_the_next_scenario("eve").examine()
    assert found(examination.result("test/story")) == [("delivery", "SCOPE-5", "eve#1")]
    assert examination.result("test/next").findings == ()


def test_members_may_hear_of_it_on_connections_of_the_next_scenario() -> None:
    examination = _cleaned_up_in_the_next_scenario("ana", "ben").examine()
    assert examination.result("test/story").verdict is Verdict.PASS
    assert examination.result("test/next").findings == ()


def test_an_event_of_an_earlier_scenario_on_a_new_connection_is_unexplained() -> None:
    story = Story()
    note = story.post("ben", "first")
    story.close_scenario()
    story.begin("test/next")
    story.frame(story.open("ben"), "message_create", story.messages[note])
    results = story.examine().results()
    assert [finding for result in results for finding in found(result)] == [("delivery", "SCOPE-3", "ben#3")]
