"""Examines a run: folds its history record by record and judges each scenario of it.

A pure function of the history: examining a run live and examining its file later give the same results.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from sync_check.conformance.cone import Cone
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import AddMember
from sync_check.conformance.history import (
    SCHEMA,
    Estimate,
    Header,
    Purpose,
    Record,
    ScenarioBegun,
)
from sync_check.conformance.judges import (
    agreement,
    answers,
    commands,
    convergence,
    counters,
    delivery,
    inputs,
    leaks,
    limits,
    network,
    objectives,
    ordering,
    pings,
    presence,
    progress,
    reactions,
    requests,
    restarts,
    schema,
    sessions,
    slow_consumers,
    subscribing,
    surfaces,
    times,
    voice,
)
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.cones import cone_of
from sync_check.conformance.judges.coverage import requirement_results
from sync_check.conformance.judges.foreign_rows import foreign_rows
from sync_check.conformance.judges.judgement import Context, Judgement
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.lives import Scenario
from sync_check.conformance.judges.matching import Matcher
from sync_check.conformance.judges.memory import Memory
from sync_check.conformance.judges.ruling import Grounds, rule
from sync_check.conformance.judges.tracing import traced
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.model.views import Views
from sync_check.conformance.run import Cell, Latency, RequirementResult, ScenarioResult
from sync_check.conformance.verdict import Finding, Level, Verdict

_Result = TypeVar("_Result")


class Judge(Protocol):
    """A module that judges one aspect of a scenario."""

    NAME: str

    def judge(self, case: Case) -> Judgement:
        """Judge a scenario; a pure function."""


JUDGES: Final[tuple[Judge, ...]] = (
    delivery,
    ordering,
    agreement,
    reactions,
    subscribing,
    commands,
    inputs,
    pings,
    presence,
    voice,
    slow_consumers,
    convergence,
    schema,
    times,
    leaks,
    answers,
    requests,
    sessions,
    limits,
    surfaces,
    counters,
    network,
    restarts,
    objectives,
    progress,
)
"""In the order in which findings are listed."""
_OF_OWN: Final[tuple[Judge, ...]] = (convergence, schema, times, leaks, answers, requests, limits, surfaces)
"""Those that look only at what a scenario answers for: what others are told later says no more to them."""
_READING: Final = "reading"
_LOOKING_BACK: Final = "looking at what came after the end"
_MOST_BRANCHES: Final = 8
"""Three operations of unknown outcome in one scenario; after a fourth nobody knows what the state is."""
_NO_HEADER: Final = Header(
    schema=SCHEMA,
    run_id="",
    seed=0,
    target="",
    contract_revision=0,
    declared=(),
    features=(),
    version="",
    clients=0,
    strict=False,
    started_at="",
    plan=(),
    estimate=Estimate(accounts=0, guilds=0, requests=0, seconds=0.0),
    limits=Limits(),
    repeat=(),
)
"""A history without its first line declares nothing."""


class UnknownScenario(LookupError):
    """The history has no scenario with the id `scenario`."""

    def __init__(self, scenario: str) -> None:
        super().__init__(scenario)
        self.scenario = scenario

    def __str__(self) -> str:
        return f"the history has no scenario {self.scenario!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examined:
    """A result, the latencies in microseconds that belong to it, and how much was known when it was made."""

    extent: Hashable
    aftermath: Hashable
    result: ScenarioResult
    latencies: Sequence[int]
    judgements: Mapping[str, Judgement]

    def lasting(self, case: Case) -> Mapping[str, Judgement]:
        """The judgements that need not be made again of what is known by now.

        A row of an audit log may turn out to be another guild's by what was read of that later.
        """
        if self.result.verdict is not Verdict.PASS or self.aftermath != case.aftermath:
            return {}
        if any(foreign_rows(case)):
            return {}
        return {judge.NAME: self.judgements[judge.NAME] for judge in _OF_OWN}


class _Branch:
    """One way in which the run may have gone: differs from others in operations that were not answered.

    `take` is cheap. A frame counts for the scenario whose operation caused it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._matcher = Matcher(self._ledger.readings, self._ledger.timeline)
        self._views = Views(())
        self._memory = Memory()
        self._examined: dict[int, _Examined] = {}
        self._faults: dict[tuple[int, str], str] = {}

    def fork(self) -> "_Branch":
        """A copy that goes its own way."""
        other = _Branch(self._ledger.fork())
        other._views, other._faults = self._views, dict(self._faults)
        return other

    def take(self, record: Record) -> None:
        """Fold the next record; the header comes first."""
        what = f"{_READING} a {record.kind} record"
        self._guard(what, self._ledger.current, partial(self._take, record))

    @property
    def is_undecided(self) -> bool:
        """Whether the last record left open whether something happened."""
        return self._ledger.undecided is not None

    def decide(self, happened: bool) -> None:
        """Go on as if it had, or had not."""
        self._ledger.decide(happened)

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The scenarios so far, in order."""
        return self._ledger.scenarios

    @property
    def header(self) -> Header:
        """What the run declared."""
        return self._ledger.header or _NO_HEADER

    @property
    def latencies(self) -> list[int]:
        """The latencies of all scenarios judged so far."""
        return [us for examined in self._examined.values() for us in examined.latencies]

    @property
    def latest_at(self) -> int:
        """When the latest record was made: microseconds since the run's start."""
        return self._ledger.latest_at

    @property
    def faults(self) -> tuple[str, ...]:
        """Errors of our own judging, as texts; with one of them a run ends with exit code 3."""
        return tuple(self._faults.values())

    def _take(self, record: Record) -> None:
        self._ledger.take(record)
        if isinstance(record, Header):
            self._views = Views(record.features)

    # --- judging

    def examine(self, scenario: Scenario) -> _Examined:
        """Judge what was recorded for a scenario so far."""
        self._matcher.index(self._ledger.emitted)
        case = self._case(scenario)
        known = self._examined.get(scenario.index)
        if known is None or known.extent != case.extent:
            known = self._examined[scenario.index] = self._judged(case, self._lasting(known, case))
        return known

    def _lasting(self, known: _Examined | None, case: Case) -> Mapping[str, Judgement]:
        """Judgements that were made before and hold of what is known by now."""
        if known is None:
            return {}
        return self._guard(_LOOKING_BACK, case.scenario.index, partial(known.lasting, case)) or {}

    def cone(self, scenario: Scenario, finding: Finding) -> Cone | None:
        """The causal cone of a finding of this scenario."""
        self._matcher.index(self._ledger.emitted)
        return self._guard("drawing a cone", scenario.index, partial(cone_of, self._case(scenario), finding))

    def _judged(self, case: Case, lasting: Mapping[str, Judgement]) -> _Examined:
        scenario = case.scenario
        findings, witnesses, evidence = list[Finding](), Counter[str](), Counter[str]()
        cells = Counter[tuple[str, Context]]()
        judgements = dict[str, Judgement]()
        self._faults.pop((scenario.index, _LOOKING_BACK), None)
        aftermath = self._guard(_LOOKING_BACK, scenario.index, lambda: case.aftermath)
        for judge in JUDGES:
            judgement = lasting.get(judge.NAME) or self._judgement(judge, case)
            if judgement is not None:
                judgements[judge.NAME] = judgement
                findings += (traced(case, finding) for finding in judgement.findings)
                witnesses += judgement.witnesses
                evidence += judgement.evidence
                cells += judgement.cells
        latencies = self._guard("measuring latency", scenario.index, partial(objectives.latencies, case))
        verdict, note = rule(
            Grounds(
                findings=findings,
                covers=scenario.covers,
                witnesses=witnesses,
                evidence=evidence,
                ending=scenario.ending,
                message=scenario.message,
                blind=_blind(case),
                fault=self._fault_of(scenario.index),
                health=scenario.health,
                strict=self.header.strict,
                swept=self.header.swept and _has_guests(case),
            )
        )
        result = ScenarioResult(
            id=scenario.id,
            title=scenario.title,
            verdict=verdict,
            requirements=scenario.covers,
            findings=tuple(findings),
            witnesses=dict(witnesses),
            wall_s=(self._end_of(scenario) - scenario.begun_at) / 1e6,
            ending=scenario.ending,
            note=note,
            evidence=dict(evidence),
            coverage=tuple(
                Cell(requirement, *context, count) for (requirement, context), count in sorted(cells.items())
            ),
        )
        return _Examined(
            extent=case.extent,
            aftermath=aftermath,
            result=result,
            latencies=latencies or (),
            judgements=judgements,
        )

    def _judgement(self, judge: Judge, case: Case) -> Judgement | None:
        """What a judge says of a case; None if it crashes, which is noted."""
        what = f"judge {judge.NAME}"
        self._faults.pop((case.scenario.index, what), None)
        return self._guard(what, case.scenario.index, partial(judge.judge, case))

    def _case(self, scenario: Scenario) -> Case:
        following = scenario.index + 1
        scenarios = self._ledger.scenarios
        return Case(
            header=self.header,
            scenario=scenario,
            until=scenarios[following].begun if following < len(scenarios) else NEVER,
            ledger=self._ledger,
            matcher=self._matcher,
            views=self._views,
            memory=self._memory,
        )

    def _end_of(self, scenario: Scenario) -> int:
        return self._ledger.latest_at if scenario.ended_at is None else scenario.ended_at

    def _fault_of(self, index: int) -> str | None:
        """That one of our own steps crashed for this scenario, or that reading the history before it did."""
        crashed = [
            what for at, what in self._faults if at == index or (at < index and what.startswith(_READING))
        ]
        return f"crashed: {', '.join(crashed)}" if crashed else None

    def _guard(self, what: str, index: int, step: Callable[[], _Result]) -> _Result | None:
        """Run a step of judging; if it crashes, note the fault and return None.

        The only place where any exception is caught: a bug in one judge must not lose what the others found
        in a run that cannot be repeated. It never turns green: the scenario is inconclusive, the run ends
        with 3.
        """
        try:
            return step()
        except Exception:  # noqa: BLE001 - see above
            self._faults[index, what] = f"{what} crashed:\n{traceback.format_exc()}"
            return None


