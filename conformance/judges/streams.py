"""The part of judge `delivery` that follows each connection's stream, frame by frame.

`ready` comes first and once, `subscribed` answers a subscribe, nothing comes twice, nothing overtakes an
earlier cause, nothing of a guild follows the own removal from it, and nothing is left unexplained.
"""

from collections.abc import Collection, KeysView
from typing import Final

from sync_check.conformance.history import Ending, EndOfConnection
from sync_check.conformance.judges.ambient import Explanations
from sync_check.conformance.judges.banned_subscribes import BannedSubscribes
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import may_end
from sync_check.conformance.judges.deliveries import Delivery, Fold, Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.verdict import Kind

_BUDGET_US: Final = 1_000_000
"""The delivery window: what a command owes has come by then, in microseconds."""
_GIVEN_UP: Final = (Ending.HALTED, Ending.TIMED_OUT)


def judge(case: Case, judgement: Judgement) -> None:
    """Judge every connection's stream."""
    _Streams(case, judgement).judge()


class _Streams:
    """All streams, frame by frame in the order in which they came.

    What operations caused is looked at together for all that received it, as far as it says nothing that is
    particular to one of them; `_Stream` does the rest.
    """

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._explanations = explanations = Explanations(case, judgement)
        self._streams = {one.number: _Stream(case, judgement, one, explanations) for one in case.connections}
        self._new = set(self._streams)
        self._removed: set[int] = set()
        self._orders: Fold[Call | None, Call] = Fold(self._streams, None, _later)

    def judge(self) -> None:
        """Judge them."""
        for delivery in self._case.deliveries:
            own = self._case.own(delivery)
            emitted = delivery.delivers
            if emitted is None:
                for number in self._remarkable(delivery, own):
                    stream = self._streams[number]
                    stream.take(delivery.to(number), self._orders.of(number), judged=number in own)
            else:
                self._told(delivery, emitted, own)
            if self._new:
                self._new.difference_update(delivery.times)
        for stream in self._streams.values():
            stream.finish()

    def _remarkable(self, delivery: Delivery, own: Collection[int]) -> Collection[int]:
        """The connections on which a frame that tells of no operation has to be looked at by itself."""
        if not own:
            is_ready = delivery.reading.name == "ready"
            return delivery.times if is_ready else sorted(self._new.intersection(delivery.times))
        if delivery.emitted is not None:
            return delivery.times
        plain: set[int] = set()
        for latest, some in self._orders.parts(delivery.numbers):
            plain |= self._explanations.plain(delivery, latest, some)
        plain -= self._new
        plain -= self._removed
        if len(plain) == len(delivery.times):
            return ()
        return [number for number in delivery.times if number not in plain]

    def _told(self, delivery: Delivery, emitted: Emitted, own: Collection[int]) -> None:
        """An event of an operation came."""
        for number in sorted(self._new.intersection(delivery.times)):
            self._streams[number].begin(delivery.to(number), judged=number in own)
        # What other scenarios answer for is only remembered.
        forbidden = self._case.reaches.of(emitted).forbidden if own else frozenset[int]()
        numbers = delivery.numbers
        if not forbidden.isdisjoint(numbers):
            numbers = {number: None for number in numbers if number not in forbidden}.keys()
        if numbers:
            for latest, some in self._orders.take(numbers, emitted.call):
                self._order(delivery, emitted.call, latest, some, is_judged=bool(own))
        if emitted.emission.ends_membership:
            self._removal(delivery, emitted)
        for number in sorted(self._removed.intersection(delivery.times)):
            self._streams[number].after_removal(delivery.to(number), judged=number in own)

    def _order(
        self, delivery: Delivery, call: Call, latest: Call | None, numbers: KeysView[int], *, is_judged: bool
    ) -> None:
        """Connections that were told of `latest` last are told of `call`."""
        if latest is None or not is_judged:
            return
        if call.acknowledged < latest.invoked:
            for number in numbers:
                self._streams[number].overtaken(delivery.to(number), latest)
        elif latest.acknowledged < call.invoked:
            self._judgement.witness("DELIV-2", "DELIV-5", times=len(numbers))

    def _removal(self, delivery: Delivery, emitted: Emitted) -> None:
        removed = self._case.connections_of(emitted.emission.subject).intersection(delivery.times)
        for number in removed:
            self._streams[number].remove(emitted)
        self._removed |= removed


def _later(latest: Call | None, call: Call) -> Call:
    """The operation that was invoked later, of the one told last and one told now."""
    return call if latest is None or call.invoked > latest.invoked else latest


