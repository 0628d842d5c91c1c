"""The record types of a run's history: everything that happened, in order, append-only.

A history is newline-delimited JSON. Its first line is a `Header`; every record has `k`, its kind. Times are
integer microseconds of the run's clock since its start. It holds no secret: passwords and tokens were
replaced by markers (`sync_check.harness.journal`) before a record came to be, in memory as well as in the
file, so that judging a run live and judging its file later see the same. Findings are not part of it: they
are derived.

HistoryError             these lines cannot be judged
 ├── NoHistory           they are no history at all
 ├── UnknownSchema       they are one of a schema that this version does not know
 └── DamagedHistory      one line is not what a run wrote
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final, get_args

from pydantic import BaseModel, FiniteFloat, TypeAdapter, ValidationError

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.wire import Piece, WireFrame

SCHEMA: Final = 4
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
"""Made once: `json.dumps` makes one for each call, which takes longer than most values."""


def canonical(value: Any) -> str:
    """The JSON text of `value` that equal values share: sorted keys, no spaces, ASCII only."""
    return _CANONICAL.encode(value)


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


class EndedBy(StrEnum):
    """Who ended a connection at the target's end."""

    US = "us"
    TARGET = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPlan:
    """A selected scenario, before it runs. `seconds` is how long it is expected to take."""

    id: str
    title: str
    covers: tuple[str, ...]
    seconds: FiniteFloat = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What the run is expected to need under the target's limits.

    It rests on `request_ms`, what a request takes where nothing has to wait; None where that is not measured.
    """

    accounts: int
    guilds: int
    requests: int
    seconds: FiniteFloat
    request_ms: FiniteFloat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: what is known before anything happens.

    `declared` are the target's features, `features` those of them that this run drives, `limits` the target's
    limits in force. `started_at` is ISO 8601 in UTC. `plan` are the selected scenarios in order, `repeat` the
    run's command line without the patterns of `selection`. `metric_prefix` precedes the names of counters.
    In the `migration_window` overrides may be told of under their former name too. `visible_p99_ms`,
    `eviction_s` and `bystander_ratio` are what the target's owner promises, `time_scale` is how many times as
    long as usual the harness waited for it. A run that is `swept` places a secret in whatever it makes for a
    scenario, and reads every surface at each settle.
    """

    kind: ClassVar = "header"
    schema: int
    run_id: str
    seed: int
    target: str
    contract_revision: int
    declared: tuple[str, ...]
    features: tuple[str, ...]
    version: str
    clients: int
    strict: bool
    started_at: str
    plan: tuple[ScenarioPlan, ...]
    estimate: Estimate
    limits: Limits
    repeat: tuple[str, ...]
    selection: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    metric_prefix: str = ""
    migration_window: bool = True
    visible_p99_ms: FiniteFloat | None = None
    eviction_s: FiniteFloat | None = None
    bystander_ratio: FiniteFloat | None = None
    time_scale: FiniteFloat = 1.0
    swept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSkipped:
    """A scenario of the plan was not run, because of `reason`: the target lacks what it needs."""

    kind: ClassVar = "scenario_skipped"
    at: int
    scenario: str
    title: str
    covers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioBegun:
    """From here on records belong to `scenario`; `attempt` counts from 1 (`conformance.repetition`)."""

    kind: ClassVar = "scenario_begun"
    at: int
    scenario: str
    title: str
    covers: tuple[str, ...]
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEnded:
    """The scenario's body and its last settle are over; `message` says why it was not completed.

    `lag_us` is by how much the event loop of sync-check itself was late at worst, in microseconds, and
    `lag_p99_us` by how much at most 99 times of 100. `cpu` is the share of one processor that it took.
    """

    kind: ClassVar = "scenario_ended"
    at: int
    scenario: str
    ending: Ending
    message: str | None = None
    lag_us: int = 0
    lag_p99_us: int = 0
    cpu: FiniteFloat = 0.0


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
    """A REST call is about to be sent. `arguments` are the operation's fields.

    `session` counts from 1; it is 0 of a call without authentication. `token` is the access token that was
    sent, where that was not the newest one of its session. `line` is the line of the history that this was
    written as: where it is another one, some before it are gone.
    """

    kind: ClassVar = "invoked"
    at: int
    op: int
    client: str
    session: int
    operation: str
    arguments: Mapping[str, Any]
    purpose: Purpose
    request_id: str
    token: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAnswered:
    """The answer to `op`, or why there is none. `body` is the text of the answer, secrets marked.

    `headers` are those that answers do not have as a rule, or not with such a value, and the `date` of the
    first answer and of each that shows another clock than the one before; None where there are none.
    """

    kind: ClassVar = "answered"
    at: int
    op: int
    outcome: Outcome
    status: int | None = None
    body: str | None = None
    error: str | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOpened:
    """A gateway connection is established; `connection` is unique in the run, `number` within the client.

    `began` is when the upgrade was sent: the server may have known the connection from then on. One whose
    upgrade a fault of ours cut is told as opened, cut and ended at once: it may have been one to the server.
    `headers` are those of the answer to the upgrade that may tell something, as of `OperationAnswered`.
    """

    kind: ClassVar = "opened"
    at: int
    connection: int
    client: str
    number: int
    session: int
    request_id: str
    began: int
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeAnswered:
    """A client tried to open a gateway connection and has no use for one; it was given up if it came about.

    `header` is the value of its `Authorization`, `query` that of `access_token`; None without. `status` is
    101 where the upgrade was accepted, and None, with an `error`, where no answer came. `headers` are those
    of the answer that may tell something, as of `OperationAnswered`.
    """

    kind: ClassVar = "upgrade"
    at: int
    client: str
    header: str | None = None
    query: str | None = None
    status: int | None = None
    body: str | None = None
    error: str | None = None
    headers: Mapping[str, str] | None = None


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
class FaultPut:
    """From here on the network treats a connection badly, because we make it: `fault` is toxiproxy's word.

    `directions` are those of its two streams, `upstream` and `downstream`, that it concerns.
    """

    kind: ClassVar = "fault_put"
    at: int
    connection: int
    fault: str
    directions: tuple[str, ...]
    attributes: Mapping[str, FiniteFloat | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLifted:
    """The network treats the connection well again, as far as this fault is concerned."""

    kind: ClassVar = "fault_lifted"
    at: int
    connection: int
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCut:
    """A fault of ours ends the connection; what was under way to the client is lost."""

    kind: ClassVar = "cut"
    at: int
    connection: int
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnded:
    """The connection is over at the target's end, and who ended it there.

    Told of a connection through a network of ours alone, whose two ends may learn of it at different times.
    """

    kind: ClassVar = "far_ended"
    at: int
    connection: int
    by: EndedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingChanged:
    """From now on the client takes `bytes_per_s` of what comes on a connection: 0 nothing, None everything.

    `absorbs` is about how many bytes the way to it holds besides what waits in the server, where that was
    measured. Where it `vanished` the network is gone: nothing is acknowledged, and no end will be told.
    """

    kind: ClassVar = "taking"
    at: int
    connection: int
    bytes_per_s: int | None = None
    absorbs: int | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySeen:
    """The target has so many bytes of memory resident."""

    kind: ClassVar = "memory"
    at: int
    resident_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSent:
    """A client sent a gateway command.

    `op` numbers, among the operations, a command that asks for one; None for a subscribe.
    """

    kind: ClassVar = "command"
    at: int
    connection: int
    command: str
    arguments: Mapping[str, Any]
    op: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSent:
    """A client sent what no client should, or what is right in an unusual way: frames, and parts of frames.

    `name` is what the input is called, `expected` what the suite's own table says that becomes of it
    (`conformance.contract.inputs`), None where it was drawn. `op` numbers, among the operations, the message
    that it asks for, or would ask for if it were as it should be; `meant` are the arguments of that.
    """

    kind: ClassVar = "input"
    at: int
    connection: int
    name: str
    frames: tuple[Piece, ...]
    op: int
    expected: str | None = None
    meant: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """A client sent `pings` at once from `began` on, and behind each a pong that nobody had asked for.

    `answered` says whether a pong came that has what the last of them had; to those before none is owed
    (RFC 6455, section 5.5.3). That was at `at`, or else nothing was waited for any more then. `pongs` is how
    many came meanwhile, whatever they had.
    """

    kind: ClassVar = "pinged"
    at: int
    connection: int
    began: int
    pings: int
    answered: bool
    pongs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySeen:
    """A frame's text, written once however many connections receive it. `binary` frames are in base64."""

    kind: ClassVar = "body"
    body: int
    text: str
    size: int
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesReceived:
    """Each of `connections` received the frame whose text is body `body`.

    They received it in that order, each once, `after` microseconds later than `at`. Nothing but frames was
    recorded between; what one connection received is in the order of the records.
    """

    kind: ClassVar = "frames"
    at: int
    body: int
    connections: tuple[int, ...]
    after: tuple[int, ...]


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
class TargetDown:
    """The target, whose process is the run's, is now told to stop, or is `killed` without a word."""

    kind: ClassVar = "target_down"
    at: int
    killed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUp:
    """The target runs again: everything of the process before is over."""

    kind: ClassVar = "target_up"
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled:
    """In virtual time: nothing but periodic timers was left. `waiting` says who waits, and where."""

    kind: ClassVar = "stalled"
    at: int
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessFailed:
    """An error of the harness itself, which the target has no part in; `message` says where and what."""

    kind: ClassVar = "harness_failed"
    at: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The last line of a complete history. `records` is how many it has, this one included.

    `notes` are what whoever reads the reports has to know, and only the run showed.
    """

    kind: ClassVar = "run_ended"
    at: int
    ending: Ending
    records: int
    notes: tuple[str, ...] | None = None


Record = (
    Header
    | ScenarioSkipped
    | ScenarioBegun
    | ScenarioEnded
    | ClientKnown
    | CanaryPlaced
    | OperationInvoked
    | OperationAnswered
    | ConnectionOpened
    | UpgradeAnswered
    | ConnectionEnded
    | FaultPut
    | FaultLifted
    | ConnectionCut
    | FarEnded
    | TakingChanged
    | MemorySeen
    | CommandSent
    | InputSent
    | Pinged
    | BodySeen
    | FramesReceived
    | FenceMissed
    | SliceSeen
    | SettleBegun
    | ReplicaTaken
    | SnapshotTaken
    | SettleEnded
    | TargetDown
    | TargetUp
    | Stalled
    | HarnessFailed
    | RunEnded
)
RECORDS: Final[Mapping[str, type[Any]]] = {record.kind: record for record in get_args(Record)}
_SHOWN: Final = 60
"""Characters of a damaged line that an error repeats."""
_NO_HEADER: Final = "its first line is no whole header"


class HistoryError(ValueError):
    """Lines that cannot be judged; the text completes a sentence that begins with their name."""


class NoHistory(HistoryError):
    """What was given is no history of a run, because of `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason}; give the history.ndjson of a run"


class UnknownSchema(HistoryError):
    """The history has `schema`; the version of sync-check that wrote it is `version`, where it says so."""

    def __init__(self, schema: int, version: str | None) -> None:
        super().__init__(schema, version)
        self.schema = schema
        self.version = version

    def __str__(self) -> str:
        age = "newer" if self.schema > SCHEMA else "older"
        writer = "" if self.version is None else f" (it says {self.version})"
        return (
            f"its schema is {self.schema}, {age} than the {SCHEMA} that this version judges;"
            f" judge it with the build of sync-check that wrote it{writer}, or repeat the run"
        )


class DamagedHistory(HistoryError):
    """Line `line`, counted from 1, is not what a run wrote there, because of `reason`."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line} is damaged: {self.reason}; give an intact copy"


_FIELDS: Final = {record: tuple(field.name for field in fields(record)) for record in RECORDS.values()}
_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {}


def encode_record(record: Record) -> bytes:
    """One line of NDJSON with its newline; non-ASCII is escaped, so lone surrogates survive."""
    line: dict[str, Any] = {"k": record.kind}
    for name in _FIELDS[type(record)]:
        value = getattr(record, name)
        if value is not None:
            line[name] = value
    return f"{_LINES.encode(line)}\n".encode()


def _members_of(value: Any) -> dict[str, Any]:
    """What a record nests, as a JSON object."""
    if isinstance(value, WireFrame):
        return value.told()
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else asdict(value)


_LINES: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=_members_of)


def decode_record(line: bytes, number: int) -> Record:
    """The record of one line; raises `DamagedHistory` naming line `number`."""
    members = _object(line)
    kind = members.pop("k", None) if members is not None else None
    if members is None or not isinstance(kind, str):
        raise DamagedHistory(number, "it is no JSON object that tells its kind")
    if kind not in RECORDS:
        raise DamagedHistory(number, f"there are no records of kind {kind[:_SHOWN]!r}")
    adapter = _ADAPTERS.get(kind) or _ADAPTERS.setdefault(kind, TypeAdapter(RECORDS[kind]))
    try:
        record: Record = adapter.validate_python(members)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))[:_SHOWN]
        raise DamagedHistory(number, f"{where} of the {kind} record will not do: {first['msg']}") from None
    return record


def read_history(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records of a history, which must begin with a header of the schema that this version knows.

    A torn last line (the run was killed) is dropped. Raises `HistoryError`.
    """
    pending: tuple[int, bytes] | None = None
    for number, line in enumerate(lines, 1):
        if pending is not None:
            yield decode_record(pending[1], pending[0])
        elif number == 1:
            _check_first(line)
        pending = (number, line)
    if pending is None:
        raise NoHistory("it is empty")
    if pending[1].endswith(b"\n"):
        yield decode_record(pending[1], pending[0])
    elif pending[0] == 1:
        raise NoHistory(_NO_HEADER)


def _check_first(line: bytes) -> None:
    """Raise unless `line` is a header that can be decoded, as far as that can be told from two members."""
    header = _object(line)
    if header is None or header.get("k") != Header.kind:
        raise NoHistory(_NO_HEADER)
    schema, version = header.get("schema"), header.get("version")
    if type(schema) is int and schema != SCHEMA:
        raise UnknownSchema(schema, version[:_SHOWN] if isinstance(version, str) else None)


def _object(line: bytes) -> dict[str, Any] | None:
    """The JSON object that `line` is; None if it is anything else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
