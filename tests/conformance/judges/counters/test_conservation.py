"""What is counted as emitted is what came: more or less is told with both numbers (METRIC-2, METRIC-3)."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Ending, Purpose
from sync_check.conformance.verdict import Level
from tests.conformance.histories import NOW, user
from tests.conformance.judges.counters.counting import Counting, broken, findings
from tests.conformance.stories import profile

MESSAGES = 'gateway_events_emitted_total{scope="channel",event_type="message_create"}'
UPDATES = 'gateway_events_emitted_total{scope="guild",event_type="workspace_update"}'
SUBSCRIBED = 'gateway_events_emitted_total{scope="connection",event_type="subscribed"}'
PROFILES = 'gateway_events_emitted_total{scope="user",event_type="profile_update"}'
READY = 'gateway_events_emitted_total{scope="connection",event_type="ready"}'


def test_what_came_is_what_was_counted() -> None:
    story = Counting()
    story.work()
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-2"] == result.witnesses["METRIC-3"] == 1


def test_what_was_counted_before_the_run_is_of_no_interest() -> None:
    story = Counting(before={MESSAGES: 700, UPDATES: 7})
    story.work()
    story.proof()
    assert findings(story.judged()) == []


@pytest.mark.parametrize("by", [-3, -1, 1, 3])
@pytest.mark.parametrize("series", [MESSAGES, UPDATES])
def test_one_event_counted_too_often_or_too_rarely_is_found_with_both_numbers(series: str, by: int) -> None:
    story = Counting()
    story.work()
    story.extra[series] += by
    story.proof()
    result = story.judged()
    (finding,) = findings(result)
    assert finding.requirement == "METRIC-3"
    assert finding.level is Level.FAIL
    assert finding.event is not None
    assert finding.event in series
    assert finding.expected is not None
    assert finding.received is not None
    came, counted = (int(text.rpartition(" ")[2]) for text in (finding.expected, finding.received))
    assert counted - came == by
    assert "METRIC-3" not in result.witnesses


def test_an_event_that_is_not_counted_at_all_is_found() -> None:
    story = Counting()
    story.work()
    story.extra[UPDATES] -= story.counted()[UPDATES]
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.event) == ("METRIC-3", "workspace_update")
    assert finding.received == "workspace_update 0"


def test_events_that_other_clients_got_are_found_because_a_run_is_alone() -> None:
    story = Counting()
    story.work()
    story.extra['gateway_events_emitted_total{scope="user",event_type="friend_remove"}'] += 2
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.expected, finding.received) == ("friend_remove 0", "friend_remove 2")


def test_an_answer_to_a_single_connection_counts_as_well() -> None:
    story = Counting()
    story.subscribe(story.ben, story.guild, story.channel)
    story.extra[SUBSCRIBED] -= 1
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.event) == ("METRIC-2", "subscribed")


def test_a_connection_opened_in_between_counts_as_well() -> None:
    story = Counting()
    story.owners[story.open("eve")] = "eve"
    story.proof()
    assert findings(story.judged()) == []
    story = Counting()
    story.owners[story.open("eve")] = "eve"
    story.extra[READY] -= 1
    story.proof()
    assert broken(story.judged()) == {"METRIC-2"}


def test_events_counted_under_another_scope_are_found() -> None:
    story = Counting()
    story.work()
    by = story.counted()[UPDATES]
    story.extra[UPDATES] -= by
    story.extra[UPDATES.replace("guild", "channel")] += by
    story.proof()
    (finding,) = findings(story.judged())
    assert finding.requirement == "METRIC-2"
    assert finding.received == f"workspace_update as channel {by}"


def test_an_event_of_an_unknown_name_counts_like_any_other() -> None:
    story = Counting()
    story.work()
    story.frames(story.subscribed, "guild_party", {"guild_id": story.guild})
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-3"] == 1


def test_what_was_counted_and_comes_after_the_read_is_no_difference() -> None:
    story = Counting()
    op = story.invoke("ana", ops.UpdateProfile(about_markdown="late"), Purpose.FENCE)
    story.answer(op, 200, profile("ana", "late"))
    story.extra[PROFILES] += 1
    story.read()
    story.extra[PROFILES] -= 1
    fields = {"about_markdown": "late", "about_markdown_tokens": []}
    late = {"user_id": user("ana"), "updated_fields": fields, "updated_at_unix": NOW}
    story.frame(story.ana, "profile_update", late)
    story.fence()
    assert findings(story.judged()) == []


# --- what cannot be known


def test_on_a_connection_that_ends_something_may_be_lost() -> None:
    story = Counting()
    story.leave(story.ben2)
    story.extra[MESSAGES] += 1
    story.work()
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert "METRIC-3" not in result.witnesses


@pytest.mark.parametrize("by", [1, 2])
def test_but_nothing_can_come_that_was_not_counted(by: int) -> None:
    story = Counting()
    story.leave(story.ben2)
    story.work()
    story.extra[UPDATES] -= by
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.event) == ("METRIC-2", "workspace_update")


def test_a_connection_that_no_fence_reaches_proves_nothing() -> None:
    story = Counting()
    story.drop(story.ben2)
    story.extra[MESSAGES] += 1
    story.work()
    story.missed(story.last_op, story.ben2)
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert "METRIC-3" not in result.witnesses


@pytest.mark.parametrize("seconds", [0.5, 1.5])
def test_that_a_connection_ended_is_known_after_the_presence_window(seconds: float) -> None:
    story = Counting(read=False)
    story.leave(story.ben2)
    story.wait(seconds)
    story.read()
    story.work()
    story.extra[UPDATES] += 1
    story.proof()
    assert broken(story.judged()) == ({"METRIC-3"} if seconds > 1 else set())


def test_the_end_of_a_connection_to_which_nothing_was_due_hides_nothing() -> None:
    story = Counting(read=False)
    story.leave(story.eve)
    story.read()
    story.post("ana", "hello")
    story.extra[MESSAGES] += 1
    story.proof()
    assert broken(story.judged()) == {"METRIC-3"}


def test_who_never_asked_for_a_channel_lacks_none_of_its_messages() -> None:
    story = Counting(read=False)
    fresh = story.open("ben")
    story.owners[fresh] = "ben"
    story.about("ben", "there")
    story.leave(fresh)
    story.read()
    story.work()
    story.extra.update({MESSAGES: 1, UPDATES: 1})
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.event) == ("METRIC-3", "message_create")


def test_where_a_scenario_gave_up_a_connection_may_be_that_nobody_knows() -> None:
    story = Counting()
    story.work()
    story.extra[UPDATES] += 1
    story.proof()
    story.end(ending=Ending.HALTED)
    assert findings(story.result()) == []


def test_nothing_is_witnessed_where_nothing_happened() -> None:
    story = Counting(read=False)
    story.read()
    story.read()
    result = story.judged()
    assert findings(result) == []
    assert not [name for name in result.witnesses if name.startswith("METRIC")]
