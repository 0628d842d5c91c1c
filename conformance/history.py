"""The record types of a run's history: everything that happened, in order, append-only.

A history is newline-delimited JSON. Its first line is a `Header`; every record has `k`, its kind. Times are
integer microseconds of the run's clock since its start. It holds no secret: passwords and tokens were
replaced by markers (`sync_check.harness.journal`) before a record came to be, in memory as well as in the
file, so that judging a run live and judging its file later see the same. Findings are not part of it: they
are derived.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, get_args

from pydantic import TypeAdapter

SCHEMA: Final = 1


def canonical(value: Any) -> str:
    """The JSON text of `value` that equal values share: sorted keys, no spaces, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str) -> str:
    """The name of a canonical JSON text: its BLAKE2b hash of 128 bits in hexadecimal."""
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


class Purpose(StrEnum):
    """Why the harness did an operation."""

    SCENARIO = "scenario"
    SETUP = "setup"
    FENCE = "fence"
    SNAPSHOT = "snapshot"
    SURFACE = "surface"
    REFETCH = "refetch"
    CLEANUP = "cleanup"


class Outcome(StrEnum):
    """What is known of an operation: it happened, it was refused, or it may have happened (law 5)."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Ending(StrEnum):
    """How the body of a scenario ended."""

    COMPLETED = "completed"
    HALTED = "halted"  # the target's answer made going on pointless
    CRASHED = "crashed"  # an exception of ours
    TIMED_OUT = "timed_out"
    INTERRUPTED = "interrupted"


class EndOfConnection(StrEnum):
    """How a connection ended."""

    CLOSED_BY_US = "closed_by_us"
    CLOSED_BY_TARGET = "closed_by_target"  # with a Close frame
    DROPPED = "dropped"  # end of stream or reset without a Close frame
    LEFT_OPEN = "left_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line. `declared` are the target's features, `features` those of them that this run drives."""

    kind: ClassVar = "header"
    schema: int
    run_id: str
    seed: int
    target: str
    contract_revision: int
    declared: tuple[str, ...]
    features: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioBegun:
    """From here on records belong to `scenario`."""

    kind: ClassVar = "scenario_begun"
    at: int
    scenario: str
    title: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEnded:
    """The scenario's body and its last settle are over; `message` says why it was not completed."""

    kind: ClassVar = "scenario_ended"
    at: int
    scenario: str
    ending: Ending
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKnown:
    """A client has an account: `client` names one user for the whole run.

    `address` is the one that the target sees it call from; None where that is not known.
    """

    kind: ClassVar = "client_known"
    at: int
    client: str
    user_id: str
    username: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryPlaced:
    """From operation `op` on, `text` is a secret of those who may see that operation's guild and channel.

    `what` says what it is: `guild_name`, `channel_name`, `message`.
    """

    kind: ClassVar = "canary_placed"
    at: int
    text: str
    what: str
    op: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInvoked:
    """A REST call is about to be sent. `arguments` are the operation's fields, `session` counts from 1."""

    kind: ClassVar = "invoked"
    at: int
    op: int
    client: str
    session: int
    operation: str
    arguments: Mapping[str, Any]
    purpose: Purpose
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAnswered:
    """The answer to `op`, or why there is none. `body` is the text of the answer, secrets marked.

    `headers` are those that answers do not have as a rule; None where there are none.
    """

    kind: ClassVar = "answered"
    at: int
    op: int
    outcome: Outcome
    status: int | None
    body: str | None
    error: str | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOpened:
    """A gateway connection is established; `connection` is unique in the run, `number` within the client.

    `began` is when the upgrade was sent: the server may have known the connection from then on.
    """

    kind: ClassVar = "opened"
    at: int
    connection: int
    client: str
    number: int
    session: int
    request_id: str
    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEnded:
    """Nothing comes on this connection any more."""

    kind: ClassVar = "ended"
    at: int
    connection: int
    how: EndOfConnection
    code: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSent:
    """A client sent a gateway command."""

    kind: ClassVar = "command"
    at: int
    connection: int
    command: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySeen:
    """A frame's text, written once however many connections receive it. `binary` frames are in base64."""

    kind: ClassVar = "body"
    body: int
    text: str
    size: int
    binary: bool = False


