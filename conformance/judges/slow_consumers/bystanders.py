"""Whether those who were not slow got what was theirs as soon as before (LIMIT-SLOW-6, DELIV-9).

The delay that is usual is that of the same operations before anybody was slow. By as much as our own event
loop was late at worst, whoever shares our machine may have been, too. That nobody of them lost anything is
judged with the deliveries.

There are few operations before, and of n that are alike each later one is longer than all of them with a
chance of 1 in n + 1. So what a few of the later ones take shows something only if it is very much longer.
Of many operations before, some are themselves longer than 99 % of them, which is allowed for as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma, log
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
FAR: Final = 5.0
"""What takes so many times as much longer is not long by chance, however few they are."""
LEAST: Final = 20
"""Samples without which there is nothing usual."""
_P99: Final = 99
_FALSE_ALARM: Final = 1e-4
"""How likely it may be that as many are longer by chance as are held against a target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Within how many milliseconds 99 % of something came: as is usual, and while a client was slow.

    `share` is how much of it, in per cent, is not longer than usual by chance; that came `within` so many.
    """

    what: str
    usual: float
    then: float
    share: int
    within: float

    def exceeds(self, most: float) -> bool:
        """Whether it took longer than so many milliseconds, and not just by chance."""
        far = self.usual + FAR * (most - self.usual)
        return self.within > most or self.then > far

    @property
    def allowance(self) -> float:
        """By how many milliseconds it may take longer than usual."""
        return max((FACTOR - 1) * self.usual, ALLOWANCE_MS)


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
    share = comparable(len(before))
    within = percentile(meanwhile, share)
    if usual is None or then is None or within is None or min(len(before), len(meanwhile)) < LEAST:
        return None
    return Delay(what=what, usual=usual, then=then, share=share, within=within)


def comparable(before: int) -> int:
    """How many of a hundred later delays are hardly ever longer, by chance, than usual of so many before."""
    longer = before - ceil(before * _P99 / 100)
    shares = range(_P99, 0, -1)
    return next(
        (one for one in shares if _at_most(longer, (before + 1) * (100 - one) / 100) <= _FALSE_ALARM), 0
    )


def _at_most(count: int, expected: float) -> float:
    """How likely rare things happen `count` times or less that are expected so often (Poisson)."""
    return sum(exp(n * log(expected) - expected - lgamma(n + 1)) for n in range(count + 1))


def _compare(case: Case, judgement: Judgement, delay: Delay, found: Sequence[Piling]) -> None:
    usual = delay.usual
    most = usual + max(delay.allowance, case.scenario.health.lag_us / 1000)
    if not delay.exceeds(most):
        judgement.witness("LIMIT-SLOW-6", "DELIV-9")
        return
    share, took = (delay.share, delay.within) if delay.within > most else (_P99, delay.then)
    judgement.find(
        Kind.LIMIT,
        "LIMIT-SLOW-6",
        f"{delay.what} took longer while a client was slow:"
        f" {share} % within {took:.1f} ms, before that 99 % within {usual:.1f} ms",
        expected=f"at most {most:.1f} ms",
        received=f"{took:.1f} ms",
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


def _deliveries(case: Case, kinds: set[str], slow: set[int], first: int, last: int) -> Sequence[int]:
    """After how many microseconds the last of those who are not slow got each event."""
    latest: dict[int, int] = {}
    for delivery in case.own_deliveries:
        emitted = delivery.delivers
        if emitted is None or emitted.call.name not in kinds or not first < emitted.call.invoked < last:
            continue
        came = [at for number, at in delivery.times.items() if number not in slow]
        if emitted.call.purpose is Purpose.SCENARIO and came:
            took = max(came) - emitted.call.invoked_at
            latest[emitted.number] = max(latest.get(emitted.number, 0), took)
    return list(latest.values())
