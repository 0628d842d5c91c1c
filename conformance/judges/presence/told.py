"""What a case's connections are told of who is online, read once, beside the stays that it is about."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.presence.memberships import Membership, Memberships
from sync_check.conformance.judges.stays import Stay, Stays
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

    `updates` are by the connection's number and what they are about, in the order received. `doubtful` are
    those of them that may be wrong or show that something holds: most are just as they must be, and nothing
    is kept of them but where they are.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.stays = Stays(case)
        self.memberships = Memberships(case.timeline)
        self.updates: dict[int, dict[About, list[Matched]]] = {}
        self.doubtful: dict[int, dict[About, list[Update]]] = {}
        self.syncs: list[Sync] = []
        self._idle: set[tuple[int, int]] = set()
        self._singles: dict[About, _Single | None] = {}
        for connection in case.connections:
            self._read(connection)

    def first(self, connection: Connection, about: About, status: str, position: int) -> Matched | None:
        """The first update to that status that a connection got after a position."""
        for matched in self.updates[connection.number].get(about, ()):
            if matched.frame.position > position and matched.reading.payload.get("status") == status:
                return matched
        return None

    def counts(self, connection: Connection, matched: Matched) -> bool:
        """Whether an update is the scenario's own, and the state at that moment is known."""
        return (connection.number, matched.frame.position) not in self._idle

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

    def _read(self, connection: Connection) -> None:
        updates = self.updates[connection.number] = {}
        last: dict[About, str] = {}
        for matched, since in self.stays.queued_since(connection):
            told = matched.reading.check.event
            if isinstance(told, events.PresenceUpdate):
                about = told.guild_id, told.user_id
                if about in updates:
                    updates[about].append(matched)
                else:
                    updates[about] = [matched]
                if self._counts(connection, matched):
                    if not self._is_plain(about, told.status, last.get(about), since, matched.frame.position):
                        self._doubt(about, Update(connection, matched, told, since, last.get(about)))
                else:
                    self._idle.add((connection.number, matched.frame.position))
                last[about] = told.status
            elif isinstance(told, events.PresenceSync):
                # The list replaces all that was told before.
                last = {key: status for key, status in last.items() if key[0] != told.guild_id}
                if self._counts(connection, matched):
                    self._read_sync(connection, matched, told)

    def _is_plain(self, about: About, status: str, before: str | None, start: int, end: int) -> bool:
        """Whether an update between two positions is right by the one stay and membership of its user."""
        single = self._singles[about] if about in self._singles else self._single(about)
        if single is None or before == status:
            return False
        stay, member = single
        if not stay.touches(start, end) or stay.covers(start, end):
            return False
        return status == "offline" or (member.after < end and start <= member.until)

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

    def _read_sync(self, connection: Connection, matched: Matched, told: events.PresenceSync) -> None:
        position = matched.frame.position
        pending = (
            lease
            for lease in connection.leases_of(told.guild_id)
            if lease.asked < position < (lease.confirmed or NEVER)
        )
        lease = next(pending, None)
        # One that answers nothing is judged with the answers to subscribes.
        if lease is not None:
            self.syncs.append(Sync(connection, matched, told, lease))

    def _counts(self, connection: Connection, matched: Matched) -> bool:
        """Whether the frame is the scenario's own, and the state at that moment is known."""
        return matched.frame.position < self.case.blind_from and self.case.owns(connection, matched)
