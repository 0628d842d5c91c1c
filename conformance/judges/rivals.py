"""How emissions stand where operations at the same time set the same thing: either may have changed nothing.

In every order in which they may have been carried out each of them is due or not. Where all orders agree,
that is how it stands; where they do not, it may come or not, but of such rivals one at least has to come.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, permutations
from typing import Final

from sync_check.conformance.judges.doings import Doings
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.orders import keeps_time
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.world import World

_MOST: Final = 4
"""Operations of which every order is tried."""
_UNDECIDED: Final = (Standing.DUE, Standing.NO_OP)

_Stated = Mapping[int, Standing]
"""By the number of an emission, how it stands in one order."""


class Rivals:
    """The rivals among the emissions of a scenario."""

    def __init__(self, emitted: Sequence[Emitted], doings: Doings) -> None:
        self._emitted = emitted
        self._doings = doings

    def standing(self, emitted: Emitted) -> Standing:
        """How an emission stands, seen from all orders."""
        standing = emitted.emission.standing
        return self._stated.get(emitted.number, standing) if standing in _UNDECIDED else standing

    def one_of(self, emitted: Emitted) -> Sequence[Emitted]:
        """Of which rivals one at least is due, where nobody knows which; told of the first of them alone."""
        return self._one_of.get(emitted.number, ())

    @cached_property
    def _stated(self) -> _Stated:
        found: dict[int, Standing] = {}
        for group, orders in self._groups:
            if not orders:
                found.update(_doubted(group))
            for one in group if orders else ():
                stands = {order[one.number] for order in orders}
                found[one.number] = stands.pop() if len(stands) == 1 else Standing.OPTIONAL
        return found

    @cached_property
    def _one_of(self) -> Mapping[int, Sequence[Emitted]]:
        return {
            group[0].number: group
            for group, orders in self._groups
            if orders
            and all(Standing.DUE in order.values() for order in orders)
            and all(self._stated[one.number] is not Standing.DUE for one in group)
        }

    @cached_property
    def _groups(self) -> Sequence[tuple[Sequence[Emitted], Sequence[_Stated]]]:
        """Emissions that are rivals, be it through another one, and how they stand in each possible order."""
        known: dict[int, list[Emitted]] = {}
        for pair in _rivals(self._emitted):
            one, other = (known.setdefault(emitted.number, [emitted]) for emitted in pair)
            if one is not other:
                one += other
                known |= {emitted.number: one for emitted in other}
        groups = [sorted(group, key=_number) for group in {id(one): one for one in known.values()}.values()]
        return [(group, list(self._orders(group))) for group in groups]

    def _orders(self, group: Sequence[Emitted]) -> Iterator[_Stated]:
        calls = list(dict.fromkeys(emitted.call for emitted in group))
        base = self._doings.before(calls)
        if base is None:
            # None changed anything, so none does in another order.
            yield {emitted.number: emitted.emission.standing for emitted in group}
            return
        if len(calls) > _MOST:
            return
        for order in permutations(calls):
            if keeps_time(order) and self._agrees_with_events(order):
                stated = self._in_order(group, order, base)
                if stated is not None:
                    yield stated

    def _agrees_with_events(self, order: Sequence[Call]) -> bool:
        """Whether of no two of them events have shown that the earlier one came last."""
        won = self._doings.won
        return all(won(first, second) is not first for first, second in combinations(order, 2))

    def _in_order(self, group: Sequence[Emitted], order: Sequence[Call], base: World) -> _Stated | None:
        stated: dict[int, Standing] = {}
        world = base
        for call in order:
            effect = self._doings.effect_in(call, world)
            if effect is None or effect.world is None:
                return None
            world = effect.world
            for one in group:
                if one.call is call:
                    alike = (told for told in effect.emissions if _is_the_same(one, told))
                    stated[one.number] = next((told.standing for told in alike), Standing.OPTIONAL)
        return {one.number: stated[one.number] for one in group}


def _doubted(group: Sequence[Emitted]) -> Iterator[tuple[int, Standing]]:
    """Where no order explains them all: beside one that changed nothing, its like may have done so."""
    for one, other in combinations(group, 2):
        standings = {one.emission.standing, other.emission.standing}
        if Standing.NO_OP in standings and one.emission.name == other.emission.name and _overlap(one, other):
            yield one.number, Standing.OPTIONAL
            yield other.number, Standing.OPTIONAL


def _rivals(emitted: Sequence[Emitted]) -> Iterator[tuple[Emitted, Emitted]]:
    """Emissions about the same of operations at the same time."""
    under_way: dict[Hashable, list[Emitted]] = {}
    for one in sorted(emitted, key=lambda emitted: emitted.call.invoked):
        emission, invoked = one.emission, one.call.invoked
        if emission.standing not in _UNDECIDED:
            continue
        key: Hashable = emission.sets
        if key is None:
            key = emission.name, emission.guild_id, emission.channel_id, emission.subject
        # Of what was over by then nothing is left: cost grows with what is sent, not with its square.
        beside = [other for other in under_way.get(key, ()) if other.call.acknowledged > invoked]
        for other in beside:
            if _rival(one, other):
                yield one, other
        under_way[key] = [*beside, one]


def _rival(one: Emitted, other: Emitted) -> bool:
    return one.call is not other.call and _overlap(one, other) and one.emission.is_rival_of(other.emission)


def _overlap(one: Emitted, other: Emitted) -> bool:
    return one.call.invoked < other.call.acknowledged and other.call.invoked < one.call.acknowledged


def _is_the_same(one: Emitted, told: Emission) -> bool:
    return one.emission.name == told.name and one.emission.identity == told.identity


def _number(emitted: Emitted) -> int:
    return emitted.number
