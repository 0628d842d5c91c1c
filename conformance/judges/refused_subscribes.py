"""A subscribe that is refused tells nothing, not even whether the channel exists (SUB-2, LEAK-SUB-1).

That a later one is answered shows that it was over and that the connection lived on.
"""

from collections.abc import Iterator
from enum import StrEnum

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import may_end
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import States, standing_of
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.verdict import Kind


class _Why(StrEnum):
    """What stands in the way of a subscribe."""

    UNKNOWN = "unknown"
    FORBIDDEN = "forbidden"


def judge_refused(case: Case, judgement: Judgement) -> None:
    """Judge that what is unknown and what is forbidden were refused alike."""
    silent: set[_Why] = set()
    ended: dict[_Why, Connection] = {}
    for connection in case.connections:
        open_ended: set[_Why] = set()
        for lease in connection.leases:
            why = _why_refused(case, connection, lease)
            if why is not None:
                (silent if _lived_on(connection, lease) else open_ended).add(why)
        if open_ended and _is_cut_off(case, connection):
            _find(judgement, connection, "SUB-2", "a refused subscribe ended its connection")
            if len(open_ended) == 1:  # else nobody knows which of them did
                ended[open_ended.pop()] = connection
    if ended and silent - ended.keys():
        message = "a subscribe to something unknown and one to something forbidden ended differently"
        _find(judgement, next(iter(ended.values())), "LEAK-SUB-1", message)
    elif silent == set(_Why):
        judgement.witness("LEAK-SUB-1")


def _why_refused(case: Case, connection: Connection, lease: Lease) -> _Why | None:
    """Why a subscribe of the scenario was refused for certain and unanswered; None if it was not."""
    if lease.confirmed is not None or not case.scenario.begun < lease.asked < case.until:
        return None
    until = min(connection.ended, case.until, *_answers_after(connection, lease))
    states = case.timeline.guilds(lease.guild_id, case.timeline.span(lease.asked, until))
    if standing_of(states, connection, lease.asked_at, lease.asked_at) is not ShutOut.NO:
        return None
    if any(may_access(state, lease.channel_id, connection.user_id) for state in states):
        return None
    known = _knows(states, lease.channel_id)
    return (_Why.FORBIDDEN if known.pop() else _Why.UNKNOWN) if len(known) == 1 else None


def _answers_after(connection: Connection, lease: Lease) -> Iterator[int]:
    return (one.confirmed for one in connection.leases if _follows(one, lease) and one.confirmed is not None)


def _follows(one: Lease, other: Lease) -> bool:
    return one.asked > other.asked


def _knows(states: States, channel_id: str) -> set[bool]:
    return {state is not None and channel_id in state.channels for state in states}


def _lived_on(connection: Connection, lease: Lease) -> bool:
    """Whether something that was sent later on the connection was answered."""
    return any(True for _ in _answers_after(connection, lease))


def _is_cut_off(case: Case, connection: Connection) -> bool:
    """Whether the target ended a connection, and nothing but a refused subscribe can be why."""
    if not connection.is_lost or connection.ended > case.until:
        return False
    return not (case.logged_out(connection) or may_end(case, connection))


def _find(judgement: Judgement, connection: Connection, requirement: str, message: str) -> None:
    judgement.find(
        Kind.CONTRACT if requirement == "SUB-2" else Kind.SAFETY,
        requirement,
        message,
        client=connection.name,
        event="subscribe",
        expected="nothing at all",
        received=f"{connection.how} {connection.code or ''}".rstrip(),
    )
