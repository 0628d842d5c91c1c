"""What the records of a run are folded into: lives of scenarios, operations, settles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.contract.shapes import Message
from sync_check.conformance.history import Ending, Outcome, Purpose
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.model.duties import Window
from sync_check.conformance.model.emissions import Emission
from sync_check.conformance.model.families import rule_of
from sync_check.conformance.model.ingress import Consequence
from sync_check.conformance.model.requests import Understood
from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.transitions import Rule

RETRIED: Final = "retried"
"""The `error` of an answer after which the harness asks again: it is nobody's fault and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How sync-check itself was in a scenario: the fields of `ScenarioEnded`."""

    lag_us: int = 0
    lag_p99_us: int = 0
    cpu: float = 0.0


WELL: Final = Health()


@dataclass(slots=True, kw_only=True, eq=False)
class Scenario:
    """A scenario's place in the history: positions, and times in microseconds."""

    index: int
    id: str
    title: str
    covers: tuple[str, ...]
    begun: int
    begun_at: int
    ended: int = NEVER
    ended_at: int | None = None
    ending: Ending = Ending.INTERRUPTED
    message: str | None = None
    health: Health = WELL


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """The life of one operation. `acknowledged` is the position from which its effect is certain.

    One that was asked for by command has the `connection` that this went over, and `made_message`, what was
    first seen of the message that it made. It has no status, and is answered when something bounds it.
    """

    op: int
    name: str
    client: str
    session: int
    purpose: Purpose
    scenario: int
    invoked: int
    invoked_at: int
    operation: Operation | None
    arguments: Mapping[str, Any]
    request_id: str | None = None
    token: str | None = None
    understood: Understood | None = None
    """What is to be made of it, if it was sent as bytes and is no operation."""
    actor: str | None = None
    connection: int | None = None
    acknowledged: int = NEVER
    answered_at: int | None = None
    outcome: Outcome | None = None
    status: int | None = None
    body: str | None = None
    error: str | None = None
    headers: Mapping[str, str] | None = None
    made: int | None = None
    made_message: Message | None = None
    blind: bool = False
    """Whether nobody knows what state it left behind."""
    offence: Consequence | None = None
    """What must follow, or may, if it was sent in a message that is not as it should be."""
    assumed: bool | None = None
    """Where no answer came: whether it is taken to have happened; None as long as both are possible."""
    _window: tuple[tuple[int, int, int | None, int | None], Window] | None = None
    """The window worked out last, and what it was worked out from."""
    rule: Rule | None = field(init=False)
    """What the model knows of the operation."""

    def __post_init__(self) -> None:
        self.rule = rule_of(self.name)

    @property
    def retried(self) -> bool:
        """Whether the harness asked again because a rate limit stopped it."""
        return self.status == 429 and self.error == RETRIED

    @property
    def is_command(self) -> bool:
        """Whether it was asked for on a gateway connection."""
        return self.connection is not None

    @property
    def is_anonymous(self) -> bool:
        """Whether it was sent without authentication."""
        return self.session == 0

    @property
    def label(self) -> str:
        """How findings name it as their cause."""
        return f"{self.name} by {self.client} (op {self.op})"

    def follows(self, other: "Call") -> bool:
        """Whether both are commands of one connection, and this is the later one (CMD-1)."""
        return self.is_command and self.connection == other.connection and self.invoked > other.invoked

    def window(self, timeline: Timeline) -> Window:
        """When it happened."""
        key = timeline.newest, self.acknowledged, self.answered_at, self.made
        if self._window is None or self._window[0] != key:
            self._window = key, self._worked_out(timeline)
        return self._window[1]

    def _worked_out(self, timeline: Timeline) -> Window:
        span = timeline.span(self.invoked, self.acknowledged)
        last_before = span.last if self.made is None else max(span.first, self.made - 1)
        return Window(
            invoked=self.invoked,
            acknowledged=self.acknowledged,
            invoked_at=self.invoked_at,
            acknowledged_at=NEVER if self.acknowledged == NEVER else self.answered_at or 0,
            span=span,
            before=Span(first=span.first, last=last_before),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Input:
    """Bytes that a client sent on its own account, and what has to follow from each message in them.

    `shown` is how they are told, `name` and `expected` are what the suite's own table says of them.
    """

    position: int
    at: int
    name: str
    expected: str | None
    shown: str
    consequences: tuple[Consequence, ...]

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"input {self.name}"


class Offence(NamedTuple):
    """A message that has to end its connection, or may, and the input that it came in."""

    input: Input
    consequence: Consequence

    @property
    def position(self) -> int:
        """When it was sent."""
        return self.input.position


class Cause(NamedTuple):
    """Something that was sent at a position, after which the connection ends under one of `labels`, or may.

    `name` is what it is called, `event` the unknown name that is counted.
    """

    position: int
    name: str
    labels: frozenset[str]
    is_deadly: bool
    event: str | None = None

    @property
    def label(self) -> str | None:
        """Its one label, if it has to end the connection under no other."""
        return next(iter(self.labels)) if self.is_deadly and len(self.labels) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emitted:
    """An emission and the operation that caused it; `number` counts over the run."""

    number: int
    call: Call
    emission: Emission


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A replica or a snapshot: slice digests, taken at `position`."""

    position: int
    at: int
    connection: int
    guilds: tuple[str, ...]
    slices: Mapping[str, str]


@dataclass(slots=True, kw_only=True, eq=False)
class Settle:
    """A settle of `scenario`; `replicas` and `snapshots` by connection."""

    number: int
    scenario: int
    begun: int
    ended: int | None = None
    void: str | None = None
    replicas: dict[int, Taken] = field(default_factory=dict)
    snapshots: dict[int, Taken] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether every open connection was fenced and the comparison counts."""
        return self.ended is not None and self.void is None
