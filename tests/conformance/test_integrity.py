"""Records that no run wrote in this order are refused, each by its line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sync_check.conformance.history import (
    BodySeen,
    CanaryPlaced,
    ClientKnown,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    DamagedHistory,
    Ending,
    EndOfConnection,
    FenceMissed,
    FramesReceived,
    HistoryError,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Pinged,
    Record,
    ReplicaTaken,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
    SettleBegun,
    SettleEnded,
    SliceSeen,
    SnapshotTaken,
)
from sync_check.conformance.integrity import intact
from tests.conformance.command_stories import CommandStory
from tests.conformance.stories import Story


def story() -> list[Record]:
    told = Story("SCOPE-2")
    note = told.post("ben", "first")
    told.canary("sc0123456789ab", "message", told.last_op)
    told.edit("ben", note, "second")
    told.missed(told.last_op, told.eve)
    told.rest()
    told.close(told.ana)
    told.end()
    told.finish()
    return told.records


def spoken() -> list[Record]:
    told = CommandStory()
    told.say(told.ben, "one")
    told.canary("sc0123456789ab", "message", told.last_op)
    told.end()
    told.finish()
    return told.records


def refused(records: list[Record]) -> DamagedHistory:
    with pytest.raises(DamagedHistory) as caught:
        list(intact(records))
    return caught.value


def test_what_a_run_writes_is_intact() -> None:
    assert list(intact(story())) == story()


def test_a_command_that_asks_for_an_operation_has_a_number_of_its_own() -> None:
    assert list(intact(spoken())) == spoken()
    records = spoken()
    at, command = next(
        (at, one) for at, one in enumerate(records) if isinstance(one, CommandSent) and one.op is not None
    )
    records[at] = replace(command, op=1)
    assert refused(records).reason == "there is a operation 1 already"


def test_no_record_at_all_is_no_history() -> None:
    with pytest.raises(HistoryError, match="it is empty"):
        list(intact([]))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (BodySeen, "no line before it tells of body"),
        (ConnectionOpened, "no line before it tells of connection"),
        (OperationInvoked, "waits for an answer"),
        (SettleBegun, "no line before it tells of settle"),
        (SliceSeen, "names a slice that no line before it holds"),
        (ScenarioBegun, "ends a scenario that does not run"),
    ],
)
def test_what_is_referred_to_must_be_there(kind: type[Record], reason: str) -> None:
    records = story()
    records.remove(next(record for record in records if isinstance(record, kind)))
    assert reason in refused(records).reason


@pytest.mark.parametrize(
    "kind",
    [OperationInvoked, OperationAnswered, ConnectionOpened, BodySeen, SettleBegun, ScenarioBegun, RunEnded],
)
def test_nothing_happens_twice(kind: type[Record]) -> None:
    records = story()
    place, record = next((n, one) for n, one in enumerate(records) if isinstance(one, kind))
    records.insert(place, record)
    assert refused(records).line == place + 2


@pytest.mark.parametrize(
    "record",
    [
        OperationAnswered(at=1, op=99, outcome=Outcome.OK, status=200),
        CanaryPlaced(at=1, text="sc", what="message", op=99),
        FramesReceived(at=1, body=1, connections=(99,), after=(0,)),
        FramesReceived(at=1, body=1, connections=(1, 99), after=(0, 1)),
        FramesReceived(at=1, body=99, connections=(1,), after=(0,)),
        FramesReceived(at=1, body=1, connections=(1, 1), after=(0, 1)),
        FramesReceived(at=1, body=1, connections=(1,), after=(0, 1)),
        FramesReceived(at=1, body=1, connections=(1,), after=(-1,)),
        FramesReceived(at=1, body=1, connections=(), after=()),
        ConnectionEnded(at=1, connection=99, how=EndOfConnection.DROPPED),
        CommandSent(at=1, connection=99, command="ping", arguments={}),
        Pinged(at=2, connection=99, began=1, pings=1, answered=True, pongs=1),
        FenceMissed(at=1, op=99, connection=1, waited_us=1),
        FenceMissed(at=1, op=1, connection=99, waited_us=1),
        ReplicaTaken(at=1, settle=99, connection=1, guilds=(), slices={}),
        ReplicaTaken(at=1, settle=1, connection=99, guilds=(), slices={}),
        SnapshotTaken(at=1, settle=1, connection=1, guilds=(), slices={"guilds": "0" * 32}),
        SettleEnded(at=1, settle=99),
        SliceSeen(digest="0" * 32, value="[]"),
        SliceSeen(digest="0" * 32, value="ü"),
        ScenarioEnded(at=1, scenario="test/other", ending=Ending.COMPLETED),
        ClientKnown(at=-1, client="zoe", user_id="1", username="zoe"),
        ClientKnown(at=10**400, client="zoe", user_id="1", username="zoe"),
    ],
    ids=lambda record: record.kind,
)
def test_a_record_out_of_nowhere_is_refused(record: Record) -> None:
    records = story()
    place = next(n for n, one in enumerate(records) if isinstance(one, ScenarioEnded))
    records.insert(place, record)
    assert refused(records).line == place + 1


@pytest.mark.parametrize("kind", [FramesReceived, OperationAnswered])
def test_a_line_that_nothing_refers_to_is_missed_by_the_next_operation(kind: type[Record]) -> None:
    records = [
        replace(record, line=number) if isinstance(record, OperationInvoked) else record
        for number, record in enumerate(story(), 1)
    ]
    assert list(intact(records)) == records
    place = next(number for number, record in enumerate(records) if isinstance(record, kind))
    following = next(n for n, one in enumerate(records[place:], place) if isinstance(one, OperationInvoked))
    del records[place]
    damage = refused(records)
    assert damage.line == following
    assert f"it was written as line {following + 1}" in damage.reason


@pytest.mark.parametrize("kind", [FramesReceived, OperationAnswered, SnapshotTaken, CanaryPlaced])
def test_a_line_that_nothing_refers_to_is_missed_at_the_end(kind: type[Record]) -> None:
    records = story()
    records.remove(next(record for record in records if isinstance(record, kind)))
    damage = refused(records)
    assert damage.line == len(records)
    assert f"the run wrote {len(records) + 1} lines" in damage.reason


@pytest.mark.parametrize(
    "order",
    [
        lambda records: records[1:],
        lambda records: [records[0], *records],
        lambda records: [*records, *records],
        lambda records: [*records, replace(records[-1])],
    ],
    ids=["headless", "two headers", "two runs", "after the end"],
)
def test_a_history_is_of_one_run_from_its_header_to_its_end(
    order: Callable[[list[Record]], list[Record]],
) -> None:
    refused(order(story()))


def test_a_scenario_that_never_got_to_run_need_not_end() -> None:
    """It was interrupted before its first step."""
    told = Story()
    told.finish()
    assert list(intact(told.records)) == told.records
