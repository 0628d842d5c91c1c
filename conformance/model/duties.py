"""What is owed for every (emission, connection): MUST, SHOULD, MAY, SHOULD NOT, MUST NOT (contract 4, 5.2).

An operation takes effect somewhere in its window, whose worlds are a `Span`. Who is entitled in all of them
MUST get its events, who is entitled in none MUST NOT, and for the rest the moment decides: MAY, marked as not
`decided`. Where the contract itself leaves a delivery open it is MAY and decided.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sync_check.conformance.contract.events import Scope, Visibility
from sync_check.conformance.model.access import guild_permissions, is_member, may_access, would_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import (
    had_bans,
    is_of_owner,
    standing_of,
    without_cut,
)
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.emissions import Emission
from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.world import Guild


class Duty(StrEnum):
    """What the server owes."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    SHOULD_NOT = "should_not"
    MUST_NOT = "must_not"


@dataclass(frozen=True, slots=True)
class Due:
    """A duty and the requirement that breaking it breaks; `decided` is false where epochs disagree.

    `also` names further requirements that keeping the duty witnesses.
    """

    duty: Duty
    requirement: str
    decided: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When an operation happened: positions `invoked` to `acknowledged`, and the worlds between.

    `before` are those of the worlds that lack the operation's own effect. `invoked_at` and `acknowledged_at`
    are in microseconds.
    """

    invoked: int
    acknowledged: int
    invoked_at: int = 0
    acknowledged_at: int
    span: Span
    before: Span


_UNDECIDED: Final = Due(Duty.MAY, "DELIV-1", decided=False)
_TOO_LATE: Final = Due(Duty.MUST_NOT, "DELIV-1")
_SUBSCRIBED: Final = Due(Duty.MUST, "SCOPE-2")
_NOT_SUBSCRIBED: Final = Due(Duty.MUST_NOT, "SCOPE-3")
_NO_ACCESS: Final = Due(Duty.MUST_NOT, "SCOPE-3")
_TAKEN: Final = Due(Duty.MUST_NOT, "ACCESS-4", also=("SCOPE-3", "ACCESS-1", "PERM-3"))
_LAPSED: Final = Due(Duty.MUST_NOT, "ACCESS-6")
_PRESENT_MEMBER: Final = Due(Duty.MUST, "SCOPE-4")
_ABSENT_MEMBER: Final = Due(Duty.MAY, "SCOPE-4")
_OUTSIDER: Final = Due(Duty.MUST_NOT, "SCOPE-5")
_HIDDEN_CHANNEL: Final = Due(Duty.MUST_NOT, "LEAK-CHAN-1", also=("LEAK-CHAN-2",))
_REMOVED: Final = Due(Duty.MUST, "ACCESS-2", also=("SCOPE-4",))
_OWN_MEMBERSHIP: Final = Due(Duty.SHOULD, "SCOPE-8")
_HIDDEN_IDS: Final = Due(Duty.SHOULD_NOT, "LEAK-CHAN-2")
_NO_MANAGER: Final = Due(Duty.MUST_NOT, "LEAK-IP-2")
_BANNED_ADDRESS: Final = Due(Duty.SHOULD_NOT, "ACCESS-8")
_LEFT_OPEN: Final = Due(Duty.MAY, "ACCESS-8")
_CONCERNED: Final = Due(Duty.MUST, "SCOPE-6")
_UNCONCERNED: Final = Due(Duty.MUST_NOT, "SCOPE-6")
_OWN: Final = Due(Duty.MUST, "SCOPE-7")
_FRIEND: Final = Due(Duty.MUST, "SCOPE-7")
_CO_MEMBER: Final = Due(Duty.MAY, "SCOPE-7")
_STRANGER: Final = Due(Duty.MUST_NOT, "SCOPE-7")


def _manages_ip_bans(guild: Guild | None, _channel_id: str, user_id: str | None) -> bool:
    return "manage_ip_bans" in guild_permissions(guild, user_id)


_SEES: Final[Mapping[Visibility, Callable[[Guild | None, str, str | None], bool]]] = {
    Visibility.ACCESS: may_access,
    Visibility.ACCESS_SHOULD: may_access,
    Visibility.IP_BAN_MANAGERS: _manages_ip_bans,
}
"""Who among the members may be told, where section 5.2 narrows it."""
_LEFT_OUT: Final = {
    Visibility.ACCESS: _HIDDEN_CHANNEL,
    Visibility.ACCESS_SHOULD: _HIDDEN_IDS,
    Visibility.IP_BAN_MANAGERS: _NO_MANAGER,
}


def _narrowed(
    emission: Emission, states: Sequence[Guild | None], user_id: str | None, *, alone: bool
) -> Due | None:
    """What is due to a member whom the event's visibility leaves out, in every world or in some (5.2)."""
    sees = _SEES.get(emission.visibility)
    if sees is None:
        return None
    seen = [sees(state, emission.channel_id or "", user_id) for state in states]
    if not any(seen):
        of_channel = emission.visibility is not Visibility.IP_BAN_MANAGERS
        if not alone and of_channel and would_access(states, emission.channel_id or "", user_id):
            return _UNDECIDED
        return _LEFT_OUT[emission.visibility]
    # Access before or after the change itself is enough; another change meanwhile leaves it open.
    return None if alone or all(seen) else _UNDECIDED


