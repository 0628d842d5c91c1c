"""Whether the records of a history belong together: each refers only to what came before it.

A run writes no other history, so what fails here was damaged or edited afterwards. It is said of the record
instead of letting a judge stumble over it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from sync_check.conformance.contract.wire import WireFrame
from sync_check.conformance.history import (
    BodySeen,
    CanaryPlaced,
    CommandSent,
    ConnectionCut,
    ConnectionEnded,
    ConnectionOpened,
    DamagedHistory,
    FarEnded,
    FaultLifted,
    FaultPut,
    FenceMissed,
    FramesReceived,
    Header,
    InputSent,
    NoHistory,
    OperationAnswered,
    OperationInvoked,
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
    TakingChanged,
    digest,
)

_LATEST_US: Final = 2**53
"""Microseconds that a run cannot last, and up to which they are exact as seconds."""
_Name = TypeVar("_Name", int, str)


def intact(records: Iterable[Record]) -> Iterator[Record]:
    """The same records; raises `DamagedHistory` at the first that does not fit to those before it."""
    seen = _Seen()
    number = 0
    for number, record in enumerate(records, 1):
        reason = seen.take(record)
        if reason is not None:
            raise DamagedHistory(number, reason)
        yield record
    if number == 0:
        raise NoHistory("it is empty")


class _Seen:
    """What the records so far have introduced."""

    def __init__(self) -> None:
        self._taken = 0
        self._over = False
        self._scenario: str | None = None
        self._operations: set[int] = set()
        self._unanswered: set[int] = set()
        self._connections: set[int] = set()
        self._bodies: set[int] = set()
        self._settles: set[int] = set()
        self._slices: set[str] = set()

    def take(self, record: Record) -> str | None:
        """Take in `record`; returns why it does not fit, or None."""
        self._taken += 1
        return self._misplaced(record) or self._mistimed(record) or self._misfit(record)

    def _misplaced(self, record: Record) -> str | None:
        if self._over:
            return "it comes after the end of the run"
        if isinstance(record, Header) is not (self._taken == 1):
            return "the first line alone is a header, of one run"
        if isinstance(record, RunEnded):
            self._over = True
            if record.records != self._taken:
                return f"the run wrote {record.records} lines, so some are missing or added"
        return None

    def _mistimed(self, record: Record) -> str | None:
        at = getattr(record, "at", 0)
        return None if 0 <= at <= _LATEST_US else "its time is none that a run can have"

    def _misfit(self, record: Record) -> str | None:
        match record:
            case FramesReceived():
                return self._frames(record)
            case BodySeen():
                return _again("body", record.body, self._bodies)
            case OperationInvoked() | OperationAnswered() | CanaryPlaced():
                return self._operation(record)
            case ConnectionOpened():
                return _again("connection", record.connection, self._connections)
            case CommandSent():
                return self._unconnected(record) or self._command(record)
            case InputSent():
                return self._unconnected(record) or self._command(record) or _unwritable(record)
            case (
                ConnectionEnded()
                | TakingChanged()
                | Pinged()
                | FaultPut()
                | FaultLifted()
                | ConnectionCut()
                | FarEnded()
            ):
                return self._unconnected(record)
            case FenceMissed():
                return self._unconnected(record) or _unknown("operation", record.op, self._operations)
            case SliceSeen() | SettleBegun() | ReplicaTaken() | SnapshotTaken() | SettleEnded():
                return self._settle(record)
            case ScenarioBegun() | ScenarioEnded():
                return self._frame_of_scenario(record)
            case _:
                return None

    def _operation(self, record: OperationInvoked | OperationAnswered | CanaryPlaced) -> str | None:
        if isinstance(record, OperationInvoked):
            if record.line not in (None, self._taken):
                return f"it was written as line {record.line}, so some before it are missing or added"
            self._unanswered.add(record.op)
            return _again("operation", record.op, self._operations)
        if isinstance(record, CanaryPlaced):
            return _unknown("operation", record.op, self._operations)
        if record.op not in self._unanswered:
            return f"no operation {record.op} waits for an answer"
        self._unanswered.discard(record.op)
        return None

    def _command(self, record: CommandSent | InputSent) -> str | None:
        return None if record.op is None else _again("operation", record.op, self._operations)

    def _frames(self, record: FramesReceived) -> str | None:
        if not len(record.connections) == len(record.after) == len(set(record.connections)) > 0:
            return "its connections are not told each once, with a time"
        if any(not 0 <= after <= _LATEST_US for after in record.after):
            return "one of its times is none that a run can have"
        strange = next((one for one in record.connections if one not in self._connections), None)
        if strange is not None:
            return _unknown("connection", strange, self._connections)
        return _unknown("body", record.body, self._bodies)

    def _unconnected(
        self,
        record: (
            ConnectionEnded
            | TakingChanged
            | Pinged
            | FaultPut
            | FaultLifted
            | ConnectionCut
            | FarEnded
            | CommandSent
            | InputSent
            | FenceMissed
            | ReplicaTaken
            | SnapshotTaken
        ),
    ) -> str | None:
        return _unknown("connection", record.connection, self._connections)

    def _settle(
        self, record: SliceSeen | SettleBegun | ReplicaTaken | SnapshotTaken | SettleEnded
    ) -> str | None:
        match record:
            case SliceSeen():
                self._slices.add(record.digest)
                is_named = record.value.isascii() and digest(record.value) == record.digest
                return None if is_named else f"the slice has another value than {record.digest[:32]!r} names"
            case SettleBegun():
                return _again("settle", record.settle, self._settles)
            case SettleEnded():
                return _unknown("settle", record.settle, self._settles)
            case _:
                known = self._slices.issuperset(record.slices.values())
                return (
                    _unknown("settle", record.settle, self._settles)
                    or self._unconnected(record)
                    or (None if known else "it names a slice that no line before it holds")
                )

    def _frame_of_scenario(self, record: ScenarioBegun | ScenarioEnded) -> str | None:
        running = self._scenario
        if isinstance(record, ScenarioBegun):
            self._scenario = record.scenario
            return None if running is None else f"scenario {running[:60]!r} has not ended"
        self._scenario = None
        return None if running == record.scenario else "it ends a scenario that does not run"


def _unwritable(record: InputSent) -> str | None:
    frames = [frame for frame in record.frames if isinstance(frame, WireFrame)]
    return None if all(frame.is_writable for frame in frames) else "one of its frames is none"


def _again(what: str, name: _Name, known: set[_Name]) -> str | None:
    """Take note of a new name; says so if it is not new."""
    if name in known:
        return f"there is a {what} {name} already"
    known.add(name)
    return None


def _unknown(what: str, name: _Name, known: set[_Name]) -> str | None:
    return None if name in known else f"no line before it tells of {what} {name}"
