"""What a connection is subscribed to at a moment, which bounds what it has to know (CLIENT-10)."""

from collections.abc import Collection
from dataclasses import dataclass

from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.banned_connections import may_be_cut
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.timeline import Span, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """`live` channels are subscribed to, `lost` ones are those to which access is gone.

    In neither are channels to which access came back, or whose subscription an IP ban may have ended: nobody
    tells of them without a new subscribe. `guilds` are those with a live channel, `unheard` the others of
    which the user is a member, and those of which the connection may have missed something.
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
    missed = {(lease.guild_id, lease.channel_id) for lease in cut}
    for lease in confirmed:
        if lease in cut:
            continue
        access = _accesses(timeline, connection, lease, position)
        if all(access):
            live.add(lease.channel_id)
            # One more channel is no reason to read the whole guild again; a lost one that is regained is.
            if not _is_cut(lease, missed) or (lease.guild_id, lease.channel_id) in missed:
                guilds.add(lease.guild_id)
        elif not access[-1]:
            lost.add(lease.channel_id)
    world = timeline.world(timeline.at(position))
    member_of = {guild_id for guild_id, guild in world.guilds.items() if is_member(guild, connection.user_id)}
    return Subscriptions(
        live=frozenset(live),
        lost=frozenset(lost - live),
        guilds=frozenset(guilds),
        unheard=frozenset(member_of - guilds),
    )


def _is_cut(lease: Lease, missed: Collection[tuple[str, str]]) -> bool:
    """Whether the connection missed something in the guild before this subscribe."""
    return any(guild_id == lease.guild_id for guild_id, _ in missed)


def _accesses(timeline: Timeline, connection: Connection, lease: Lease, position: int) -> list[bool]:
    since = timeline.at(lease.asked)
    span = Span(first=since, last=max(since, timeline.at(position)))
    states = timeline.guilds(lease.guild_id, span)
    return [may_access(state, lease.channel_id, connection.user_id) for state in states]
