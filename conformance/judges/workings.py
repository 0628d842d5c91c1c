"""What an operation makes of a world, by its rule and by what it was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync_check.conformance.contract.operations import BanAddressesOf, JoinGuild
from sync_check.conformance.history import Header
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.revealing import contradicts
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.departures import with_departures
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.ip_bans import observing, with_ip_bans
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.transitions import DEFAULT_LIMITS, DEFAULT_REVISION, Effect, Situation
from sync_check.conformance.model.world import World


class Workings:
    """The worlds of a run, and what is known of those who act in them."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.timeline = Timeline()
        self.addresses: dict[str, Address] = {}
        self._under_way: dict[int, Call] = {}

    def world_after(self, call: Call, world: World) -> World | None:
        """What an operation that was accepted makes of another world; None where that cannot be told."""
        if call.rule is None or call.operation is None:
            return None
        return call.rule.effect(self._situation(call, Standing.DUE, world), call.operation).world

    def effect_in(self, call: Call, world: World) -> Effect | None:
        """What an accepted operation causes in a world; None where its answer makes no sense there."""
        if call.rule is None or call.operation is None:
            return None
        situation = self._situation(call, Standing.DUE, self._observed(call, Standing.DUE, world))
        expectation = with_ip_bans(situation, call.operation, call.rule.expect(situation, call.operation))
        if call.status not in expectation.statuses | expectation.tolerated:
            return None
        effect = with_departures(situation, call.rule.effect(situation, call.operation))
        if effect.world is None or contradicts(call, situation.world, effect.world):
            return None
        return replace(effect, world=world) if effect.world is situation.world else effect

    def after(self, call: Call, world: World) -> World | None:
        """What an accepted operation makes of a world, if its answer makes sense there."""
        effect = self.effect_in(call, world)
        return None if effect is None else effect.world

    def effects(self, *calls: Call) -> Mapping[int, Effect] | None:
        """What operations cause in this order, by their numbers; None if one of them makes no sense so."""
        found: dict[int, Effect] = {}
        world = self.before(calls)
        for call in calls:
            effect = None if world is None else self.effect_in(call, world)
            if effect is None:
                return None
            found[call.op], world = effect, effect.world
        return found

    def before(self, calls: Iterable[Call]) -> World | None:
        """The world that was there before all of some operations; None if none of them changed it."""
        made = [call.made for call in calls if call.made is not None]
        return self.timeline.world(min(made) - 1) if made else None

    def _may_swap(self, first: Call, second: Call) -> bool:
        """Whether two operations make sense in another order than that in which they were applied."""
        base = self.before((first, second))
        swapped = None if base is None else self.after(second, base)
        return swapped is not None and self.after(first, swapped) is not None

    # --- what an operation finds

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
