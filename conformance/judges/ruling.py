"""The verdict of a scenario: all its rules, in one place.

1. A finding that fails makes it FAIL, whatever else is true, unless deliveries are missing and nothing else
   is wrong while our own event loop was late: then it is INCONCLUSIVE.
2. It is INCONCLUSIVE if a judge crashed; if its body did not run to its end; if an operation's outcome is
   unknown (what came later cannot be decided); if it did nothing, received nothing or compared nothing; if
   less than 90 % of the (event, connection) pairs are decided, or none at all where it covers no requirement
   and is there for what it may find, however short it is; if a requirement that it covers was neither
   witnessed nor seen to be broken; or, in a strict run, if an absence rests on weak fences only.
3. A finding that deviates makes it LAX. 4. Else it is PASS: nothing is green without evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.history import Ending
from sync_check.conformance.verdict import Finding, Kind, Level, Verdict

MOST_LAG_US: Final = 1_000_000
"""The delivery window (contract 0.4): a loop that is later than that cannot say who was late."""
LEAST_DECIDED: Final = 0.9
"""The share of pairs that epochs must decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a verdict rests on.

    `fault` tells of a crash of ours, `blind` of an unknown outcome, `lag_us` how late our event loop was.
    `strict` takes nothing for granted of the target.
    """

    findings: Sequence[Finding]
    covers: Sequence[str]
    witnesses: Mapping[str, int]
    evidence: Mapping[str, int]
    ending: Ending
    message: str | None = None
    blind: str | None = None
    fault: str | None = None
    lag_us: int = 0
    strict: bool = False


def rule(grounds: Grounds) -> tuple[Verdict, str | None]:
    """The verdict and, where it is inconclusive, why."""
    levels = {finding.level for finding in grounds.findings}
    failing = {finding.kind for finding in grounds.findings if finding.level is Level.FAIL}
    if failing == {Kind.LIVENESS} and grounds.lag_us > MOST_LAG_US:
        late = grounds.lag_us / 1e6
        return Verdict.INCONCLUSIVE, f"sync-check itself was {late:.1f} s late, and so may what is missing be"
    if failing:
        return Verdict.FAIL, None
    doubts = list(_doubts(grounds))
    if doubts:
        return Verdict.INCONCLUSIVE, "; ".join(doubts)
    return (Verdict.LAX if Level.LAX in levels else Verdict.PASS), None


def _doubts(grounds: Grounds) -> Iterator[str]:
    if grounds.fault is not None:
        yield grounds.fault
    if grounds.ending is not Ending.COMPLETED:
        reason = f": {grounds.message}" if grounds.message else ""
        yield f"the scenario was {grounds.ending.replace('_', ' ')}{reason}"
    if grounds.blind is not None:
        yield f"nobody knows what {grounds.blind} did, so nothing after it can be judged"
    yield from _missing_evidence(grounds)


def _missing_evidence(grounds: Grounds) -> Iterator[str]:
    evidence = grounds.evidence
    for counted, sentence in (
        ("operations", "it asked for no operation"),
        ("frames", "no frame was received"),
        ("comparisons", "no settle was completed, so nothing was compared"),
    ):
        if not evidence.get(counted):
            yield sentence
    decided, pairs = evidence.get("pairs_decided", 0), evidence.get("pairs", 0)
    enough = decided >= LEAST_DECIDED * pairs if grounds.covers else decided or not pairs
    if not enough:
        yield f"only {decided} of {pairs} pairs of event and connection are decided"
    broken = {finding.requirement for finding in grounds.findings if finding.level is Level.LAX}
    unseen = [one for one in grounds.covers if not grounds.witnesses.get(one) and one not in broken]
    if unseen:
        yield f"not witnessed: {', '.join(unseen)}"
    weak, absences = evidence.get("absences_weak", 0), evidence.get("absences", 0)
    if weak and grounds.strict:
        yield f"{weak} of {absences} absences rest on weak fences: no order across scopes was seen (DELIV-2)"
