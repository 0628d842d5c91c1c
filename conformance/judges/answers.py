"""Judge `answers`: every REST call got the status, the shape and the values that it must."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract.operations import Authority, Login, Operation
from sync_check.conformance.history import Outcome, Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.expecting import exclusive_pairs, expected_in, worlds_of
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.locks import Locked, locked
from sync_check.conformance.judges.read_values import Values, kept_by
from sync_check.conformance.judges.tokens import Validity
from sync_check.conformance.model.body_size import with_body_size
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.model.results import error_code, read_result
from sync_check.conformance.model.transitions import Expectation, expected
from sync_check.conformance.verdict import Finding, Kind, Level

NAME: Final = "answers"
_UNAUTHENTICATED: Final = 401
_CODES: Final[Mapping[int, str]] = {401: "invalid_credentials", 403: "forbidden", 404: "not_found"}
"""The code of a handler error, for those statuses that no framework error shares (2.1).

Operations with refusals of their own for a status have none but those.
"""


class _Judged(NamedTuple):
    """What is wrong with an answer, and what it was seen to keep, as long as all that `rests_on` is so."""

    rests_on: Hashable
    findings: Sequence[Finding]
    kept: Sequence[str]


class _Answers(dict[int, _Judged]):
    """The answers that were judged, by operation."""


def judge(case: Case) -> Judgement:
    """Judge the answers to a scenario's operations."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    values = Values(case)
    known = case.memory.table(_Answers)
    for call in case.calls:
        if call.outcome is None or call.is_command:
            continue
        judgement.evidence["answers"] += 1
        if call.purpose is Purpose.SCENARIO:
            judgement.evidence["operations"] += 1
        if call.status is None:
            _find(judgement, call, "HEALTH-1", "no answer came", expected="an answer", kind=Kind.LIVENESS)
        elif call.status >= 500 or call.status == 408:
            _find(judgement, call, "REST-1", "the server failed", expected="an answer to the request")
        elif call.operation is not None and call.rule is not None:
            rests_on = _rests_on(case, call)
            judged = known.get(call.op)
            if judged is None or rests_on is None or judged.rests_on != rests_on:
                before = len(judgement.findings)
                kept = _judge_answer(case, judgement, values, call, call.operation)
                judged = known[call.op] = _Judged(rests_on, judgement.findings[before:], kept)
            else:
                judgement.findings += judged.findings
            if case.counts_for_witness(call):
                judgement.witness(*judged.kept)
    for first, second, due in exclusive_pairs(case):
        wanted = " or ".join(str(status) for status in sorted(due.statuses))
        message = f"accepted at the same time as {first.label}, which rules it out"
        _find(judgement, second, due.requirement, message, expected=f"{wanted} for one of the two")
    return judgement


def _rests_on(case: Case, call: Call) -> Hashable | None:
    """All that the judgement of an answer rests on and that may be otherwise when it is judged again.

    None if more than that may matter: tokens, locks, the end of the session, or operations at the same time.
    """
    span = call.window(case.timeline).span
    if (
        call.token is not None
        or isinstance(call.operation, Login)
        or (call.client, call.session) in case.logouts
        or (call.made is not None and call.made != span.last)
    ):
        return None
    return (
        span,
        call.made,
        call.acknowledged,
        case.ledger.addresses.get(call.client),
        call.invoked <= case.blind_from,
        call.acknowledged <= case.blind_from,
    )


def _judge_answer(
    case: Case, judgement: Judgement, values: Values, call: Call, operation: Operation
) -> Sequence[str]:
    """Judge status, and then what came with it; the requirements that it was seen to keep."""
    expectation = _in_session(case, call, operation, _expectation(case, call, operation))
    if isinstance(operation, Login):
        expectation = _under_lock(locked(case, call, operation.username), expectation)
    if call.understood is None:  # whoever asks: decoding may come first (contract 2.1)
        expectation = with_body_size(case.header.limits, operation, expectation)
    if call.invoked <= case.blind_from and call.status not in expectation.statuses:
        requirement = "LIMIT-4" if call.status == 429 else expectation.requirement
        wanted = " or ".join(str(status) for status in sorted(expectation.statuses))
        _find(judgement, call, requirement, "another status was due", expected=wanted)
        if call.status not in expectation.tolerated:
            return ()
    if call.outcome is Outcome.OK:
        return _judge_success(case, judgement, values, call, operation, expectation)
    return _judge_refusal(judgement, call, operation, expectation)


def _expectation(case: Case, call: Call, operation: Operation) -> Expectation:
    """What may come, in one of the worlds in which the operation may have been executed.

    Where one of them explains the status that came, it is that world's (rather one that explains the error
    code, too); else all of them together.
    """
    if call.is_anonymous and call.token is None and operation.authority is not Authority.ANYBODY:
        return expected(401, requirement="REST-2")
    statuses: frozenset[int] = frozenset()
    tolerated: frozenset[int] = frozenset()
    expectation = Expectation(statuses=statuses)
    halfway: Expectation | None = None
    for world in worlds_of(case, call):
        expectation = expected_in(case, call, world)
        if call.status in expectation.statuses:
            if expectation.code is None or expectation.code == error_code(call.body):
                return expectation
            halfway = halfway or expectation
        statuses |= expectation.statuses
        tolerated |= expectation.tolerated
    return halfway or Expectation(statuses=statuses, requirement=expectation.requirement, tolerated=tolerated)


