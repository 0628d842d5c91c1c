"""The engine yields what happens, ends whatever happens, and never turns nothing into a pass.

Every run here is judged again from its history as well, which must yield the same. One goes over sockets; the
others are played in virtual time, some of them as if it were real.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache

import httpx
import pytest

from sync_check.conformance import examination
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import (
    Ending,
    OperationInvoked,
    Purpose,
    RunEnded,
    ScenarioBegun,
    ScenarioEnded,
    ScenarioSkipped,
    read_history,
)
from sync_check.conformance.integrity import intact
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.rejudging import rejudge
from sync_check.conformance.run import (
    FindingRaised,
    OperationDone,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
)
from sync_check.conformance.verdict import ExitCode, Verdict
from sync_check.harness import engine as engine_module
from sync_check.harness.client import Connection
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.engine import Engine, Order
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import GENERAL, Stage
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.scenarios.catalogue import select
from sync_check.simulation import simulate, simulated_randomness
from tests.harness.network.virtual.running import in_virtual_time
from tests.reference_server.running import RAISED, running

SAMPLES = 6
Body = Callable[[Stage], Awaitable[None]]


def made(body: Body, *, covers: tuple[str, ...] = ("SCOPE-2",), name: str = "made") -> Scenario:
    return Scenario(
        id=f"test/{name}", title="A scenario made for a test.", covers=covers, features=frozenset(), body=body
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run is played."""

    target: Target
    clock: Clock | None = None
    transport: httpx.AsyncBaseTransport | None = None


class Recorded(Engine):
    """An engine whose history is kept; what it yields must be what judging its history again yields."""

    def __init__(self, order: Order, place: Place) -> None:
        self.lines: list[bytes] = []
        super().__init__(
            order, Randomness(1), write=self.lines.append, clock=place.clock, transport=place.transport
        )

    async def all_events(self) -> list[RunEvent]:
        events = [event async for event in self.events()]
        assert list(rejudge(read_history(self.lines))) == events
        return events


