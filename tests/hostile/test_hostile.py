"""Whatever a target does, a run ends in time, with the right exit code, and harms nobody who reads of it.

`make test` tries every twelfth way; with SYNC_CHECK_HOSTILE=1, as in `.ci/run`, all are tried.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

import pytest

import tests.hostile.gateways  # noqa: F401 - registers its ways
from sync_check.harness.preflight import BUDGET_S
from tests.hostile.behaviours import WAYS
from tests.hostile.looking import faults
from tests.hostile.runs import run_all
from tests.hostile.server import hostile
from tests.reference_server.running import running
from tests.sync_check.command import one_sentence, sync_check

_TOGETHER: Final = 32
"""Ways in one test: their runs, which mostly wait, take place at the same time."""
# Taken out of the environment, or the commands that are tried would warn of a variable that they do not read.
ALL: Final = os.environ.pop("SYNC_CHECK_HOSTILE", "") == "1"
NAMES: Final = tuple(WAYS)[:: 1 if ALL else 12]
STARTING_S: Final = 5.0 + 10.0
"""What a run may take beyond its budget, and what a process takes to start on a busy machine."""
GROUPS: Final = [NAMES[at : at + _TOGETHER] for at in range(0, len(NAMES), _TOGETHER)]


def test_there_are_more_than_forty_ways() -> None:
    assert len(WAYS) >= 40
    assert {name.partition("-")[0] for name in WAYS} == {"rest", "gateway"}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("names", GROUPS, ids=lambda names: f"{names[0]}..{names[-1]}")
async def test_nothing_that_a_target_does_gets_the_better_of_a_run(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    done = await run_all([WAYS[name] for name in names], tmp_path)
    assert {name: found for name, ran in done.items() if (found := list(faults(ran)))} == {}
    assert sorted(done) == sorted(names)


@pytest.mark.parametrize(
    "name",
    [
        "rest-redirect-301",
        pytest.param("gateway-never-ready-at-once", marks=pytest.mark.length),
        "rest-retry-after-a-year",
    ],
)
async def test_the_command_itself_ends_within_its_budget(name: str, tmp_path: Path) -> None:
    """In a process of its own, with the budgets that users have: the check before a run takes 8 s at most."""
    loop = asyncio.get_running_loop()
    async with running() as faithful, hostile(WAYS[name].behave, faithful.port) as (url, traffic):
        began = loop.time()
        words = ("run", "workspace/rename", "--target", url, "--report", "report")
        ran = await asyncio.to_thread(sync_check, *words, cwd=tmp_path)
        took_s = loop.time() - began
    assert ran.code == 4
    assert ran.out == ""
    assert "cannot be tested" in one_sentence(ran.err)
    assert traffic.elsewhere == 0
    assert took_s <= BUDGET_S + STARTING_S
