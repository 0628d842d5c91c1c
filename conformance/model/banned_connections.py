"""Which connections an IP ban shuts out, and which subscriptions it may have cost them (ACCESS-8, IPBAN-2).

Nothing says whether a subscription comes back when a ban is over: until the next `subscribe` both are right.
"""

from collections.abc import Sequence
from dataclasses import replace

from sync_check.conformance.model.access import is_owner
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.ip_bans import standing_at
from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.world import Guild

States = Sequence[Guild | None]
"""The different states of one guild over a span of worlds, oldest first."""


def had_bans(states: States) -> bool:
    """Whether there ever was an IP ban in the guild, which remembers them all."""
    newest = states[-1]
    return newest is not None and bool(newest.ip_bans)


def is_timed(states: States) -> bool:
    """Whether who is shut out of the guild may change with time alone."""
    newest = states[-1]
    return newest is not None and any(bans.expires_in_secs is not None for bans in newest.ip_bans)


def standing_of(states: States, connection: Connection, start: int, end: int) -> ShutOut:
    """Whether a connection is shut out in all states, in some or in none, owners like anyone else.

    The states are those of a time from `start` to `end`, in microseconds.
    """
    if not had_bans(states):
        return ShutOut.NO
    each = {standing_at(state, connection.address, start, end) for state in states}
    return each.pop() if len(each) == 1 else ShutOut.PERHAPS


def is_of_owner(states: States, connection: Connection) -> bool:
    """Whether the connection's user is an owner, whom IP bans should leave alone (IPBAN-3)."""
    return any(state is not None and is_owner(state, connection.user_id) for state in states)


def may_be_cut(timeline: Timeline, connection: Connection, lease: Lease, last: int) -> bool:
    """Whether an IP ban may have been in force between a subscribe and world `last`."""
    since = timeline.at(lease.asked)
    states = timeline.guilds(lease.guild_id, Span(first=since, last=max(since, last)))
    # When a ban ended matters only if that was before the subscribe.
    return standing_of(states, connection, lease.asked_at, lease.asked_at) is not ShutOut.NO


def without_cut(timeline: Timeline, connection: Connection, guild_id: str | None, last: int) -> Connection:
    """The connection without those subscriptions in a guild that a ban may have ended."""
    kept = [
        lease
        for lease in connection.leases
        if lease.guild_id != guild_id or not may_be_cut(timeline, connection, lease, last)
    ]
    return connection if len(kept) == len(connection.leases) else replace(connection, leases=kept)
