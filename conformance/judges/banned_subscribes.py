"""A `subscribe` from an address that is banned in the guild ends the connection (IPBAN-2, contract 3.3)."""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import States, is_of_owner, standing_of
from sync_check.conformance.model.connections import NEVER, Connection, Lease
from sync_check.conformance.verdict import Kind

END_WINDOW_US: Final = 5_000_000
"""The end window of contract 0.4, in microseconds."""


class BannedSubscribes:
    """The subscribes of one connection, seen from the IP bans of their guilds."""

    def __init__(self, case: Case, judgement: Judgement, connection: Connection) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection

    def standing(self, lease: Lease, until: int) -> ShutOut:
        """Whether the address was banned from the subscribe to position `until`; never an owner's."""
        states = self._states(lease, until)
        if is_of_owner(states, self._connection):
            return ShutOut.NO
        return standing_of(states, self._connection, lease.asked_at, lease.asked_at + END_WINDOW_US)

    def explain_end(self) -> bool:
        """Whether the target had a cause to end the connection; that of an owner it should leave alone."""
        causes = ending_leases(self._case, self._connection)
        if causes and all(is_of_owner(self._states(lease, NEVER), self._connection) for lease in causes):
            self._find("IPBAN-3", "an IP ban locked an owner out", "an open connection", "an end")
        return bool(causes)

    def judge(self) -> None:
        """Judge whether the subscribes of this scenario ended the connection that had to."""
        until = min(self._connection.ended, self._case.until)
        for lease in self._connection.leases:
            here = self._case.scenario.begun < lease.asked < self._case.until
            if here and self.standing(lease, until) is ShutOut.SURELY and self._has_access(lease, until):
                self._judge_end(lease)

    def _has_access(self, lease: Lease, until: int) -> bool:
        """Whether it would have worked; of any other one the contract may ask for silence (3.3)."""
        user_id = self._connection.user_id
        return all(may_access(state, lease.channel_id, user_id) for state in self._states(lease, until))

    def _judge_end(self, lease: Lease) -> None:
        last = lease.asked_at + END_WINDOW_US
        ended_at = self._connection.ended_at
        if ended_at is not None and ended_at <= last:
            if self._connection.is_lost:
                self._judgement.witness("IPBAN-2")
        elif ended_at is not None or self._case.ledger.latest_at > last:
            message = "a subscribe from a banned address did not end the connection"
            self._find("IPBAN-2", message, "an end within 5 s", "an open connection")

    def _states(self, lease: Lease, until: int) -> States:
        return _states(self._case, lease, until)

    def _find(self, requirement: str, message: str, expected: str, received: str) -> None:
        self._judgement.find(
            Kind.CONTRACT,
            requirement,
            message,
            client=self._connection.name,
            event="subscribe",
            expected=expected,
            received=received,
        )


def ending_leases(case: Case, connection: Connection) -> Sequence[Lease]:
    """The subscribes that may have ended a connection, because its address was banned in their guilds."""
    return [lease for lease in connection.leases if _may_have_ended(case, connection, lease)]


def _may_have_ended(case: Case, connection: Connection, lease: Lease) -> bool:
    states = _states(case, lease, connection.ended)
    standing = standing_of(states, connection, lease.asked_at, lease.asked_at)
    return lease.confirmed is None and standing is not ShutOut.NO


def _states(case: Case, lease: Lease, until: int) -> States:
    return case.timeline.guilds(lease.guild_id, case.timeline.span(lease.asked, until))