def _in_session(case: Case, call: Call, operation: Operation, expectation: Expectation) -> Expectation:
    """What may come in a session that was ended before, or is just now (AUTH-7), or with another token.

    Whether a session outlives a restart of the target is for the judge of restarts.
    """
    if operation.authority is Authority.ANYBODY:
        return expectation
    if call.status == _UNAUTHENTICATED and case.may_be_forgotten(call):
        return replace(expectation, statuses=expectation.statuses | {_UNAUTHENTICATED}, code=None)
    otherwise = expectation.statuses | expectation.tolerated
    if call.token is not None:
        return _with_token(case.validity(call.token, call.invoked, call.invoked_at), expectation)
    logouts = case.logouts.get((call.client, call.session), ())
    over = [logout for logout in logouts if logout is not call and logout.invoked < call.acknowledged]
    if not over:
        return expectation
    if any(logout.acknowledged < call.invoked and case.is_revoked(logout) for logout in over):
        return replace(expected(401, requirement="AUTH-7"), tolerated=otherwise)
    return replace(expectation, statuses=expectation.statuses | {401}, code=None)


def _under_lock(lock: Locked, expectation: Expectation) -> Expectation:
    """What a login may get while failed ones lock its account."""
    match lock:
        case Locked.NO:
            return expectation
        case Locked.SURELY:
            return expected(401, requirement="AUTH-2")
        case Locked.PERHAPS:
            return replace(expectation, statuses=expectation.statuses | {401}, code=None)


def _with_token(validity: Validity, expectation: Expectation) -> Expectation:
    """What may come where an access token was sent that is not the newest of its session."""
    match validity:
        case Validity.GOOD:
            return expectation
        case Validity.BAD:
            return expected(401, requirement="REST-2")
        case Validity.REVOKED:
            otherwise = expectation.statuses | expectation.tolerated
            return replace(expected(401, requirement="AUTH-7"), tolerated=otherwise)
        case Validity.UNKNOWN:
            return replace(expectation, statuses=expectation.statuses | {401}, code=None)


def _judge_success(
    case: Case,
    judgement: Judgement,
    values: Values,
    call: Call,
    operation: Operation,
    expectation: Expectation,
) -> Sequence[str]:
    kept = {expectation.requirement} if call.status in expectation.statuses else set()
    if call.status != operation.success:
        _find(judgement, call, "REST-1", "another status was due", expected=str(operation.success))
        return ()
    reading = read_result(type(operation), call.body)
    for fault in reading.faults:
        requirement = "ENV-9" if "pattern" in fault and "_id" in fault else "REST-1"
        _find(judgement, call, requirement, f"the body is malformed: {fault}", expected="the stated shape")
    for path in reading.undeclared:
        message = f"the contract has no member {path}"
        _find(judgement, call, "EVT-4", message, expected="the stated shape", level=Level.LAX)
    if reading.value is None and reading.faults:
        return ()
    wrong = values.wrong(call, operation, reading.value)
    for value in wrong:
        _find(
            judgement,
            call,
            value.requirement,
            f"the answer says something else than holds: {value.path}",
            expected=value.expected,
            received=value.received,
        )
    return () if wrong or reading.faults else ("REST-1", *kept, *kept_by(case, call, operation))


def _judge_refusal(
    judgement: Judgement, call: Call, operation: Operation, expectation: Expectation
) -> Sequence[str]:
    code = error_code(call.body)
    due = expectation.code if call.status in expectation.statuses else None
    codes = _codes(operation, call.status) if due is None else {due}
    if codes and code not in codes:
        requirement = "REST-1" if due is None else expectation.requirement
        wanted = " or ".join(sorted(codes))
        _find(judgement, call, requirement, "the error has another code", expected=wanted, received=str(code))
        return ()
    kept = (expectation.requirement,) if call.status in expectation.statuses else ()
    return ("REST-1", *kept)


def _codes(operation: Operation, status: int | None) -> set[str]:
    """The codes that a refusal may have; none where its body is free."""
    own = {refusal.code for refusal in operation.refusals if refusal.status == status}
    return own or {code for known, code in _CODES.items() if known == status}


def _find(
    judgement: Judgement,
    call: Call,
    requirement: str,
    message: str,
    *,
    expected: str,
    received: str | None = None,
    kind: Kind = Kind.CONTRACT,
    level: Level | None = None,
) -> None:
    body: Any = shown(call.body, 80) if call.body else call.error or ""
    judgement.find(
        Kind.LIMIT if requirement.startswith("LIMIT-") else kind,
        requirement,
        f"{call.name}: {message}",
        level=level,
        client=call.client,
        expected=expected,
        received=received
        or (f"nothing: {body}" if call.status is None else f"{call.status} {body}").rstrip(": "),
        cause=call,
        excerpt=lines_of_call(call),
    )
