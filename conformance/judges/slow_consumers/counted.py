"""What the counters tell of slow consumers: their ends, what they lost, and how much waited for them.

Each event that is enqueued for a connection is counted as emitted (METRIC-2). So those that never arrived
anywhere waited for the connections that were ended: as many as could, which is the limit in force.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate

from sync_check.conformance.contract.counters import LABELS, Counter
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.arrivals import Observers
from sync_check.conformance.judges.counters.pages import END_WINDOW_US
from sync_check.conformance.judges.counters.reads import Growth, Read, life_of, reads_of
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.slow_consumers.piling import MARGIN, SHARE, SLOW_CONSUMER, Piling
from sync_check.conformance.verdict import Kind

_FULL_QUEUE = "full_queue"
_IN_HAND = 2
"""Frames that are being written, or were just taken from the queue."""
_REASON = LABELS[Counter.DROPPED].index("reason")


def judge(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    """Judge what was counted between the reads before and after the slow clients.

    A target that was restarted counts anew, so each life of its process is judged alone.
    """
    lives = defaultdict[int, list[Piling]](list)
    for one in found:
        lives[case.ledger.life_at(one.since.position)].append(one)
    for life, some in lives.items():
        _judge_life(case, judgement, some, life)


def _judge_life(case: Case, judgement: Judgement, found: Sequence[Piling], life: int) -> None:
    growth = _around(case, found, life)
    if growth is None:
        return
    ended = [one for one in found if one.gone is not None and not one.is_little and not one.has_other_cause]
    _judge_ends(judgement, growth, found, ended)
    _judge_losses(judgement, growth, ended)
    if ended and len(ended) == len(found):
        _judge_waiting(case, judgement, growth, ended)


def _judge_ends(
    judgement: Judgement, growth: Growth, found: Sequence[Piling], ended: Sequence[Piling]
) -> None:
    latest = max((one.gone.at for one in ended if one.gone is not None), default=0)
    is_late_enough = growth.after.call.invoked_at - latest > END_WINDOW_US
    slow = int(growth.of(Counter.DISCONNECTS).get((SLOW_CONSUMER,), 0))
    if slow > len(found) or (slow < len(ended) and is_late_enough):
        _find(
            judgement,
            growth,
            "LIMIT-SLOW-4",
            "metrics: ends of slow consumers are not counted once each",
            expected=f"{SLOW_CONSUMER} +{len(ended)}",
            received=f"{slow:+d}",
        )
    elif ended and slow == len(ended):
        judgement.witness("LIMIT-SLOW-4", "METRIC-4")


def _judge_losses(judgement: Judgement, growth: Growth, ended: Sequence[Piling]) -> None:
    losses = growth.of(Counter.DROPPED).items()
    dropped = int(sum(by for labels, by in losses if labels[_REASON] == _FULL_QUEUE))
    named = sum(one.is_named for one in ended)
    if dropped < named:
        _find(
            judgement,
            growth,
            "LIMIT-SLOW-2",
            "metrics: connections were ended as slow consumers, and no event is counted that found no room",
            expected=f"{_FULL_QUEUE} {named:+d} at least",
            received=f"{dropped:+d}",
        )
    elif ended and dropped >= len(ended):
        judgement.witness("LIMIT-SLOW-2", "METRIC-5")


def _judge_waiting(case: Case, judgement: Judgement, growth: Growth, ended: Sequence[Piling]) -> None:
    """As many events were enqueued and never arrived as may wait, for each connection that was ended."""
    ours = {one.connection.number for one in ended}
    first, last = growth.before.call.invoked, growth.after.call.acknowledged
    others = (one for one in case.connections if one.number not in ours)
    if any(first < one.ended < last for one in others):
        return  # what waited for them is lost as well
    arrivals = Observers(case).arrivals(growth)
    emitted = int(sum(growth.of(Counter.EMITTED).values()))
    most = emitted - arrivals.sure.total()
    least = most - arrivals.perhaps.total() - arrivals.unreadable
    judgement.evidence["waited_at_most"] = most
    limit = sum(one.limit for one in ended)
    room = limit + sum(_beside(one) for one in ended)
    if least > room:
        _find(
            judgement,
            growth,
            "LIMIT-SLOW-1",
            "metrics: more events waited for slow clients than may",
            expected=f"at most {limit}, or {room} with what was on its way",
            received=f"at least {least}",
        )
    elif most < int(limit * SHARE):
        _find(
            judgement,
            growth,
            "LIMIT-4",
            "metrics: slow clients were ended before their queues were full",
            expected=f"{limit} events waiting",
            received=f"at most {most}",
        )
    else:
        judgement.witness("LIMIT-4", "LIMIT-SLOW-1")


def _beside(piling: Piling) -> int:
    """The events that a server may have handed on in vain, by what the way may hold.

    Of a client that read to the end that is only what it may hold beyond what was measured.
    """
    held = (MARGIN - piling.is_ended) * (piling.since.absorbs or 0)
    left = (one.size for one in piling.piled if one.emitted.number not in piling.received)
    return _IN_HAND + sum(total <= held for total in accumulate(left))


def _around(case: Case, found: Sequence[Piling], life: int) -> Growth | None:
    """What was counted from the last read before any of these became slow to the last of the same life."""
    began = min(one.since.position for one in found)
    reads: Sequence[Read] = [
        read
        for read in reads_of(case)
        if read.call.scenario == case.scenario.index
        and not read.page.faults
        and life_of(case.ledger, read) == life
    ]
    before = [read for read in reads if read.call.acknowledged < began]
    after = [read for read in reads if read.call.invoked > began]
    return Growth(before=before[-1], after=after[-1]) if before and after else None


def _find(
    judgement: Judgement, growth: Growth, requirement: str, message: str, *, expected: str, received: str
) -> None:
    judgement.find(
        Kind.LIMIT,
        requirement,
        message,
        expected=expected,
        received=received,
        cause=growth.after.call,
        excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
    )
