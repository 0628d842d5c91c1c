"""When connections surely lived and were present in a guild, as far as a history bounds it (contract 4.4).

A server acts on a subscribe somewhere between its sending and `subscribed`; on the end of a connection within
the presence window after it. It may know of an end before we do: a connection is sure to have lived only up
to the newest operation of which it got an event. What lies between is left open, and no rule is judged by it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery, Matched
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.moments import Moments
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.connections import NEVER, Connection, Lease
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US

_ADDRESSES_BANNED: Final = "ban_addresses_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A connection's presence in a guild, in positions of the history.

    It began between `asked` and `confirmed` (NEVER: nobody knows that it did), lasted for certain until
    `sure` and was over for certain from `over` on, by `removal` where that is a call.
    """

    connection: Connection
    asked: int
    confirmed: int
    sure: int
    over: int
    removal: Call | None = None

    def covers(self, start: int, end: int) -> bool:
        """Whether the connection was present for certain from `start` to `end`."""
        return self.confirmed <= start and end <= self.sure

    def touches(self, start: int, end: int) -> bool:
        """Whether it may have been present at some moment between the two."""
        return self.asked < end and start < self.over


def any_covers(stays: Sequence[Stay], start: int, end: int) -> bool:
    """Whether one of the connections was present for certain from `start` to `end`."""
    for stay in stays:  # noqa: SIM110 - asked by each frame: a generator costs more than what it looks at
        if stay.covers(start, end):
            return True
    return False


def any_touches(stays: Sequence[Stay], start: int, end: int) -> bool:
    """Whether one of them may have been present at some moment between the two."""
    for stay in stays:  # noqa: SIM110 - as above
        if stay.touches(start, end):
            return True
    return False


