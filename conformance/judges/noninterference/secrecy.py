"""Which steps of a program are secret: their every effect is one that the observer may never know.

The model decides, by what the observer may know before and after a step (`sight`), by what every connection
of theirs is owed of its events (`duties`), and by what they may come to read of it later (`access`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.reach import Reaches
from sync_check.conformance.model.access import channel_permissions, guild_permissions, is_member, may_access
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.auditing import AUDITED
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.duties import Duty
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.sight import Sights
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.model.world import Guild

_UNTOLD: Final = (Duty.MUST_NOT, Duty.SHOULD_NOT)
_OF_CHANNELS: Final = (ops.CreateChannel, ops.UpdateChannel, ops.OverrideRole, ops.OverridePermission)
_OF_IP_BANS: Final = (ops.BanAddressesOf, ops.RemoveIpBan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One step as it was played: its operation or the channel it subscribed to, who did it, and when.

    `before` and `after` number the worlds of the timeline just before and after it; `began` is a time in
    microseconds.
    """

    number: int
    user_id: str
    began: int
    before: int
    after: int
    op: int | None = None
    channel_id: str | None = None


class Secrecy:
    """What one user may know of a run of marked steps; a pure function of the ledger."""

    def __init__(self, ledger: Ledger, marks: Sequence[Mark], client: str, guild_id: str) -> None:
        self._ledger = ledger
        self._timeline = ledger.timeline
        self._marks = marks
        self._user_id = ledger.users[client]
        self._guild_id = guild_id
        self._address = ledger.addresses.get(client)
        features = () if ledger.header is None else ledger.header.features
        self._sights = Sights(features)
        self._seen: dict[int, str] = {}
        own = [one for one in ledger.connections.values() if one.client == client]
        self._reaches = Reaches(ledger.timeline, own)

    def secret(self) -> frozenset[int]:
        """The numbers of the steps that the user may never know."""
        return frozenset(mark.number for mark in self._marks if self._is_secret(mark))

    def sight(self, world: int) -> str:
        """What the user may know of a world of the timeline."""
        if world not in self._seen:
            self._seen[world] = self._sights.of(self._timeline.world(world), self._user_id, self._address)
        return self._seen[world]

    def is_member(self, mark: Mark) -> bool:
        """Whether the user is a member of the guild when a step is played."""
        return is_member(self._timeline.world(mark.before).guilds.get(self._guild_id), self._user_id)

    # --- one step

    def _is_secret(self, mark: Mark) -> bool:
        if mark.user_id == self._user_id:
            return False
        if mark.op is None:
            return mark.channel_id is not None and self._is_secret_subscribe(mark, mark.channel_id)
        call = self._ledger.calls[mark.op]
        if call.operation is None or call.outcome in (None, Outcome.UNKNOWN):
            return False
        return (
            self.sight(mark.before) == self.sight(mark.after)
            and not any(map(self._may_be_told, self._emissions.get(call.op, ())))
            and not self._may_show_later(call, call.operation, mark)
        )

    @cached_property
    def _emissions(self) -> Mapping[int, Sequence[int]]:
        """By operation, the indices of what it made the gateway say."""
        found: dict[int, list[int]] = {}
        for index, emitted in enumerate(self._ledger.emitted):
            if emitted.emission.standing is Standing.DUE:
                found.setdefault(emitted.call.op, []).append(index)
        return found

    def _may_be_told(self, index: int) -> bool:
        emitted = self._ledger.emitted[index]
        return any(due.duty not in _UNTOLD for due in self._reaches.of(emitted).values())

    def _may_show_later(self, call: Call, operation: ops.Operation, mark: Mark) -> bool:
        """Whether the user may come to read what is left of it, from then on until the end."""
        if getattr(operation, "guild_id", None) is None:
            return False
        states = list(self._states(mark))
        audits = any("view_audit_log" in guild_permissions(state, self._user_id) for state in states)
        if call.rule is None or not call.rule.mutates or call.outcome is Outcome.FAIL:
            # What is refused leaves a row only where an address is banned, or somebody wants to join.
            rows = isinstance(operation, ops.JoinGuild) or any(state.ip_bans for state in states)
            return audits and rows
        if audits and type(operation) in AUDITED:
            return True
        if isinstance(operation, _OF_IP_BANS) and self._shuts_out_somebody(mark, states):
            return any(is_member(state, self._user_id) for state in states)
        return any(self._shows(operation, call, state) for state in states)

    def _shuts_out_somebody(self, mark: Mark, states: Sequence[Guild]) -> bool:
        """Whether a ban covers somebody who was present by then: that makes them offline, which is told."""
        present = {
            one.address
            for one in self._ledger.connections.values()
            if one.user_id != self._user_id
            and any(
                lease.confirmed is not None and lease.asked_at < mark.began
                for lease in one.leases_of(self._guild_id)
            )
        }
        return any(ban.overlaps(present) for state in states for ban in state.ip_bans)

    def _shows(self, operation: ops.Operation, call: Call, guild: Guild) -> bool:
        if isinstance(operation, ops.DeleteChannel):
            # Hidden ones answer a member 403, and unknown ones 404 (CHAN-3).
            return is_member(guild, self._user_id)
        channel_id = getattr(operation, "channel_id", None) or self._ledger.created.get(call.op)
        if channel_id is not None:
            managed = isinstance(operation, _OF_CHANNELS) and self._manages(guild, channel_id)
            return managed or may_access(guild, channel_id, self._user_id)
        if isinstance(operation, _OF_IP_BANS):
            return "manage_ip_bans" in guild_permissions(guild, self._user_id)
        if isinstance(operation, ops.LiftBan):
            return False
        public = isinstance(operation, ops.UpdateGuild) and guild.visibility == "public"
        return public or is_member(guild, self._user_id)

    def _manages(self, guild: Guild, channel_id: str) -> bool:
        """Whether the user may change a channel, which needs no access to it (contract 2.4)."""
        return "manage_channel_overrides" in channel_permissions(guild, channel_id, self._user_id)

    def _states(self, mark: Mark) -> Iterator[Guild]:
        """The guild from just before a step until the end."""
        span = Span(first=mark.before, last=self._timeline.newest)
        for state in self._timeline.guilds(self._guild_id, span):
            if state is not None:
                yield state

    def _is_secret_subscribe(self, mark: Mark, channel_id: str) -> bool:
        """A subscribe is told to members if it is a user's first one there, and else to nobody."""
        states = list(self._states(mark))
        if any(ban.overlaps(self._addresses(mark)) for state in states for ban in state.ip_bans):
            return False  # a subscribe from a banned address ends the connection, and that is told
        if not any(is_member(state, self._user_id) for state in states):
            return True
        if any(may_access(state, channel_id, self._user_id) for state in states):
            return False
        guild = self._timeline.world(mark.before).guilds.get(self._guild_id)
        return not may_access(guild, channel_id, mark.user_id) or self._is_present(mark)

    def _addresses(self, mark: Mark) -> set[Address | None]:
        """Where the user of a step connects from."""
        connections = self._ledger.connections.values()
        return {one.address for one in connections if one.user_id == mark.user_id}

    def _is_present(self, mark: Mark) -> bool:
        """Whether the user of a step was present in the guild before it, for certain."""
        return any(
            self._was_member(mark, connection)
            for connection in self._ledger.connections.values()
            if connection.user_id == mark.user_id and (connection.ended_at or NEVER) > mark.began
        )

    def _was_member(self, mark: Mark, connection: Connection) -> bool:
        """Whether a connection subscribed before a step, its user being a member ever since."""
        for lease in connection.leases_of(self._guild_id):
            if lease.confirmed is None or lease.asked_at >= mark.began:
                continue
            span = Span(first=self._timeline.at(lease.asked), last=mark.before)
            if all(is_member(state, mark.user_id) for state in self._timeline.guilds(self._guild_id, span)):
                return True
        return False
