"""What judges remember changes nothing: judging again and again finds what judging once at the end finds."""

from collections.abc import Callable, Sequence

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.examination import Examination, examine
from sync_check.conformance.history import Outcome, Purpose, Record, ScenarioEnded
from sync_check.conformance.judges.memory import Memory
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import found, user
from tests.conformance.judges.counters.counting import Counting
from tests.conformance.stories import Story

CANARY = "sc0123456789ab"
_OFTEN = 11


class _Numbers(dict[int, int]):
    pass


class _Names(dict[int, str]):
    pass


def test_each_class_has_one_table() -> None:
    memory = Memory()
    memory.table(_Numbers)[1] = 2
    assert memory.table(_Numbers) == {1: 2}
    assert memory.table(_Names) == {}


def _late_leak() -> Story:
    """Eve, a stranger, is told a message of the scenario before by an answer and by a frame."""
    story = Story("SCOPE-2")
    note = story.post("ben", f"psst {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    story.close_scenario()
    story.begin("test/next", "SCOPE-2")
    story.frame(story.eve, "message_create", story.messages[note])
    story.call("eve", ops.History(**story.place), 403, {"error": f"forbidden {CANARY}"})
    story.close_scenario()
    return story


def _wrong_answer_while_cleaning_up() -> Story:
    """Ben is removed in the next scenario, and the answer to that is none."""
    story = Story("SCOPE-2")
    story.post("ben", "first")
    story.rest()
    story.end()
    story.begin("test/next")
    kick = ops.KickMember(guild_id=story.guild, user_id=user("ben"))
    story.call("ana", kick, 418, {"error": "teapot"}, purpose=Purpose.CLEANUP)
    story.end("test/next")
    return story


def _answered_late() -> Story:
    """Two renames at the same time, read in between; the second one is answered after its scenario."""
    story = Story("GUILD-4")
    first = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="one"))
    second = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="two"))
    read = story.invoke("ben", ops.ListGuilds())
    shape = {"guild_id": story.guild, "name": "one", "visibility": "private"}
    story.answer(first, 200, shape)
    story.answer(read, 200, {"guilds": [shape | {"name": "two"}]})
    story.answer(second, 200, shape | {"name": "two"})
    story.name = "two"
    story.close_scenario()
    return story


def _nobody_knows() -> Story:
    """An edit is not answered; what it did shows in what comes later."""
    story = Story("MSG-EDIT-2")
    note = story.post("ben", "first")
    op = story.invoke("ben", ops.EditMessage(**story.place, message_id=note, content="second"))
    story.answer(op, None, outcome=Outcome.UNKNOWN, error="timeout")
    story.call("ben", ops.History(**story.place), body={"messages": [story.messages[note]]})
    story.close_scenario()
    return story


def _session_over() -> Story:
    """A session that is logged out is answered as if it were not."""
    story = Story("AUTH-7")
    story.call("ben", ops.Logout(refresh_token="⟦secret:refresh_token:ben:1⟧"), 204)
    story.call("ben", ops.ListGuilds(), body={"guilds": []})
    story.close_scenario()
    return story


def _counted() -> Story:
    """The metrics are read in two scenarios, and one event too many is counted in the second."""
    story = Counting()
    story.post("ben", "first")
    story.proof()
    story.close_scenario()
    story.begin("test/later")
    story.post("ben", "second")
    story.extra['gateway_events_emitted_total{scope="channel",event_type="message_create"}'] += 1
    story.proof()
    story.close_scenario()
    return story


def _diverged() -> Story:
    """A replica lacks a message, in one scenario and, after its user was removed and told so, in the next."""
    story = Story("DELIV-10")
    story.post("ana", "first")
    story.rest(replicas={story.ben: {f"messages/{story.channel}": []}})
    story.end()
    story.begin("test/next", "DELIV-10")
    story.kick("ana", "ben")
    story.post("ana", "second")
    story.rest(replicas={story.ana: {f"messages/{story.channel}": []}})
    story.end("test/next")
    return story


_STORIES = (
    _diverged,
    _late_leak,
    _wrong_answer_while_cleaning_up,
    _answered_late,
    _nobody_knows,
    _session_over,
    _counted,
)


def _judged_on_the_way(records: Sequence[Record]) -> Sequence[ScenarioResult]:
    """Judged at each scenario's end, as a run is, and now and then besides."""
    examination = Examination()
    for number, record in enumerate(records):
        examination.add(record)
        if isinstance(record, ScenarioEnded) or number % _OFTEN == 0:
            examination.results()
    assert not examination.faults
    return examination.results()


@pytest.mark.parametrize("tell", _STORIES)
def test_judging_on_the_way_finds_what_judging_once_finds(tell: Callable[[], Story]) -> None:
    records = tell().records
    once = examine(records).results()
    assert any(result.findings for result in once)
    assert _judged_on_the_way(records) == once


def test_a_late_leak_is_found_in_the_scenario_before() -> None:
    before, _ = _judged_on_the_way(_late_leak().records)
    assert ("leaks", "SCOPE-3", "eve#1") in found(before)
    assert ("delivery", "SCOPE-3", "eve#1") in found(before)


def test_a_late_answer_is_judged_in_the_scenario_before() -> None:
    before, _ = _judged_on_the_way(_wrong_answer_while_cleaning_up().records)
    assert ("answers", "PERM-HIER-1", "ana") in found(before)
