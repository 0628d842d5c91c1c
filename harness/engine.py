"""Runs scenarios one after the other and yields what happens as run events.

Data walks one way: scenarios act, the journal writes down, the examination (a fold over the same records)
judges. The engine itself judges nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.examination import Examination
from sync_check.conformance.history import (
    SCHEMA,
    Ending,
    Header,
    OperationInvoked,
    Purpose,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
)
from sync_check.conformance.run import (
    FindingRaised,
    OperationDone,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioPlan,
    ScenarioResult,
    ScenarioStarted,
)
from sync_check.conformance.verdict import Verdict, exit_code, run_verdict
from sync_check.harness.caller import Caller
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.decoding import Decoder
from sync_check.harness.estimate import estimate
from sync_check.harness.fence import Fence
from sync_check.harness.journal import Journal
from sync_check.harness.pace import Pace
from sync_check.harness.performance import perform
from sync_check.harness.pool import Pool
from sync_check.harness.preflight import check_target, is_alive
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.rest import Answer, RestClient
from sync_check.harness.scenario import Scenario
from sync_check.harness.target import Target

_GONE: Final = "the target does not answer any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run. `repeat` is the command line that repeats it, without the patterns of `selection`."""

    target: Target
    scenarios: tuple[Scenario, ...]
    clients: int
    strict: bool
    version: str
    repeat: tuple[str, ...]
    selection: tuple[str, ...] = ()


