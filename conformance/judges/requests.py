"""Judge `requests`: what is no operation was refused for its form, as the contract says, and did nothing."""

from typing import Final

from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.requests import Understood
from sync_check.conformance.model.results import error_code
from sync_check.conformance.verdict import Kind

NAME: Final = "requests"
_UNAUTHORIZED: Final = 401
_CODE: Final = "invalid_credentials"


def judge(case: Case) -> Judgement:
    """Judge the requests of a scenario that were sent as bytes."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for call in case.calls:
        if call.understood is not None and call.status is not None and call.status != 429:
            judgement.evidence["requests"] += 1
            if call.understood.operation is None:
                _judge(case, judgement, call, call.understood)
    return judgement


def _judge(case: Case, judgement: Judgement, call: Call, understood: Understood) -> None:
    first = understood.faults[0]
    if call.status not in understood.statuses:
        wanted = " or ".join(str(status) for status in sorted(understood.statuses))
        kind = Kind.SAFETY if call.outcome is Outcome.OK else Kind.CONTRACT
        _find(judgement, call, first.requirement, "another status was due", wanted, kind=kind)
    elif call.status == _UNAUTHORIZED and error_code(call.body) != _CODE:
        _find(judgement, call, "REST-2", "the error has another code", _CODE)
    else:
        judgement.witness(first.requirement)
        if any(settle.counts and settle.begun > call.acknowledged for settle in case.settles):
            judgement.witness("DELIV-4")


def _find(
    judgement: Judgement,
    call: Call,
    requirement: str,
    message: str,
    expected: str,
    *,
    kind: Kind = Kind.CONTRACT,
) -> None:
    judgement.find(
        kind,
        requirement,
        f"request {call.arguments.get('name')}: {message}",
        client=call.client,
        expected=expected,
        received=f"{call.status} {(call.body or '')[:80]}".rstrip(),
        cause=call,
        excerpt=lines_of_call(call),
    )
