"""Why a target may have ended a connection, as far as what was sent there has a label in the contract."""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.contract.counters import CLIENT_CLOSE, DISCONNECTS
from sync_check.conformance.contract.operations import CreateMessage
from sync_check.conformance.history import EndedBy, EndOfConnection
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import prospect_of
from sync_check.conformance.judges.lives import Call, Cause
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import States, standing_of
from sync_check.conformance.model.commands import is_malformed
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.ingress import INVALID_MESSAGE

NORMAL: Final = 1000
ANY_OTHER: Final = DISCONNECTS - {CLIENT_CLOSE}
"""The labels of an end that no Close of ours asked for."""
_VANISHED: Final = frozenset(("connection_closed", "socket_error"))
"""How the end of a connection is counted whose peer is gone without a Close."""
_BY_TARGET: Final = (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)
_LABELS_OF_COMMANDS: Final = {
    "BAD-7": "message_rejected",
    "IPBAN-2": "ip_banned",
}


def is_clean(connection: Connection) -> bool:
    """Whether our Close was answered, so that there is only one label for the end."""
    return connection.how is EndOfConnection.CLOSED_BY_US and connection.code == NORMAL


def is_lost_there(connection: Connection) -> bool:
    """Whether it ended at the target's end without a Close of ours."""
    return connection.how in _BY_TARGET or connection.far_ended_by is EndedBy.TARGET


def causes(case: Case, connection: Connection) -> list[Cause]:
    """What the connection was sent that ends it, or may, up to the first that must."""
    is_past = connection.ended < case.scenario.begun
    known = case.ledger.past_causes.get(connection.number) if is_past else None
    if known is not None:
        return known
    found: list[Cause] = []
    for cause in sorted(_causes(case, connection), key=lambda one: one.position):
        if cause.position < connection.ended:
            found.append(cause)
        if cause.is_deadly:
            break
    if is_past:  # nothing that bears on it can come any more
        case.ledger.past_causes[connection.number] = found
    return found


def _causes(case: Case, connection: Connection) -> Iterator[Cause]:
    for offence in case.offences(connection):
        consequence = offence.consequence
        yield Cause(
            position=offence.position,
            name=offence.input.name,
            labels=consequence.labels,
            is_deadly=consequence.must_end,
            event=consequence.event,
        )
    for call in case.commands_of(connection):
        if call.offence is None:
            yield from _of_command(case, call, connection)


def _of_command(case: Case, call: Call, connection: Connection) -> Iterator[Cause]:
    asked = call.operation
    if isinstance(asked, CreateMessage) and is_malformed(asked, case.header.limits):
        yield Cause(call.invoked, call.label, frozenset((INVALID_MESSAGE,)), is_deadly=True)
    elif connection.is_lost:
        future = prospect_of(case, call, connection)
        if future.refused:
            labels = frozenset(_LABELS_OF_COMMANDS[reason] for reason in future.reasons)
            yield Cause(call.invoked, call.label, labels, not future.carried_out)


def has_cause(case: Case, connection: Connection) -> bool:
    """Whether the target may have ended a connection: by what was sent there, a logout, or an IP ban.

    What waits for a slow client may be too much; whether it was is judged with the slow consumers.
    """
    if connection.was_slow or case.logged_out(connection) or causes(case, connection):
        return True
    return any(
        lease.confirmed is None
        and standing_of(_states(case, connection, lease), connection, lease.asked_at, lease.asked_at)
        is not ShutOut.NO
        for lease in connection.leases
    )


def _states(case: Case, connection: Connection, lease: Lease) -> States:
    return case.timeline.guilds(lease.guild_id, case.timeline.span(lease.asked, connection.ended))


def labels_of(case: Case, connection: Connection) -> frozenset[str]:
    """The labels of section 3.4 of which one is that of a connection's end."""
    if is_clean(connection) and not case.offences(connection):
        return frozenset((CLIENT_CLOSE,))
    found = frozenset(label for cause in causes(case, connection) for label in cause.labels)
    if not is_lost_there(connection):
        # Where no Close of ours was answered, nobody knows whether it was read.
        known = found if is_clean(connection) else ANY_OTHER
        return known | {CLIENT_CLOSE}
    if connection.cut is not None and not found and not case.logged_out(connection):
        return _VANISHED
    return found if found and connection.is_lost and not case.logged_out(connection) else ANY_OTHER
