"""Judge `objectives`: what the target's owner promises beyond the contract, as its profile states it.

Crossing a threshold fails a scenario only by more than sync-check itself may account for: by as much as our
own event loop was late at worst, what we measure may be too long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "objectives"
VISIBLE_P99: Final = "PROFILE-SLO-visible_p99_ms"
_MEASURED: Final = (Purpose.SCENARIO, Purpose.FENCE)
_P99: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """At `most` so much of a `unit`, by the name `requirement`; it was measured at a `client`, or at all."""

    requirement: str
    most: float
    unit: str
    client: str | None = None


def judge(case: Case) -> Judgement:
    """Judge how long operations took until clients saw them, once the scenario is over."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    promised = case.header.visible_p99_ms
    measured = percentile(sorted(latencies(case)), _P99) if promised is not None else None
    if promised is None or measured is None or case.scenario.ended_at is None:
        return judgement
    hold(
        judgement,
        Promise(requirement=VISIBLE_P99, most=promised, unit=" ms"),
        measured,
        late_ms(case),
        f"99 % of what was sent was visible to clients after {measured:.1f} ms only",
    )
    return judgement


def hold(judgement: Judgement, promise: Promise, measured: float, excuse: float, message: str) -> None:
    """Find it where a measured value crosses what is promised; `excuse` is how much of it may be ours."""
    if measured <= promise.most:
        return
    is_theirs = measured - excuse > promise.most
    own = f", of which sync-check itself may account for {excuse:.1f}{promise.unit}"
    judgement.find(
        Kind.LIMIT,
        promise.requirement,
        message if is_theirs else message + own,
        level=Level.FAIL if is_theirs else Level.INFO,
        client=promise.client,
        expected=f"at most {promise.most:g}{promise.unit}",
        received=f"{measured:.1f}{promise.unit}",
        timed=True,
    )


def late_ms(case: Case) -> float:
    """How late our own event loop was in the scenario, at worst."""
    return case.scenario.health.lag_us / 1000


def latencies(case: Case) -> list[int]:
    """Microseconds from sending each operation until each client saw its event, if we let it come freely."""
    slowed = {connection.number for connection in case.connections if connection.faults}
    return [
        at - emitted.call.invoked_at
        for delivery in case.own_deliveries
        if (emitted := delivery.delivers) is not None and emitted.call.purpose in _MEASURED
        for number, at in delivery.times.items()
        # What a client left lying for a while, or a network of ours held back, shows nothing of the target.
        if number not in slowed and not case.by_number[number].lagged(emitted.call.invoked, delivery.position)
    ]


def percentile(ordered: Sequence[int], percent: int) -> float | None:
    """The nearest-rank percentile of sorted microseconds, in milliseconds."""
    if not ordered:
        return None
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] / 1000