class Engine:
    """One run. Iterate over `events()` once; `interrupt()` ends it early, with everything still written."""

    def __init__(
        self, order: Order, randomness: Randomness, *, write: Callable[[bytes], None] | None = None
    ) -> None:
        self._order = order
        self._clock = Clock()
        self._randomness = randomness
        self._examination = Examination()
        self._secrets = Secrets()
        self._journal = Journal(
            write=write, secrets=self._secrets, clock=self._clock, listeners=(self._examination.add,)
        )
        self._happened: asyncio.Queue[RunEvent | None] = asyncio.Queue()
        self._scenario = ""
        self._playing: asyncio.Task[None] | None = None
        self._interrupted = False
        self._gone = False
        self._reported: dict[str, ScenarioResult] = {}
        self.faults: list[str] = []

    def interrupt(self) -> None:
        """Stop as soon as possible after writing down what happened so far."""
        self._interrupted = True
        if self._playing is not None:
            self._playing.cancel()

    async def events(self) -> AsyncIterator[RunEvent]:
        """The run. Raises `TargetUnavailable` when nothing could be set up."""
        rest = RestClient(self._order.target.url, self._clock)
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._callback_failed)
        try:
            company = self._company(rest)
            self._journal.record(self._header())
            await check_target(company)
            yield self._started()
            for index, scenario in enumerate(self._order.scenarios, 1):
                if self._interrupted:
                    break
                yield ScenarioStarted(
                    id=scenario.id, title=scenario.title, index=index, total=len(self._order.scenarios)
                )
                async for event in self._perform(company, scenario):
                    yield event
            await self._close(company)
            for event in self._late():
                yield event
            yield self._finished()
        finally:
            loop.set_exception_handler(None)
            await rest.aclose()

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An exception in a callback of ours, which nobody awaits: a fault of the harness like any other."""
        error = context.get("exception")
        self.faults.append(f"{self._scenario}: {context.get('message')}: {type(error).__name__}: {error}")

    # --- one scenario

    async def _perform(self, company: Company, scenario: Scenario) -> AsyncIterator[RunEvent]:
        lacking = scenario.features - self._order.target.declared
        if lacking:
            yield self._report(_unsupported(scenario, ", ".join(sorted(lacking))))
            return
        self._scenario = scenario.id
        self._journal.record(
            ScenarioBegun(
                at=self._clock.now_us(), scenario=scenario.id, title=scenario.title, covers=scenario.covers
            )
        )
        self._playing = asyncio.create_task(self._play(company, scenario))
        self._playing.add_done_callback(lambda _: self._happened.put_nowait(None))
        while (event := await self._happened.get()) is not None:
            yield event
        await asyncio.gather(self._playing, return_exceptions=self._interrupted)
        self._playing = None
        result = self._examination.result(scenario.id)
        for finding in result.findings:
            yield FindingRaised(finding=finding)
        yield self._report(result)

    async def _play(self, company: Company, scenario: Scenario) -> None:
        """Perform the scenario, write down how it ended, and leave the company ready for the next one."""
        ending, message = Ending.INTERRUPTED, None
        try:
            if self._gone:
                ending, message = Ending.HALTED, _GONE
                return
            ending, message = await perform(company, scenario, self._order.clients, self.faults)
            if ending is not Ending.COMPLETED:
                self._gone = not await is_alive(company)
        finally:
            self._journal.record(
                ScenarioEnded(at=self._clock.now_us(), scenario=scenario.id, ending=ending, message=message)
            )

    def _answered(self, invoked: OperationInvoked, answer: Answer) -> None:
        if invoked.purpose is Purpose.SCENARIO:
            self._happened.put_nowait(
                OperationDone(
                    scenario=self._scenario,
                    client=invoked.client,
                    operation=invoked.operation,
                    outcome=answer.outcome,
                    seconds=answer.seconds,
                )
            )

    def _report(self, result: ScenarioResult) -> ScenarioFinished:
        self._reported[result.id] = result
        return ScenarioFinished(result=result)

    # --- beginning and end

    def _company(self, rest: RestClient) -> Company:
        pace = Pace(self._order.target.limits, self._clock)
        caller = Caller(
            rest=rest,
            journal=self._journal,
            pace=pace,
            clock=self._clock,
            randomness=self._randomness,
            secrets=self._secrets,
            on_answer=self._answered,
        )
        pool = Pool(
            caller=caller,
            journal=self._journal,
            clock=self._clock,
            randomness=self._randomness,
            secrets=self._secrets,
            guilds_per_user=self._order.target.limits.guilds_per_user,
            url=self._order.target.url,
            trusts_proxy=self._order.target.trusts_proxy,
        )
        return Company(
            target=self._order.target,
            caller=caller,
            pool=pool,
            pace=pace,
            journal=self._journal,
            decoder=Decoder(max_event_bytes=self._order.target.limits.max_gateway_event_bytes),
            clock=self._clock,
            randomness=self._randomness,
        )

    def _header(self) -> Header:
        target = self._order.target
        return Header(
            schema=SCHEMA,
            run_id=self._randomness.run_id(),
            seed=self._randomness.seed,
            target=target.label,
            contract_revision=target.revision,
            declared=tuple(sorted(target.declared)),
            features=tuple(sorted(target.features)),
            version=self._order.version,
        )

    def _started(self) -> RunStarted:
        order = self._order
        return RunStarted(
            run_id=self._randomness.run_id(),
            seed=self._randomness.seed,
            target=order.target.label,
            clients=order.clients,
            started_at=self._clock.started_at(),
            version=order.version,
            strict=order.strict,
            scenarios=tuple(ScenarioPlan(id=s.id, title=s.title, covers=s.covers) for s in order.scenarios),
            estimate=estimate(order.scenarios, order.clients, order.target.limits),
            repeat=order.repeat,
            selection=order.selection,
            notes=order.target.notes,
        )

    async def _close(self, company: Company) -> None:
        """A last fence for whoever is still listening, then everybody leaves."""
        if not self._interrupted and not self._gone:
            await Fence(company, (), company.clients).raise_and_wait()
        await company.disband()
        ending = Ending.INTERRUPTED if self._interrupted else Ending.COMPLETED
        self._journal.record(RunEnded(at=self._clock.now_us(), ending=ending))

    def _late(self) -> list[RunEvent]:
        """What came after a scenario was judged, to connections that stayed open until the run's end."""
        events: list[RunEvent] = []
        for result in self._examination.results():
            before = self._reported.get(result.id)
            if before is None or result.findings == before.findings:
                continue
            known = set(before.findings)
            events += [FindingRaised(finding=f) for f in result.findings if f not in known]
            events.append(self._report(result))
        return events

    def _finished(self) -> RunFinished:
        results = tuple(self._reported.values())
        verdicts = [result.verdict for result in results]
        faults = (*self.faults, *self._examination.faults)
        strict = self._order.strict
        return RunFinished(
            run_id=self._randomness.run_id(),
            verdict=run_verdict(verdicts, strict=strict),
            results=results,
            requirements=self._examination.requirements(),
            latency_ms=self._examination.latency_ms(),
            wall_s=self._clock.now_us() / 1e6,
            virtual_s=None,
            interrupted=self._interrupted,
            exit_code=exit_code(verdicts, strict=strict, interrupted=self._interrupted, faulty=bool(faults)),
            faults=faults,
        )


def _unsupported(scenario: Scenario, lacking: str) -> ScenarioResult:
    return ScenarioResult(
        id=scenario.id,
        title=scenario.title,
        verdict=Verdict.UNSUPPORTED,
        requirements=scenario.covers,
        findings=(),
        witnesses={},
        wall_s=0.0,
        ending=Ending.COMPLETED,
        note=f"the target declares no {lacking}",
    )
