"""What a connection is subscribed to at a moment, which bounds what it has to know (CLIENT-10)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.banned_connections import may_be_cut
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.world import Guild


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """`live` channels are subscribed to, `lost` ones are those to which access is gone.

    In neither are channels to which access came back, or whose subscription an IP ban may have ended: nobody
    tells of them without a new subscribe, not even, where nothing else in the guild is heard, that access is
    gone again. `guilds` are those with a live channel, `unheard` the others of which the user is a member,
    and those of which the connection may have missed something: who does not know that reads one more
    channel at a subscribe, and not the whole guild again.
    """

    live: frozenset[str]
    lost: frozenset[str]
    guilds: frozenset[str]
    unheard: frozenset[str]


def subscriptions_of(timeline: Timeline, connection: Connection, position: int) -> Subscriptions:
    """The subscriptions of a connection just before `position`."""
    live, lost, guilds = set(), set(), set()
    confirmed = [lease for lease in connection.leases if lease.confirmed_before(position)]
    cut = [lease for lease in confirmed if may_be_cut(timeline, connection, lease, timeline.at(position))]
    accesses = {
        id(lease): _accesses(timeline, connection, lease, position) for lease in confirmed if lease not in cut
    }
    lapsed = [lease for lease in confirmed if not all(accesses.get(id(lease), (False,)))]
    for lease in confirmed:
        access = accesses.get(id(lease))
        if access is None:
            continue
        if all(access):
            live.add(lease.channel_id)
            if not _is_after_a_gap(timeline, connection, lease, lapsed, cut):
                guilds.add(lease.guild_id)
        elif not access[-1] and (_once_lost(access) or _heard_of_loss(timeline, connection, lease, position)):
            lost.add(lease.channel_id)
    world = timeline.world(timeline.at(position))
    member_of = {guild_id for guild_id, guild in world.guilds.items() if is_member(guild, connection.user_id)}
    return Subscriptions(
        live=frozenset(live),
        lost=frozenset(lost - live),
        guilds=frozenset(guilds),
        unheard=frozenset(member_of - guilds),
    )


def _is_after_a_gap(
    timeline: Timeline,
    connection: Connection,
    lease: Lease,
    lapsed: Sequence[Lease],
    cut: Collection[Lease],
) -> bool:
    """Whether the connection missed something in the guild before this subscribe, and may not know that.

    One more channel is no reason to read the whole guild again; a lost one that is regained is.
    """
    gaps = [
        other.channel_id
        for other in lapsed
        if other.guild_id == lease.guild_id
        and (other in cut or (other.asked < lease.asked and _came_back(timeline, connection, other, lease)))
    ]
    return bool(gaps) and lease.channel_id not in gaps


def _came_back(timeline: Timeline, connection: Connection, lost: Lease, later: Lease) -> bool:
    """Whether access was gone and came back before a later subscribe: what is gone for good is told."""
    access = _accesses_until(timeline, connection, lost, timeline.at(later.asked))
    return not all(access) and not _once_lost(access)


def _once_lost(access: Sequence[bool]) -> bool:
    """Whether access, once gone, never came back."""
    return not any(access[access.index(False) :])


def _heard_of_loss(timeline: Timeline, connection: Connection, lost: Lease, position: int) -> bool:
    """Whether another subscription in the guild was live until the channel was lost for the last time."""
    last = timeline.at(position)
    while last and not may_access(_guild(timeline, lost, last), lost.channel_id, connection.user_id):
        last -= 1
    return any(
        lease.confirmed_before(position) and all(_accesses_until(timeline, connection, lease, last))
        for lease in connection.leases_of(lost.guild_id)
        if lease.channel_id != lost.channel_id and timeline.at(lease.asked) <= last
    )


def _guild(timeline: Timeline, lease: Lease, world: int) -> Guild | None:
    return timeline.world(world).guilds.get(lease.guild_id)


def _accesses(timeline: Timeline, connection: Connection, lease: Lease, position: int) -> list[bool]:
    return _accesses_until(timeline, connection, lease, timeline.at(position))


def _accesses_until(timeline: Timeline, connection: Connection, lease: Lease, last: int) -> list[bool]:
    since = timeline.at(lease.asked)
    span = Span(first=since, last=max(since, last))
    states = timeline.guilds(lease.guild_id, span)
    return [may_access(state, lease.channel_id, connection.user_id) for state in states]
