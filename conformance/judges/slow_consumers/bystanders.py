"""Whether those who were not slow got what was theirs as soon as before (LIMIT-SLOW-6, DELIV-9).

The delay that is usual is that of the same operations before anybody was slow. By as much as our own event
loop was late at worst, whoever shares our machine may have been, too. That nobody of them lost anything is
judged with the deliveries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.objectives import percentile
from sync_check.conformance.judges.slow_consumers.piling import Piling
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.verdict import Excerpt, Kind

FACTOR: Final = 1.5
ALLOWANCE_MS: Final = 20.0
"""A delay may be so many times the usual one, or by so much longer, whichever is more."""
LEAST: Final = 20
"""Samples without which there is nothing usual."""
_P99: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Within how many milliseconds 99 % of something came: as is usual, and while a client was slow."""

    what: str
    usual: float
    then: float


def judge(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    """Compare the delays while clients were slow with those before."""
    for delay in delays(case, found):
        _compare(case, judgement, delay, found)


def delays(case: Case, found: Sequence[Piling]) -> Iterator[Delay]:
    """The delays of which enough is known."""
    first, last = min(one.since.position for one in found), max(map(_until, found))
    kinds = {call.name for call in _asked(case, first, last)}
    slow = {one.connection.number for one in found}
    checks = (
        (
            "what others got",
            _deliveries(case, kinds, slow, 0, first),
            _deliveries(case, kinds, slow, first, last),
        ),
        ("REST", _answers(case, kinds, 0, first), _answers(case, kinds, first, last)),
    )
    for what, before, meanwhile in checks:
        delay = _delay(what, sorted(before), sorted(meanwhile))
        if delay is not None:
            yield delay


def _delay(what: str, before: Sequence[int], meanwhile: Sequence[int]) -> Delay | None:
    usual, then = percentile(before, _P99), percentile(meanwhile, _P99)
    if usual is None or then is None or min(len(before), len(meanwhile)) < LEAST:
        return None
    return Delay(what=what, usual=usual, then=then)


def _compare(case: Case, judgement: Judgement, delay: Delay, found: Sequence[Piling]) -> None:
    usual, then = delay.usual, delay.then
    lag_ms = case.scenario.health.lag_us / 1000
    most = max(FACTOR * usual, usual + ALLOWANCE_MS, usual + lag_ms)
    if then <= most:
        judgement.witness("LIMIT-SLOW-6", "DELIV-9")
        return
    judgement.find(
        Kind.LIMIT,
        "LIMIT-SLOW-6",
        f"{delay.what} took longer while a client was slow:"
        f" 99 % within {then:.1f} ms, before that {usual:.1f} ms",
        expected=f"at most {most:.1f} ms",
        received=f"{then:.1f} ms",
        timed=True,
        excerpt=[
            Excerpt(at_us=one.since.at, who=one.connection.name, text="is slow from here on") for one in found
        ],
    )


def _until(piling: Piling) -> int:
    """Until where a connection was a burden to the server."""
    resumed = NEVER if piling.resumed is None else piling.resumed.position
    return min(resumed, piling.connection.ended)


def _asked(case: Case, first: int, last: int) -> Iterator[Call]:
    for call in case.calls:
        if call.purpose is Purpose.SCENARIO and first < call.invoked < last:
            yield call


def _answers(case: Case, kinds: set[str], first: int, last: int) -> Iterator[int]:
    for call in _asked(case, first, last):
        if call.name in kinds and call.answered_at is not None and not call.is_command:
            yield call.answered_at - call.invoked_at


def _deliveries(case: Case, kinds: set[str], slow: set[int], first: int, last: int) -> Iterator[int]:
    for delivery in case.own_deliveries:
        emitted = delivery.delivers
        if emitted is None or emitted.call.name not in kinds or not first < emitted.call.invoked < last:
            continue
        if emitted.call.purpose is Purpose.SCENARIO:
            yield from (
                at - emitted.call.invoked_at for number, at in delivery.times.items() if number not in slow
            )
