"""The verdict of a scenario: all its rules, in one place.

1. A finding that fails makes it FAIL, whatever else is true, unless all that fails may be our own doing: what
   is missing while our event loop was later than the delivery window, and what took long, as we measured it,
   while we and not the target were the bottleneck. Then it is INCONCLUSIVE.
2. It is INCONCLUSIVE if a judge crashed; if its body did not run to its end; if an operation's outcome is
   unknown (what came later cannot be decided); if it did nothing, received nothing or compared nothing; if,
   in a workspace made for it, no secret was placed or no surface read, where the run does both; if less than
   90 % of the (event, connection) pairs are decided, or none at all where it covers no requirement and is
   there for what it may find, however short it is; if a requirement that it covers was neither
   witnessed nor seen to be broken; or, in a strict run, if an absence rests on weak fences only.
3. A finding that deviates makes it LAX. 4. Else it is PASS: nothing is green without evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.history import Ending
from sync_check.conformance.judges.lives import WELL, Health
from sync_check.conformance.verdict import Finding, Kind, Level, Verdict

MOST_LAG_US: Final = 1_000_000
"""The delivery window (contract 0.4): a loop that is later than that cannot say who was late."""
MOST_P99_US: Final = 20_000
MOST_CPU: Final = 0.85
"""A loop that is later than that once in a hundred times, or takes more of a processor, measures itself."""
LEAST_DECIDED: Final = 0.9
"""The share of pairs that epochs must decide."""


_OF_SWEEPS: Final = (
    ("canaries", "no secret was placed, so no leak was looked for"),
    ("surfaces", "no read surface was looked at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a verdict rests on.

    `fault` tells of a crash of ours, `blind` of an unknown outcome, `health` how we were meanwhile.
    `strict` takes nothing for granted of the target. `swept` says that there is a workspace with secrets in
    it, whose surfaces were to be read.
    """

    findings: Sequence[Finding]
    covers: Sequence[str]
    witnesses: Mapping[str, int]
    evidence: Mapping[str, int]
    ending: Ending
    message: str | None = None
    blind: str | None = None
    fault: str | None = None
    health: Health = WELL
    strict: bool = False
    swept: bool = False


def rule(grounds: Grounds) -> tuple[Verdict, str | None]:
    """The verdict and, where it is inconclusive, why."""
    levels = {finding.level for finding in grounds.findings}
    failing = [finding for finding in grounds.findings if finding.level is Level.FAIL]
    excuses = {_excuse(finding, grounds.health) for finding in failing}
    if excuses and None not in excuses:
        return Verdict.INCONCLUSIVE, "; ".join(sorted(excuse for excuse in excuses if excuse is not None))
    if failing:
        return Verdict.FAIL, None
    doubts = list(_doubts(grounds))
    if doubts:
        return Verdict.INCONCLUSIVE, "; ".join(doubts)
    return (Verdict.LAX if Level.LAX in levels else Verdict.PASS), None


def _excuse(finding: Finding, health: Health) -> str | None:
    """Why a fault may be our own; None if it is not."""
    if finding.kind is Kind.LIVENESS and health.lag_us > MOST_LAG_US:
        return f"sync-check itself was {health.lag_us / 1e6:.1f} s late, and so may what is missing be"
    if finding.timed and (health.lag_p99_us > MOST_P99_US or health.cpu > MOST_CPU):
        late_ms = health.lag_p99_us / 1000
        return (
            "sync-check itself was the bottleneck, and what took long may have waited for it:"
            f" its event loop was up to {late_ms:.0f} ms late (p99), it took {health.cpu:.0%} of a processor"
        )
    return None


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
    for counted, sentence in _OF_SWEEPS if grounds.swept else ():
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
