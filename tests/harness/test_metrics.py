"""The counters are read when a scenario begins and in every settle, between fences, which bound them."""

from dataclasses import replace

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Ending, OperationAnswered, OperationInvoked, Outcome, Purpose
from sync_check.conformance.run import RunFinished
from sync_check.harness.performance import perform
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.network.virtual.running import in_virtual_time
from tests.harness.playing import Playing, playing
from tests.harness.test_engine import engine

WITNESSED = ("METRIC-1", "METRIC-2", "METRIC-3", "METRIC-5", "METRIC-8")


async def chat(stage: Stage) -> None:
    room = await stage.workspace()
    author, *_ = await stage.cast(room)
    await stage.settle()
    await stage.post(author, room.channel(GENERAL), "hello")


SCENARIO = Scenario(
    id="test/chat", title="Somebody says something.", covers=("METRIC-3",), features=frozenset(), body=chat
)


async def play(here: Playing) -> list[OperationInvoked]:
    """The operations of a scenario with two settles."""
    faults: list[str] = []
    assert await perform(here.company, SCENARIO, 3, faults) == (Ending.COMPLETED, None)
    assert faults == []
    return here.of(OperationInvoked)


def reads(asked: list[OperationInvoked]) -> list[OperationInvoked]:
    return [record for record in asked if record.operation == "metrics"]


@in_virtual_time
async def test_a_scenario_begins_with_a_read_and_each_settle_has_one() -> None:
    async with playing() as here:
        asked = await play(here)
        assert asked[0] in reads(asked)
        assert len(reads(asked)) == 3
        answered = {record.op: record for record in here.of(OperationAnswered)}
        assert {answered[read.op].outcome for read in reads(asked)} == {Outcome.OK}


@in_virtual_time
async def test_nothing_is_asked_between_a_read_and_the_last_fence_of_its_settle() -> None:
    async with playing() as here:
        asked = await play(here)
        for read in reads(asked)[1:]:
            before, after = asked[: asked.index(read)], asked[asked.index(read) + 1 :]
            assert before[-1].purpose is Purpose.SURFACE
            assert after[0].purpose is Purpose.FENCE
            assert Purpose.FENCE in {record.purpose for record in before}


@in_virtual_time
async def test_nobody_is_authenticated_to_read_them() -> None:
    async with playing() as here:
        assert {(read.client, read.session) for read in reads(await play(here))} == {("harness", 0)}


@in_virtual_time
async def test_counters_that_are_not_declared_are_not_read() -> None:
    async with playing() as here:
        target = here.company.target
        here.company.target = replace(target, declared=target.declared - {Feature.METRICS})
        assert reads(await play(here)) == []


@in_virtual_time
async def test_a_run_sees_the_counters_hold() -> None:
    async with engine(SCENARIO) as run:
        finished = (await run.all_events())[-1]
    assert isinstance(finished, RunFinished)
    (result,) = finished.results
    assert [finding for finding in result.findings if finding.judge == "counters"] == []
    assert {name for name in result.witnesses if name.startswith("METRIC")} >= set(WITNESSED)
