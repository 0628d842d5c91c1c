"""What had arrived when the counters were read, and who may have missed something of what they count.

A frame was queued before a read if it came before it, and after it if something came before that was caused
after it (DELIV-2); the fence that follows a read decides for all frames but the few in between. Nothing is
missing on a connection that a later fence has reached. On others something may be, if it was due to them.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from sync_check.conformance.contract.events import EVENTS, Scope
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.reads import Growth, Read
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US
from sync_check.conformance.model.timeline import Span


@dataclass(slots=True, kw_only=True)
class Arrivals:
    """Frames by event name: those queued between two reads, those perhaps, and how many are unreadable."""

    sure: Counter[str] = field(default_factory=Counter)
    perhaps: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """The connections for which something may have been queued since `since` that never arrived.

    `channels` are those that operations caused events in, by the event's name.
    """

    connections: Sequence[Connection]
    since: int
    channels: Mapping[str, Collection[str | None]]

    def touches(self, name: str) -> bool:
        """Whether one of them may lack events of that name."""
        event = EVENTS.get(name)
        if event is not None and event.scope is Scope.CONNECTION:
            return any(self._asked(connection) for connection in self.connections)
        if event is not None and event.scope is Scope.CHANNEL and event not in DEPARTURE:
            told = self.channels.get(name, ())
            leases = (lease for connection in self.connections for lease in connection.leases)
            return any(lease.channel_id in told for lease in leases)
        return bool(self.connections)

    def _asked(self, connection: Connection) -> bool:
        """Whether a connection waited for `ready` or for the answer to a subscribe."""
        if connection.ready > self.since:
            return True
        return any(max(lease.asked, lease.confirmed or -1) > self.since for lease in connection.leases)


class _Split(NamedTuple):
    """A connection's frames before index `first` were queued before a read, those from `last` on after it."""

    first: int
    last: int
    proven: bool


class _Times:
    """The emissions of a run by when their operations were begun, and when they were over if they are."""

    def __init__(self) -> None:
        self._begun: list[tuple[int, int]] = []
        self._over: list[tuple[int, int]] = []
        self._open: list[int] = []
        self._seen = 0

    def among(self, start: int, end: int, emitted: Sequence[Emitted]) -> Sequence[int]:
        """The numbers of those whose operations were not over at `start`, and begun before `end`."""
        self._take(emitted)
        before = bisect_left(self._begun, (end, 0))
        after = bisect_right(self._over, (start, len(emitted)))
        if before < len(self._over) - after:
            begun = (number for _, number in self._begun[:before])
            return sorted(number for number in begun if emitted[number].call.acknowledged > start)
        not_over = (*self._open, *(number for _, number in self._over[after:]))
        return sorted(number for number in not_over if emitted[number].call.invoked < end)

    def _take(self, emitted: Sequence[Emitted]) -> None:
        """Take in what was emitted since."""
        if len(emitted) > self._seen:
            fresh = range(self._seen, len(emitted))
            self._begun.extend((emitted[number].call.invoked, number) for number in fresh)
            self._begun.sort()
        left, self._open = [*self._open, *range(self._seen, len(emitted))], []
        self._seen = len(emitted)
        for number in left:
            over = emitted[number].call.acknowledged
            if over == NEVER:
                self._open.append(number)
            else:
                self._over.append((over, number))
        self._over.sort()


