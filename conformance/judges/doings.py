"""What operations did: the worlds that they made one of the other, and what they made the gateway say.

They were carried out in the order of their answers, as far as nothing shows another one.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.operations import BanAddressesOf, JoinGuild, Operation
from sync_check.conformance.contract.slices import WORKSPACES
from sync_check.conformance.history import Header, Outcome, canonical
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.orders import Order, order_of, overlapping
from sync_check.conformance.judges.races import Races
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.judges.revealing import contradicts
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.auditing import with_audit
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.departures import with_departures
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.ip_bans import observing, with_ip_bans
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.transitions import DEFAULT_LIMITS, DEFAULT_REVISION, Effect, Situation
from sync_check.conformance.model.world import World

_Asked = tuple[str | None, Operation]
"""Who asked for what."""
_REMEMBERED: Final = 32
"""Mutations looked back at: those that were under way with a later one are few."""


class Doings:
    """The timeline and the emissions of a run, and what that takes; who reads the records adds to both.

    `homes` are the scenarios that made guilds, `created` what operations made, by their numbers.
    """

    def __init__(self) -> None:
        self.header: Header | None = None
        self.timeline = Timeline()
        self.emitted: list[Emitted] = []
        self.emitted_of: dict[int, list[Emitted]] = {}
        self.connections: dict[int, Connection] = {}
        self.readings: dict[int, Reading] = {}
        self.addresses: dict[str, Address] = {}
        self.homes: dict[str, int] = {}
        self.created: dict[int, str] = {}
        self._position = 0
        self._races = Races(self.connections, self.readings, self.timeline)
        self._deferred: list[Call] = []
        self._under_way: dict[int, Call] = {}
        self._recent: deque[Call] = deque(maxlen=_REMEMBERED)

    @property
    def is_racing(self) -> bool:
        """Whether of two operations at once nothing has told yet which one came last."""
        return self._races.is_open

    def world_after(self, call: Call, world: World) -> World | None:
        """What an operation that was accepted makes of another world; None where that cannot be told."""
        if call.rule is None or call.operation is None:
            return None
        return call.rule.effect(self._situation(call, Standing.DUE, world), call.operation).world

    def _apply(self, call: Call, standing: Standing) -> None:
        if call.rule is None or call.operation is None:
            return
        beside = tuple(self._beside(call))
        if standing is Standing.DUE and call.rule.mutates and beside and not self._fits(call):
            earlier = overlapping(call, self._recent, self.timeline)
            order = order_of(call, earlier, self.timeline, self._after)
            if order is not None:
                self._reorder(call, order, beside)
                return
            if any(other.invoked < call.acknowledged for other in self._under_way.values()):
                # What is under way still may have come before, and made sense of this.
                self._deferred.append(call)
                return
        self._carry_out(call, standing, beside)

    def _carry_out(
        self, call: Call, standing: Standing, beside: Sequence[_Asked], found: World | None = None
    ) -> None:
        """Let an operation have met the present world, or another one in which it changes nothing."""
        if call.rule is None or call.operation is None:
            return
        observed = self._observed(call, standing, self.timeline.present)
        if observed is not self.timeline.present:
            self.timeline.push(observed, invoked=call.invoked, acknowledged=self._position)
        situation = replace(self._situation(call, standing, found or observed), beside=tuple(beside))
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        effect = with_audit(situation, call.operation, effect)
        call.blind = call.rule.mutates and (standing is Standing.OPTIONAL or effect.world is None)
        if found is None:
            self._advance(call, effect)
        self._emit(call, effect)

    def _catch_up(self) -> None:
        """Apply what made no sense when it was answered, now that something else was."""
        deferred, self._deferred = self._deferred, []
        for call in deferred:
            self._apply(call, Standing.DUE)

    def _advance(self, call: Call, effect: Effect) -> None:
        if effect.world is None or effect.world is self.timeline.present:
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
            for later in self._races.enter(call, known):
                self._repeat(later)

    # --- what an operation found

    def _situation(self, call: Call, standing: Standing, world: World) -> Situation:
        done = standing is Standing.DUE and call.operation is not None
        answer = read_result(type(call.operation), call.body).value if done and call.operation else None
        return Situation(
            world=world,
            actor=call.actor,
            standing=standing,
            answer=answer,
            limits=self.header.limits if self.header is not None else DEFAULT_LIMITS,
            revision=self.header.contract_revision if self.header is not None else DEFAULT_REVISION,
            migration_window=self.header is None or self.header.migration_window,
            asked_at=call.invoked_at,
            answered_at=call.answered_at or call.invoked_at,
            address=self.addresses.get(call.client),
        )

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

    def _observed(self, call: Call, standing: Standing, world: World) -> World:
        """The world after the server has seen where a call of join comes from, before it judges it."""
        situation, operation = self._situation(call, standing, world), call.operation
        if operation is None:
            return world
        world = observing(situation, operation)
        if isinstance(operation, BanAddressesOf):
            # A call of join that is under way may have shown its address before the ban, or after it.
            for join in self._under_way.values():
                if isinstance(join.operation, JoinGuild):
                    shown = self._situation(join, Standing.OPTIONAL, world)
                    world = observing(shown, join.operation)
        return world

    # --- another order than that of the answers

    def _fits(self, call: Call) -> bool:
        return self._after(call, self.timeline.present) is not None

    def _after(self, call: Call, world: World) -> World | None:
        """What an accepted operation makes of a world; None where its answer makes no sense there."""
        if call.rule is None or call.operation is None:
            return None
        situation = self._situation(call, Standing.DUE, self._observed(call, Standing.DUE, world))
        expectation = with_ip_bans(situation, call.operation, call.rule.expect(situation, call.operation))
        if call.status not in expectation.statuses | expectation.tolerated:
            return None
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        after = effect.world
        if after is None or contradicts(call, situation.world, after):
            return None
        return world if after is situation.world else after

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

    def _carry_out_again(self, call: Call) -> None:
        """Let an operation have met another world than it seemed to when it was answered."""
        if call.rule is None or call.operation is None:
            return
        situation = self._situation(call, Standing.DUE, self.timeline.present)
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        effect = with_audit(situation, call.operation, effect)
        self._advance(call, effect)
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
