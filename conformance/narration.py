"""Tells a run's history as run events, record by record.

The one place where events, results and the exit code of a run are made: the engine feeds it the records that
it writes, judging again (`sync_check.conformance.rejudging`) feeds it the same records from the file. A pure
function of the records, so both get the same events.
"""

from collections.abc import Iterator, Mapping, Sequence

from sync_check.conformance.cone import MOST_CONES, Cone
from sync_check.conformance.examination import Examination
from sync_check.conformance.groups import FindingGroup, group_findings
from sync_check.conformance.history import (
    Ending,
    HarnessFailed,
    Header,
    OperationAnswered,
    OperationInvoked,
    Purpose,
    Record,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
    ScenarioSkipped,
)
from sync_check.conformance.repetition import combined, wants_another
from sync_check.conformance.run import (
    FindingRaised,
    OperationDone,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioResult,
    ScenarioStarted,
)
from sync_check.conformance.verdict import Finding, Level, Verdict, exit_code, run_verdict

_NOTHING: tuple[RunEvent, ...] = ()


class Narration:
    """Folds the records of one run, of which the header comes first, into its events."""

    def __init__(self) -> None:
        self._examination = Examination()
        self._header: Header | None = None
        self._running: ScenarioBegun | None = None
        self._invoked: dict[int, OperationInvoked] = {}
        self._results: list[ScenarioResult] = []
        self._attempts: list[list[ScenarioResult]] = []
        """The attempts at the scenario of each result; none at one that was skipped."""
        self._examined: list[tuple[int, int]] = []
        """Which result and attempt each scenario is that the examination knows, in its order."""
        self._failures: list[str] = []
        self._notes: tuple[str, ...] = ()
        self._is_over = False

    def take(self, record: Record) -> Sequence[RunEvent]:
        """The events that follow from the next record."""
        self._examination.add(record)
        match record:
            case OperationInvoked():
                self._invoked[record.op] = record
            case OperationAnswered():
                return self._answered(record)
            case Header():
                self._header = record
                return (_started(record),)
            case ScenarioSkipped():
                return (*self._finish_scenario(), *self._skipped(record))
            case ScenarioBegun():
                return (*self._finish_scenario(), *self._begun(record))
            case ScenarioEnded():
                return tuple(self._finish_scenario())
            case HarnessFailed():
                self._failures.append(record.message)
            case RunEnded():
                self._notes = record.notes or ()
                return tuple(self._finish(is_interrupted=record.ending is not Ending.COMPLETED))
            case _:
                pass
        return _NOTHING

    def cut_short(self) -> Sequence[RunEvent]:
        """The end of a run of which no record is left: nothing if it was told, else that of a killed run."""
        return _NOTHING if self._is_over else tuple(self._finish(is_interrupted=True))

    # --- scenarios

    def wants_another(self) -> bool:
        """Whether the scenario that ended last is to be played again."""
        return self._running is None and bool(self._attempts) and wants_another(self._attempts[-1])

    def _begun(self, record: ScenarioBegun) -> Sequence[RunEvent]:
        self._running = record
        return _NOTHING if self._is_repetition(record) else (self._scenario_started(record),)

    def _is_repetition(self, record: ScenarioBegun) -> bool:
        same = bool(self._results) and self._results[-1].id == record.scenario
        return record.attempt > 1 and same and bool(self._attempts[-1])

    def _skipped(self, record: ScenarioSkipped) -> Iterator[RunEvent]:
        yield self._scenario_started(record)
        result = _unsupported(record)
        self._results.append(result)
        self._attempts.append([])
        yield ScenarioFinished(result=result)

    def _scenario_started(self, record: ScenarioBegun | ScenarioSkipped) -> ScenarioStarted:
        return ScenarioStarted(
            id=record.scenario,
            title=record.title,
            index=len(self._results) + 1,
            total=len(self._known_header.plan),
        )

    def _answered(self, record: OperationAnswered) -> Sequence[RunEvent]:
        invoked = self._invoked.pop(record.op, None)
        if invoked is None or self._running is None or invoked.purpose is not Purpose.SCENARIO:
            return _NOTHING
        done = OperationDone(
            scenario=self._running.scenario,
            client=invoked.client,
            operation=invoked.operation,
            outcome=record.outcome,
            seconds=(record.at - invoked.at) / 1e6,
        )
        return (done,)

    def _finish_scenario(self) -> Iterator[RunEvent]:
        """Judge the scenario that runs, if one does: it has ended, or never will."""
        if self._running is None:
            return
        running, self._running = self._running, None
        result = self._examination.result(running.scenario)
        if self._is_repetition(running):
            yield from self._repeated(result)
            return
        self._examined.append((len(self._results), 0))
        self._results.append(result)
        self._attempts.append([result])
        for finding in result.findings:
            yield FindingRaised(finding=finding)
        yield ScenarioFinished(result=result)

    def _repeated(self, result: ScenarioResult) -> Iterator[RunEvent]:
        """Take in one more attempt at the last scenario; what they add up to is told after the last one."""
        attempts = self._attempts[-1]
        self._examined.append((len(self._results) - 1, len(attempts)))
        attempts.append(result)
        before, self._results[-1] = self._results[-1], combined(attempts)
        for finding in result.findings:
            if finding not in before.findings:
                yield FindingRaised(finding=finding)
        if not wants_another(attempts):
            yield ScenarioFinished(result=self._results[-1])

    # --- the end

    def _finish(self, *, is_interrupted: bool) -> Iterator[RunEvent]:
        self._is_over = True
        yield from self._finish_scenario()
        yield from self._amend()
        yield self._finished(is_interrupted=is_interrupted or self._lacks_scenarios)

    def _amend(self) -> Iterator[RunEvent]:
        """Take in what came after a scenario was judged, to connections that stayed open."""
        for (place, attempt), result in zip(self._examined, self._examination.results(), strict=True):
            self._attempts[place][attempt] = result
        for place, attempts in enumerate(self._attempts):
            if not attempts:
                continue
            before, result = self._results[place], combined(attempts)
            self._results[place] = result
            unfinished = wants_another(attempts) and len(attempts) > 1
            if (result.findings, result.verdict) == (before.findings, before.verdict) and not unfinished:
                continue
            for finding in result.findings:
                if finding not in before.findings:
                    yield FindingRaised(finding=finding)
            yield ScenarioFinished(result=result)

    @property
    def _lacks_scenarios(self) -> bool:
        """Whether not all that was planned is told of: such a run was not completed, whatever it says."""
        planned = {plan.id for plan in self._known_header.plan}
        return not planned <= {result.id for result in self._results}

    def _finished(self, *, is_interrupted: bool) -> RunFinished:
        header = self._known_header
        verdicts = [result.verdict for result in self._results]
        cones = self._cones()
        faults = (*self._failures, *self._examination.faults)
        verdict = run_verdict(verdicts, strict=header.strict)
        if verdict is Verdict.PASS and (is_interrupted or faults):
            # Nothing is green that was not seen to its end, or at which one of us crashed.
            verdict = Verdict.INCONCLUSIVE
        code = exit_code(verdicts, strict=header.strict, interrupted=is_interrupted, faulty=bool(faults))
        return RunFinished(
            run_id=header.run_id,
            verdict=verdict,
            results=tuple(self._results),
            requirements=self._examination.requirements(),
            latency_ms=self._examination.latency_ms(),
            wall_s=self._examination.latest_at / 1e6,
            virtual_s=None,
            interrupted=is_interrupted,
            exit_code=code,
            faults=faults,
            notes=self._notes,
            cones=cones,
        )

    def _cones(self) -> Mapping[Finding, Cone]:
        """The cones of the findings that lead their groups, as far as they are worth a look at once."""
        cones: dict[Finding, Cone] = {}
        for finding in _worth_drawing(group_findings(self._results)):
            index = self._examined_with(finding)
            cone = None if index is None else self._examination.cone(index, finding)
            cones |= {} if cone is None else {finding: cone}
        return cones

    def _examined_with(self, finding: Finding) -> int | None:
        """Which of the scenarios that were examined has a finding."""
        return next(
            (
                index
                for index, (place, attempt) in enumerate(self._examined)
                if finding in self._attempts[place][attempt].findings
            ),
            None,
        )

    @property
    def _known_header(self) -> Header:
        assert self._header is not None, "the header comes first"
        return self._header


def _worth_drawing(groups: Sequence[FindingGroup]) -> Sequence[Finding]:
    """The findings that lead the worst groups, but of each kind one before any other is taken twice."""
    leads = [group.lead for group in groups if group.lead.level is not Level.INFO]
    firsts = {(lead.judge, lead.requirement, lead.event): lead for lead in reversed(leads)}
    first = set(firsts.values())
    return sorted(leads, key=lambda lead: lead not in first)[:MOST_CONES]


def _started(header: Header) -> RunStarted:
    return RunStarted(
        run_id=header.run_id,
        seed=header.seed,
        target=header.target,
        clients=header.clients,
        started_at=header.started_at,
        version=header.version,
        strict=header.strict,
        scenarios=header.plan,
        estimate=header.estimate,
        repeat=header.repeat,
        selection=header.selection,
        notes=header.notes,
    )


def _unsupported(record: ScenarioSkipped) -> ScenarioResult:
    return ScenarioResult(
        id=record.scenario,
        title=record.title,
        verdict=Verdict.UNSUPPORTED,
        requirements=record.covers,
        findings=(),
        witnesses={},
        wall_s=0.0,
        ending=Ending.COMPLETED,
        note=record.reason,
    )
