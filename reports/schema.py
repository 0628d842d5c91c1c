"""`report.json`, schema 1: the run as data for other programs.

Texts are made visible and bounded like everywhere else, so a reader may print them; the exact bytes are in
the history. Members are written in the order of the models, mappings sorted by key. Additions keep the
schema's number.
"""

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sync_check.conformance.history import Ending
from sync_check.conformance.run import Cell, Latency, RequirementResult, RunStarted, ScenarioResult
from sync_check.conformance.verdict import Excerpt, Finding, Kind, Level, RequirementStatus, Verdict
from sync_check.reports.completed import CompletedRun
from sync_check.reports.visible import visible

SCHEMA: Final = 1
TOOL: Final = "sync-check"
_LIMIT: Final = 16_384


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)


class RunEntry(_Entry):
    """What was run; `wall_s` and `virtual_s` are seconds, `repeat` the command's words without scenarios."""

    id: str
    seed: int
    target: str
    clients: int
    started_at: str
    wall_s: float
    virtual_s: float | None
    version: str
    strict: bool
    repeat: tuple[str, ...]
    notes: tuple[str, ...]


class ExcerptEntry(_Entry):
    """One line of history, `at_us` microseconds after its start."""

    at_us: int
    who: str
    text: str


class FindingEntry(_Entry):
    """One fault of the target."""

    level: Level
    kind: Kind
    judge: str
    requirement: str
    message: str
    client: str | None
    event: str | None
    expected: str | None
    received: str | None
    cause: str | None
    excerpt: tuple[ExcerptEntry, ...]


class CellEntry(_Entry):
    """A cell of the coverage matrix: a requirement that held for an event at a receiver in a state.

    `receiver` is owner, moderator, member, former, outsider; of a user-scope event concerned or other.
    `state` is that of its connection: live, second (session), reconnected, fresh or old.
    """

    requirement: str
    event: str
    scope: str
    receiver: str
    state: str
    count: int


class ScenarioEntry(_Entry):
    """One scenario with everything found in it."""

    id: str
    title: str
    verdict: Verdict
    ending: Ending
    requirements: tuple[str, ...]
    findings: tuple[FindingEntry, ...]
    witnesses: dict[str, int]
    evidence: dict[str, int]
    coverage: tuple[CellEntry, ...]
    note: str | None
    wall_s: float


class RequirementEntry(_Entry):
    """What the run says about one requirement."""

    id: str
    level: str
    status: RequirementStatus
    witnesses: int


class LatencyEntry(_Entry):
    """Operation sent until visible at a client, in milliseconds; null where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None
    samples: int


class Report(_Entry):
    """The whole file. `schema` is `schema_version` in Python; `tool` tells our reports from others'."""

    schema_version: Literal[1] = Field(default=SCHEMA, alias="schema")
    tool: Literal["sync-check"] = TOOL
    run: RunEntry
    verdict: Verdict
    exit_code: int
    interrupted: bool
    totals: dict[Verdict, int]
    scenarios: tuple[ScenarioEntry, ...]
    requirements: tuple[RequirementEntry, ...]
    latency_ms: LatencyEntry
    faults: tuple[str, ...]

    @classmethod
    def of(cls, run: CompletedRun) -> "Report":
        """The report of a completed run."""
        finished = run.finished
        return cls(
            run=_run_entry(run),
            verdict=finished.verdict,
            exit_code=finished.exit_code,
            interrupted=finished.interrupted,
            totals={Verdict(verdict): count for verdict, count in finished.totals.items()},
            scenarios=tuple(map(_scenario_entry, run.results)),
            requirements=tuple(map(_requirement_entry, finished.requirements)),
            latency_ms=_latency_entry(finished.latency_ms),
            faults=tuple(map(_shown, finished.faults)),
        )

    def to_json(self) -> str:
        """The file's text; the same run gives the same text."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def _shown(text: str) -> str:
    return visible(text, _LIMIT)


def _maybe(text: str | None) -> str | None:
    return None if text is None else _shown(text)


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {_shown(name): counts[name] for name in sorted(counts)}


def _run_entry(run: CompletedRun) -> RunEntry:
    started: RunStarted = run.started
    return RunEntry(
        id=_shown(started.run_id),
        seed=started.seed,
        target=_shown(started.target),
        clients=started.clients,
        started_at=_shown(started.started_at),
        wall_s=run.finished.wall_s,
        virtual_s=run.finished.virtual_s,
        version=_shown(started.version),
        strict=started.strict,
        repeat=tuple(map(_shown, (*started.repeat, *started.selection))),
        notes=tuple(map(_shown, (*started.notes, *run.finished.notes))),
    )


def _scenario_entry(result: ScenarioResult) -> ScenarioEntry:
    return ScenarioEntry(
        id=_shown(result.id),
        title=_shown(result.title),
        verdict=result.verdict,
        ending=result.ending,
        requirements=tuple(map(_shown, result.requirements)),
        findings=tuple(map(_finding_entry, result.findings)),
        witnesses=_counts(result.witnesses),
        evidence=_counts(result.evidence),
        coverage=tuple(_cell_entry(cell) for cell in result.coverage),
        note=_maybe(result.note),
        wall_s=result.wall_s,
    )


def _cell_entry(cell: Cell) -> CellEntry:
    return CellEntry(
        requirement=_shown(cell.requirement),
        event=_shown(cell.event),
        scope=_shown(cell.scope),
        receiver=_shown(cell.receiver),
        state=_shown(cell.state),
        count=cell.times,
    )


def _finding_entry(finding: Finding) -> FindingEntry:
    return FindingEntry(
        level=finding.level,
        kind=finding.kind,
        judge=_shown(finding.judge),
        requirement=_shown(finding.requirement),
        message=_shown(finding.message),
        client=_maybe(finding.client),
        event=_maybe(finding.event),
        expected=_maybe(finding.expected),
        received=_maybe(finding.received),
        cause=_maybe(finding.cause),
        excerpt=tuple(map(_excerpt_entry, finding.excerpt)),
    )


def _excerpt_entry(line: Excerpt) -> ExcerptEntry:
    return ExcerptEntry(at_us=line.at_us, who=_shown(line.who), text=_shown(line.text))


def _requirement_entry(result: RequirementResult) -> RequirementEntry:
    return RequirementEntry(
        id=_shown(result.id),
        level=_shown(result.level),
        status=result.status,
        witnesses=result.witnesses,
    )


def _latency_entry(latency: Latency) -> LatencyEntry:
    return LatencyEntry(p50=latency.p50, p95=latency.p95, p99=latency.p99, samples=latency.samples)
