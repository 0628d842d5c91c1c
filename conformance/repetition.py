"""When a failed scenario is played again, and what several attempts at it add up to.

What did not arrive may have been late this once. So a scenario that failed by nothing but missing deliveries
is repeated; what must not arrive, or is wrong, fails at once and is never retried away.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sync_check.conformance.run import Cell, ScenarioResult
from sync_check.conformance.verdict import Kind, Level, Verdict

ATTEMPTS: Final = 6
"""How often a scenario is played that fails by missing deliveries, the first time included."""


def may_be_chance(result: ScenarioResult) -> bool:
    """Whether a scenario failed, and by nothing but what did not arrive."""
    failing = [finding for finding in result.findings if finding.level is Level.FAIL]
    return result.verdict is Verdict.FAIL and all(finding.kind is Kind.LIVENESS for finding in failing)


def wants_another(attempts: Sequence[ScenarioResult]) -> bool:
    """Whether a scenario is to be played again after these attempts."""
    if not attempts or len(attempts) >= ATTEMPTS or not may_be_chance(attempts[0]):
        return False
    return all(may_be_chance(result) or result.verdict is not Verdict.FAIL for result in attempts)


def combined(attempts: Sequence[ScenarioResult]) -> ScenarioResult:
    """What the attempts at a scenario add up to; of one it is that one.

    It is FAIL if it failed each time or once by more than missing deliveries, else FLAKY with its share.
    """
    first = attempts[0]
    if len(attempts) == 1:
        return first
    failed = [number for number, result in enumerate(attempts, 1) if result.verdict is Verdict.FAIL]
    certain = any(result.verdict is Verdict.FAIL and not may_be_chance(result) for result in attempts)
    verdict = Verdict.FAIL if certain or len(failed) == len(attempts) else Verdict.FLAKY
    share = f"{len(failed)} of {len(attempts)} attempts failed: {', '.join(map(str, failed))}"
    return replace(
        first,
        verdict=verdict,
        findings=tuple(dict.fromkeys(finding for result in attempts for finding in result.findings)),
        witnesses=dict(sum((Counter(result.witnesses) for result in attempts), Counter[str]())),
        evidence=dict(sum((Counter(result.evidence) for result in attempts), Counter[str]())),
        coverage=_added([result.coverage for result in attempts]),
        wall_s=sum(result.wall_s for result in attempts),
        note=share,
    )


def _added(matrices: Sequence[Sequence[Cell]]) -> tuple[Cell, ...]:
    counts = Counter[tuple[str, str, str, str, str]]()
    for matrix in matrices:
        for cell in matrix:
            counts[cell[:5]] += cell.times
    return tuple(Cell(*key, times=count) for key, count in sorted(counts.items()))
