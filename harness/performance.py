"""Performing one scenario on a company: its body, the last settle, and how it ended."""

import asyncio
from collections.abc import Callable
from typing import Final

from sync_check.conformance.history import Ending
from sync_check.harness.company import Company
from sync_check.harness.errors import AccountsUnfit, ScenarioHalted, TargetUnavailable
from sync_check.harness.metrics import read_metrics
from sync_check.harness.scenario import Scenario
from sync_check.harness.stage import Stage

SCENARIO_BUDGET_S: Final = 120.0
"""How long a scenario may take, beside the waiting that the target's rate limits impose."""
VIRTUAL_BUDGET_S: Final = 7200.0
"""The same in virtual time, which costs nothing: who hangs is found out sooner."""

How = tuple[Ending, str | None]


async def perform(
    company: Company,
    scenario: Scenario,
    clients: int,
    faults: list[str],
    budget_s: float = SCENARIO_BUDGET_S,
) -> How:
    """Play `scenario` and settle; returns how it ended and why. A crash of ours is added to `faults`.

    Raises `AccountsUnfit`, after which nothing can be played.
    """
    stage = Stage(company, clients)
    company.stirred.clear()
    try:
        async with asyncio.timeout(budget_s) as budget:
            company.pace.on_wait = extending(budget)
            return await _play(company, stage, scenario)
    except TimeoutError:
        return Ending.TIMED_OUT, f"not finished after {budget_s:.0f} s"
    except AccountsUnfit:
        raise
    except Exception as error:  # noqa: BLE001 - any exception here is a bug of ours: the run goes on and says so
        faults.append(f"{scenario.id}: {type(error).__name__}: {error}")
        return Ending.CRASHED, f"the scenario crashed: {type(error).__name__}"
    finally:
        company.pace.on_wait = None
        await stage.strike()


async def _play(company: Company, stage: Stage, scenario: Scenario) -> How:
    await read_metrics(company)
    try:
        await scenario.body(stage)
    except (ScenarioHalted, TargetUnavailable) as error:
        how: How = (Ending.HALTED, str(error))
    else:
        how = (Ending.COMPLETED, None)
    try:
        # Also after a halt: without a fence nothing that is missing could be told from what is late.
        await stage.settle()
    except (ScenarioHalted, TargetUnavailable) as error:
        return Ending.HALTED, how[1] or str(error)
    return how


def extending(budget: asyncio.Timeout) -> Callable[[float], None]:
    """What adds seconds to a budget that has not run out."""

    def extend(seconds: float) -> None:
        when = budget.when()
        if when is not None and not budget.expired():
            budget.reschedule(when + seconds)

    return extend