def _changes_access(states: Sequence[Guild | None], user_id: str | None) -> bool:
    """Whether the operation gives or takes the user access to a channel that stays (ACCESS-5)."""
    before, after = states[0], states[-1]
    if before is None or after is None or _grant_alike(before, after):
        return False
    return any(
        may_access(before, channel_id, user_id) != may_access(after, channel_id, user_id)
        for channel_id in before.channels.keys() & after.channels.keys()
    )


def _grant_alike(before: Guild, after: Guild) -> bool:
    """Whether two states of a guild share all that access depends on."""
    return (
        before.members is after.members
        and before.roles is after.roles
        and before.assigned is after.assigned
        and before.overrides is after.overrides
    )


class Duties:
    """Decides what is owed to connections; a pure function of the timeline and the connections' leases."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def due(self, emission: Emission, window: Window, connection: Connection) -> Due:
        """What is owed to a connection that was not over when the operation was invoked."""
        if connection.began > window.acknowledged_at:
            return _TOO_LATE
        entitlement = self._entitlement(emission, window, connection)
        if emission.scope is not Scope.USER and entitlement.duty not in (Duty.MUST_NOT, Duty.SHOULD_NOT):
            entitlement = self._beside_ip_bans(entitlement, emission, window, connection)
        if entitlement.duty in (Duty.MUST, Duty.SHOULD) and connection.ready > window.invoked:
            return _UNDECIDED
        if entitlement.duty is Duty.MUST and emission.owed_by is not None:
            return replace(entitlement, duty=Duty.SHOULD, requirement=emission.owed_by)
        return entitlement

    def _entitlement(self, emission: Emission, window: Window, connection: Connection) -> Due:
        match emission.scope:
            case Scope.CHANNEL:
                return self._channel(emission, window, connection)
            case Scope.GUILD:
                return self._guild(emission, window, connection)
            case _:
                return self._user(emission, window, connection)

    # --- channel scope (SCOPE-2, SCOPE-3)

    def _channel(self, emission: Emission, window: Window, connection: Connection) -> Due:
        guild_id, channel_id = emission.guild_id or "", emission.channel_id or ""
        states = self._timeline.guilds(guild_id, window.span)
        access = [may_access(state, channel_id, connection.user_id) for state in states]
        if not any(access):
            return self._inaccessible(emission, states, window, connection)
        asked = [
            lease for lease in connection.leases_of(guild_id, channel_id) if lease.asked < window.acknowledged
        ]
        if not asked:
            return _NOT_SUBSCRIBED
        if all(self._has_lapsed(lease, window, connection) for lease in asked):
            return _LAPSED
        if not self._holds(asked, window, connection, self._decisive(guild_id, channel_id, window)):
            return _UNDECIDED
        return self._beside_a_loss(asked, window, connection)

    def _decisive(self, guild_id: str, channel_id: str, window: Window) -> Span:
        """The worlds that decide the reach: those before, if the operation itself ends the channel (4.1)."""
        own = window.before.last + 1
        after = self._timeline.guilds(guild_id, Span(first=own, last=window.span.last))
        if own > window.span.last or len(after) > 1:
            return window.span
        kept = after[0] is not None and channel_id in after[0].channels
        return window.span if kept else window.before

    def _inaccessible(
        self,
        emission: Emission,
        states: Sequence[Guild | None],
        window: Window,
        connection: Connection,
    ) -> Due:
        """Nothing is due to a user without access; ACCESS-4 says so for a member who had it."""
        guild_id, user_id = emission.guild_id or "", connection.user_id
        past = self._timeline.guilds(guild_id, Span(first=0, last=window.span.first))
        had = any(may_access(state, emission.channel_id or "", user_id) for state in past)
        if had and all(is_member(state, user_id) for state in states):
            return _TAKEN
        return self._denied(guild_id, window, connection, _NO_ACCESS)

    def _beside_a_loss(self, asked: Sequence[Lease], window: Window, connection: Connection) -> Due:
        """Delivery as due; for who has lost another channel of the guild that is ACCESS-7 besides."""
        others = (
            lease
            for lease in connection.leases_of(asked[0].guild_id)
            if lease.channel_id != asked[0].channel_id and lease.confirmed_before(window.invoked)
        )
        lost = any(
            not all(
                self._accesses(
                    lease, connection, Span(first=self._timeline.at(lease.asked), last=window.span.first)
                )
            )
            for lease in others
        )
        return replace(_SUBSCRIBED, also=("ACCESS-7",)) if lost else _SUBSCRIBED

    # --- guild scope (SCOPE-4, SCOPE-5, SCOPE-8, ACCESS-2)

    def _guild(self, emission: Emission, window: Window, connection: Connection) -> Due:
        guild_id, user_id = emission.guild_id or "", connection.user_id
        own = emission.subject is not None and emission.subject == user_id
        if own and emission.ends_membership:
            return self._own_removal(guild_id, window, connection)
        states = self._timeline.guilds(guild_id, window.span)
        member = [is_member(state, user_id) for state in states]
        if not any(member):
            return self._denied(guild_id, window, connection, _OUTSIDER)
        # Nothing else changed the guild meanwhile, so that what differs is the operation's own doing.
        alone = len(states) <= 2 and len(self._timeline.guilds(guild_id, window.before)) == 1
        narrowed = _narrowed(emission, states, user_id, alone=alone)
        if narrowed is not None:
            return narrowed
        leases = connection.leases_of(guild_id)
        # What the operation itself takes away still counts for its own event (4.1).
        valid = window.before if alone else window.span
        if all(member) and self._holds(leases, window, connection, valid):
            changes = alone and _changes_access(states, user_id)
            return replace(_PRESENT_MEMBER, also=("ACCESS-5",)) if changes else _PRESENT_MEMBER
        if own and emission.name in ("workspace_member_add", "workspace_member_ban"):
            return _OWN_MEMBERSHIP
        asked = any(
            lease.asked < window.acknowledged and not self._has_lapsed(lease, window, connection)
            for lease in leases
        )
        return _ABSENT_MEMBER if all(member) and not asked else _UNDECIDED

    def _own_removal(self, guild_id: str, window: Window, connection: Connection) -> Due:
        """The reach of a removal is the one just before it (4.1)."""
        member = [is_member(s, connection.user_id) for s in self._timeline.guilds(guild_id, window.before)]
        if not any(member):
            return self._denied(guild_id, window, connection, _OUTSIDER)
        if all(member) and self._holds(connection.leases_of(guild_id), window, connection, window.before):
            return _REMOVED
        return _OWN_MEMBERSHIP

    # --- user scope (SCOPE-6, SCOPE-7)

    def _user(self, emission: Emission, window: Window, connection: Connection) -> Due:
        if emission.visibility is not Visibility.PROFILE:
            return _CONCERNED if connection.user_id in emission.concerned else _UNCONCERNED
        if connection.user_id == emission.subject:
            return _OWN
        friends = [
            connection.user_id in world.friends_of(emission.subject)
            for world in self._timeline.worlds(window.span)
        ]
        if all(friends):
            return _FRIEND
        if any(friends):
            return _UNDECIDED
        return _CO_MEMBER if self._share_a_guild(emission.subject, window, connection) else _STRANGER

    def _share_a_guild(self, subject: str | None, window: Window, connection: Connection) -> bool:
        return any(
            subject in guild.members and connection.user_id in guild.members
            for guilds in _distinct(world.guilds for world in self._timeline.worlds(window.span))
            for guild in guilds.values()
        )

    # --- IP bans (ACCESS-8, IPBAN-3)

    def _beside_ip_bans(
        self, entitlement: Due, emission: Emission, window: Window, connection: Connection
    ) -> Due:
        states = self._timeline.guilds(emission.guild_id or "", window.span)
        if not had_bans(states):
            return entitlement
        standing = standing_of(states, connection, window.invoked_at, window.acknowledged_at)
        fresh = without_cut(self._timeline, connection, emission.guild_id, window.span.last)
        if standing is ShutOut.NO and self._entitlement(emission, window, fresh) == entitlement:
            return entitlement
        if is_of_owner(states, connection):
            due = entitlement.duty is Duty.MUST
            return replace(entitlement, duty=Duty.SHOULD, requirement="IPBAN-3") if due else entitlement
        if standing is ShutOut.PERHAPS:
            return _UNDECIDED
        # That a ban stops delivery meets the rule that whoever is removed is told of it (ACCESS-2).
        own = emission.subject is not None and emission.subject == connection.user_id
        return _BANNED_ADDRESS if standing is ShutOut.SURELY and not own else _LEFT_OPEN

    # --- leases and former members

    def _holds(self, leases: Iterable[Lease], window: Window, connection: Connection, span: Span) -> bool:
        """Whether one of the leases was confirmed before the operation and is valid in every world of it."""
        return any(
            lease.confirmed_before(window.invoked)
            and all(
                self._accesses(lease, connection, Span(first=self._timeline.at(lease.asked), last=span.last))
            )
            for lease in leases
        )

    def _has_lapsed(self, lease: Lease, window: Window, connection: Connection) -> bool:
        """Whether access was lost for certain between a confirmed subscribe and the operation (ACCESS-6)."""
        if not lease.confirmed_before(window.invoked):
            return False
        settled = Span(first=self._timeline.at(lease.confirmed or 0), last=window.span.first)
        states = self._timeline.certain_guilds(lease.guild_id, settled)
        return not all(may_access(state, lease.channel_id, connection.user_id) for state in states)

    def _accesses(self, lease: Lease, connection: Connection, span: Span) -> list[bool]:
        states = self._timeline.guilds(lease.guild_id, span)
        return [may_access(state, lease.channel_id, connection.user_id) for state in states]

    def _denied(self, guild_id: str, window: Window, connection: Connection, otherwise: Due) -> Due:
        """Nothing is due to a user without membership; ACCESS-3 says so for a former member."""
        past = self._timeline.guilds(guild_id, Span(first=0, last=window.span.first))
        if not any(is_member(state, connection.user_id) for state in past):
            return otherwise
        if is_member(past[-1], connection.user_id):
            return otherwise
        return Due(Duty.MUST_NOT, "ACCESS-3", also=(otherwise.requirement, "ACCESS-1", "PERM-3"))


def _distinct(mappings: Iterable[Mapping[str, Guild]]) -> list[Mapping[str, Guild]]:
    found: list[Mapping[str, Guild]] = []
    for mapping in mappings:
        if not found or found[-1] is not mapping:
            found.append(mapping)
    return found