class Stays:
    """All stays of a case, and how long its connections lived."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[tuple[str, str], Sequence[Stay]] = {}

    def of(self, guild_id: str, user_id: str) -> Sequence[Stay]:
        """The stays of a user in a guild, connection by connection."""
        known = self._known.get((guild_id, user_id))
        if known is None:
            connections = self.connections_of(user_id)
            found = [stay for one in connections for stay in self._stays(one, guild_id)]
            known = self._known[guild_id, user_id] = found
        return known

    def connections_of(self, user_id: str | None) -> Sequence[Connection]:
        """The connections of a user."""
        return self._by_user.get(user_id, ())

    @cached_property
    def _by_user(self) -> dict[str | None, list[Connection]]:
        found: dict[str | None, list[Connection]] = {}
        for connection in self._case.connections:
            found.setdefault(connection.user_id, []).append(connection)
        return found

    @cached_property
    def all(self) -> Sequence[tuple[str, str, Stay]]:
        """Every stay with its guild and its user."""
        named = dict.fromkeys(
            (lease.guild_id, connection.user_id)
            for connection in self._case.connections
            for lease in connection.leases
            if connection.user_id is not None
        )
        return [
            (guild_id, user_id, stay) for guild_id, user_id in named for stay in self.of(guild_id, user_id)
        ]

    # --- connections

    def sure_until(self, connection: Connection) -> int:
        """Up to where the connection lived for certain."""
        confirmed = (lease.asked for lease in connection.leases if lease.confirmed is not None)
        return max(self._case.heard(connection), max(confirmed, default=-1))

    def over_from(self, connection: Connection) -> int:
        """From where on the server has acted on the connection's end."""
        gone_at = connection.gone_at
        if gone_at is None:
            return NEVER
        over = min(self.first_after(gone_at + PRESENCE_WINDOW_US), connection.survived_by)
        return over if connection.faults else max(over, connection.ended)

    def first_after(self, at_us: int) -> int:
        """The first position known to lie after a time in microseconds."""
        arrivals = self._case.ledger.first_arrivals
        found = arrivals.first_after(at_us), self._moments.first_after(at_us)
        return min(filter(None, found), default=(0, NEVER))[1]

    def queued_since(self, connection: Connection) -> Iterator[tuple[Matched, int]]:
        """Each frame of a connection with the latest position after which it was queued for certain."""
        queued, number = Queued(self, (connection,)), connection.number
        for delivery in self._case.deliveries_to(connection):
            yield delivery.to(number), queued.since[number]
            queued.take(delivery)

    def last_before(self, at_us: int) -> int:
        """The last position known to lie before a time in microseconds."""
        found = self._case.ledger.last_arrivals.last_before(at_us), self._moments.last_before(at_us)
        return max(filter(None, found), default=(0, 0))[1]

    def probe(self, connection: Connection, position: int) -> int | None:
        """Where the connection first got an event caused at `position` or later; None if it never did.

        Whatever the server told it because of what had happened by then has come before (DELIV-2).
        """
        newest, frames = self._probes[connection.number]
        place = bisect_left(newest, position)
        return frames[place] if place < len(frames) else None

    @cached_property
    def _probes(self) -> dict[int, tuple[list[int], list[int]]]:
        """By connection, the newest cause heard of so far at each delivery, and where that was."""
        heard: dict[int, tuple[list[int], list[int]]] = {
            one.number: ([], []) for one in self._case.connections
        }
        for delivery in self._case.deliveries:
            if delivery.delivers is not None:
                for number in delivery.times:
                    newest, frames = heard[number]
                    invoked = delivery.delivers.call.invoked
                    newest.append(max(newest[-1], invoked) if newest else invoked)
                    frames.append(delivery.position)
        return heard

    @cached_property
    def _moments(self) -> Moments:
        """When what the case's clients asked was asked."""
        leases = (lease for one in self._case.connections for lease in one.leases)
        calls = ((call.invoked_at, call.invoked) for call in self._case.calls)
        return Moments((*((lease.asked_at, lease.asked) for lease in leases), *calls))

    # --- stays

    def _stays(self, connection: Connection, guild_id: str) -> list[Stay]:
        """A stay begins with the first subscribe, or the first one after a removal (4.4)."""
        found: list[Stay] = []
        for lease in connection.leases_of(guild_id):
            if not self._may_work(connection, lease):
                continue
            last = found[-1] if found else None
            if last is None or last.over < lease.asked:
                found.append(self._stay(connection, lease))
            elif last.confirmed == NEVER and lease.confirmed is not None:
                found[-1] = self._stay(connection, lease, asked=last.asked)
        return found

    def _may_work(self, connection: Connection, lease: Lease) -> bool:
        until = min(connection.ended if lease.confirmed is None else lease.confirmed, self._case.until)
        timeline = self._case.timeline
        states = timeline.guilds(lease.guild_id, timeline.span(lease.asked, until))
        confirmed = lease.confirmed is not None
        return confirmed or any(may_access(one, lease.channel_id, connection.user_id) for one in states)

    def _stay(self, connection: Connection, lease: Lease, *, asked: int | None = None) -> Stay:
        confirmed = NEVER if lease.confirmed is None else lease.confirmed
        sure, over, ended_by = self.sure_until(connection), self.over_from(connection), None
        removal = self._removal_after(lease.guild_id, connection.user_id or "", lease.asked)
        if removal is not None and removal.invoked < confirmed:
            confirmed = NEVER  # which of the two came first, nobody knows
        elif removal is not None:
            sure, over = min(sure, removal.invoked), min(over, removal.acknowledged)
            ended_by = removal if removal.invoked < connection.ended else None
        banned = self._address_ban_after(lease.guild_id, lease.asked)
        return Stay(
            connection=connection,
            asked=lease.asked if asked is None else asked,
            confirmed=confirmed,
            sure=sure if banned is None else min(sure, banned),
            over=over,
            removal=ended_by,
        )

    def _removal_after(self, guild_id: str, user_id: str, position: int) -> Call | None:
        """The first removal of the user that was not over by then."""
        removals = self._removals.get((guild_id, user_id), ())
        return next((call for call in removals if call.acknowledged > position), None)

    @cached_property
    def _removals(self) -> dict[tuple[str, str], list[Call]]:
        found: dict[tuple[str, str], list[Call]] = {}
        for emitted in self._case.emitted:
            emission = emitted.emission
            if emission.ends_membership and emission.standing is Standing.DUE:
                found.setdefault((emission.guild_id or "", emission.subject or ""), []).append(emitted.call)
        return found

    def _address_ban_after(self, guild_id: str, position: int) -> int | None:
        """Who is shut out by address may be made to leave (ACCESS-8)."""
        bans = self._address_bans.get(guild_id, [])
        place = bisect_left(bans, position)
        return bans[place] if place < len(bans) else None

    @cached_property
    def _address_bans(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for call in self._case.calls:
            if call.name == _ADDRESSES_BANNED and call.outcome is not Outcome.FAIL:
                found.setdefault(str(call.arguments.get("guild_id")), []).append(call.invoked)
        return found


class Queued:
    """By connection, the latest position after which what comes next was queued there for certain.

    That was after the connection began, and after whatever caused the frames before it (DELIV-2).
    """

    def __init__(self, stays: Stays, connections: Iterable[Connection]) -> None:
        self._connections = {one.number: one for one in connections}
        self.since = {number: stays.last_before(one.began) for number, one in self._connections.items()}

    def take(self, delivery: Delivery) -> None:
        """Go on behind a delivery."""
        since = self.since
        if delivery.delivers is not None:
            invoked = delivery.delivers.call.invoked
            for number in since.keys() & delivery.numbers:
                since[number] = max(since[number], invoked)
        elif isinstance(told := delivery.reading.check.event, events.Subscribed):
            for number in since.keys() & delivery.numbers:
                leases = self._connections[number].leases_of(told.guild_id, told.channel_id)
                confirmed = (one.asked for one in leases if one.confirmed == delivery.position)
                since[number] = max(since[number], next(confirmed, 0))
