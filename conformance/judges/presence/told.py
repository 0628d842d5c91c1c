"""What a case's connections are told of who is online, read once, beside the stays that it is about."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery, Matched
from sync_check.conformance.judges.presence.memberships import Membership, Memberships
from sync_check.conformance.judges.stays import Queued, Stay, Stays
from sync_check.conformance.model.connections import NEVER, Connection, Lease


class Update(NamedTuple):
    """A `presence_update` on a connection, whose receiver may have been a member.

    It was queued after `since`; `before` is the status that the connection was told last of the same user.
    """

    connection: Connection
    matched: Matched
    told: events.PresenceUpdate
    since: int
    before: str | None

    @property
    def position(self) -> int:
        """Where it was received."""
        return self.matched.frame.position


class Sync(NamedTuple):
    """A `presence_sync` that counts, and the subscribe that it answers."""

    connection: Connection
    matched: Matched
    told: events.PresenceSync
    lease: Lease

    @property
    def position(self) -> int:
        """Where it was received."""
        return self.matched.frame.position


About = tuple[str, str]
"""A guild and the user that updates are about."""
_Single = tuple[Stay, Membership]
"""The only stay and the only membership of a user in a guild."""


class Told:
    """Updates and lists of a case.

    `doubtful` are the updates that may be wrong or show that something holds, by the connection's number and
    what they are about, in the order received: most are just as they must be, and nothing is kept of those
    but what they told whom.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.stays = Stays(case)
        self.memberships = Memberships(case.timeline)
        self.doubtful: dict[int, dict[About, list[Update]]] = {}
        self.syncs: list[Sync] = []
        self._updates: dict[About, list[Delivery]] = {}
        self._counting: dict[Delivery, Collection[int]] = {}
        self._last: dict[str, dict[str, dict[int, str]]] = {}
        self._singles: dict[About, _Single | None] = {}
        queued = Queued(self.stays, case.connections)
        for delivery in case.deliveries:
            self._read(delivery, queued.since)
            queued.take(delivery)

    def first(self, about: About, status: str, position: int) -> Mapping[int, Delivery]:
        """By connection, the first update to that status that came after a position."""
        found: dict[int, Delivery] = {}
        for delivery in reversed(self._updates.get(about, ())):
            if delivery.position > position and delivery.reading.payload.get("status") == status:
                found.update(dict.fromkeys(delivery.times, delivery))
        return found

    def last(self, number: int, about: About, position: int) -> str | None:
        """The status that a connection was told last before a position."""
        for delivery in reversed(self._updates.get(about, ())):
            if delivery.position < position and number in delivery.times:
                return str(delivery.reading.payload.get("status"))
        return None

    def counts(self, number: int, delivery: Delivery) -> bool:
        """Whether an update on a connection is the scenario's own, and the state at that moment is known."""
        return number in self._counting[delivery]

    def syncs_of(self, connection: Connection) -> Sequence[Sync]:
        """The lists that a connection got, in order."""
        return self._syncs_of.get(connection.number, ())

    @cached_property
    def _syncs_of(self) -> Mapping[int, Sequence[Sync]]:
        found: dict[int, list[Sync]] = {}
        for sync in self.syncs:
            found.setdefault(sync.connection.number, []).append(sync)
        return found

    def name(self, user_id: str) -> str:
        """The client that the user is; the id of one whom the run does not know."""
        return self._names.get(user_id, user_id)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {user_id: client for client, user_id in self.case.ledger.users.items()}

    def _read(self, delivery: Delivery, since: Mapping[int, int]) -> None:
        match delivery.reading.check.event:
            case events.PresenceUpdate() as told:
                self._read_update(delivery, told, since)
            case events.PresenceSync() as told:
                self._read_sync(delivery, told)

    def _own(self, delivery: Delivery) -> Collection[int]:
        """The connections on which it is the scenario's own, if the state at that moment is known."""
        return self.case.own(delivery) if delivery.position < self.case.blind_from else ()

    # --- updates

    def _read_update(self, delivery: Delivery, told: events.PresenceUpdate, since: Mapping[int, int]) -> None:
        about = told.guild_id, told.user_id
        self._updates.setdefault(about, []).append(delivery)
        own = self._counting[delivery] = self._own(delivery)
        last = self._last.setdefault(told.guild_id, {}).setdefault(told.user_id, {})
        bound = self._plain_below(about, told.status, delivery.position)
        if own and (max(map(since.__getitem__, own)) >= bound or told.status in set(map(last.get, own))):
            for number in own:
                if since[number] >= bound or last.get(number) == told.status:
                    connection = self.case.by_number[number]
                    before = last.get(number)
                    self._doubt(about, Update(connection, delivery.to(number), told, since[number], before))
        last.update(dict.fromkeys(delivery.times, told.status))

    def _plain_below(self, about: About, status: str, end: int) -> int:
        """Before where it must have been queued to be right, received at `end`, by its user's only stay."""
        single = self._singles[about] if about in self._singles else self._single(about)
        if single is None or single[0].asked >= end:
            return 0
        stay, member = single
        bound = min(stay.over, stay.confirmed) if end <= stay.sure else stay.over
        if status == "offline":
            return bound
        return min(bound, member.until + 1) if member.after < end else 0

    def _single(self, about: About) -> _Single | None:
        stays, memberships = self.stays.of(*about), self.memberships.of(*about)
        is_single = len(stays) == len(memberships) == 1 and stays[0].removal is None
        known = self._singles[about] = (stays[0], memberships[0]) if is_single else None
        return known

    def _doubt(self, about: About, update: Update) -> None:
        """Have an update looked at; whoever is entitled to none is judged with the streams."""
        own, start, end = update.connection.user_id, update.since, update.position
        if self.memberships.was_member(about[0], own, start, end):
            self.doubtful.setdefault(update.connection.number, {}).setdefault(about, []).append(update)

    # --- lists

    def _read_sync(self, delivery: Delivery, told: events.PresenceSync) -> None:
        for last in self._last.get(told.guild_id, {}).values():
            # The list replaces all that was told before.
            for number in delivery.times:
                last.pop(number, None)
        for number in self._own(delivery):
            connection = self.case.by_number[number]
            pending = (
                lease
                for lease in connection.leases_of(told.guild_id)
                if lease.asked < delivery.position < (lease.confirmed or NEVER)
            )
            lease = next(pending, None)
            # One that answers nothing is judged with the answers to subscribes.
            if lease is not None:
                self.syncs.append(Sync(connection, delivery.to(number), told, lease))
