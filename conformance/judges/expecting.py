"""What an operation may be answered, in a world and beside others at the same time."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.body_size import with_body_size
from sync_check.conformance.model.ip_bans import with_ip_bans
from sync_check.conformance.model.transitions import Expectation, Situation, expected
from sync_check.conformance.model.world import World

_PAIR: Final = 2


def expected_in(case: Case, call: Call, world: World) -> Expectation:
    """The statuses of which one must come if the operation is executed in this world."""
    if call.operation is None or call.rule is None:
        return expected()
    situation = Situation(
        world=world,
        actor=call.actor,
        limits=case.header.limits,
        revision=case.header.contract_revision,
        asked_at=call.invoked_at,
        answered_at=call.answered_at or call.invoked_at,
        address=case.ledger.addresses.get(call.client),
    )
    due = with_ip_bans(situation, call.operation, call.rule.expect(situation, call.operation))
    if call.understood is None:
        return with_body_size(situation.limits, call.operation, due)
    if not call.understood.leeway:
        return due
    return replace(due, statuses=due.statuses | call.understood.leeway, code=None)


def worlds_of(case: Case, call: Call) -> Iterator[World]:
    """The worlds in which an operation may have been executed, newest first; then those of others alone.

    What was answered later may have been carried out before, so that the operation met its effect and not yet
    its own.
    """
    span = call.window(case.timeline).span
    for number in range(span.last, span.first - 1, -1):
        if number != call.made or len(span) == 1:
            yield case.timeline.world(number)
    yield from case.worlds_without(call)


def exclusive_pairs(case: Case) -> Iterator[tuple[Call, Call, Expectation]]:
    """Two operations at the same time, alone, that were both accepted though in either order one had to fail.

    Each by itself is explained by a world without the other. The last member is what was due to the second.
    """
    made = {call.made: call for call in case.calls if call.made is not None}
    are_alone = alone_together(made.values())
    for number, first in made.items():
        second = made.get(number + 1)
        if second is None or not _overlap(first, second) or second.acknowledged > case.blind_from:
            continue
        if not are_alone(first, second):
            continue
        refusal = _refusal_of_one(case, first, second, case.timeline.world(number - 1))
        if refusal is not None:
            yield first, second, refusal


def alone_together(calls: Collection[Call]) -> Callable[[Call, Call], bool]:
    """Says of two of these operations that overlap whether they do so with no other of them."""
    invoked = sorted(call.invoked for call in calls)
    acknowledged = sorted(call.acknowledged for call in calls)

    def at_once(call: Call) -> int:
        """How many began before its end, without those that ended before its beginning."""
        return bisect_left(invoked, call.acknowledged) - bisect_right(acknowledged, call.invoked)

    return lambda first, second: at_once(first) == at_once(second) == _PAIR


def _refusal_of_one(case: Case, first: Call, second: Call, world: World) -> Expectation | None:
    """What the one that came second had to be answered, whichever it was; None if both could be accepted."""
    after_first, after_second = (case.ledger.world_after(call, world) for call in (first, second))
    if after_first is None or after_second is None:
        return None
    # What is wrong of one by itself is found where that is judged by itself.
    if not all(_may_be(call, expected_in(case, call, world)) for call in (first, second)):
        return None
    refusal = expected_in(case, second, after_first)
    if _may_be(second, refusal) or _may_be(first, expected_in(case, first, after_second)):
        return None
    return refusal


def _may_be(call: Call, expectation: Expectation) -> bool:
    return call.status in expectation.statuses or call.status in expectation.tolerated


def _overlap(one: Call, other: Call) -> bool:
    return one.invoked < other.acknowledged and other.invoked < one.acknowledged
