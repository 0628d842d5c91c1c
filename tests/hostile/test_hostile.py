"""Whatever a target does, a run ends in time, with the right exit code, and harms nobody who reads of it."""

from pathlib import Path
from typing import Final

import pytest

import tests.hostile.gateways  # noqa: F401 - registers its ways
from tests.hostile.behaviours import WAYS
from tests.hostile.looking import faults
from tests.hostile.runs import run_all

_TOGETHER: Final = 32
"""Ways in one test: their runs, which mostly wait, take place at the same time."""
NAMES: Final = tuple(WAYS)
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
