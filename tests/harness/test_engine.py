"""The engine yields what happens, ends whatever happens, and never turns nothing into a pass."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Ending
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
from sync_check.harness import performance
from sync_check.harness.client import Connection
from sync_check.harness.engine import Engine, Order
from sync_check.harness.randomness import Randomness
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import GENERAL, Stage
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.scenarios.catalogue import select
from tests.reference_server.running import RAISED, running

Body = Callable[[Stage], Awaitable[None]]


def made(body: Body, *, covers: tuple[str, ...] = ("SCOPE-2",), name: str = "made") -> Scenario:
    return Scenario(
        id=f"test/{name}", title="A scenario made for a test.", covers=covers, features=frozenset(), body=body
    )


@asynccontextmanager
async def engine(
    *scenarios: Scenario,
    defect: str | None = None,
    declared: frozenset[Feature] = DRIVEN_FEATURES,
) -> AsyncIterator[Engine]:
    async with running(defect=defect) as server:
        order = Order(
            target=Target(
                label="test", url=f"http://127.0.0.1:{server.port}", declared=declared, limits=RAISED
            ),
            scenarios=scenarios,
            clients=3,
            strict=False,
            version="0",
            repeat=("sync-check", "run"),
        )
        yield Engine(order, Randomness(1))


async def run(*scenarios: Scenario, defect: str | None = None) -> tuple[list[RunEvent], RunFinished]:
    async with engine(*scenarios, defect=defect) as one:
        events = [event async for event in one.events()]
    last = events[-1]
    assert isinstance(last, RunFinished)
    return events, last


async def edits(stage: Stage) -> None:
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    note = await stage.post(ana, room.channel(GENERAL), "first")
    await stage.settle()
    await stage.edit(ana, note, "second")


async def test_a_run_begins_and_ends_and_tells_each_scenario_between() -> None:
    events, last = await run(*select(("messages",)))
    assert isinstance(events[0], RunStarted)
    assert [type(e) for e in events if isinstance(e, ScenarioStarted | ScenarioFinished)] == [
        ScenarioStarted,
        ScenarioFinished,
    ] * 2
    assert any(isinstance(event, OperationDone) for event in events)
    assert last.exit_code == ExitCode.PASS
    assert last.latency_ms.samples > 0


async def test_a_defect_raises_findings_before_its_scenario_finishes() -> None:
    events, last = await run(*select(("messages/edit",)), defect="message-update-dropped")
    kinds = [type(event) for event in events]
    assert kinds.index(FindingRaised) < kinds.index(ScenarioFinished)
    assert last.exit_code == ExitCode.FAIL


async def test_a_scenario_that_does_nothing_is_no_pass() -> None:
    async def nothing(stage: Stage) -> None:
        return

    _, last = await run(made(nothing))
    assert last.results[0].verdict is Verdict.INCONCLUSIVE
    assert last.exit_code == ExitCode.INCONCLUSIVE


async def test_a_requirement_that_was_not_witnessed_is_no_pass() -> None:
    _, last = await run(made(edits, covers=("SCOPE-2", "ACCESS-3")))
    (result,) = last.results
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.note is not None
    assert "ACCESS-3" in result.note


async def test_a_crash_of_ours_is_an_internal_error_and_the_next_scenario_still_runs() -> None:
    async def crashes(stage: Stage) -> None:
        raise ZeroDivisionError("our bug")

    _, last = await run(made(crashes, name="crashes"), made(edits))
    assert [result.verdict for result in last.results] == [Verdict.INCONCLUSIVE, Verdict.PASS]
    assert last.results[0].ending is Ending.CRASHED
    assert last.exit_code == ExitCode.INTERNAL
    assert "our bug" in last.faults[0]


async def test_an_exception_in_a_callback_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Connection, text: str) -> None:
        raise ZeroDivisionError("our bug")

    async def breaks(stage: Stage) -> None:
        room = await stage.workspace()
        _, ana, *_ = await stage.cast(room)
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "_tell_watches", broken)
            ana.connections[0].watch("never")
            await stage.post(ana, room.channel(GENERAL), "first")

    monkeypatch.setattr("sync_check.harness.fence.FENCE_BUDGET_S", 0.3)
    _, last = await run(made(breaks))
    assert last.exit_code in (ExitCode.INTERNAL, ExitCode.FAIL)
    assert any("our bug" in fault for fault in last.faults)


async def test_a_scenario_without_end_is_ended_by_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(stage: Stage) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(performance, "SCENARIO_BUDGET_S", 0.2)
    _, last = await run(made(hangs))
    assert last.results[0].ending is Ending.TIMED_OUT
    assert last.results[0].verdict is Verdict.INCONCLUSIVE


async def test_an_undeclared_feature_makes_a_scenario_unsupported() -> None:
    async with engine(
        *select(("profile/update",)), declared=DRIVEN_FEATURES - {Feature.PROFILE, Feature.MESSAGES}
    ) as one:
        events = [event async for event in one.events()]
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.results[0].verdict is Verdict.UNSUPPORTED
    assert last.exit_code == ExitCode.NOTHING_RUN


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
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.interrupted
    assert last.exit_code == ExitCode.INTERRUPTED
    assert [result.id for result in last.results] == ["test/hangs"]
    assert last.results[0].ending is Ending.INTERRUPTED
