"""What a case's connections are told of who is online, read once, beside the stays that it is about."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.matching import Matched
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.model.access import is_member
from sync_check.conformance.model.connections import NEVER, Connection, Lease


class Update(NamedTuple):
    """A `presence_update` on a connection.

    It was queued after `since`; `before` is the status that the connection was told last of the same user.
    It `counts` if it is the scenario's own, and the state at that moment is known.
    """

    connection: Connection
    matched: Matched
    told: events.PresenceUpdate
    since: int
    before: str | None
    counts: bool

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


About = tuple[int, str, str]
"""A connection's number, a guild and the user that updates on that connection are about."""


class Told:
    """Updates and lists of a case. `updates` are by what they are about, in the order received."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.stays = Stays(case)
        self.updates: dict[About, list[Update]] = {}
        self.syncs: list[Sync] = []
        self._own = {id(matched) for _, matched in case.own_frames}
        self._members: dict[tuple[str, str | None, int, int], bool] = {}
        for connection in case.connections:
            self._read(connection)

    def first(
        self, connection: Connection, guild_id: str, user_id: str, status: str, position: int
    ) -> Update | None:
        """The first update to that status that a connection got after a position."""
        updates = self.updates.get((connection.number, guild_id, user_id), ())
        return next((one for one in updates if one.told.status == status and one.position > position), None)

    def is_member(self, guild_id: str, user_id: str | None, start: int, end: int) -> bool:
        """Whether a user was a member at some moment between two positions."""
        timeline = self.case.timeline
        span = timeline.span(start, end)
        key = (guild_id, user_id, *timeline.guild_numbers(guild_id, span))
        known = self._members.get(key)
        if known is None:
            states = timeline.guilds(guild_id, span)
            known = self._members[key] = any(is_member(state, user_id) for state in states)
        return known

    def name(self, user_id: str) -> str:
        """The client that the user is; the id of one whom the run does not know."""
        return self._names.get(user_id, user_id)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {user_id: client for client, user_id in self.case.ledger.users.items()}

    def _read(self, connection: Connection) -> None:
        last: dict[tuple[str, str], str] = {}
        for matched, since in self.stays.queued_since(connection):
            told = matched.reading.check.event
            if isinstance(told, events.PresenceUpdate):
                about = told.guild_id, told.user_id
                update = Update(connection, matched, told, since, last.get(about), self._counts(matched))
                self.updates.setdefault((connection.number, *about), []).append(update)
                last[about] = told.status
            elif isinstance(told, events.PresenceSync):
                # The list replaces all that was told before.
                last = {key: status for key, status in last.items() if key[0] != told.guild_id}
                self._read_sync(connection, matched, told)

    def _read_sync(self, connection: Connection, matched: Matched, told: events.PresenceSync) -> None:
        position = matched.frame.position
        pending = (
            lease
            for lease in connection.leases_of(told.guild_id)
            if lease.asked < position < (lease.confirmed or NEVER)
        )
        lease = next(pending, None)
        # One that answers nothing is judged with the answers to subscribes.
        if lease is not None and self._counts(matched):
            self.syncs.append(Sync(connection, matched, told, lease))

    def _counts(self, matched: Matched) -> bool:
        return id(matched) in self._own and matched.frame.position < self.case.blind_from