class Examination:
    """Folds a history and judges each scenario of it.

    `add` is cheap: records are interpreted when a result is asked for. What came since then is taken into
    account by asking again.

    A mutation that was not answered may have happened or not (REST-1: state and event agree, both or
    neither). Both ways are followed, up to a bound, and the scenario is judged by the one that explains most
    of what came after; from there the run goes on.
    """

    def __init__(self) -> None:
        self._branches = [_Branch(Ledger())]
        self._pending: list[Record] = []

    def add(self, record: Record) -> None:
        """Take the next record; the header comes first."""
        self._pending.append(record)

    def result(self, scenario: str) -> ScenarioResult:
        """Judge what was recorded for a scenario so far.

        Raises `UnknownScenario`.
        """
        branch = self._folded()
        for known in reversed(branch.scenarios):
            if known.id == scenario:
                return self._best(known.index).result
        raise UnknownScenario(scenario)

    def results(self) -> tuple[ScenarioResult, ...]:
        """Judge every scenario, in order."""
        branch = self._folded()
        return tuple(self._best(scenario.index).result for scenario in branch.scenarios)

    def cone(self, index: int, finding: Finding) -> Cone | None:
        """What may have influenced a finding of scenario `index`; None where it points at nothing."""
        branch = self._best_branch(index)
        return branch.cone(branch.scenarios[index], finding)

    def requirements(self) -> tuple[RequirementResult, ...]:
        """What the run says about every requirement of the contract."""
        return requirement_results(self.results(), self._branches[0].header.features)

    def latency_ms(self) -> Latency:
        """How long it took from sending an operation until a client saw its event."""
        self.results()
        measured = sorted(self._branches[0].latencies)
        return Latency(
            p50=objectives.percentile(measured, 50),
            p95=objectives.percentile(measured, 95),
            p99=objectives.percentile(measured, 99),
            samples=len(measured),
        )

    @property
    def latest_at(self) -> int:
        """When the latest record was made: microseconds since the run's start."""
        return self._folded().latest_at

    @property
    def faults(self) -> tuple[str, ...]:
        """Errors of our own judging, as texts; with one of them a run ends with exit code 3."""
        return tuple(dict.fromkeys(fault for branch in self._branches for fault in branch.faults))

    def _folded(self) -> _Branch:
        pending, self._pending = self._pending, []
        for record in pending:
            if isinstance(record, ScenarioBegun) and len(self._branches) > 1:
                self._merge()
            for branch in tuple(self._branches):
                branch.take(record)
                if branch.is_undecided and len(self._branches) < _MOST_BRANCHES:
                    other = branch.fork()
                    branch.decide(False)
                    other.decide(True)
                    self._branches.append(other)
        return self._branches[0]

    def _merge(self) -> None:
        """Go on with the branch that explains the scenario that is over best."""
        last = len(self._branches[0].scenarios) - 1
        self._branches = [min(self._branches, key=lambda branch: self._doubts(branch, last))]

    def _best(self, index: int) -> _Examined:
        best = self._best_branch(index)
        return best.examine(best.scenarios[index])

    def _best_branch(self, index: int) -> _Branch:
        return min(self._branches, key=lambda branch: self._doubts(branch, index))

    def _doubts(self, branch: _Branch, index: int) -> tuple[int, bool, int]:
        """What a branch leaves unexplained: failures, whether anything can be said at all, deviations."""
        result = branch.examine(branch.scenarios[index]).result
        levels = Counter(finding.level for finding in result.findings)
        return levels[Level.FAIL], result.verdict is Verdict.INCONCLUSIVE, levels[Level.LAX]


def examine(records: Iterable[Record]) -> Examination:
    """Examine a complete history."""
    examination = Examination()
    for record in records:
        examination.add(record)
    return examination


def _has_guests(case: Case) -> bool:
    """Whether somebody was let into a workspace that was made for the scenario."""
    return any(call.name == AddMember.name and call.purpose is Purpose.SETUP for call in case.calls)


def _blind(case: Case) -> str | None:
    """The operation from which on the state is unknown."""
    return next((call.label for call in case.calls if call.invoked == case.blind_from), None)
