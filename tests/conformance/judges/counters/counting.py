"""A story whose target counts what it does, and tells it, as a correct one would; tests say what it adds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.history import (
    BodySeen,
    ConnectionEnded,
    EndOfConnection,
    FramesReceived,
    Header,
    Purpose,
)
from sync_check.conformance.judges.readings import read_body
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding
from tests.conformance.stories import Story

FIRST_SCENARIO = "test/story"
SECOND_SCENARIO = "test/later"


class Counting(Story):
    """`read` asks for the metrics; `extra` are series and by how much they differ from what happened."""

    def __init__(
        self, *, prefix: str = "", before: Mapping[str, int] | None = None, read: bool = True, **options: Any
    ) -> None:
        """`before` is what the target counted before the run; `read` is false where tests read first."""
        super().__init__(**options)
        header = self.records[0]
        assert isinstance(header, Header)
        self.records[0] = replace(header, metric_prefix=prefix)
        self.prefix = prefix
        self.extra = Counter[str](before)
        self.lines: list[str] = []
        if read:
            self.proof()

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self._at += round(seconds * 1e6)

    def counted(self) -> Mapping[str, int]:
        """What has happened so far, by series."""
        names = {body.body: read_body(body).name for body in self.records if isinstance(body, BodySeen)}
        found = Counter[str]()
        for record in self.records:
            if isinstance(record, FramesReceived):
                name = names[record.body] or ""
                scope = EVENTS[name].scope if name in EVENTS else "guild"
                found[f'gateway_events_emitted_total{{scope="{scope}",event_type="{name}"}}'] += len(
                    record.connections
                )
            elif isinstance(record, ConnectionEnded):
                found['ws_disconnects_total{reason="client_close"}'] += 1
        found.update(self.extra)
        return found

    def page(self) -> str:
        """The text of the metrics; further lines come last."""
        series = [f"{self.prefix}{name} {value}" for name, value in sorted(self.counted().items())]
        return "\n".join(["# TYPE up gauge", "up 1", *series, *self.lines, ""])

    def read(self, page: str | None = None, status: int | None = 200) -> int:
        """The harness reads the metrics; returns the operation."""
        body = self.page() if page is None else page
        return self.call("harness", ops.ReadMetrics(), status, body, purpose=Purpose.SNAPSHOT)

    def work(self) -> None:
        """Something happens and reaches everybody."""
        self.post("ana", "hello")
        self.rename("ana", f"room {len(self.records)}")
        self.fence()

    def proof(self) -> None:
        """Read the metrics at rest, with a fence on either side, as a settle does."""
        self.fence()
        self.read()
        self.fence()

    def leave(self, connection: int, *, code: int | None = 1000) -> None:
        """A connection is closed by us, and its Close answered with `code`."""
        self.drop(connection)
        how = EndOfConnection.CLOSED_BY_US
        self.add(ConnectionEnded(at=self.now(), connection=connection, how=how, code=code))

    def drop(self, connection: int) -> None:
        """From now on a connection gets nothing."""
        self.owners.pop(connection, None)
        self.subscribed = [one for one in self.subscribed if one != connection]

    def another(self) -> None:
        """The scenario ends and another one begins, on the same connections."""
        self.close_scenario()
        self.begin(SECOND_SCENARIO)

    def judged(self, scenario: str = FIRST_SCENARIO) -> ScenarioResult:
        """Settle and end the scenario, and judge it."""
        self.rest()
        self.end(scenario)
        self.finish()
        return self.result(scenario)


def findings(result: ScenarioResult) -> list[Finding]:
    """What the judge of counters found."""
    return [finding for finding in result.findings if finding.judge == "counters"]


def broken(result: ScenarioResult) -> set[str]:
    """The requirements that it found broken."""
    return {finding.requirement for finding in findings(result)}
