"""Writes histories by hand: a small builder, and the story that most tests begin with.

The builder only writes down; what a correct server would say is spelled out by the callers.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Command, Operation
from sync_check.conformance.examination import Examination, examine
from sync_check.conformance.history import (
    SCHEMA,
    BodySeen,
    CanaryPlaced,
    ClientKnown,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    Ending,
    EndOfConnection,
    Estimate,
    FenceMissed,
    FramesReceived,
    Header,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Purpose,
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
    canonical,
    digest,
)
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Level

FEATURES = ("messages", "channels.create", "workspace.update", "members", "profile", "metrics")
NOW = 1_700_000_000
ANONYMOUS = "anonymous"
"""The client without authentication."""


def ulid(number: int) -> str:
    """A valid entity id; ids of higher numbers sort later."""
    return f"01{number:024d}"


def user(name: str) -> str:
    """The user id of the client called `name`."""
    return ulid(1000 + sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 100_000)


@dataclass
class Builder:
    """Appends records; the clock goes on by a millisecond with each."""

    declared: tuple[str, ...] = FEATURES
    features: tuple[str, ...] = FEATURES
    records: list[Record] = field(default_factory=list)
    _bodies: dict[str, int] = field(default_factory=dict)
    _slices: set[str] = field(default_factory=set)
    _at: int = 0
    _op: int = 0
    _connection: int = 0
    _id: int = 0
    _settle: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records.append(
            Header(
                schema=SCHEMA,
                run_id="run",
                seed=1,
                target="test",
                contract_revision=2,
                declared=self.declared,
                features=self.features,
                version="0",
                clients=3,
                strict=False,
                started_at="2023-11-14T22:13:20+00:00",
                plan=(),
                estimate=Estimate(accounts=0, guilds=0, requests=0, seconds=0.0),
                limits=Limits(),
                repeat=("sync-check", "run"),
            )
        )

    def now(self) -> int:
        """The next moment, in microseconds."""
        self._at += 1000
        return self._at

    def id(self) -> str:
        """A new entity id."""
        self._id += 1
        return ulid(self._id)

    def add(self, record: Record) -> None:
        self.records.append(record)

    # --- scenarios and clients

    def begin(self, scenario: str = "test/story", *covers: str) -> None:
        self.add(ScenarioBegun(at=self.now(), scenario=scenario, title=scenario, covers=covers))

    def end(
        self, scenario: str = "test/story", ending: Ending = Ending.COMPLETED, message: str | None = None
    ) -> None:
        self.add(ScenarioEnded(at=self.now(), scenario=scenario, ending=ending, message=message))

    def finish(self, ending: Ending = Ending.COMPLETED) -> None:
        records = len(self.records) + 1
        self.add(RunEnded(at=self.now(), ending=ending, records=records))

    def client(self, name: str) -> None:
        self.add(ClientKnown(at=self.now(), client=name, user_id=user(name), username=name))

    @property
    def last_op(self) -> int:
        """The operation that was invoked last."""
        return self._op

    def canary(self, text: str, what: str, op: int) -> None:
        self.add(CanaryPlaced(at=self.now(), text=text, what=what, op=op))

    # --- operations

    def invoke(self, client: str, operation: Operation, purpose: Purpose = Purpose.SCENARIO) -> int:
        self._op += 1
        self.add(
            OperationInvoked(
                at=self.now(),
                op=self._op,
                client=client,
                session=0 if client == ANONYMOUS else 1,
                operation=operation.name,
                arguments=operation.model_dump(mode="json", exclude_none=True),
                purpose=purpose,
                request_id=f"r{self._op}",
            )
        )
        return self._op

    def answer(
        self,
        op: int,
        status: int | None = 200,
        body: Any = None,
        *,
        outcome: Outcome | None = None,
        error: str | None = None,
    ) -> None:
        known = outcome
        if known is None:
            known = Outcome.UNKNOWN if status is None or status >= 500 else Outcome.FAIL
            known = Outcome.OK if status is not None and status < 300 else known
        text = body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        self.add(
            OperationAnswered(at=self.now(), op=op, outcome=known, status=status, body=text, error=error)
        )

    def call(
        self,
        client: str,
        operation: Operation,
        status: int | None = 200,
        body: Any = None,
        purpose: Purpose = Purpose.SCENARIO,
    ) -> int:
        op = self.invoke(client, operation, purpose)
        self.answer(op, status, body)
        return op

    # --- connections

    def open(self, client: str, *, began: int | None = None, ready: bool = True) -> int:
        self._connection += 1
        number = self._numbers[client] = self._numbers.get(client, 0) + 1
        at = self.now()
        self.add(
            ConnectionOpened(
                at=at,
                connection=self._connection,
                client=client,
                number=number,
                session=1,
                request_id=f"u{self._connection}",
                began=at if began is None else began,
            )
        )
        if ready:
            self.frame(self._connection, "ready", {"user_id": user(client)})
        return self._connection

    def close(
        self,
        connection: int,
        how: EndOfConnection = EndOfConnection.CLOSED_BY_US,
        reason: str | None = None,
        code: int | None = None,
    ) -> None:
        self.add(ConnectionEnded(at=self.now(), connection=connection, how=how, reason=reason, code=code))

    def taking(
        self,
        connection: int,
        bytes_per_s: int | None = None,
        absorbs: int | None = None,
        *,
        vanished: bool = False,
    ) -> None:
        self.add(
            TakingChanged(
                at=self.now(),
                connection=connection,
                bytes_per_s=bytes_per_s,
                absorbs=absorbs,
                vanished=vanished,
            )
        )

    def subscribe(self, connection: int, guild: str, channel: str, *, confirmed: bool = True) -> None:
        arguments = {"guild_id": guild, "channel_id": channel}
        self.add(CommandSent(at=self.now(), connection=connection, command="subscribe", arguments=arguments))
        if confirmed:
            self.frame(connection, "subscribed", arguments)

    def send(self, connection: int, command: Command) -> int:
        """Send a command that asks for an operation; returns the number of that."""
        self._op += 1
        self.add(
            CommandSent(
                at=self.now(),
                connection=connection,
                command=command.name,
                arguments=command.payload(),
                op=self._op,
            )
        )
        return self._op

    def frame(self, connection: int, event: str, payload: Mapping[str, Any]) -> None:
        self.text(connection, json.dumps({"v": 1, "t": event, "d": payload}, ensure_ascii=False))

    def frames(self, connections: Iterable[int], event: str, payload: Mapping[str, Any]) -> None:
        for connection in connections:
            self.frame(connection, event, payload)

    def text(self, connection: int, text: str, *, binary: bool = False, size: int | None = None) -> None:
        known = self._bodies.get(text)
        if known is None:
            known = self._bodies[text] = len(self._bodies) + 1
            length = len(text.encode("utf-8", "surrogatepass")) if size is None else size
            self.add(BodySeen(body=known, text=text, size=length, binary=binary))
        self.add(FramesReceived(at=self.now(), body=known, connections=(connection,), after=(0,)))

    def missed(self, op: int, connection: int) -> None:
        self.add(FenceMissed(at=self.now(), op=op, connection=connection, waited_us=1))

    # --- settles

    def slices(self, view: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for key, value in view.items():
            text = canonical(value)
            found[key] = digest(text)
            if found[key] not in self._slices:
                self._slices.add(found[key])
                self.add(SliceSeen(digest=found[key], value=text))
        return found

    def settle(
        self,
        replicas: Mapping[int, tuple[tuple[str, ...], Mapping[str, Any]]],
        snapshots: Mapping[int, tuple[tuple[str, ...], Mapping[str, Any]]] | None = None,
        void: str | None = None,
    ) -> None:
        """A settle with these replicas (guilds, view); snapshots are the same unless given."""
        self._settle += 1
        self.add(SettleBegun(at=self.now(), settle=self._settle))
        for kind, taken in (
            (ReplicaTaken, replicas),
            (SnapshotTaken, replicas if snapshots is None else snapshots),
        ):
            for connection, (guilds, view) in taken.items():
                self.add(
                    kind(
                        at=self.now(),
                        settle=self._settle,
                        connection=connection,
                        guilds=guilds,
                        slices=self.slices(view),
                    )
                )
        self.add(SettleEnded(at=self.now(), settle=self._settle, void=void))

    # --- judging

    def examine(self) -> Examination:
        return examine(self.records)

    def result(self, scenario: str = "test/story") -> ScenarioResult:
        """What is found, but for the remark on weak fences, of which `judges/test_silence` tells.

        A story has one fence for all that it claims, which is enough to judge by.
        """
        examination = self.examine()
        result = examination.result(scenario)
        assert examination.faults == ()
        return without_remark(result)


def is_remark(finding: Finding) -> bool:
    """Whether it says no more than that fences were weak."""
    return finding.level is Level.INFO and finding.requirement == "DELIV-2"


def without_remark(result: ScenarioResult) -> ScenarioResult:
    """The result without the remark on weak fences."""
    return replace(result, findings=tuple(one for one in result.findings if not is_remark(one)))


def found(result: ScenarioResult) -> list[tuple[str, str, str | None]]:
    """The findings as (judge, requirement, client), without the remark on weak fences."""
    told = without_remark(result).findings
    return [(finding.judge, finding.requirement, finding.client) for finding in told]


def only(result: ScenarioResult) -> Finding:
    """The one finding that there is."""
    assert len(result.findings) == 1, [finding.message for finding in result.findings]
    return result.findings[0]