class Observers:
    """The connections of a case as witnesses of what was queued for them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._newest: dict[int, tuple[list[int], list[int]]] = {}

    def arrivals(self, growth: Growth) -> Arrivals:
        """The frames of all connections that were queued between two reads."""
        found = Arrivals()
        for connection in self._case.connections:
            start, end = self._split(connection, growth.before), self._split(connection, growth.after)
            matches = self._case.stream(connection)
            for index in range(start.first, end.last):
                name = matches[index].reading.name
                if name is None:
                    found.unreadable += 1
                elif start.last <= index < end.first:
                    found.sure[name] += 1
                else:
                    found.perhaps[name] += 1
        return found

    def doubt(self, growth: Growth) -> "Doubt":
        """Who may have been told something in between that never arrived."""
        unproven = [
            connection
            for connection in self._possible
            if self._may_be_known(connection, growth) and not self._split(connection, growth.after).proven
        ]
        happened = list(self._happened(growth)) if unproven else []
        concerned = self._concerned(growth, happened) if unproven else set()
        channels: dict[str, set[str | None]] = {}
        for emitted in happened:
            channels.setdefault(emitted.emission.name, set()).add(emitted.emission.channel_id)
        return Doubt(
            connections=[connection for connection in unproven if connection.user_id in concerned],
            since=growth.before.call.invoked,
            channels=channels,
        )

    @cached_property
    def _possible(self) -> Sequence[Connection]:
        """The connections that the server may have had at some moment of the scenario or later."""
        begun = self._case.scenario.begun
        since = self._case.scenario.begun_at - PRESENCE_WINDOW_US
        return [
            connection
            for connection in self._case.ledger.connections.values()
            if connection.survived_by >= begun and (connection.gone_at is None or connection.gone_at >= since)
        ]

    def _may_be_known(self, connection: Connection, growth: Growth) -> bool:
        """Whether the server may have had the connection at some moment between two reads.

        That it has ended is known to the server within the presence window (PRES-3).
        """
        if connection.began > (growth.after.call.answered_at or 0):
            return False
        if connection.survived_by < growth.before.call.invoked:
            return False
        gone_at = connection.gone_at
        return gone_at is None or gone_at + PRESENCE_WINDOW_US >= growth.before.call.invoked_at

    # --- frames

    def _split(self, connection: Connection, read: Read) -> _Split:
        call = read.call
        if connection.began > (call.answered_at or 0):
            return _Split(0, 0, proven=True)
        positions, newest = self._frames(connection)
        first = bisect_right(positions, call.invoked)
        last = bisect_right(newest, call.acknowledged)
        return _Split(first, max(first, last), proven=last < len(newest))

    def _frames(self, connection: Connection) -> tuple[list[int], list[int]]:
        """The positions of a connection's frames, and the latest cause among each and those before it."""
        known = self._newest.get(connection.number)
        if known is None:
            newest = list(self._causes(connection))
            positions = [frame.position for frame in connection.frames[: len(newest)]]
            known = self._newest[connection.number] = positions, newest
        return known

    def _causes(self, connection: Connection) -> Iterator[int]:
        latest = -1
        for matched in self._case.stream(connection):
            if matched.emitted is not None and not matched.copy:
                latest = max(latest, matched.emitted.call.invoked)
            yield latest

    # --- who was concerned

    def _happened(self, growth: Growth) -> Iterator[Emitted]:
        """The events of operations that were not over before the first read, nor begun after the second."""
        start, end = growth.before.call.invoked, growth.after.call.acknowledged
        ledger = self._case.ledger
        for number in self._case.memory.table(_Times).among(start, end, ledger.emitted):
            yield ledger.emitted[number]

    def _concerned(self, growth: Growth, happened: Sequence[Emitted]) -> set[str | None]:
        """The users to whom something that happened between two reads may have been told."""
        start, end = growth.before.call.invoked, growth.after.call.acknowledged
        span = self._case.timeline.span(start, end)
        users: set[str | None] = {None}
        guilds = set(self._stirred_by_connections(growth, start, end))
        for emission in (emitted.emission for emitted in happened):
            users |= {emission.subject, *emission.concerned}
            guilds.add(emission.guild_id or "")
            if emission.scope is Scope.USER:
                users |= self._friends(emission.subject, span)
                guilds |= self._guilds(emission.subject, span)
        for guild_id in guilds:
            for state in self._case.timeline.guilds(guild_id, span):
                users |= set() if state is None else state.members.keys()
        return users

    def _stirred_by_connections(self, growth: Growth, start: int, end: int) -> Iterator[str]:
        """The guilds that were told that somebody came or went."""
        since = growth.before.call.invoked_at - PRESENCE_WINDOW_US
        for connection in self._possible:
            went = connection.gone < end and (connection.gone_at or 0) >= since
            for lease in connection.leases:
                if went or (lease.asked < end and (lease.confirmed or NEVER) > start):
                    yield lease.guild_id

    def _friends(self, user_id: str | None, span: Span) -> set[str]:
        worlds = self._case.timeline.worlds(span)
        return {friend for world in worlds for friend in world.friends_of(user_id)}

    def _guilds(self, user_id: str | None, span: Span) -> set[str]:
        """The guilds that a user is in, in any world: co-members may be told of a profile (SCOPE-7)."""
        found: set[str] = set()
        seen: object = None
        for world in self._case.timeline.worlds(span):
            if world.guilds is not seen:
                found |= {guild_id for guild_id, guild in world.guilds.items() if user_id in guild.members}
            seen = world.guilds
        return found
