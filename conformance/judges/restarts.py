"""Judge `restarts`: what a restart of the target has cost, and what of that the contract allows.

A server may end all connections when it stops, and forget what only it needed. What REST had acknowledged
holds until the next change (DELIV-10): the judges of answers and of convergence compare all of it with the
model, before and after alike, and here stands what they cannot say.
"""

from typing import Final

from sync_check.conformance.history import Outcome, Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.disturbances import Restart
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "restarts"
_REFUSED: Final = 401


def judge(case: Case) -> Judgement:
    """Judge the restarts of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for restart in case.ledger.restarts:
        if restart.scenario == case.scenario.index and restart.up != NEVER:
            _lost(case, judgement, restart)
            _accounts(case, judgement, restart)
    return judgement


def _lost(case: Case, judgement: Judgement, restart: Restart) -> None:
    """Tell what was lost that may be lost."""
    connections = [one for one in case.connections if one.stopped and one.survived_by == restart.up]
    sessions = sum(_is_session_over(call) for call in _logins(case, restart))
    judgement.evidence["restarts"] += 1
    lost = [f"{len(connections)} connections ended with it"]
    if sessions:
        lost.append(f"{sessions} sessions were over and users logged in again")
    judgement.find(
        Kind.CONTRACT,
        "CLIENT-9",
        f"the target was {'killed' if restart.killed else 'stopped'} and started again",
        level=Level.INFO,
        expected="that clients come back and read again",
        received="; ".join(lost),
    )


def _logins(case: Case, restart: Restart) -> list[Call]:
    """The logins after a restart in which somebody asks for a session of their own.

    What a scenario logs in with may be wrong, and on purpose.
    """
    return [
        call
        for call in case.calls
        if call.name == "login" and call.purpose is Purpose.SETUP and call.invoked > restart.up
    ]


def _is_session_over(call: Call) -> bool:
    return call.outcome is Outcome.OK


def _accounts(case: Case, judgement: Judgement, restart: Restart) -> None:
    """Whoever had an account has one."""
    for call in _logins(case, restart):
        if call.status == _REFUSED and case.ledger.users.get(call.client) is not None:
            judgement.find(
                Kind.CONTRACT,
                "DELIV-10",
                "an account that had been acknowledged is gone after a restart",
                client=call.client,
                expected="200",
                received=str(call.status),
                cause=call,
                excerpt=lines_of_call(call),
            )
