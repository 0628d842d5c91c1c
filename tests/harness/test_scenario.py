"""Where a scenario can be played, and what is said where it cannot."""

from dataclasses import replace

from sync_check.harness.scenario import Needs, Scenario
from sync_check.harness.stage import Stage
from sync_check.harness.target import Target


class Revolving:
    """What can be restarted."""

    async def down(self, *, killed: bool = False) -> None:
        """Nothing runs here."""

    async def up(self) -> None:
        """Nothing runs here."""

    def resident_bytes(self) -> int | None:
        """Nothing takes nothing."""
        return None


async def nothing(_stage: Stage) -> None:
    """Act not at all."""


def test_a_target_is_restarted_only_if_the_run_started_it() -> None:
    scenario = Scenario(
        id="a/b", title="t", covers=(), features=frozenset(), body=nothing, needs=Needs(restarts=True)
    )
    target = Target(label="t", url="http://t")
    assert "[target.process]" in str(scenario.lacks(target))
    assert scenario.lacks(replace(target, restarts=Revolving())) is None
