"""Whatever is taken away from a scenario or from those who watch it, what is left is no PASS."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from sync_check.conformance import examination
from sync_check.conformance.history import Ending, read_history
from sync_check.conformance.judges import answers, convergence, delivery
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.rejudging import rejudge
from sync_check.conformance.run import RunFinished
from sync_check.conformance.verdict import ExitCode, Verdict
from sync_check.harness.client import Client, Connection
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage
from sync_check.scenarios.catalogue import select
from tests.harness.network.virtual.running import in_virtual_time
from tests.harness.test_engine import engine, finished, run

(KICK,) = select(("members/kick",))
CLIENTS = 3
"""Who acts, who is acted on, and who only hears of it."""


async def _finished(scenario: Scenario = KICK) -> RunFinished:
    _, last = await run(scenario, clients=CLIENTS, sweeps=True)
    return last


@cache
@in_virtual_time
async def _as_it_is() -> list[bytes]:
    """The history of a run from which nothing is taken away."""
    async with engine(KICK, clients=CLIENTS, sweeps=True) as one:
        await one.all_events()
    return one.lines


def _judged() -> RunFinished:
    """What the judges, as they are now, say of that run."""
    return finished(list(rejudge(read_history(_as_it_is()))))


def test_as_it_is_it_passes() -> None:
    last = _judged()
    assert (last.results[0].verdict, last.exit_code) == (Verdict.PASS, ExitCode.PASS)


@in_virtual_time
async def test_a_scenario_that_ends_early() -> None:
    async def early(stage: Stage) -> None:
        room = await stage.workspace()
        await stage.cast(room)

    last = await _finished(replace(KICK, body=early))
    assert (last.results[0].verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)
    assert "not witnessed" in str(last.results[0].note)


@in_virtual_time
async def test_a_client_that_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, unheard = Connection._on_frame, list[str | bytes]()

    def deaf(self: Connection, data: str | bytes, binary: bool) -> None:
        after_subscribing = bool(self.subscriptions)
        if self.label != "cleo#1" or not after_subscribing:
            heard(self, data, binary)
        else:
            unheard.append(data)

    monkeypatch.setattr(Connection, "_on_frame", deaf)
    monkeypatch.setattr("sync_check.harness.fence.FENCE_BUDGET_S", 0.2)
    monkeypatch.setattr("sync_check.conformance.repetition.ATTEMPTS", 1)
    last = await _finished()
    assert unheard
    assert last.results[0].verdict is not Verdict.PASS
    assert last.exit_code is not ExitCode.PASS


@pytest.mark.parametrize("judge", [delivery, convergence, answers])
def test_a_judge_that_looks_away(judge: examination.Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(case: Case) -> Judgement:
        return Judgement(scenario=case.scenario.id, judge=judge.NAME)

    monkeypatch.setattr(judge, "judge", blind)
    last = _judged()
    assert (last.results[0].verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)


def test_a_judge_that_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(case: Case) -> Judgement:
        raise ZeroDivisionError(case.scenario.id)

    monkeypatch.setattr(delivery, "judge", crash)
    last = _judged()
    assert (last.results[0].verdict, last.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERNAL)
    assert "judge delivery crashed" in last.faults[0]


async def _nobody(stage: Stage) -> Client:
    return (await stage.company.enlist(1))[0]


async def _nothing(_: Stage) -> None:
    return


@pytest.mark.parametrize(
    ("scenario", "step", "instead"),
    [("members/kick", "settle", _nothing), ("workspace/rename", "stranger", _nobody)],
)
@in_virtual_time
async def test_a_step_that_is_left_out(
    scenario: str, step: str, instead: Callable[[Stage], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without fences nothing is compared; without a stranger nobody proves what strangers are not told."""
    monkeypatch.setattr(Stage, step, instead)
    last = await _finished(*select((scenario,)))
    assert last.results[0].ending is Ending.COMPLETED
    assert last.results[0].verdict is Verdict.INCONCLUSIVE