@asynccontextmanager
async def serving(defect: str | None) -> AsyncIterator[Place]:
    """A server in the time and on the network of the running loop."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualLoop):
        there = simulate(loop, simulated_randomness(1), defect=defect, limits=RAISED)
        yield Place(target=there.target, clock=there.clock, transport=there.transport)
    else:
        async with running(defect=defect, without=frozenset()) as server:
            url = f"http://127.0.0.1:{server.port}"
            yield Place(target=Target(label="test", url=url, limits=RAISED))


@asynccontextmanager
async def engine(
    *scenarios: Scenario,
    defect: str | None = None,
    declared: frozenset[Feature] = DRIVEN_FEATURES,
    clients: int = 2,
    keeps: bool = False,
    sweeps: bool = False,
    as_if_real: bool = False,
) -> AsyncIterator[Recorded]:
    """An engine that plays these; in virtual time it knows, unless that is to be `as_if_real`."""
    async with serving(defect) as place:
        order = Order(
            target=replace(place.target, declared=declared),
            scenarios=scenarios,
            clients=clients,
            strict=False,
            version="0",
            repeat=("sync-check", "run"),
            keeps=keeps,
            sweeps=sweeps,
        )
        one, loop = Recorded(order, place), asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop) and not as_if_real:
            one.watch(loop)
        yield one


async def run(
    *scenarios: Scenario,
    defect: str | None = None,
    clients: int = 2,
    sweeps: bool = False,
    as_if_real: bool = False,
) -> tuple[list[RunEvent], RunFinished]:
    async with engine(
        *scenarios, defect=defect, clients=clients, sweeps=sweeps, as_if_real=as_if_real
    ) as one:
        events = await one.all_events()
    return events, finished(events)


def finished(events: list[RunEvent]) -> RunFinished:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last


async def edits(stage: Stage) -> None:
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    note = await stage.post(ana, room.channel(GENERAL), "first")
    await stage.settle()
    await stage.edit(ana, note, "second")


@cache
def over_sockets() -> tuple[list[RunEvent], list[bytes]]:
    """A run of two scenarios and its history."""

    async def play() -> tuple[list[RunEvent], list[bytes]]:
        async with engine(*select(("messages/edit", "messages/delete")), sweeps=True) as one:
            return await one.all_events(), one.lines

    return asyncio.run(play())


def test_a_run_begins_and_ends_and_tells_each_scenario_between() -> None:
    events, _ = over_sockets()
    last = finished(events)
    assert isinstance(events[0], RunStarted)
    assert [type(e) for e in events if isinstance(e, ScenarioStarted | ScenarioFinished)] == [
        ScenarioStarted,
        ScenarioFinished,
    ] * 2
    assert any(isinstance(event, OperationDone) for event in events)
    assert last.exit_code == ExitCode.PASS
    assert last.latency_ms.samples > 0


def kicked(lines: list[bytes]) -> set[str]:
    """The scenarios that somebody was asked to leave the guilds of, while they lasted."""
    lasting, left = "", set[str]()
    for record in read_history(lines):
        if isinstance(record, ScenarioBegun):
            lasting = record.scenario
        elif isinstance(record, ScenarioEnded):
            lasting = ""
        elif isinstance(record, OperationInvoked) and record.purpose is Purpose.CLEANUP:
            left.add(lasting)
    return left


def test_guests_leave_the_guilds_of_a_scenario_before_it_ends() -> None:
    _, lines = over_sockets()
    assert kicked(lines) == {"messages/edit"}  # nobody plays after the last one


@cache
@in_virtual_time
async def leaking() -> tuple[list[RunEvent], RunFinished]:
    """A run that finds a leak."""
    return await run(*select(("workspace/rename",)), defect="guild-event-to-stranger", as_if_real=True)


def test_a_defect_raises_findings_before_its_scenario_finishes() -> None:
    events, last = leaking()
    kinds = [type(event) for event in events]
    assert kinds.index(FindingRaised) < kinds.index(ScenarioFinished)
    assert last.exit_code == ExitCode.FAIL


def test_a_leak_is_not_tried_again() -> None:
    _, last = leaking()
    (result,) = last.results
    assert (result.verdict, result.note) == (Verdict.FAIL, None)


@in_virtual_time
async def test_a_scenario_that_does_nothing_is_no_pass() -> None:
    async def nothing(stage: Stage) -> None:
        return

    _, last = await run(made(nothing))
    assert last.results[0].verdict is Verdict.INCONCLUSIVE
    assert last.exit_code == ExitCode.INCONCLUSIVE


@in_virtual_time
async def test_a_requirement_that_was_not_witnessed_is_no_pass() -> None:
    _, last = await run(made(edits, covers=("SCOPE-2", "ACCESS-3")))
    (result,) = last.results
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note is not None
    assert "ACCESS-3" in result.note


@in_virtual_time
async def test_a_crash_of_ours_is_an_internal_error_and_the_next_scenario_still_runs() -> None:
    async def crashes(stage: Stage) -> None:
        raise ZeroDivisionError("our bug")

    _, last = await run(made(crashes, name="crashes"), made(edits))
    assert [result.verdict for result in last.results] == [Verdict.INCONCLUSIVE, Verdict.PASS]
    assert last.results[0].ending is Ending.CRASHED
    assert last.exit_code == ExitCode.INTERNAL
    assert "our bug" in last.faults[0]


@in_virtual_time
async def test_an_exception_in_a_callback_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    broke = asyncio.Event()

    def broken(self: Connection, text: str) -> None:
        broke.set()
        raise ZeroDivisionError("our bug")

    async def breaks(stage: Stage) -> None:
        room = await stage.workspace()
        _, ana, *_ = await stage.cast(room)
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "_tell_watches", broken)
            ana.connections[0].watch("never")
            await stage.post(ana, room.channel(GENERAL), "first")
            await broke.wait()

    monkeypatch.setattr("sync_check.harness.fence.FENCE_BUDGET_S", 0.3)
    _, last = await run(made(breaks))
    assert last.exit_code in (ExitCode.INTERNAL, ExitCode.FAIL)
    assert any("our bug" in fault for fault in last.faults)


@in_virtual_time
async def test_a_scenario_without_end_is_ended_by_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(stage: Stage) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(engine_module, "SCENARIO_BUDGET_S", 0.2)
    _, last = await run(made(hangs), as_if_real=True)
    assert last.results[0].ending is Ending.TIMED_OUT
    assert last.results[0].verdict is Verdict.INCONCLUSIVE


@in_virtual_time
async def test_an_undeclared_feature_makes_a_scenario_unsupported() -> None:
    async with engine(
        *select(("profile/update",)), declared=DRIVEN_FEATURES - {Feature.PROFILE, Feature.MESSAGES}
    ) as one:
        last = finished(await one.all_events())
    assert last.results[0].verdict is Verdict.UNSUPPORTED
    assert last.results[0].note == "declared absent by the profile: messages, profile"
    assert last.exit_code == ExitCode.NOTHING_RUN


@in_virtual_time
async def test_unsupported_scenarios_keep_their_place_among_the_others() -> None:
    lacking = replace(made(edits, name="lacking"), features=frozenset({Feature.PROFILE}))
    async with engine(
        lacking, made(edits), replace(lacking, id="test/too"), declared=DRIVEN_FEATURES - {Feature.PROFILE}
    ) as one:
        events = await one.all_events()
    started = [event for event in events if isinstance(event, ScenarioStarted)]
    assert [(event.id, event.index, event.total) for event in started] == [
        ("test/lacking", 1, 3),
        ("test/made", 2, 3),
        ("test/too", 3, 3),
    ]
    last = finished(events)
    assert [result.verdict for result in last.results] == [
        Verdict.UNSUPPORTED,
        Verdict.PASS,
        Verdict.UNSUPPORTED,
    ]
    assert last.exit_code == ExitCode.PASS


@in_virtual_time
async def test_an_interrupted_run_finishes_with_what_there_is() -> None:
    async def hangs(stage: Stage) -> None:
        await edits(stage)
        await asyncio.get_running_loop().create_future()

    async with engine(made(hangs, name="hangs"), made(edits)) as one:
        events: list[RunEvent] = []
        async for event in one.events():
            events.append(event)
            if isinstance(event, OperationDone) and event.operation == "edit_message":
                one.interrupt()
    assert list(rejudge(read_history(one.lines))) == events
    last = finished(events)
    assert last.interrupted
    assert last.exit_code == ExitCode.INTERRUPTED
    assert [result.id for result in last.results] == ["test/hangs"]
    assert last.results[0].ending is Ending.INTERRUPTED


@in_virtual_time
async def test_what_passed_before_an_interruption_makes_no_green_run() -> None:
    async with engine(made(edits), made(edits, name="never")) as one:
        events: list[RunEvent] = []
        async for event in one.events():
            events.append(event)
            if isinstance(event, ScenarioFinished):
                one.interrupt()
    assert list(rejudge(read_history(one.lines))) == events
    last = finished(events)
    assert [result.verdict for result in last.results] == [Verdict.PASS]
    assert last.verdict is Verdict.INCONCLUSIVE
    assert last.exit_code == ExitCode.INTERRUPTED


class CrashingJudge:
    NAME = "crashing"

    @staticmethod
    def judge(case: Case) -> Judgement:
        raise KeyError(case.scenario.id)


@in_virtual_time
async def test_a_crashed_judge_is_an_internal_error_and_no_green_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "JUDGES", (*examination.JUDGES, CrashingJudge))
    _, last = await run(made(edits))
    assert last.verdict is Verdict.INCONCLUSIVE
    assert last.exit_code == ExitCode.INTERNAL
    assert "KeyError: 'test/made'" in last.faults[0]


@in_virtual_time
async def test_the_last_scenario_is_judged_once_when_nobody_listens_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: Counter[str] = Counter()

    class Counting:
        NAME = "counting"

        @staticmethod
        def judge(case: Case) -> Judgement:
            judged[case.scenario.id] += 1
            assert all(connection.ended != NEVER for connection in case.connections)
            return Judgement(scenario=case.scenario.id, judge="counting")

    async with engine(*select(("messages/edit",))) as one:
        monkeypatch.setattr(examination, "JUDGES", (*examination.JUDGES, Counting))
        last = finished([event async for event in one.events()])
    assert last.faults == ()
    assert judged == {"messages/edit": 1}
    tail = list(read_history(one.lines))[-2:]
    assert [type(record) for record in tail] == [ScenarioEnded, RunEnded]


@in_virtual_time
async def test_guests_that_are_kept_leave_once_they_are_to_play_again() -> None:
    async with engine(*select(("messages/edit", "messages/delete")), keeps=True) as one:
        await one.all_events()
    assert kicked(one.lines) == {"messages/delete"}


@in_virtual_time
async def test_whoever_is_asked_to_leave_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that nobody waits for is one of which nobody knows what it did."""
    monkeypatch.setattr(engine_module, "TIDYING_BUDGET_S", 0.001)
    _, last = await run(*select(("messages/edit", "messages/delete")), clients=3)
    assert [(result.verdict, result.note) for result in last.results] == [(Verdict.PASS, None)] * 2


