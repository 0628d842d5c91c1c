"""What operations did: the worlds that they made one of the other, and what they made the gateway say.

They were carried out in the order of their answers, as far as nothing shows another one.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.contract.slices import WORKSPACES
from sync_check.conformance.history import Outcome, canonical
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.orders import Order, order_of, overlapping
from sync_check.conformance.judges.races import Races, Turn
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.judges.unheard import Pair, Unheard, differing, loud_of
from sync_check.conformance.judges.workings import Workings
from sync_check.conformance.model.auditing import with_audit
from sync_check.conformance.model.connections import Arrival, Connection
from sync_check.conformance.model.departures import with_departures
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.transitions import Effect, no_effect
from sync_check.conformance.model.world import World

_Asked = tuple[str | None, Operation]
"""Who asked for what."""
_REMEMBERED: Final = 32
"""Mutations looked back at: those that were under way with a later one are few."""


class Doings(Workings):
    """The timeline and the emissions of a run, and what that takes; who reads the records adds to both.

    `homes` are the scenarios that made guilds, `created` what operations made, by their numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.emitted: list[Emitted] = []
        self.emitted_of: dict[int, list[Emitted]] = {}
        self.connections: dict[int, Connection] = {}
        self.readings: dict[int, Reading] = {}
        self.homes: dict[str, int] = {}
        self.created: dict[int, str] = {}
        self._position = 0
        self._races = Races(self.connections, self.readings, self.timeline, self._may_swap)
        self._unheard = Unheard(self.connections, self.readings, self.timeline)
        self._deferred: list[Call] = []
        self._recent: deque[Call] = deque(maxlen=_REMEMBERED)

    @property
    def is_racing(self) -> bool:
        """Whether of two operations at once nothing has told yet which one came last."""
        return self._races.is_open or self._unheard.is_open

    def _apply(self, call: Call, standing: Standing) -> None:
        if call.rule is None or call.operation is None or call.rule.effect is no_effect:
            return
        beside = tuple(self._beside(call))
        if standing is Standing.DUE and call.rule.mutates and beside and not self._fits(call):
            earlier = overlapping(call, self._recent, self.timeline)
            order = order_of(call, earlier, self.timeline, self.after)
            if order is not None:
                self._reorder(call, order, beside)
                return
            if any(other.invoked < call.acknowledged for other in self._under_way.values()):
                # What is under way still may have come before, and made sense of this.
                self._deferred.append(call)
                return
        self._carry_out(call, standing, beside)
        if standing is Standing.DUE and call.rule.mutates:
            self._listen(call)

    def _carry_out(
        self, call: Call, standing: Standing, beside: Sequence[_Asked], found: World | None = None
    ) -> None:
        """Let an operation have met the present world, or another one in which it changes nothing."""
        if call.rule is None or call.operation is None:
            return
        observed = self._observed(call, standing, self.timeline.present)
        situation = replace(self._situation(call, standing, found or observed), beside=tuple(beside))
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        effect = with_audit(situation, call.operation, effect)
        call.blind = call.rule.mutates and (standing is Standing.OPTIONAL or effect.world is None)
        self._advance(call, effect if found is None else replace(effect, world=observed), observed)
        self._emit(call, effect)

    def _catch_up(self) -> None:
        """Apply what made no sense when it was answered, now that something else was."""
        deferred, self._deferred = self._deferred, []
        for call in deferred:
            self._apply(call, Standing.DUE)

    def _advance(self, call: Call, effect: Effect, found: World) -> None:
        """Go on to the world that an operation made of the one that it found."""
        if effect.world is None or effect.world is found:
            if found is not self.timeline.present:
                self.timeline.push(found, invoked=call.invoked, acknowledged=self._position)
            return
        call.made = self.timeline.push(effect.world, invoked=call.invoked, acknowledged=self._position)
        self.timeline.touch(call.op, effect.touched)
        for key, entity in effect.touched:
            if key == WORKSPACES and entity is not None:
                self.homes.setdefault(entity, call.scenario)
        made = effect.touched[0][1] if effect.touched else None
        if call.name in ("create_guild", "create_channel") and made is not None:
            self.created[call.op] = made

    def _emit(self, call: Call, effect: Effect) -> None:
        declared = self.header.declared if self.header is not None else ()
        for emission in effect.emissions:
            if not emission.event.belongs_to(declared):
                continue  # nobody promised it; should it come, it is judged as ambient
            known = replace(emission, standing=Standing.OPTIONAL) if effect.world is None else emission
            emitted = Emitted(number=len(self.emitted), call=call, emission=known)
            self.emitted.append(emitted)
            self.emitted_of.setdefault(call.scenario, []).append(emitted)
            for turn in self._races.enter(call, known):
                self._take_turn(turn)
            for pair in self._unheard.answered(call, known):
                self._swap(pair.first, pair.second)

    def _told(self, arrival: Arrival) -> None:
        """Frames came, which may tell in which order two operations were carried out."""
        for turn in self._races.arrival(arrival):
            self._take_turn(turn)
        for pair in self._unheard.arrival(arrival):
            self._swap(pair.first, pair.second)

    def _beside(self, call: Call) -> Iterator[_Asked]:
        """The mutations that were under way at the same time and are not known to have been refused."""
        known = (*self._recent, *self._under_way.values())
        for other in known:
            if other is call or other.operation is None or other.invoked > call.acknowledged:
                continue
            if other.acknowledged > call.invoked:
                yield other.actor, other.operation
        # What was deferred comes here once more.
        is_new = all(other is not call for other in known)
        if is_new and call.rule is not None and call.rule.mutates and call.outcome is not Outcome.FAIL:
            self._recent.append(call)

    # --- another order than that of the answers

    def _fits(self, call: Call) -> bool:
        return self.after(call, self.timeline.present) is not None

    def won(self, first: Call, second: Call) -> Call | None:
        """Which of two operations came last, where events have shown that."""
        last = self._races.won.get(frozenset((first.op, second.op)))
        return None if last is None else first if last == first.op else second

    def _reorder(self, call: Call, order: Order, beside: Sequence[_Asked]) -> None:
        """Let an operation have come before others that were answered before it."""
        if order.stays:
            self._carry_out(call, Standing.DUE, beside, order.found)
            return
        self.timeline.push(order.base, invoked=call.invoked, acknowledged=self._position)
        for one in order.calls:
            if one is call:
                self._carry_out(call, Standing.DUE, beside)
            else:
                self._carry_out_again(one)

    def _listen(self, call: Call) -> None:
        """Ask who came first where only what is told of one of two operations can say."""
        for other in tuple(self._recent):
            loud = loud_of(other, call)
            if loud is not None and other.acknowledged > call.invoked and other.outcome is Outcome.OK:
                pair = self._pair(other, call, loud)
                for swapped in self._unheard.enter(pair) if pair is not None else ():
                    self._swap(swapped.first, swapped.second)

    def _pair(self, one: Call, other: Call, loud: Call) -> Pair | None:
        """Two operations of which `loud` tells something else in another order; None if that cannot be."""
        is_later = one.made is not None and other.made is not None and one.made > other.made
        first, second = (other, one) if is_later else (one, other)
        here, there = self.effects(first, second), self.effects(second, first)
        if here is None or there is None:
            return None
        declared = self.header.declared if self.header is not None else ()
        told, otherwise = (
            tuple(emission for emission in emissions if emission.event.belongs_to(declared))
            for emissions in (
                differing(here[loud.op], there[loud.op]),
                differing(there[loud.op], here[loud.op]),
            )
        )
        if not told and not otherwise:
            return None
        return Pair(first=first, second=second, loud=loud, told=told, otherwise=otherwise)

    def _swap(self, first: Call, second: Call) -> bool:
        """Let the second of two operations have come first; whether all that came since still makes sense."""
        first_made = min(call.made for call in (first, second) if call.made is not None)
        makers = {call.made: call for call in self._recent}
        since = [makers.get(number) for number in range(first_made, self.timeline.newest + 1)]
        later = [call for call in since if call is not None and call not in (first, second)]
        calls = (second, first, *later)
        if None in since or self.effects(*calls) is None:
            return False
        base = self.timeline.world(first_made - 1)
        invoked = min(call.invoked for call in calls)
        self.timeline.push(base, invoked=invoked, acknowledged=self._position)
        for call in calls:
            self._carry_out_again(call)
        return True

    def _take_turn(self, turn: Turn) -> None:
        """Let an operation have come last that was answered before another one."""
        if turn.over is None or not self._swap(turn.last, turn.over):
            self._repeat(turn.last)

    def _carry_out_again(self, call: Call) -> None:
        """Let an operation have met another world than it seemed to when it was answered."""
        if call.rule is None or call.operation is None:
            return
        beside = tuple(self._beside(call))
        observed = self._observed(call, Standing.DUE, self.timeline.present)
        situation = replace(self._situation(call, Standing.DUE, observed), beside=beside)
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        effect = with_audit(situation, call.operation, effect)
        call.made = None
        self._advance(call, effect, observed)
        earlier = [one for one in self.emitted_of.get(call.scenario, ()) if one.call is call]
        known = {(one.emission.name, canonical(dict(one.emission.identity))): one for one in earlier}
        fresh = []
        for emission in effect.emissions:
            told = known.pop((emission.name, canonical(dict(emission.identity))), None)
            if told is None:
                fresh.append(emission)
            else:
                self._restate(told, emission)
        for told in known.values():
            self._restate(told, replace(told.emission, standing=Standing.OPTIONAL))
        self._emit(call, replace(effect, emissions=tuple(fresh)))

    def _restate(self, told: Emitted, emission: Emission) -> None:
        """Put another emission in the place of one that an operation was taken to cause."""
        stated = replace(told, emission=emission)
        self.emitted[told.number] = stated
        of_scenario = self.emitted_of[told.call.scenario]
        of_scenario[of_scenario.index(told)] = stated

    def _repeat(self, call: Call) -> None:
        """The effect of an operation that was answered before another one, and carried out after it."""
        if call.rule is None or call.operation is None:
            return
        effect = call.rule.effect(self._situation(call, Standing.DUE, self.timeline.present), call.operation)
        if effect.world is not None and effect.world is not self.timeline.present:
            self.timeline.push(effect.world, invoked=call.invoked, acknowledged=self._position)
            self.timeline.touch(call.op, effect.touched)
