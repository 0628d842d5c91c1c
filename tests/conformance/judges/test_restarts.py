"""A restart of the target: what may be lost by it, and what must not."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, Purpose, TargetDown, TargetUp
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.histories import found
from tests.conformance.judges.counters.counting import Counting
from tests.conformance.live_stories import LiveStory
from tests.conformance.stories import Story


def down(story: Story, *, killed: bool = False) -> None:
    """The target goes, and all connections with it."""
    story.add(TargetDown(at=story.now(), killed=killed))
    for connection in list(story.owners):
        story.close(connection, EndOfConnection.CLOSED_BY_TARGET)
    story.owners.clear()
    story.subscribed.clear()


def up(story: Story) -> None:
    story.add(TargetUp(at=story.now()))


def back(story: Story, name: str) -> int:
    connection = story.open(name)
    story.owners[connection] = name
    story.subscribed.append(connection)
    story.subscribe(connection, story.guild, story.channel)
    return connection


def failing(result: ScenarioResult) -> list[tuple[str, str]]:
    return [(one.judge, one.requirement) for one in result.findings if one.level is not Level.INFO]


def restarted(*, killed: bool = False) -> Story:
    """A story in which ana and ben are back after a restart."""
    story = Story()
    story.post("ana", "before")
    down(story, killed=killed)
    up(story)
    back(story, "ana")
    back(story, "ben")
    return story


@pytest.mark.parametrize("killed", [False, True])
def test_connections_may_end_with_the_target_and_the_run_says_so(killed: bool) -> None:
    story = restarted(killed=killed)
    story.post("ana", "after")
    story.close_scenario()
    result = story.result()
    assert (failing(result), result.verdict) == ([], Verdict.PASS)
    (remark,) = [one for one in result.findings if one.judge == "restarts"]
    assert (remark.level, remark.requirement) == (Level.INFO, "CLIENT-9")
    assert ("killed" in remark.message) is killed
    assert remark.received == "4 connections ended with it"


def test_who_was_not_there_when_it_went_is_not_excused() -> None:
    story = restarted()
    late = story.subscribed[-1]
    story.close(late, EndOfConnection.DROPPED)
    del story.owners[late]
    story.subscribed.remove(late)
    story.close_scenario()
    assert failing(story.result()) == [("delivery", "DELIV-1")]


def test_what_came_before_it_went_has_no_gap() -> None:
    story = Story()
    story.post("ana", "left out", to=[story.ana, story.ben])
    story.post("ana", "and the next one told")
    down(story)
    up(story)
    back(story, "ana")
    story.close_scenario()
    assert failing(story.result()) == [("delivery", "SCOPE-2")]


def test_what_rest_had_acknowledged_is_there_afterwards() -> None:
    story = Story()
    lost = story.post("ana", "before")
    down(story)
    up(story)
    back(story, "ana")
    del story.messages[lost]
    story.close_scenario()
    assert ("convergence", "MSG-2") in failing(story.result())


def test_a_session_may_be_over_and_an_account_must_not_be_gone() -> None:
    story = restarted()
    story.call("ana", ops.OwnProfile(), 401, {"error": "invalid_credentials"}, Purpose.SETUP)
    login = ops.Login(username="ana", password="long enough, too")
    pair = {"access_token": "a", "refresh_token": "r", "expires_in_secs": 900}
    story.call("ana", login, 200, pair, Purpose.SETUP)
    story.close_scenario()
    result = story.result()
    assert failing(result) == []
    assert "1 sessions were over" in next(one.received or "" for one in result.findings)
    story = restarted()
    story.call("ben", ops.Login(username="ben", password="long enough, too"), 401, None, Purpose.SETUP)
    story.close_scenario()
    assert ("restarts", "DELIV-10") in failing(story.result())


def test_a_login_that_a_scenario_tries_in_vain_takes_no_account_away() -> None:
    story = restarted()
    wrong = ops.Login(username="ben", password="not that of ben")
    story.call("ana", wrong, 401, {"error": "invalid_credentials"})
    story.close_scenario()
    assert failing(story.result()) == []


def test_without_a_restart_a_session_is_not_over() -> None:
    story = Story()
    story.call("ana", ops.OwnProfile(), 401, {"error": "invalid_credentials"}, Purpose.SETUP)
    story.close_scenario()
    assert failing(story.result()) == [("answers", "REST-1")]


def test_nobody_is_online_any_more_once_it_is_up() -> None:
    story = LiveStory()
    story.post("ana", "before")
    down(story)
    story.present.clear()
    up(story)
    connection = story.open("ana")
    story.owners[connection] = "ana"
    story.subscribed.append(connection)
    story.ask(connection)
    story.list_online(connection, ["ana", "ben"])
    story.enter(connection)
    story.confirm(connection)
    story.list_voices(connection)
    assert ("presence", "PRES-2") in failing(story.judged())


def test_counters_begin_anew_with_the_process_and_go_on_from_there() -> None:
    story = Counting()
    story.post("ana", "before")
    story.proof()
    down(story)
    story.wait(10)
    up(story)
    counted = story.counted()
    back(story, "ana")
    back(story, "ben")
    story.extra.subtract(counted)
    story.proof()
    story.post("ana", "after")
    story.proof()
    story.close_scenario()
    assert failing(story.result()) == []


def test_counters_do_not_begin_anew_by_themselves() -> None:
    story = Counting()
    story.post("ana", "before")
    story.proof()
    story.extra.subtract(story.counted())
    story.post("ana", "after")
    story.proof()
    story.close_scenario()
    assert ("counters", "METRIC-1") in failing(story.result())


def test_the_result_says_nothing_of_a_restart_that_is_not_over() -> None:
    story = Story()
    story.post("ana", "before")
    down(story)
    story.end()
    assert found(story.result()) == []
