"""What piled up for a client that took less than came, and what became of its connection.

Below the server's queue the way to the client holds bytes, and the client may take some. Both are known, more
or less, so that some of what must have waited is certain: what is beyond one and a half times that.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from sync_check.conformance.contract.events import PresenceUpdate
from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.judges.banned_subscribes import ending_leases
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import may_end
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.connections import NEVER, Connection, Taking
from sync_check.conformance.model.duties import Duty
from sync_check.conformance.model.emissions import Standing

MARGIN: Final = 1.5
"""How many times as much as was measured a way may hold."""
SHARE: Final = 0.8
"""Of what may wait for a connection, what surely costs none."""
SLOW_WINDOW_US: Final = 10_000_000
"""From an overflow to the end of the connection (contract 0.4)."""
SLOW_CONSUMER: Final = "slow_consumer"
"""The reason of a Close frame, and the label under which the end is counted (contract 3.4)."""
_BY_TARGET: Final = (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Owed:
    """An event that was enqueued for the connection if there was room, and the bytes of its frame."""

    emitted: Emitted
    size: int

    @property
    def invoked(self) -> int:
        """It was enqueued later than here."""
        return self.emitted.call.invoked

    @property
    def acknowledged(self) -> int:
        """It was enqueued earlier than here (DELIV-3)."""
        return self.emitted.call.acknowledged

    @property
    def by(self) -> int:
        """It was enqueued earlier than that, in microseconds."""
        return self.emitted.call.answered_at or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """That the server had ended the connection by then: what showed it came at `position`."""

    position: int
    at: int


class Piling:
    """A connection from when its client became slow, by `since`, for the last time."""

    def __init__(self, case: Case, connection: Connection, since: Taking) -> None:
        self._case = case
        self.connection = connection
        self.since = since
        self.limit = case.header.limits.gateway_outbound_queue

    @cached_property
    def resumed(self) -> Taking | None:
        """From when on the client took everything again; None if it never did."""
        later = (one for one in self.connection.takings if one.position > self.since.position)
        return next((one for one in later if one.bytes_per_s is None), None)

    @cached_property
    def owed(self) -> Sequence[Owed]:
        """All that was to be enqueued from then on, in the order of answers."""
        number, found = self.connection.number, []
        for emitted in self._case.emitted:
            if emitted.call.invoked < self.since.position or self._case.standing(emitted) is not Standing.DUE:
                continue
            due = self._case.reaches.of(emitted).get(number)
            if due is not None and due.duty is Duty.MUST:
                found.append(Owed(emitted=emitted, size=self._size(emitted)))
        return sorted(found, key=lambda one: one.acknowledged)

    def _size(self, emitted: Emitted) -> int:
        return max((one.reading.size for one in self._case.receipts(emitted).deliveries), default=0)

    @cached_property
    def piled(self) -> Sequence[Owed]:
        """Those of them that were asked for before the client took everything again, or was gone."""
        until = NEVER if self.resumed is None else self.resumed.position
        until = min(until, self.connection.ended, NEVER if self.gone is None else self.gone.position)
        return [one for one in self.owed if one.invoked < until]

    @cached_property
    def received(self) -> frozenset[int]:
        """The numbers of those emissions that the client got all the same, at some time."""
        number = self.connection.number
        return frozenset(
            one.emitted.number for one in self.owed if number in self._case.receipts(one.emitted)
        )

    # --- what must have waited

    @cached_property
    def overflow(self) -> Owed | None:
        """The first event that cannot have found room; None as long as all of them may have."""
        if self.since.absorbs is None:
            return None
        sums = list(accumulate(one.size for one in self.owed))
        for index, one in enumerate(self.owed):
            below = bisect_right(sums, self._held_by(one.by)) + 1
            if index - below >= self.limit:
                return one
        return None

    def _held_by(self, at: int) -> float:
        """How many bytes were not the server's any more, at most, by a time in microseconds."""
        taken = (self.since.bytes_per_s or 0) * max(0, at - self.since.at) / 1e6
        resumed = self.resumed
        if resumed is not None and at >= resumed.at:
            return float("inf")
        held = MARGIN * ((self.since.absorbs or 0) + taken)
        # What came all the same, though the server had ended it, had left its queue before.
        return max(held, self._came) if self.is_ended else held

    @cached_property
    def _came(self) -> int:
        return sum(one.size for one in self.owed if one.emitted.number in self.received)

    @cached_property
    def no_overflow_before(self) -> int | None:
        """Until when all events found room for certain, in microseconds; None if all of them may have.

        So many as may wait did, had the way held nothing; and so did whatever came, as nothing comes that
        was enqueued after the first that found none (LIMIT-SLOW-3).
        """
        in_order = sorted(self.owed, key=lambda one: one.invoked)
        if len(in_order) <= self.limit:
            return None
        came = (one for one in in_order if one.emitted.number in self.received)
        return max(one.emitted.call.invoked_at for one in (in_order[self.limit], *came))

    @property
    def is_little(self) -> bool:
        """Whether no more piled up than surely costs no connection."""
        return len(self.piled) <= int(self.limit * SHARE)

    # --- what became of it

    @cached_property
    def gone(self) -> Sign | None:
        """The first sign of its end, which others may have seen before the client; None if there is none."""
        told = self._offline
        own = None
        if self.is_ended:
            own = Sign(position=self.connection.ended, at=self.connection.ended_at or 0)
        signs = [sign for sign in (told, own) if sign is not None]
        return min(signs, key=lambda sign: sign.position, default=None)

    @property
    def is_ended(self) -> bool:
        """Whether the client saw that the target ended it."""
        return self.connection.how in _BY_TARGET

    @property
    def is_named(self) -> bool:
        """Whether the client was told that this was because it was slow."""
        return self.is_ended and self.connection.reason == SLOW_CONSUMER

    @property
    def has_other_cause(self) -> bool:
        """Whether the target may have ended it for something else."""
        connection, gone = self.connection, self.gone
        if connection.stopped or self._case.logged_out(connection) or may_end(self._case, connection):
            return True
        if ending_leases(self._case, connection):
            return True
        silence_us = self._case.header.limits.ping_interval * 1e6
        return gone is not None and gone.at - self.since.at >= silence_us and not self.is_named

    @property
    def seen_until(self) -> int:
        """Until when the scenario would have seen that it ended, in microseconds."""
        ended = self.connection.ended_at
        last = self._case.scenario.ended_at or 0
        return last if ended is None else min(last, ended)

    @cached_property
    def told(self) -> Sequence[Sign]:
        """When others were told that its user went offline, from when it became slow until we ended it."""
        if self.is_watched_otherwise:
            return ()
        until = self._case.until
        if not self.is_ended:
            # Who reads again sees the end itself, and is told to be offline after a close of ours as well.
            until = self.connection.ended if self.resumed is None else self.resumed.position
        return [
            Sign(position=delivery.position, at=min(delivery.times.values()))
            for delivery in self._case.deliveries
            if self.since.position < delivery.position < until
            and self._is_offline(delivery.reading.check.event)
        ]

    @property
    def _offline(self) -> Sign | None:
        return self.told[0] if self.told else None

    def _is_offline(self, event: object) -> bool:
        return (
            isinstance(event, PresenceUpdate)
            and event.status == "offline"
            and event.user_id == self.connection.user_id
        )

    @property
    def is_watched_otherwise(self) -> bool:
        """Whether what others are told of its user says nothing about this connection."""
        return self._is_removed or self._has_another

    @property
    def _is_removed(self) -> bool:
        """Whether its user was to leave a guild meanwhile, which is told alike."""
        return any(
            one.emission.ends_membership
            and one.emission.subject == self.connection.user_id
            and one.call.invoked < self.connection.ended
            for one in self._case.emitted
        )

    @property
    def _has_another(self) -> bool:
        """Whether its user had another connection meanwhile, by which it stays online (PRES-4)."""
        return any(
            one.user_id == self.connection.user_id
            and one is not self.connection
            and one.opened < self.connection.ended
            and one.ended > self.since.position
            for one in self._case.connections
        )


def pilings(case: Case) -> Sequence[Piling]:
    """The connections whose clients became slow in the scenario."""
    found = []
    for connection in case.connections:
        slow = [one for one in connection.takings if one.bytes_per_s is not None]
        here = [one for one in slow if case.scenario.begun < one.position < case.until]
        if here:
            found.append(Piling(case, connection, here[-1]))
    return found
