"""No judge takes a legal choice for a fault: nothing is found of any variant.

`make test` tries all variants at once on one scenario; with SYNC_CHECK_MATRIX=1 all at once on all scenarios
and on random operations, and each alone on the family that meets it.
"""

import pytest

from sync_check.conformance.verdict import Verdict
from sync_check.reference_server.variants import VARIANTS
from sync_check.scenarios.catalogue import catalogue, select
from tests.exploring import Explorer, faults_of
from tests.exploring_content import ContentExplorer
from tests.scenarios.test_exploration import explore
from tests.sync_check.simulated import NOTHING_TO_DO, judged
from tests.sync_check.test_defects import MATRIX

ALL = tuple(VARIANTS)
"""Together they are legal, too."""
FAMILIES = tuple(dict.fromkeys(one.family for one in catalogue()))


def check(patterns: tuple[str, ...], variants: tuple[str, ...]) -> None:
    run = judged(select(patterns), variants=variants)
    assert [one for result in run.results for one in faults_of(result)] == []
    others = {result.id: result.note for result in run.results if result.verdict is not Verdict.PASS}
    assert others == {name: note for name, note in NOTHING_TO_DO.items() if name in others}


def test_the_table_names_scenarios_that_exist() -> None:
    assert {one.shown_by for one in VARIANTS.values()} <= {one.id for one in catalogue()}


@pytest.mark.parametrize("pattern", FAMILIES if MATRIX else ("roles/default",))
def test_all_variants_at_once_pass(pattern: str) -> None:
    check((pattern,), ALL)


if MATRIX:

    @pytest.mark.parametrize("variant", ALL)
    def test_a_variant_passes_alone(variant: str) -> None:
        check((VARIANTS[variant].shown_by.partition("/")[0],), (variant,))

    @pytest.mark.parametrize("explorer", [Explorer, ContentExplorer])
    @pytest.mark.parametrize("seed", range(100, 104))
    async def test_random_operations_pass_with_all_variants_at_once(
        seed: int, explorer: type[Explorer]
    ) -> None:
        run, _ = await explore(seed, crowd=0.3 if seed % 2 else 0.0, explorer=explorer, variants=ALL)
        assert not run.faults
        assert faults_of(run.results[0]) == []
        assert run.results[0].verdict is Verdict.PASS