class _Stream:
    """What is remembered of a connection between its frames."""

    def __init__(
        self, case: Case, judgement: Judgement, connection: Connection, explanations: Explanations
    ) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection
        self._explanations = explanations
        self._banned = BannedSubscribes(case, judgement, connection)
        self._is_ready = False
        self._removals: dict[str, Call] = {}
        self._mute = False

    def take(self, matched: Matched, latest: Call | None, *, judged: bool) -> None:
        """Judge a frame that tells of no operation for the first time; one of others is only remembered.

        `latest` is the operation that the connection was told of last.
        """
        reading = matched.reading
        if reading.name == "ready" or not self._is_ready:
            self.begin(matched, judged=judged)
        self._mute = not judged
        if matched.emitted is not None:
            self._again(matched, matched.emitted)
        elif reading.name == "subscribed":
            self._subscribed(matched)
        elif reading.name not in (None, "ready") and judged:
            self._explanations.judge(self._connection, matched, latest)
        self.after_removal(matched, judged=judged)

    # --- ready and subscribed

    def begin(self, matched: Matched, *, judged: bool) -> None:
        """The first frame, or `ready`, came."""
        self._mute = not judged
        reading = matched.reading
        again, self._is_ready = self._is_ready, True
        if again:
            self._find(matched, "GW-3", "ready came again", expected="ready exactly once")
        elif reading.name != "ready":
            self._find(matched, "GW-3", "the first event is not ready", expected="ready")
        elif reading.identifier("user_id") != self._connection.user_id:
            self._find(
                matched,
                "GW-3",
                "ready names another user",
                expected=str(self._connection.user_id),
                received=str(reading.payload.get("user_id")),
            )
        elif not self._mute:
            self._judgement.witness("GW-3")

    def _subscribed(self, matched: Matched) -> None:
        frame, reading = matched.frame, matched.reading
        leases = self._connection.leases_of(reading.guild_id, reading.channel_id or "")
        lease = next((lease for lease in leases if lease.confirmed == frame.position), None)
        if lease is None:
            asked = any(lease.asked < frame.position for lease in leases)
            requirement = "DELIV-1" if asked else "SCOPE-1"
            self._find(matched, requirement, "subscribed answers no subscribe of this connection")
        elif not any(self._accesses(lease, until=frame.position)):
            self._find(matched, "SUB-2", "a subscribe without access was confirmed")
        elif self._banned.standing(lease, frame.position) is ShutOut.SURELY:
            self._find(matched, "IPBAN-2", "a subscribe from a banned address was confirmed")
        elif not self._mute:
            self._judgement.witness("SUB-1")

    def _accesses(self, lease: Lease, until: int) -> list[bool]:
        timeline = self._case.timeline
        states = timeline.guilds(lease.guild_id, timeline.span(lease.asked, until))
        return [may_access(state, lease.channel_id, self._connection.user_id) for state in states]

    # --- events of operations

    def _again(self, matched: Matched, emitted: Emitted) -> None:
        self._find(
            matched,
            "DELIV-1",
            f"{emitted.emission.name} came twice",
            expected="one delivery",
            cause=emitted.call,
        )

    def overtaken(self, matched: Matched, latest: Call) -> None:
        """An event came after that of an operation that followed its own."""
        self._mute = False
        self._find(
            matched,
            "DELIV-5",
            "an event came after one that was caused later",
            expected=f"before the event of {latest.label}",
            cause=matched.emitted.call if matched.emitted is not None else None,
        )

    # --- after the own removal (ACCESS-3)

    def remove(self, emitted: Emitted) -> None:
        """The user was told of the own removal from a guild."""
        self._removals[emitted.emission.guild_id or ""] = emitted.call

    def after_removal(self, matched: Matched, *, judged: bool) -> None:
        """Judge a frame by whether the user had been told of the own removal from its guild."""
        self._mute = not judged
        guild_id = matched.reading.guild_id
        removal = self._removals.get(guild_id or "")
        if guild_id is None or removal is None or removal.made is None:
            return
        emitted = matched.emitted
        if emitted is not None and (_is_removal(emitted, removal) or self._is_forbidden_anyway(matched)):
            return
        span = self._case.timeline.span(removal.invoked, matched.frame.position)
        since = Span(first=removal.made, last=max(removal.made, span.last))
        states = self._case.timeline.guilds(guild_id, since)
        if any(is_member(state, self._connection.user_id) for state in states):
            return
        self._find(
            matched,
            "ACCESS-3",
            f"{matched.reading.name} came after the user's own removal from its guild",
            expected="nothing more of that guild",
            cause=removal,
        )

    def _is_forbidden_anyway(self, matched: Matched) -> bool:
        emitted = matched.emitted
        if emitted is None:
            return False
        return matched.copy or self._connection.number in self._case.reaches.of(emitted).forbidden

    # --- the end

    def finish(self) -> None:
        """Judge what never came, and how the connection ended."""
        self._mute = False
        self._unanswered()
        self._banned.judge()
        if self._connection.is_lost and self._is_now(self._connection.ended) and not self._has_cause():
            self._ended_by_target()

    def _unanswered(self) -> None:
        connection = self._connection
        if not self._is_ready and self._is_now(connection.opened):
            rested = self._rested(connection.opened)
            if rested is not None or self._gave_up(connection.opened_at):
                self._absence("GW-3", "ready never came", expected="ready")
        for lease in connection.leases:
            if lease.confirmed is None and self._is_now(lease.asked):
                self._unconfirmed(lease)

    def _unconfirmed(self, lease: Lease) -> None:
        """Judge a subscribe whose answer has not come, if it would have, were there to be one."""
        later = any(other.confirmed and other.asked > lease.asked for other in self._connection.leases)
        until = min(self._connection.ended, self._case.until)
        if not later and not self._gave_up(lease.asked_at):
            rested = self._rested(lease.asked)
            if rested is None or self._is_answered(lease):
                return
            until = rested
        if self._banned.standing(lease, until) is not ShutOut.NO:
            return
        access = self._accesses(lease, until=until)
        if all(access):
            self._absence("SUB-1", "a permitted subscribe was not confirmed", expected="subscribed")
        elif later and not any(access):
            self._judgement.witness("SUB-2")

    def _is_answered(self, lease: Lease) -> bool:
        """Whether its channel was confirmed later: which of several subscribes that answers, nobody knows."""
        alike = self._connection.leases_of(lease.guild_id, lease.channel_id)
        return any(other.confirmed is not None and other.confirmed > lease.asked for other in alike)

    def _rested(self, since: int) -> int | None:
        """The end of the first settle after a position that the connection took part in; None without one.

        Everybody was fenced then: what was owed before has come, or never will.
        """
        connection = self._connection
        for settle in self._case.settles:
            if settle.ended is None or not settle.counts or settle.begun < since:
                continue
            hears = not connection.is_silent(settle.begun) and not connection.lagged(since, settle.ended)
            if hears and connection.ended > settle.ended:
                return settle.ended
        return None

    def _is_now(self, position: int) -> bool:
        return self._case.scenario.begun < position < self._case.until

    def _gave_up(self, since_us: int) -> bool:
        """Whether the scenario did, and the connection had been open for the delivery window until then."""
        end = self._case.scenario.ended_at
        if (
            self._case.scenario.ending not in _GIVEN_UP
            or end is None
            or self._connection.how not in (None, EndOfConnection.CLOSED_BY_US)
        ):
            return False
        ended_at = self._connection.ended_at
        return min(end, end if ended_at is None else ended_at) - since_us >= _BUDGET_US

    def _absence(self, requirement: str, message: str, *, expected: str) -> None:
        self._judgement.find(
            Kind.LIVENESS,
            requirement,
            message,
            client=self._connection.name,
            event=expected,
            expected=expected,
            received="nothing",
        )

    def _has_cause(self) -> bool:
        """Whether the target may have ended the connection."""
        if self._case.logged_out(self._connection) or may_end(self._case, self._connection):
            return True
        if self._connection.was_slow:
            return True  # which is judged with the slow consumers
        return self._banned.explain_end()

    def _ended_by_target(self) -> None:
        code = f" with code {self._connection.code}" if self._connection.code is not None else ""
        self._judgement.find(
            Kind.LIVENESS,
            "DELIV-1",
            f"the target ended a connection that gave no cause for it{code}: what is due there is lost",
            client=self._connection.name,
            expected="an open connection",
            received=f"{self._connection.how} {self._connection.reason or ''}".rstrip(),
        )

    def _find(
        self,
        matched: Matched,
        requirement: str,
        message: str,
        *,
        expected: str | None = None,
        received: str | None = None,
        cause: Call | None = None,
    ) -> None:
        if self._mute:
            return
        emitted = matched.emitted
        ordered = requirement in ("DELIV-5", "GW-3")
        self._judgement.find(
            Kind.CONTRACT if ordered else Kind.SAFETY,
            requirement,
            message,
            client=self._connection.name,
            event=matched.reading.name,
            expected=expected or "nothing",
            received=received or matched.reading.name,
            cause=cause,
            excerpt=[
                *(lines_of_call(emitted.call) if emitted is not None else ()),
                line_of_frame(matched, self._connection.name),
            ],
        )


def _is_removal(emitted: Emitted, removal: Call) -> bool:
    """Whether the event is one of the removal's own; departures that it causes are none."""
    return emitted.call is removal and emitted.emission.ends_membership