@dataclass(slots=True, kw_only=True)
class FrameReceived:
    """A connection received the frame whose text is body `body`.

    Not frozen like the others: it comes by the ten thousand, and a frozen one takes twice as long to make.
    """

    kind: ClassVar = "frame"
    at: int
    connection: int
    body: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceMissed:
    """The event of fence operation `op` did not reach `connection` within the budget."""

    kind: ClassVar = "fence_missed"
    at: int
    op: int
    connection: int
    waited_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceSeen:
    """A slice of a view, written once: `digest` names `value`, its canonical JSON text."""

    kind: ClassVar = "slice"
    digest: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleBegun:
    """All operations are answered; the harness now fences every open connection."""

    kind: ClassVar = "settle_begun"
    at: int
    settle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaTaken:
    """What a connection's replica believed at a settle: slice key to digest."""

    kind: ClassVar = "replica"
    at: int
    settle: int
    connection: int
    guilds: tuple[str, ...]
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken:
    """What REST said freshly, seen as `client`, of the same guilds as its replica on `connection`."""

    kind: ClassVar = "snapshot"
    at: int
    settle: int
    connection: int
    guilds: tuple[str, ...]
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleEnded:
    """The settle is over. `void` says why its comparison does not count, or is None."""

    kind: ClassVar = "settle_ended"
    at: int
    settle: int
    void: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The last line of a complete history."""

    kind: ClassVar = "run_ended"
    at: int
    ending: Ending


Record = (
    Header
    | ScenarioBegun
    | ScenarioEnded
    | ClientKnown
    | CanaryPlaced
    | OperationInvoked
    | OperationAnswered
    | ConnectionOpened
    | ConnectionEnded
    | CommandSent
    | BodySeen
    | FrameReceived
    | FenceMissed
    | SliceSeen
    | SettleBegun
    | ReplicaTaken
    | SnapshotTaken
    | SettleEnded
    | RunEnded
)
RECORDS: Final[Mapping[str, type[Any]]] = {record.kind: record for record in get_args(Record)}


class HistoryError(ValueError):
    """A history file that cannot be read: `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"history line {self.line}: {self.reason}"


_FIELDS: Final = {record: tuple(field.name for field in fields(record)) for record in RECORDS.values()}
_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {}


def encode_record(record: Record) -> bytes:
    """One line of NDJSON with its newline; non-ASCII is escaped, so lone surrogates survive."""
    line: dict[str, Any] = {"k": record.kind}
    for name in _FIELDS[type(record)]:
        value = getattr(record, name)
        if value is not None:
            line[name] = value
    return json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode_record(line: bytes, number: int) -> Record:
    """The record of one line; raises `HistoryError` naming line `number`."""
    try:
        members = json.loads(line)
        kind = members.pop("k")
        adapter = _ADAPTERS.get(kind) or _ADAPTERS.setdefault(kind, TypeAdapter(RECORDS[kind]))
        record: Record = adapter.validate_python(members)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise HistoryError(number, f"no record of this schema: {error}") from None
    return record


def read_history(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records of a history, which must begin with a header of a schema that this version knows.

    A torn last line (the run was killed) is dropped; any other fault raises `HistoryError`.
    """
    pending: tuple[int, bytes] | None = None
    for number, line in enumerate(lines, 1):
        if pending is not None:
            yield _checked(*pending)
        pending = (number, line)
    if pending is None:
        raise HistoryError(1, "the file is empty")
    if pending[1].endswith(b"\n"):
        yield _checked(*pending)


def _checked(number: int, line: bytes) -> Record:
    record = decode_record(line, number)
    if number == 1 and not isinstance(record, Header):
        raise HistoryError(1, "the first line is no header")
    if isinstance(record, Header) and record.schema > SCHEMA:
        raise HistoryError(number, f"schema {record.schema} is newer than {SCHEMA}; update sync-check")
    return record
