"""Connections and what each of them asked to hear: the other half, besides worlds, of who must hear what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sync_check.conformance.history import EndedBy, EndOfConnection
from sync_check.conformance.model.addresses import Address

NEVER = 1 << 62
"""A position after every record."""


class Frame(NamedTuple):
    """A frame that a connection received: `position` orders it among all records, `at` is in microseconds."""

    position: int
    at: int
    body: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrival:
    """One body that came to one or many connections, to each at its time in microseconds.

    `position` orders it among all records and among what each of the connections received; other frames may
    have come to others between the first and the last.
    """

    position: int
    body: int
    times: Mapping[int, int]

    def frame(self, connection: int) -> Frame:
        """As one of the connections received it."""
        return Frame(self.position, self.times[connection], self.body)


@dataclass(slots=True, kw_only=True)
class Lease:
    """One `subscribe` of a connection: when it was sent and when `subscribed` came back."""

    guild_id: str
    channel_id: str
    asked: int
    asked_at: int
    confirmed: int | None = None

    def confirmed_before(self, position: int) -> bool:
        """Whether `subscribed` was received before `position`."""
        return self.confirmed is not None and self.confirmed < position


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """From `position` on the client took `bytes_per_s`: 0 nothing, None everything that came.

    The way to it holds about `absorbs` bytes, where that is known; it may have `vanished`.
    """

    position: int
    at: int
    bytes_per_s: int | None
    absorbs: int | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinging:
    """Pings that a client sent at once from `began_at` on, in microseconds; `position` is when that was over.

    The other fields are those of `history.Pinged`.
    """

    position: int
    began_at: int
    over_at: int
    pings: int
    answered: bool
    pongs: int


@dataclass(slots=True, kw_only=True, eq=False)
class Fault:
    """A fault of the network that we put on a connection at a position, and lifted at another one."""

    name: str
    put: int
    put_at: int
    lifted: int = NEVER
    lifted_at: int | None = None

    @property
    def silences(self) -> bool:
        """Whether nothing comes to the client as long as it is on."""
        return self.name in _SILENCING


_SILENCING: Final = ("timeout", "half_open")


@dataclass(slots=True, kw_only=True, eq=False)
class Connection:
    """A gateway connection. `began` is a time in microseconds, the other moments are positions.

    `born` is the index of the scenario in which it was opened, `address` the one that it was opened from, if
    known; `headers` what the answer to its upgrade told besides, `frames` what it received, in order. `cut`
    is where a fault of ours ended it, of the name `cut_by`, `far_ended` where it was over at the target's
    end, which only the connections tell that had `faults`. One that was `stopped` was there when the target
    went down; from `survived_by` on, where that was up, nothing is left.
    """

    number: int
    name: str
    client: str
    user_id: str | None
    address: Address | None = None
    session: int
    request_id: str | None = None
    began: int
    opened: int
    opened_at: int
    headers: Mapping[str, str] | None = None
    born: int = 0
    ended: int = NEVER
    ended_at: int | None = None
    how: EndOfConnection | None = None
    code: int | None = None
    reason: str | None = None
    leases: list[Lease] = field(default_factory=list)
    frames: list[Arrival] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    pingings: list[Pinging] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cut: int | None = None
    cut_by: str | None = None
    far_ended: int = NEVER
    far_ended_at: int | None = None
    far_ended_by: EndedBy | None = None
    stopped: bool = False
    survived_by: int = NEVER

    @property
    def gone_at(self) -> int | None:
        """When the target may have known at the earliest that the connection was over; None: not yet."""
        if self.has_vanished:
            return None
        return self.far_ended_at if self.faults else self.ended_at

    @property
    def gone(self) -> int:
        """The same as a position, NEVER if not yet."""
        if self.has_vanished:
            return NEVER
        return self.far_ended if self.faults else self.ended

    @property
    def is_lost(self) -> bool:
        """Whether it ended otherwise than by us, by a fault of ours, or with the target itself."""
        by_target = self.how in (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)
        return by_target and self.cut is None and not self.stopped

    def is_silent(self, position: int) -> bool:
        """Whether a fault of ours kept everything from the client at a position."""
        return any(one.silences and one.put < position < one.lifted for one in self.faults)

    @property
    def ready(self) -> int:
        """When the first frame came: from then on the server is known to know the connection."""
        return self.frames[0].position if self.frames else NEVER

    @property
    def has_vanished(self) -> bool:
        """Whether its network was gone at the end, so that the target was told of none."""
        return bool(self.takings) and self.takings[-1].vanished

    @property
    def was_slow(self) -> bool:
        """Whether its client took less than came at some moment."""
        return any(taking.bytes_per_s is not None for taking in self.takings)

    def lagged(self, invoked: int, received: int) -> bool:
        """Whether the client took less than came at some moment between two positions.

        What came later than usual then did so because of that.
        """
        slow = False
        for taking in self.takings:
            if slow and taking.position > invoked:
                return True
            if taking.position >= received:
                return False
            slow = taking.bytes_per_s is not None
        return slow

    def leases_of(self, guild_id: str | None, channel_id: str | None = None) -> list[Lease]:
        """The leases in a guild, or of one channel of it."""
        return [
            lease
            for lease in self.leases
            if lease.guild_id == guild_id and channel_id in (None, lease.channel_id)
        ]