@in_virtual_time
async def test_one_that_cannot_be_played_does_not_count_as_the_last() -> None:
    lacking = replace(made(edits, name="lacking"), features=frozenset({Feature.PROFILE}))
    edit = select(("messages/edit",))
    async with engine(*edit, lacking, declared=DRIVEN_FEATURES - {Feature.PROFILE}) as one:
        await one.all_events()
    tail = list(read_history(one.lines))[-3:]
    assert [type(record) for record in tail] == [ScenarioEnded, ScenarioSkipped, RunEnded]


@in_virtual_time
async def test_a_killed_run_is_an_interrupted_one_wherever_its_history_ends() -> None:
    async with engine(made(edits), made(edits, name="second")) as one:
        assert finished(await one.all_events()).exit_code == ExitCode.PASS
    assert len(one.lines) > SAMPLES
    for place in range(1, len(one.lines), len(one.lines) // SAMPLES):
        last = finished(list(rejudge(read_history(one.lines[:place]))))
        assert last.interrupted
        assert last.verdict is not Verdict.PASS
        assert last.exit_code == ExitCode.INTERRUPTED
        assert last.faults == ()


@cache
@in_virtual_time
async def losing() -> tuple[list[RunEvent], list[bytes]]:
    """A run that misses deliveries, and its history."""

    async def with_a_stranger(stage: Stage) -> None:
        await stage.stranger()
        await edits(stage)

    async with engine(made(with_a_stranger), defect="message-update-dropped", as_if_real=True) as one:
        return await one.all_events(), one.lines


def test_missing_deliveries_are_tried_six_times_and_reported_with_their_share() -> None:
    events, _ = losing()
    (result,) = finished(events).results
    assert (result.verdict, result.note) == (Verdict.FAIL, "6 of 6 attempts failed: 1, 2, 3, 4, 5, 6")
    assert len([event for event in events if isinstance(event, ScenarioStarted)]) == 1
    ended = [event.result for event in events if isinstance(event, ScenarioFinished)]
    assert [one.note for one in ended] == [None, result.note]


def test_every_attempt_at_the_last_scenario_is_played_by_the_same_users() -> None:
    _, lines = losing()
    registered, attempt = Counter[int](), 0
    for record in read_history(lines):
        if isinstance(record, ScenarioBegun):
            attempt = record.attempt
        elif isinstance(record, OperationInvoked) and record.operation == "register":
            registered[attempt] += 1
    assert attempt == 6
    assert registered.keys() <= {0, 1}


@in_virtual_time
async def test_a_frame_that_still_waited_at_the_end_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    disband = Company.disband

    async def and_then_comes_a_frame(company: Company) -> None:
        await disband(company)
        company.journal.frame(1, '{"v":1,"t":"late","d":{}}', binary=False)

    monkeypatch.setattr(Company, "disband", and_then_comes_a_frame)
    async with engine(made(edits)) as one:
        async for _ in one.events():
            pass
        records = list(intact(read_history(one.lines)))
    assert [record.kind for record in records[-2:]] == ["frames", "run_ended"]
