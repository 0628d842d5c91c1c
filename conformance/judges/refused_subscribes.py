"""A subscribe that is refused tells nothing, not even whether the channel exists (SUB-2, LEAK-SUB-1).

That a later one is answered shows that it was over and that the connection lived on.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import States, standing_of
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.verdict import Kind

_BY_TARGET: Final = (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)


class _Why(StrEnum):
    """What stands in the way of a subscribe."""

    UNKNOWN = "unknown"
    FORBIDDEN = "forbidden"


def judge_refused(case: Case, judgement: Judgement) -> None:
    """Judge that what is unknown and what is forbidden were refused alike."""
    silent: set[_Why] = set()
    ended: dict[_Why, Connection] = {}
    for connection in case.connections:
        for lease in connection.leases:
            why = _why_refused(case, connection, lease)
            if why is None:
                continue
            if any(_follows(other, lease) and other.confirmed is not None for other in connection.leases):
                silent.add(why)
            elif _is_the_last_word(case, connection, lease):
                ended[why] = connection
                _find(judgement, connection, "SUB-2", f"a subscribe to something {why} ended its connection")
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


def _is_the_last_word(case: Case, connection: Connection, lease: Lease) -> bool:
    """Whether the target ended the connection, on which nothing was sent after the subscribe."""
    later = any(_follows(other, lease) for other in connection.leases) or any(
        call.connection == connection.number and call.invoked > lease.asked for call in case.calls
    )
    return connection.how in _BY_TARGET and connection.ended < case.until and not later


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
