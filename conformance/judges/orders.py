"""In which order operations at the same time were carried out, as far as their answers tell.

Each answer must make sense in the world that its operation found: by its status, and by what its body says
of that world. Answers may come in another order than the server carried the operations out in, so where one
makes no sense after all that was answered before, an order is looked for in which every one does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.world import World

_LOOKED_BACK: Final = 3
"""Operations that one may have come before although it was answered after them; all orders are tried."""

After = Callable[[Call, World], World | None]
"""What an accepted operation makes of a world; None where its answer makes no sense there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Operations in the order in which they were carried out on a world.

    `found` is the world that the one found which the order was looked for, `stays` whether that changes
    nothing and the others come as they were answered, so that what they made holds.
    """

    calls: tuple[Call, ...]
    base: World
    found: World
    stays: bool


def order_of(call: Call, earlier: Sequence[Call], timeline: Timeline, after: After) -> Order | None:
    """The order in which an operation makes sense with those answered `earlier`; None where there is none.

    Each of those made one of the newest worlds, the last one the present.
    """
    for many in range(1, min(len(earlier), _LOOKED_BACK) + 1):
        answered = tuple(earlier[-many:])
        base = timeline.world(timeline.newest - many)
        for calls in permutations((call, *answered)):
            if calls[-1] is not call and keeps_time(calls):
                found = _found(calls, call, base, after)
                if found is not None:
                    world, is_changed = found
                    others = tuple(one for one in calls if one is not call)
                    stays = others == answered and not is_changed
                    return Order(calls=calls, base=base, found=world, stays=stays)
    return None


def overlapping(call: Call, recent: Sequence[Call], timeline: Timeline) -> Sequence[Call]:
    """Those of `recent` that made the newest worlds while an operation was under way, in that order."""
    found: list[Call] = []
    makers = {one.made: one for one in recent if one.made is not None}
    while len(found) < _LOOKED_BACK:
        one = makers.get(timeline.newest - len(found))
        if one is None or one is call or one.acknowledged < call.invoked:
            break
        found.append(one)
    return found[::-1]


def keeps_time(calls: Sequence[Call]) -> bool:
    """Whether none comes before one that was answered before it was asked for."""
    return not any(
        other.acknowledged < one.invoked for place, one in enumerate(calls) for other in calls[place + 1 :]
    )


def _found(calls: Sequence[Call], call: Call, base: World, after: After) -> tuple[World, bool] | None:
    """The world that an operation finds in an order, and whether it changes that; None if that cannot be."""
    found: tuple[World, bool] | None = None
    world = base
    for one in calls:
        made = after(one, world)
        if made is None:
            return None
        if one is call:
            found = world, made is not world
        world = made
    return found
