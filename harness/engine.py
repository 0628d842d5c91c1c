"""Runs scenarios one after the other and yields what happens as run events.

Data walks one way: scenarios act, the journal writes down, the narration (a fold over the same records)
judges and tells. The engine itself judges nothing and tells nothing: what is in no record did not happen.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx

from sync_check.conformance.history import (
    SCHEMA,
    Ending,
    HarnessFailed,
    Header,
    Record,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
    ScenarioPlan,
    ScenarioSkipped,
    Stalled,
)
from sync_check.conformance.narration import Narration
from sync_check.conformance.run import RunEvent
from sync_check.harness.adapter.misnaming import Misnaming
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.assembly import assemble
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.errors import AccountsUnfit, HistoryUnwritable, TargetUnavailable
from sync_check.harness.estimate import estimate
from sync_check.harness.fence import Fence
from sync_check.harness.journal import Journal
from sync_check.harness.lag import LagMeter
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.performance import SCENARIO_BUDGET_S, VIRTUAL_BUDGET_S, extending, perform
from sync_check.harness.preflight import check_target, is_alive
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.scenario import Scenario
from sync_check.harness.speed import Speed, measured
from sync_check.harness.target import Target
from sync_check.harness.tidying import Tidying

TOGETHER_S: Final = 0.1
"""Frames that come within that time of each other may share a record."""
_GONE: Final = "the target does not answer any more"
TIDYING_BUDGET_S: Final = 20.0
"""How long a run may clean up, beside the waiting that the target's rate limits impose."""
HASTY_BUDGET_S: Final = 4.0
"""How long an interrupted run may, with all waiting."""
_NOTICED_WITHIN_S: Final = 1.0
_HANGS: Final = "nothing happened any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run. `repeat` is the command line that repeats it, without the patterns of `selection`.

    `sweeps` says whether settles read every surface besides, `cleans` whether the run cleans up after itself,
    `keeps` whether guests stay where they are until they are to play again.
    """

    target: Target
    scenarios: tuple[Scenario, ...]
    clients: int
    strict: bool
    version: str
    repeat: tuple[str, ...]
    selection: tuple[str, ...] = ()
    sweeps: bool = True
    cleans: bool = False
    keeps: bool = False


class Engine:
    """One run. Iterate over `events()` once; `interrupt()` ends it early, with everything still written.

    `clock` and `transport` stand in for real time and for the network of REST calls.
    """

    def __init__(
        self,
        order: Order,
        randomness: Randomness,
        *,
        write: Callable[[bytes], None] | None = None,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._order = order
        self._transport = transport
        self._clock = clock or Clock()
        self._randomness = randomness
        self._narration = Narration()
        self._secrets = Secrets()
        self._journal = Journal(
            write=write,
            secrets=self._secrets,
            clock=self._clock,
            listeners=(self._narrate,),
            later=partial(asyncio.get_running_loop().call_later, TOGETHER_S),
        )
        playable = (scenario for scenario in order.scenarios if scenario.lacks(order.target) is None)
        *_, self._last = (None, *playable)
        self._happened: asyncio.Queue[RunEvent | None] = asyncio.Queue()
        self._scenario = ""
        self._playing: asyncio.Task[None] | None = None
        self._interrupted = False
        self._gone: str | None = None
        self._ended: asyncio.Future[str] | None = None
        self._halting: str | None = None
        self._is_virtual = False
        self._is_over = False
        self._recorded = 0
        self._tidying: Tidying | None = None
        self._misnaming = Misnaming(order.target.dialect)
        self.untidy: tuple[str, ...] = ()
        """What could not be cleaned up, in words, once the run is over."""
        self.misnamed: tuple[str, ...] = ()
        """What has another name than its profile declares, in words, once the run is over."""
        self.lost: str | None = None
        """How a target that was watched ended before the run did, and when."""
        self.on_pacing: Callable[[float, str], None] | None = None
        """Told the seconds of each wait for a limit of the target, and the limit's name."""

    def interrupt(self) -> None:
        """Stop as soon as possible after writing down what happened so far."""
        self._interrupted = True
        if self._playing is not None:
            self._playing.cancel()

    def redact(self, text: str) -> str:
        """`text` without the secrets of the run."""
        return self._secrets.redact(text)

    def listen(self, listener: Callable[[Record], None]) -> None:
        """Hand every record to `listener` as well, as it is written."""
        self._journal.listen(listener)

    def watch(self, loop: VirtualLoop) -> None:
        """In virtual time: say where a run hangs instead of hanging. Each record is progress."""
        self._journal.listen(lambda _: loop.progress())
        loop.on_silence = self._stall
        self._is_virtual = True

    def watch_target(self, ended: asyncio.Future[str]) -> None:
        """Stop asking a target when `ended` is done with how it ended; what is left to play is halted."""
        self._ended = ended
        ended.add_done_callback(self._lose)

    def _lose(self, ended: asyncio.Future[str]) -> None:
        if ended.cancelled() or self._is_over:
            return
        playing = self._playing is not None and not self._playing.done()
        when = (
            f"{'during' if playing else 'after'} {self._scenario}"
            if self._scenario
            else "before the first scenario"
        )
        self.lost = self._gone = f"target.process {ended.result()} {when}"
        if playing and not self._interrupted:
            self._halt(self._gone)

    def _halt(self, reason: str) -> None:
        if self._playing is not None:
            self._halting = reason
            self._playing.cancel()

    def _stall(self, waiting: tuple[str, ...]) -> None:
        self._journal.record(Stalled(at=self._clock.now_us(), waiting=waiting))
        self._halt(_HANGS)

    async def events(self) -> AsyncIterator[RunEvent]:
        """The run. Raises `TargetUnavailable` when nothing could be set up, `AccountsUnfit` also later."""
        rest = TargetRest(self._order.target, self._clock, transport=self._transport)
        self._misnaming = rest.misnaming
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._callback_failed)
        try:
            company = assemble(
                self._order.target,
                rest,
                self._journal,
                clock=self._clock,
                randomness=self._randomness,
                secrets=self._secrets,
            )
            company.sweeps = self._order.sweeps
            company.pace.on_pacing = self.on_pacing
            self._journal.record(self._header(await self._speed(company)))
            try:
                await check_target(company)
            except TargetUnavailable as error:
                for sentence in rest.misnaming.sentences():
                    error.add_note(sentence)
                raise
            if self._gone is not None:
                # Whoever answered was somebody else.
                raise TargetUnavailable(self._order.target.url, self._gone)
            try:
                for scenario in self._order.scenarios:
                    if self._interrupted:
                        break
                    async for event in self._perform(company, scenario):
                        yield event
                await self._close(company)
            except AccountsUnfit as error:
                error.is_amid = True
                await self._leave(company, fenced=False)
                raise
            for event in self._told():
                yield event
        finally:
            loop.set_exception_handler(None)
            with suppress(HistoryUnwritable):
                self._journal.flush()
            await rest.aclose()

    def _narrate(self, record: Record) -> None:
        self._recorded += 1
        for event in self._narration.take(record):
            self._happened.put_nowait(event)

    def _told(self) -> Iterator[RunEvent]:
        """The events that nobody has taken yet."""
        while not self._happened.empty():
            event = self._happened.get_nowait()
            if event is not None:
                yield event

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An exception in a callback of ours, which nobody awaits: a fault of the harness like any other."""
        if self._is_over:
            loop.default_exception_handler(context)
            return
        error = context.get("exception")
        # Whoever writes next is told that nothing can be written.
        with suppress(HistoryUnwritable):
            self._failed(f"{self._scenario}: {context.get('message')}: {type(error).__name__}: {error}")

    def _failed(self, message: str) -> None:
        self._journal.record(HarnessFailed(at=self._clock.now_us(), message=message))

    # --- one scenario

    async def _perform(self, company: Company, scenario: Scenario) -> AsyncIterator[RunEvent]:
        lacking = scenario.lacks(self._order.target)
        if lacking is not None:
            self._journal.record(self._skipped(scenario, lacking))
        else:
            attempt = 1
            while True:
                self._begin(company, scenario, attempt)
                while (event := await self._happened.get()) is not None:
                    yield event
                await self._end()
                # In virtual time nothing is late by chance: what fails once fails again.
                if self._interrupted or self._gone is not None or self._is_virtual:
                    break
                if not self._narration.wants_another():
                    break
                attempt += 1
        for event in self._told():
            yield event

    def _skipped(self, scenario: Scenario, lacking: str) -> ScenarioSkipped:
        return ScenarioSkipped(
            at=self._clock.now_us(),
            scenario=scenario.id,
            title=scenario.title,
            covers=scenario.covers,
            reason=lacking,
        )

    def _begin(self, company: Company, scenario: Scenario, attempt: int) -> None:
        self._scenario = scenario.id
        self._journal.record(
            ScenarioBegun(
                at=self._clock.now_us(),
                scenario=scenario.id,
                title=scenario.title,
                covers=scenario.covers,
                attempt=attempt,
            )
        )
        self._playing = asyncio.create_task(self._play(company, scenario))
        self._playing.add_done_callback(lambda _: self._happened.put_nowait(None))

    async def _end(self) -> None:
        assert self._playing is not None
        await asyncio.gather(self._playing, return_exceptions=self._interrupted)
        self._playing = None

    async def _play(self, company: Company, scenario: Scenario) -> None:
        """Perform the scenario, write down how it ended, and leave the company ready for the next one."""
        ending, message, faults, is_void = Ending.INTERRUPTED, None, list[str](), False
        lag = LagMeter()
        if not self._is_virtual:  # where time is ours nothing is late
            lag.start()
        try:
            if self._gone is not None:
                ending, message = Ending.HALTED, self._gone
                return
            ending, message = await perform(
                company,
                scenario,
                self._order.clients,
                faults,
                VIRTUAL_BUDGET_S if self._is_virtual else SCENARIO_BUDGET_S * self._order.target.time_scale,
            )
            if ending is not Ending.COMPLETED:
                await self._look_whether_gone(company)
            if scenario is self._last:
                # Nothing of it can come any more when it is judged, so it is judged once.
                await self._leave(company)
            elif ending is Ending.COMPLETED and not self._order.keeps:
                await self._clean(company)
        except asyncio.CancelledError:
            if self._halting is None:
                raise
            ending, message, self._halting = Ending.HALTED, self._halting, None
        except AccountsUnfit:
            is_void = True
            raise
        finally:
            for fault in faults:
                self._failed(fault)
            health = lag.stop()
            if not is_void:  # else nobody judges what came of accounts that would not do
                self._journal.record(
                    ScenarioEnded(
                        at=self._clock.now_us(),
                        scenario=scenario.id,
                        ending=ending,
                        message=message,
                        lag_us=health.worst_us,
                        lag_p99_us=health.p99_us,
                        cpu=health.cpu,
                    )
                )

    async def _look_whether_gone(self, company: Company) -> None:
        if await is_alive(company):
            return
        if self._ended is not None:
            # That it ended becomes known a little after its connections broke, and halts what plays.
            await asyncio.wait((self._ended,), timeout=_NOTICED_WITHIN_S)
        self._gone = self._gone or _GONE

    # --- beginning and end

    async def _speed(self, company: Company) -> Speed | None:
        """Of a target in virtual time nothing is measured."""
        if self._is_virtual:
            return None
        return await measured(company.caller, self._clock, self._order.target.limits.requests_per_minute)

    def _header(self, speed: Speed | None) -> Header:
        order, target = self._order, self._order.target
        foreseen = estimate(order.scenarios, order.clients, target, speed)
        return Header(
            schema=SCHEMA,
            run_id=self._randomness.run_id(),
            seed=self._randomness.seed,
            target=target.label,
            contract_revision=target.revision,
            migration_window=target.migration_window,
            declared=tuple(sorted(target.declared)),
            features=tuple(sorted(target.features)),
            version=order.version,
            clients=order.clients,
            strict=order.strict,
            started_at=self._clock.started_at(),
            plan=tuple(
                ScenarioPlan(id=one.id, title=one.title, covers=one.covers, seconds=seconds)
                for one, seconds in zip(order.scenarios, foreseen.seconds, strict=True)
            ),
            estimate=foreseen.whole,
            limits=target.limits,
            repeat=order.repeat,
            selection=order.selection,
            notes=(*target.notes, *_bounds(order)),
            metric_prefix=target.metrics.prefix,
            visible_p99_ms=target.visible_p99_ms,
            eviction_s=target.eviction_s,
            bystander_ratio=target.bystander_ratio,
            time_scale=target.time_scale,
            swept=order.sweeps,
        )

    async def _leave(self, company: Company, *, fenced: bool = True) -> None:
        """A last fence for whoever is still listening, then everybody leaves."""
        if fenced and not self._interrupted and self._gone is None:
            await Fence(company, (), company.clients, company.ever_stirred).raise_and_wait()
            await asyncio.gather(*(one.read_up() for client in company.clients for one in client.connections))
        await company.disband()
        if self._order.cleans and self._order.target.is_tidied and self._gone is None:
            await self._tidy(company)

    async def _clean(self, company: Company) -> None:
        """Whoever played goes out of the guilds of the scenario while it lasts: what that says belongs to it.

        Whoever is not asked to in time is cleaned when he is to play again. Who was asked is waited for:
        nobody knows what an operation did for whose answer nobody waited.
        """
        clock = company.clock
        until = clock.now_s() + TIDYING_BUDGET_S * company.target.time_scale
        await company.pool.clean_up(lambda: clock.now_s() < until)

    async def _tidy(self, company: Company) -> None:
        tidying = self._tidying = self._tidying or Tidying(company)
        budget_s = (HASTY_BUDGET_S if self._interrupted else TIDYING_BUDGET_S) * company.target.time_scale
        try:
            async with asyncio.timeout(budget_s) as budget:
                if not self._interrupted:
                    company.pace.on_wait = extending(budget)
                self.untidy = await tidying.tidy()
        except TimeoutError:
            self.untidy = (f"what the run made was not all emptied and hidden within {budget_s:.0f} s",)
        finally:
            company.pace.on_wait = None

    async def _close(self, company: Company) -> None:
        await self._leave(company)
        ending = Ending.INTERRUPTED if self._interrupted else Ending.COMPLETED
        self._is_over = True
        # Frames that wait for others are records before the last one counts them.
        self._journal.flush()
        self.misnamed = tuple(self._misnaming.sentences())
        self._journal.record(
            RunEnded(
                at=self._clock.now_us(),
                ending=ending,
                records=self._recorded + 1,
                notes=self.misnamed or None,
            )
        )


def _bounds(order: Order) -> Iterator[str]:
    """What floods do to the target at most."""
    budget_s = SCENARIO_BUDGET_S * order.target.time_scale
    for one in order.scenarios:
        if one.most is not None and one.lacks(order.target) is None:
            most = one.most(order.target.limits)
            yield f"{one.id} takes at most {most:,} operations and {budget_s:.0f} s"
