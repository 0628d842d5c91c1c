"""A scenario as its judges see it: operations, emissions, and the frames that tell of them."""

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from sync_check.conformance.contract.operations import Logout, Refresh
from sync_check.conformance.history import Header, Outcome, Purpose
from sync_check.conformance.judges.deliveries import NOBODY, Delivery, Fold, Matched, Receipts
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.lives import Call, Emitted, Offence, Scenario, Settle
from sync_check.conformance.judges.matching import Matcher, Sorting
from sync_check.conformance.judges.memory import Memory
from sync_check.conformance.judges.proof import Passing
from sync_check.conformance.judges.reach import Reaches
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.judges.rivals import Rivals
from sync_check.conformance.judges.tokens import OF_SESSIONS, Tokens, Validity, in_order, presented
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.connections import NEVER, Arrival, Connection
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.timeline import Timeline
from sync_check.conformance.model.views import Views
from sync_check.conformance.model.world import World


class _Commands:
    """The messages that were sent by command in a run, by connection: each is taken in once."""

    def __init__(self) -> None:
        self._of: dict[int, list[Call]] = {}
        self._seen = 0

    def of_each(self, commands: Sequence[Call]) -> Mapping[int, Sequence[Call]]:
        """Those so far, in order."""
        for call in islice(commands, self._seen, None):
            self._of.setdefault(call.connection or 0, []).append(call)
        self._seen = len(commands)
        return self._of


