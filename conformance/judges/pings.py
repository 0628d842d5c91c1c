"""Judge `pings`: a client's ping is answered, and pings and pongs cost nothing of the ingress rate (GW-5).

Of several pings at once only the last is owed an answer (RFC 6455, section 5.5.3). That they cost nothing
shows where more came than frames may, and a command right behind them was still carried out.
"""

from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.causes import has_cause
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.connections import Connection, Pinging
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "pings"
_REQUIREMENT: Final = "GW-5"


def judge(case: Case) -> Judgement:
    """Judge what came of the pings that the clients of a scenario sent."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for connection in case.connections:
        for pinging in connection.pingings:
            if case.scenario.begun < pinging.position < case.until:
                judgement.evidence["pings"] += pinging.pings
                _judge(case, judgement, connection, pinging)
    return judgement


def _judge(case: Case, judgement: Judgement, connection: Connection, pinging: Pinging) -> None:
    if connection.faults or connection.takings:
        return  # what is missing may be on its way, and who is slow does not see it
    if _ended_for_it(case, connection, pinging):
        _find(
            judgement,
            Kind.LIMIT,
            "a connection ended after pings and pongs, which cost nothing",
            connection,
            pinging,
            expected="an open connection",
            received=f"{connection.how} {connection.code or ''} {connection.reason or ''}".rstrip(),
        )
    elif pinging.answered:
        if _cost_nothing(case, connection, pinging):
            judgement.witness(_REQUIREMENT)
    elif pinging.position < connection.ended and not connection.stopped:
        others = f", and {pinging.pongs} pongs with other data" if pinging.pongs else ""
        _find(
            judgement,
            Kind.LIVENESS,
            "a ping was not answered by a pong",
            connection,
            pinging,
            expected="a pong with the data of the ping",
            received=f"none within {(pinging.over_at - pinging.began_at) / 1e6:g} s{others}",
            timed=True,
        )


def _ended_for_it(case: Case, connection: Connection, pinging: Pinging) -> bool:
    """Whether the target ended the connection within the ingress window, though nothing else was wrong."""
    ended_at = connection.ended_at
    if not connection.is_lost or ended_at is None or has_cause(case, connection):
        return False
    return pinging.began_at <= ended_at <= pinging.began_at + _window_us(case)


def _cost_nothing(case: Case, connection: Connection, pinging: Pinging) -> bool:
    """Whether there were more of them than frames may be, and a subscribe right behind them was answered."""
    return pinging.pings > case.header.limits.ingress_frames and any(
        lease.confirmed is not None
        and lease.asked > pinging.position
        and lease.asked_at - pinging.began_at < _window_us(case)
        for lease in connection.leases
    )


def _window_us(case: Case) -> int:
    return round(case.header.limits.ingress_window_s * 1_000_000)


def _find(
    judgement: Judgement,
    kind: Kind,
    message: str,
    connection: Connection,
    pinging: Pinging,
    *,
    expected: str,
    received: str,
    timed: bool = False,
) -> None:
    sent = f"sent {pinging.pings} pings, and as many pongs that nobody had asked for"
    judgement.find(
        kind,
        _REQUIREMENT,
        message,
        client=connection.name,
        event="ping",
        expected=expected,
        received=received,
        excerpt=[Excerpt(at_us=pinging.began_at, who=connection.name, text=sent, record=pinging.position)],
        timed=timed,
    )
