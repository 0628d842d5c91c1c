"""The events of a run, as they are told from its records and consumed by sinks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sync_check.conformance.cone import Cone
from sync_check.conformance.history import Ending, Estimate, Outcome, ScenarioPlan
from sync_check.conformance.verdict import Finding, RequirementStatus, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """`target` is safe to print; `repeat` is the run's command line without the patterns of `selection`."""

    run_id: str
    seed: int
    target: str
    clients: int
    started_at: str
    version: str
    strict: bool
    scenarios: tuple[ScenarioPlan, ...]
    estimate: Estimate
    repeat: tuple[str, ...]
    selection: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStarted:
    """`index` counts from 1 to `total`."""

    id: str
    title: str
    index: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationDone:
    """An operation of a scenario was answered after `seconds`."""

    scenario: str
    client: str
    operation: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRaised:
    """A judge found a fault."""

    finding: Finding


class Cell(NamedTuple):
    """A requirement that held `times` times for an event of a scope, at a receiver in a state.

    `receiver` is owner, moderator, member, former (member), outsider; of a user-scope event concerned or
    other. `state` is live, second (session), reconnected, fresh (opened during the scenario) or old.
    """

    requirement: str
    event: str
    scope: str
    receiver: str
    state: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """The outcome of one scenario.

    `requirements` are those that it covers, `witnesses` how often each requirement held, `note` why
    the verdict is inconclusive, `evidence` counts of what was looked at (frames, operations, comparisons, …).
    """

    id: str
    title: str
    verdict: Verdict
    requirements: tuple[str, ...]
    findings: tuple[Finding, ...]
    witnesses: Mapping[str, int]
    wall_s: float
    ending: Ending
    note: str | None = None
    evidence: Mapping[str, int] = field(default_factory=dict)
    coverage: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFinished:
    """A result; a second one for the same scenario replaces the first (something came late)."""

    result: ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """What the whole run says about one requirement."""

    id: str
    level: str
    status: RequirementStatus
    witnesses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Operation sent until visible at a client, in milliseconds; None where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The end. `results` holds every scenario once, in order; `faults` are errors of the harness itself.
    `notes` came up in the run.

    `cones` are those of findings that lead the worst groups (`conformance.groups`), of each kind one first.
    """

    run_id: str
    verdict: Verdict
    results: tuple[ScenarioResult, ...]
    requirements: tuple[RequirementResult, ...]
    latency_ms: Latency
    wall_s: float
    virtual_s: float | None
    interrupted: bool
    exit_code: int
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cones: Mapping[Finding, Cone] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, int]:
        """How many scenarios have each verdict; verdicts that did not occur count 0."""
        return {verdict: sum(r.verdict is verdict for r in self.results) for verdict in Verdict}


RunEvent = RunStarted | ScenarioStarted | OperationDone | FindingRaised | ScenarioFinished | RunFinished
