"""What the target's owner promises about slow consumers, as its profile states it.

`eviction_s` counts from when an event cannot have found room any more, so that the true time may be longer;
`bystander_ratio` compares delays while somebody was slow with those before.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.objectives import Promise, hold, late_ms
from sync_check.conformance.judges.slow_consumers.bystanders import delays
from sync_check.conformance.judges.slow_consumers.piling import Piling

EVICTION: Final = "PROFILE-SLO-eviction_s"
BYSTANDER: Final = "PROFILE-SLO-bystander_ratio"
_US: Final = 1e6


def judge(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    """Judge how soon slow clients were ended, and by how much the others were held up meanwhile."""
    _evictions(case, judgement, found)
    _delays(case, judgement, found)


def _evictions(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    promised = case.header.eviction_s
    if promised is None:
        return
    for piling, seconds in _ended_after(found):
        promise = Promise(requirement=EVICTION, most=promised, unit=" s", client=piling.connection.name)
        message = f"a slow client's connection was there {seconds:.1f} s after its queue was full"
        hold(judgement, promise, seconds, late_ms(case) / 1000, message)


def _ended_after(found: Sequence[Piling]) -> Iterator[tuple[Piling, float]]:
    for piling in found:
        overflow, gone = piling.overflow, piling.gone
        if overflow is None or piling.has_other_cause:
            continue
        until = piling.seen_until if gone is None else gone.at
        yield piling, max(0.0, (until - overflow.by) / _US)


def _delays(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    promised = case.header.bystander_ratio
    if promised is None:
        return
    for delay in delays(case, found):
        promise = Promise(requirement=BYSTANDER, most=promised, unit=" times as long")
        message = f"{delay.what} took {delay.then / delay.usual:.1f} times as long while a client was slow"
        hold(judgement, promise, delay.then / delay.usual, late_ms(case) / delay.usual, message)