@dataclass(kw_only=True, eq=False)
class Case:
    """One scenario, interpreted; it lasts until position `until`, where the next one begins."""

    header: Header
    scenario: Scenario
    until: int
    ledger: Ledger
    matcher: Matcher
    views: Views
    memory: Memory

    @property
    def timeline(self) -> Timeline:
        """The worlds of the run."""
        return self.ledger.timeline

    @cached_property
    def calls(self) -> Sequence[Call]:
        """The operations of the scenario that were not just asked again."""
        return [call for call in self.ledger.calls_of.get(self.scenario.index, ()) if not call.retried]

    @cached_property
    def emitted(self) -> Sequence[Emitted]:
        """What those operations made the gateway say."""
        return self.ledger.emitted_of.get(self.scenario.index, ())

    @cached_property
    def connections(self) -> Sequence[Connection]:
        """The connections that lived in the scenario, or while one of its operations was cleaned up after."""
        last = max((call.answered_at or 0 for call in self.calls), default=0)
        return [
            connection
            for connection in self.ledger.connections.values()
            if connection.ended > self.scenario.begun
            and (connection.opened < self.until or connection.began <= last)
        ]

    @property
    def extent(self) -> Hashable:
        """How much was recorded that bears on this case: as long as it is the same, so is the judgement."""
        return (
            self.until,
            self.scenario.ended_at,
            len(self.calls),
            sum(call.answered_at is not None for call in self.calls),
            sum(len(connection.frames) for connection in self.connections),
            sum(connection.ended != NEVER for connection in self.connections),
            sum(len(connection.faults) for connection in self.connections),
            sum(connection.far_ended != NEVER for connection in self.connections),
            sum(len(settle.replicas) + len(settle.snapshots) for settle in self.settles),
            sum(settle.ended is not None for settle in self.settles),
            len(self.ledger.missed),
            sum(map(len, self.ledger.intake.inputs.values())),
            sum(len(connection.pingings) for connection in self.connections),
            len(self.ledger.upgrades),
            len(self.ledger.canaries),
            self.timeline.newest,
            len(self.ledger.emitted),
        )

    @cached_property
    def aftermath(self) -> Hashable:
        """How much came after its end that it answers for, and whether the target's clock is known.

        Nothing else makes one fail that passed, by what judges say of that alone which it answers for.
        """
        return (
            len(self.calls),
            sum(call.answered_at is not None for call in self.calls),
            sum(
                len(self.own(delivery))
                for delivery in self.deliveries
                if delivery.position > self.scenario.ended
            ),
            self._told_at_doors,
            bool(self.ledger.dated),
        )

    @property
    def _told_at_doors(self) -> int:
        """How often somebody who came or went was told something, up to the begin of the next scenario."""
        begun, until = self.scenario.begun, self.until
        return (
            sum(begun < position < until for position, _ in self.ledger.upgrades)
            + sum(begun < one.opened < until for one in self.connections if one.headers)
            + sum(begun < one.ended < until for one in self.connections if one.reason)
        )

    @cached_property
    def settles(self) -> Sequence[Settle]:
        """The settles of the scenario."""
        return [settle for settle in self.ledger.settles if settle.scenario == self.scenario.index]

    @cached_property
    def reaches(self) -> Reaches:
        """What is owed to whom."""
        return Reaches(self.timeline, self.connections)

    @cached_property
    def deliveries(self) -> Sequence[Delivery]:
        """All that came to the connections, in order, with what explains it."""
        sorting = Sorting(self.matcher, self.connections)
        return [delivery for arrival in self._arrivals for delivery in sorting.take(arrival)]

    @property
    def _arrivals(self) -> Sequence[Arrival]:
        if len(self.connections) == len(self.ledger.connections):
            return self.ledger.arrivals
        found = {one.position: one for connection in self.connections for one in connection.frames}
        return [found[position] for position in sorted(found)]

    @cached_property
    def own_deliveries(self) -> Sequence[Delivery]:
        """Those that this scenario answers for, whenever they came."""
        found = []
        for delivery in self.deliveries:
            own = self.own(delivery)
            if len(own) == len(delivery.times):
                found.append(delivery)
            elif own:
                found.append(delivery.among(own))
        return found

    def own(self, delivery: Delivery) -> Collection[int]:
        """The connections for whose receiving it this scenario answers."""
        index, numbers = self.scenario.index, delivery.numbers
        if delivery.emitted is not None:
            return numbers if delivery.emitted.call.scenario == index else ()
        here = self._scenario_at(delivery.position) == index
        home = self._home_of(delivery.reading)
        if home is None or (here and home == index):
            return numbers if here else ()
        younger = {number for number in numbers if self._is_younger(self.by_number[number], home)}
        if home == index:
            return numbers - younger
        return younger if here else ()

    def owns(self, connection: Connection, matched: Matched) -> bool:
        """Whether it answers for this connection's."""
        index = self.scenario.index
        if matched.emitted is not None:
            return matched.emitted.call.scenario == index
        home = self._home_of(matched.reading)
        if home is None or self._is_younger(connection, home):
            return self._scenario_at(matched.frame.position) == index
        return home == index

    def _home_of(self, reading: Reading) -> int | None:
        """The scenario that made the guild: what the guild tells belongs to it, but for `_is_younger`."""
        return self.ledger.homes.get(reading.guild_id or "")

    def _is_younger(self, connection: Connection, home: int) -> bool:
        """Whether a connection belongs to a later scenario than the one that made its guild."""
        return home < connection.born

    @cached_property
    def by_number(self) -> Mapping[int, Connection]:
        """The connections."""
        return {connection.number: connection for connection in self.connections}

    @cached_property
    def _streams(self) -> Mapping[int, Sequence[Delivery]]:
        found: dict[int, list[Delivery]] = {number: [] for number in self.by_number}
        for delivery in self.deliveries:
            for number in delivery.times:
                found[number].append(delivery)
        return found

    def deliveries_to(self, connection: Connection) -> Sequence[Delivery]:
        """Every delivery to a connection, and to others beside it, in order."""
        return self._streams.get(connection.number, ())

    def stream(self, connection: Connection) -> Sequence[Matched]:
        """Every frame of a connection, in order, with what explains it; none of one of other scenarios."""
        number = connection.number
        known = self._matched.get(number)
        if known is None:
            known = self._matched[number] = [one.to(number) for one in self.deliveries_to(connection)]
        return known

    @cached_property
    def _matched(self) -> dict[int, Sequence[Matched]]:
        return {}

    @cached_property
    def _receipts(self) -> Mapping[int, Receipts]:
        found: dict[int, list[Delivery]] = {}
        for delivery in self.deliveries:
            emitted = delivery.delivers
            if emitted is not None and emitted.call.scenario == self.scenario.index:
                found.setdefault(emitted.number, []).append(delivery)
        return {number: Receipts(deliveries) for number, deliveries in found.items()}

    def receipts(self, emitted: Emitted) -> Receipts:
        """Who got an emission of this scenario, and by which frame."""
        return self._receipts.get(emitted.number, NOBODY)

    @cached_property
    def passings(self) -> Mapping[Passing, Set[int]]:
        """What came to connections, which proves what will not come any more, with those that it came to."""
        return self._passed.groups

    @cached_property
    def _passed(self) -> Fold[Passing, Emitted]:
        passed: Fold[Passing, Emitted] = Fold(self.by_number, Passing(), Passing.after)
        for delivery in self.deliveries:
            if delivery.delivers is not None:
                passed.take(delivery.numbers, delivery.delivers)
        return passed

    def passing(self, connection: Connection) -> Passing:
        """What came to a connection."""
        return self._passed.of(connection.number)

    def heard(self, connection: Connection) -> int:
        """When the latest-invoked operation was invoked of which a connection got an event; -1 if none did.

        By DELIV-2 and DELIV-5 whatever was acknowledged before has arrived there, or never will.
        """
        return self.passing(connection).latest if connection.number in self.by_number else -1

    def passed(self, numbers: Set[int], call: Call) -> Set[int]:
        """Those of the connections to which something came that was caused after `call` was acknowledged."""
        for passing, some in self.passings.items():
            if passing.latest <= call.acknowledged and not some.isdisjoint(numbers):
                numbers = numbers - some
        return numbers

    def connections_of(self, user_id: str | None) -> frozenset[int]:
        """The numbers of a user's connections."""
        return self._of_users.get(user_id, frozenset())

    @cached_property
    def _of_users(self) -> Mapping[str | None, frozenset[int]]:
        found: dict[str | None, list[int]] = {}
        for connection in self.connections:
            found.setdefault(connection.user_id, []).append(connection.number)
        return {user_id: frozenset(numbers) for user_id, numbers in found.items()}

    @cached_property
    def blind_from(self) -> int:
        """The position from which the state is unknown: an operation of unknown outcome was invoked."""
        unknown = (
            call.invoked
            for call in self.calls
            if call.blind or (call.outcome is None and call.rule is not None and call.rule.mutates)
        )
        return min(unknown, default=NEVER)

    def is_blind(self, call: Call) -> bool:
        """Whether an operation cannot be judged because another's outcome is unknown."""
        return call.acknowledged > self.blind_from

    def has_passed(self, connection: Connection, call: Call) -> bool:
        """Whether something came on the connection that was caused after `call` was acknowledged."""
        return self.heard(connection) > call.acknowledged

    def passed_fence(self, connection: Connection, call: Call) -> Matched | None:
        """The first frame of that kind; None if there is none."""
        if not self.has_passed(connection, call):
            return None
        stream = self.stream(connection)
        return next((m for m in stream if m.emitted and m.emitted.call.invoked > call.acknowledged), None)

    def is_over_for(self, connection: Connection, call: Call) -> bool:
        """Whether events of `call` have arrived on the connection, or never will."""
        return self.is_heard_out(connection, call) or self._missed_a_fence(connection, call)

    def is_heard_out(self, connection: Connection, call: Call) -> bool:
        """The same, shown by what came later: where a fence is missing, what happened may be missing, too."""
        return self.has_passed(connection, call) or self._settled(connection, call)

    def _missed_a_fence(self, connection: Connection, call: Call) -> bool:
        for _, missed in self.ledger.missed:
            fence = self.ledger.calls.get(missed.op)
            if missed.connection != connection.number or fence is None:
                continue
            if fence is call or fence.invoked > call.acknowledged:
                return True
        return False

    def _settled(self, connection: Connection, call: Call) -> bool:
        return any(
            settle.counts
            and settle.begun > call.acknowledged
            and connection.opened < settle.begun
            and connection.ended > (settle.ended or NEVER)
            and not connection.is_silent(settle.begun)
            for settle in self.settles
        )

    def worlds_without(self, call: Call) -> Iterator[World]:
        """What the world would have been, had operations that were answered later been carried out before."""
        if call.made is None:
            return
        world: World | None = self.timeline.world(call.made - 1)
        for number in range(call.made + 1, call.window(self.timeline).span.last + 1):
            rival = self._makers.get(number)
            world = None if rival is None or world is None else self.ledger.world_after(rival, world)
            if world is None:
                return
            yield world

    @cached_property
    def _makers(self) -> Mapping[int, Call]:
        """By the number of a world, the operation that made it."""
        return {call.made: call for call in self.ledger.calls.values() if call.made is not None}

    def offences(self, connection: Connection) -> Sequence[Offence]:
        """What a connection was sent that has to end it, or may, in order."""
        known = self._offences.get(connection.number)
        if known is None:
            inputs = self.ledger.intake.inputs.get(connection.number, ())
            known = self._offences[connection.number] = [
                Offence(sent, consequence)
                for sent in inputs
                for consequence in sent.consequences
                if consequence.may_end
            ]
        return known

    def commands_of(self, connection: Connection) -> Sequence[Call]:
        """The messages that were sent by command on a connection, in order."""
        return self._commands_of.get(connection.number, ())

    @cached_property
    def _commands_of(self) -> Mapping[int, Sequence[Call]]:
        return self.memory.table(_Commands).of_each(self.ledger.commands)

    @cached_property
    def _offences(self) -> dict[int, Sequence[Offence]]:
        return {}

    def may_be_forgotten(self, call: Call) -> bool:
        """Whether the target was restarted since a call's session was used first."""
        ups = [restart.up for restart in self.ledger.restarts if restart.up < call.invoked]
        if not ups or call.is_anonymous:
            return False
        return self._first_used.get((call.client, call.session), NEVER) < max(ups)

    @cached_property
    def _first_used(self) -> Mapping[tuple[str, int], int]:
        """By client and session, where the first call of it was sent."""
        found: dict[tuple[str, int], int] = {}
        for call in self.ledger.calls.values():
            found.setdefault((call.client, call.session), call.invoked)
        return found

    def logged_out(self, connection: Connection) -> bool:
        """Whether a connection's session was logged out before its end, which may be why it ended (GW-7)."""
        logouts = self.logouts.get((connection.client, connection.session), ())
        return any(logout.invoked < connection.ended for logout in logouts)

    @cached_property
    def logouts(self) -> Mapping[tuple[str, int], Sequence[Call]]:
        """By client and session, what ended the session, or may have: logouts, and replays of used tokens."""
        found: dict[tuple[str, int], list[Call]] = {}
        for call in self.ledger.named(Logout.name, Refresh.name):
            is_logout = call.name == Logout.name and call.outcome is not Outcome.FAIL
            if is_logout or call.op in self._replays:
                found.setdefault((call.client, call.session), []).append(call)
        return found

    def is_revoked(self, call: Call) -> bool:
        """Whether a session is surely over by an operation."""
        return call.name == Logout.name or self._replays.get(call.op, False)

    def validity(self, access_token: str, position: int, at: int) -> Validity:
        """Whether an access token is good for what is sent at a position, at a time in microseconds."""
        return self._tokens.validity(access_token, position, at)

    @cached_property
    def _tokens(self) -> Tokens:
        """All tokens up to the end of the case."""
        calls = [call for call in self._exchanges if call.acknowledged < self.until]
        tokens = Tokens(calls)
        for call in calls:
            tokens.take(call)
        return tokens

    @cached_property
    def _exchanges(self) -> Sequence[Call]:
        return in_order(self.ledger.named(*OF_SESSIONS))

    @cached_property
    def _replays(self) -> Mapping[int, bool]:
        """The refreshes with a used token, by number, and whether they surely end their session (AUTH-4)."""
        tokens, found = Tokens(self._exchanges), dict[int, bool]()
        for call in self._exchanges:
            session = tokens.session_of(presented(call))
            if call.name == Refresh.name and call.outcome is Outcome.FAIL and session is not None:
                is_used = session.used.get(presented(call), NEVER) < call.invoked
                if is_used or tokens.rivals(call):
                    found[call.op] = is_used
            tokens.take(call)
        return found

    def removal_behind(self, connection: Connection, emitted: Emitted) -> Call | None:
        """The operation that had ended the membership of the connection's user when this event was caused.

        What such a user is still told has that one cause, however many events tell it (ACCESS-3).
        """
        if not self.is_outside(connection, emitted):
            return None
        guild_id, user_id = emitted.emission.guild_id or "", connection.user_id or ""
        return self.last_removal(guild_id, user_id, emitted.call.invoked)

    def is_outside(self, connection: Connection, emitted: Emitted) -> bool:
        """Whether the connection's user was no member of the event's guild when it was caused."""
        states = self.timeline.guilds(
            emitted.emission.guild_id or "", emitted.call.window(self.timeline).span
        )
        return not any(is_member(state, connection.user_id or "") for state in states)

    def last_removal(self, guild_id: str, user_id: str, position: int) -> Call | None:
        """The operation that ended a user's membership last, of those that were answered by then."""
        removals = self._removals.get((guild_id, user_id), ())
        earlier = [call for call in removals if call.acknowledged < position]
        return max(earlier, key=lambda call: call.acknowledged, default=None)

    @cached_property
    def _removals(self) -> Mapping[tuple[str, str], Sequence[Call]]:
        found: dict[tuple[str, str], list[Call]] = {}
        for emitted in (one for many in self.ledger.emitted_of.values() for one in many):
            emission = emitted.emission
            if emission.ends_membership and emission.standing is Standing.DUE:
                found.setdefault((emission.guild_id or "", emission.subject or ""), []).append(emitted.call)
        return found

    def standing(self, emitted: Emitted) -> Standing:
        """How an emission stands, seen from all operations: of two at once, either may be the no-op."""
        return self.rivals.standing(emitted)

    @cached_property
    def rivals(self) -> Rivals:
        """The emissions of operations at the same time that set the same thing."""
        return Rivals(self.emitted, self.ledger)

    def _scenario_at(self, position: int) -> int:
        return max(0, bisect_right(self._begun, position) - 1)

    @cached_property
    def _begun(self) -> Sequence[int]:
        return [scenario.begun for scenario in self.ledger.scenarios]

    def counts_for_witness(self, call: Call) -> bool:
        """Whether seeing a rule hold for this operation is evidence: fences and set-up are not."""
        return call.purpose is Purpose.SCENARIO
