"""Faults of the network that we make: what they excuse, and what they do not."""

import pytest

from sync_check.conformance.history import (
    ConnectionCut,
    EndedBy,
    EndOfConnection,
    FarEnded,
    FaultLifted,
    FaultPut,
)
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Verdict
from tests.conformance.histories import Builder, found
from tests.conformance.live_stories import LiveStory
from tests.conformance.stories import Story

BOTH = ("upstream", "downstream")
RESET = "reset_peer"


def put(story: Builder, connection: int, fault: str) -> None:
    story.add(
        FaultPut(
            at=story.now(), connection=connection, fault=fault, directions=BOTH, attributes={"timeout_s": 0}
        )
    )


def lift(story: Builder, connection: int, fault: str) -> None:
    story.add(FaultLifted(at=story.now(), connection=connection, fault=fault))


def cut(story: Builder, connection: int, fault: str = RESET) -> None:
    story.add(ConnectionCut(at=story.now(), connection=connection, fault=fault))
    far_end(story, connection)


def far_end(story: Builder, connection: int, by: EndedBy = EndedBy.US) -> None:
    story.add(FarEnded(at=story.now(), connection=connection, by=by))


def drop(story: Story, connection: int) -> None:
    story.close(connection, EndOfConnection.DROPPED)
    del story.owners[connection]
    story.subscribed.remove(connection)


# --- the end of a connection


def test_a_fault_of_ours_may_end_a_connection_and_what_was_under_way_is_lost() -> None:
    story = Story()
    put(story, story.ben2, RESET)
    story.post("ana", "not told in time", to=[story.ana, story.ben])
    cut(story, story.ben2)
    drop(story, story.ben2)
    story.post("ana", "told to those who are left")
    story.close_scenario()
    assert (found(story.result()), story.result().verdict) == ([], Verdict.PASS)


@pytest.mark.parametrize("fault", ["latency", RESET])
def test_a_fault_that_ended_nothing_excuses_no_end(fault: str) -> None:
    story = Story()
    put(story, story.ben2, fault)
    drop(story, story.ben2)
    story.close_scenario()
    assert found(story.result()) == [("delivery", "DELIV-1", "ben#2")]


def test_what_came_before_a_cut_has_no_gap() -> None:
    story = Story()
    story.post("ana", "left out", to=[story.ana, story.ben])
    story.post("ana", "and the next one told")
    cut(story, story.ben2)
    drop(story, story.ben2)
    story.close_scenario()
    assert found(story.result()) == [("delivery", "SCOPE-2", "ben#2")]


# --- silence


def test_who_hears_nothing_is_owed_nothing_until_the_fault_is_lifted() -> None:
    story = Story()
    put(story, story.ben2, "timeout")
    story.post("ana", "not yet told", to=[story.ana, story.ben])
    story.settle({})
    lift(story, story.ben2, "timeout")
    story.close_scenario()
    assert found(story.result()) == [("delivery", "SCOPE-2", "ben#2")]


def test_nobody_claims_that_a_silent_connection_was_settled() -> None:
    story = Story()
    put(story, story.ben2, "half_open")
    story.post("ana", "never told", to=[story.ana, story.ben])
    story.settle({})
    drop_silently(story, story.ben2)
    story.close_scenario()
    assert found(story.result()) == []


def drop_silently(story: Story, connection: int) -> None:
    """The client gives a half-open connection up; the target learns nothing of it."""
    story.close(connection)
    del story.owners[connection]
    story.subscribed.remove(connection)


# --- when the target knows


def test_a_user_is_present_until_the_end_is_known_at_the_targets_end() -> None:
    story = LiveStory()
    story.post("ana", "told to all")
    for one in story.present["ben"]:
        put(story, one, "half_open")
    online = dict(story.present)
    for one in list(story.present["ben"]):
        drop_silently(story, one)
    story.later(60)
    story.post("ana", "ben is still listed", to=[story.ana])
    late = story.open("ana")
    story.ask(late)
    story.list_online(late, online)
    story.confirm(late)
    story.list_voices(late)
    for one in online["ben"]:
        far_end(story, one, EndedBy.TARGET)
    del story.present["ben"]
    story.tell("ben", "offline", [story.ana, late])
    story.close(late)
    result = story.judged()
    assert found(result) == []
    assert result.witnesses["PRES-3"]


def test_an_offline_that_never_comes_is_missed_once_the_target_knew() -> None:
    story = LiveStory()
    story.post("ana", "told to all")
    for one in list(story.present["ben"]):
        put(story, one, "half_open")
        drop_silently(story, one)
        far_end(story, one, EndedBy.TARGET)
    del story.present["ben"]
    story.later()
    story.post("ana", "nobody is told", to=[story.ana])
    result = story.judged()
    assert ("presence", "PRES-3", "ana#1") in found(result)


def test_what_is_known_of_an_end_depends_on_whether_there_was_a_fault() -> None:
    connection = Connection(
        number=1, name="ana#1", client="ana", user_id=None, session=1, began=0, opened=1, opened_at=1
    )
    connection.ended, connection.ended_at, connection.how = 5, 50, EndOfConnection.DROPPED
    assert (connection.gone, connection.gone_at, connection.is_lost) == (5, 50, True)
    connection.cut = 4
    assert not connection.is_lost
