"""What operations did: the worlds that they made one of the other, and what they made the gateway say.

They were carried out in the order of their answers, as far as nothing shows another one.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.operations import BanAddressesOf, JoinGuild, Operation
from sync_check.conformance.contract.slices import WORKSPACES
from sync_check.conformance.history import Header, Outcome
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.races import Races
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.auditing import with_audit
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.departures import with_departures
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.ip_bans import observing
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.transitions import DEFAULT_LIMITS, DEFAULT_REVISION, Effect, Situation
from sync_check.conformance.model.world import World

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
        situation = replace(
            self._situation(call, standing, self.timeline.present), beside=tuple(self._beside(call))
        )
        overtaking = self._overtaking(call, situation)
        if overtaking is not None and overtaking.made is not None:
            situation = replace(situation, world=self.timeline.world(overtaking.made - 1))
        situation = self._observing(call, situation, call.operation)
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        if standing is Standing.DUE and effect.world is None and self._under_way:
            # Something that is under way still may have come before, and made sense of this.
            self._deferred.append(call)
            return
        effect = with_audit(situation, call.operation, effect)
        call.blind = call.rule.mutates and (standing is Standing.OPTIONAL or effect.world is None)
        self._advance(call, effect)
        self._emit(call, effect)
        if overtaking is not None:
            self._follow(overtaking)

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

    def _beside(self, call: Call) -> Iterator[tuple[str | None, Operation]]:
        """The mutations that were under way at the same time and are not known to have been refused."""
        known = (*self._recent, *self._under_way.values())
        for other in known:
            if other is not call and other.operation is not None and other.acknowledged > call.invoked:
                yield other.actor, other.operation
        # What was deferred comes here once more.
        is_new = all(other is not call for other in known)
        if is_new and call.rule is not None and call.rule.mutates and call.outcome is not Outcome.FAIL:
            self._recent.append(call)

    def _observing(self, call: Call, situation: Situation, operation: Operation) -> Situation:
        """The situation after the server has seen where a call of join comes from, before it judges it."""
        world = observing(situation, operation)
        if isinstance(operation, BanAddressesOf):
            # A call of join that is under way may have shown its address before the ban, or after it.
            for join in self._under_way.values():
                if not isinstance(join.operation, JoinGuild):
                    continue
                shown = replace(
                    situation,
                    world=world,
                    actor=join.actor,
                    address=self.addresses.get(join.client),
                    standing=Standing.OPTIONAL,
                )
                world = observing(shown, join.operation)
        if world is not situation.world:
            self.timeline.push(world, invoked=call.invoked, acknowledged=self._position)
        return replace(situation, world=world)

    # --- another order than that of the answers

    def _overtaking(self, call: Call, situation: Situation) -> Call | None:
        """The operation that was answered before this one, and must have come after it.

        That is so where this one was accepted though it had to be refused after the other one, which need
        not be refused after this one.
        """
        if call.rule is None or not call.rule.mutates or situation.standing is not Standing.DUE:
            return None
        newest = self.timeline.newest
        last = next((one for one in self._recent if one.made == newest), None)
        if last is None or last.made is None or last.acknowledged < call.invoked:
            return None
        before = replace(situation, world=self.timeline.world(last.made - 1))
        after, first = (call.rule.expect(one, call.operation).statuses for one in (situation, before))
        if call.status in after or call.status not in first or last.rule is None:
            return None
        made = call.rule.effect(before, call.operation).world
        if made is None:
            return None
        second = last.rule.expect(self._situation(last, Standing.DUE, made), last.operation).statuses
        return last if last.status in second else None

    def _follow(self, call: Call) -> None:
        """Let an operation have come last, with what it tells besides of that."""
        if call.rule is None or call.operation is None:
            return
        situation = self._situation(call, Standing.DUE, self.timeline.present)
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        effect = with_audit(situation, call.operation, effect)
        told = {emitted.emission.name for emitted in self.emitted if emitted.call is call}
        self._advance(call, effect)
        self._emit(
            call, replace(effect, emissions=tuple(one for one in effect.emissions if one.name not in told))
        )

    def _repeat(self, call: Call) -> None:
        """The effect of an operation that was answered before another one, and carried out after it."""
        if call.rule is None or call.operation is None:
            return
        effect = call.rule.effect(self._situation(call, Standing.DUE, self.timeline.present), call.operation)
        if effect.world is not None and effect.world is not self.timeline.present:
            self.timeline.push(effect.world, invoked=call.invoked, acknowledged=self._position)
            self.timeline.touch(call.op, effect.touched)
