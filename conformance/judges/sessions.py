"""Judge `sessions`: what tokens are good for, up to the end of their session (AUTH, GW-1, GW-2, GW-7)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sync_check.conformance.contract.operations import Login, Logout, Refresh, Register
from sync_check.conformance.history import Outcome, UpgradeAnswered
from sync_check.conformance.judges.banned_subscribes import END_WINDOW_US
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.tokens import OF_SESSIONS, Tokens, Validity, in_order, presented
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.results import error_code
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "sessions"
_CREDENTIALS: Final = "invalid_credentials"
_ACCEPTED: Final = 101
_REFUSED: Final = 401
_POLICY_VIOLATION: Final = 1008
_BEARER: Final = "Bearer "


def judge(case: Case) -> Judgement:
    """Judge the tokens of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    _Exchanges(case, judgement).judge()
    _judge_logins(case, judgement)
    _judge_registrations(case, judgement)
    for position, upgrade in case.ledger.upgrades:
        if case.scenario.begun < position < case.until:
            _judge_upgrade(case, judgement, position, upgrade)
    for connection in case.connections:
        _judge_end(case, judgement, connection)
    return judgement


# --- refresh and logout


class _Exchanges:
    """The refreshes and logouts of a run, one after the other."""

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._calls = in_order(case.ledger.named(*OF_SESSIONS))
        self._tokens = Tokens(self._calls)

    def judge(self) -> None:
        """Judge those of the scenario."""
        for call in self._calls:
            if call.acknowledged > self._case.until:
                break
            before = self._tokens.session_of(presented(call))
            is_own = call.scenario == self._case.scenario.index and call.name != Login.name
            if is_own and call.outcome is not Outcome.UNKNOWN:
                self._exchanged(call)
            known = None if before is None else before.newest
            self._tokens.take(call)
            if is_own and call.name == Refresh.name and call.outcome is Outcome.OK and before is not None:
                if before.newest in (known, presented(call)):
                    self._find("AUTH-3", call, "a refresh gave no new token", "a new pair")
                else:
                    self._witness(call, "AUTH-3")

    def _exchanged(self, call: Call) -> None:
        token, accepted = presented(call), call.outcome is Outcome.OK
        session, rivals = self._tokens.session_of(token), self._tokens.rivals(call)
        if session is None:
            if accepted:
                self._find("REST-1", call, f"a {call.name} with a token that nobody issued was accepted")
        elif session.over < call.invoked:
            self._must_be_refused(call, session.why, "the token of a session that is over", "end", session.by)
        elif session.used.get(token, call.acknowledged) < call.invoked:
            user = self._tokens.first_use(token)
            self._must_be_refused(call, "AUTH-4", "a used refresh token", "use", user)
        elif rivals:
            self._one_of_several(call, rivals)
        elif not accepted and session.ending > call.acknowledged and token == session.newest:
            requirement = "AUTH-6" if self._has_logged_out(call) else "AUTH-3"
            self._find(requirement, call, "the newest token of a session was refused", "acceptance")

    def _has_logged_out(self, call: Call) -> bool:
        """Whether its user has ended another session before, or it is to end its own."""
        logouts = self._case.ledger.named(Logout.name)
        earlier = any(
            one.client == call.client and one.outcome is Outcome.OK and one.acknowledged < call.invoked
            for one in logouts
        )
        return earlier or call.name == Logout.name

    def _must_be_refused(self, call: Call, requirement: str, what: str, how: str, by: Call | None) -> None:
        """`by` did to it, before, what `how` says."""
        if call.outcome is Outcome.OK:
            expected = "401" if by is None else f"401, after its {how} by op {by.op}"
            self._find(requirement, call, f"{what} was accepted by {call.name}", expected, by)
        elif call.name == Refresh.name:
            self._witness(call, requirement)

    def _one_of_several(self, call: Call, rivals: list[Call]) -> None:
        if any(one.acknowledged > call.acknowledged for one in rivals):
            return  # the last one tells of all
        accepted = [one for one in (*rivals, call) if one.outcome is Outcome.OK and one.name == Refresh.name]
        if len(accepted) > 1:
            self._find("AUTH-5", call, "several refreshes with one token were accepted", "at most one")
        elif call.name == Refresh.name:
            self._witness(call, "AUTH-5")

    def _witness(self, call: Call, requirement: str) -> None:
        if self._case.counts_for_witness(call):
            self._judgement.witness(requirement)

    def _find(
        self, requirement: str, call: Call, message: str, expected: str = "401", by: Call | None = None
    ) -> None:
        received = f"{call.status} {error_code(call.body) or ''}".rstrip()
        _find(self._judgement, requirement, message, call, expected, received, by=by)


# --- logging in and registering


def _judge_logins(case: Case, judgement: Judgement) -> None:
    """Every refused login is answered alike, whatever the reason (AUTH-2)."""
    refused = [call for call in case.calls if call.name == Login.name and call.outcome is Outcome.FAIL]
    refused = [call for call in refused if call.status != 429]
    for first, other in pairwise(refused):
        if (first.status, first.body) != (other.status, other.body):
            received = f"{other.status} {other.body or ''}"[:120]
            expected = f"{first.status} {first.body or ''}"[:120]
            message = "refused logins are answered differently"
            _find(judgement, "AUTH-2", message, other, expected, received, kind=Kind.SAFETY)
            return


def _judge_registrations(case: Case, judgement: Judgement) -> None:
    """A name that is taken is registered as if it were new, and its account stays as it is (AUTH-1)."""
    calls = [call for call in case.ledger.named(Register.name) if call.acknowledged < case.until]
    first: dict[str, Call] = {}
    others: dict[str, list[Call]] = {}
    for call in calls:
        operation = call.operation
        if isinstance(operation, Register) and call.outcome is Outcome.OK:
            known = first.setdefault(operation.username, call)
            if known is not call:
                others.setdefault(operation.username, []).append(call)
                if call.scenario == case.scenario.index and (call.status, call.body) != (
                    known.status,
                    known.body,
                ):
                    message = "a taken name is answered differently from a new one"
                    received = f"{call.status} {call.body}"[:120]
                    _find(judgement, "AUTH-1", message, call, f"{known.status} {known.body}"[:120], received)
    for call in case.calls:
        operation = call.operation
        if isinstance(operation, Login) and operation.username in others:
            _judge_account(judgement, call, operation, others[operation.username])


def _judge_account(judgement: Judgement, call: Call, login: Login, registered: list[Call]) -> None:
    later = [one.arguments.get("password") for one in registered if one.acknowledged < call.invoked]
    if not later:
        return
    if login.password in later and call.outcome is Outcome.OK:
        message = "registering a taken name changed its password"
        _find(judgement, "AUTH-1", message, call, "401", f"{call.status}", kind=Kind.SAFETY)
    elif login.password not in later and call.outcome is Outcome.OK:
        judgement.witness("AUTH-1")


# --- the gateway


def _judge_upgrade(case: Case, judgement: Judgement, position: int, upgrade: UpgradeAnswered) -> None:
    """A token in the query wins over one in the header; without a good one the upgrade is refused."""
    if upgrade.status is None:
        return
    header = upgrade.header
    in_header = None if header is None else header.removeprefix(_BEARER)
    by_query = upgrade.query is not None
    token = upgrade.query if by_query else in_header
    validity = Validity.BAD if token is None else case.validity(token, position, upgrade.at)
    both = by_query and in_header is not None
    requirement = "GW-2" if both else "AUTH-7" if validity is Validity.REVOKED else "GW-1"
    accepted = upgrade.status == _ACCEPTED
    if validity is Validity.UNKNOWN:
        return
    if accepted and validity is not Validity.GOOD:
        message = "an upgrade without a good token was accepted"
        _find_upgrade(judgement, requirement, message, upgrade, "401 invalid_credentials")
    elif not accepted and validity is Validity.GOOD:
        message = "an upgrade with a good token was refused"
        _find_upgrade(judgement, requirement, message, upgrade, "101")
    elif not accepted and (upgrade.status != _REFUSED or error_code(upgrade.body) != _CREDENTIALS):
        message = "an upgrade was refused in another way"
        _find_upgrade(judgement, "GW-1", message, upgrade, "401 invalid_credentials")
    else:
        judgement.witness(requirement)


def _find_upgrade(
    judgement: Judgement, requirement: str, message: str, upgrade: UpgradeAnswered, expected: str
) -> None:
    given = ", ".join(
        f"{where}: {value}"
        for where, value in (("query", upgrade.query), ("header", upgrade.header))
        if value is not None
    )
    judgement.find(
        Kind.CONTRACT,
        requirement,
        message,
        client=upgrade.client,
        event="upgrade",
        expected=expected,
        received=f"{upgrade.status} {(upgrade.body or '')[:80]}".rstrip(),
        excerpt=[Excerpt(at_us=upgrade.at, who=upgrade.client, text=f"upgrade with {given or 'no token'}")],
    )


def _judge_end(case: Case, judgement: Judgement, connection: Connection) -> None:
    """A connection should end once its session is revoked (GW-7)."""
    for call in _revocations(case, connection):
        last = (call.answered_at or call.invoked_at) + END_WINDOW_US
        ended_at = connection.ended_at
        if connection.ended < call.invoked:
            return
        in_time = ended_at is not None and ended_at <= last
        if in_time and connection.is_lost and connection.code == _POLICY_VIOLATION:
            judgement.witness("GW-7")
        elif in_time and not connection.is_lost:
            pass  # we ended it, and nobody knows what the target would have done
        elif in_time or ended_at is not None or case.ledger.latest_at > last:
            shown = (
                "an open connection" if not in_time else f"{connection.how} {connection.code or ''}".rstrip()
            )
            message = "the session of a connection was revoked, and it did not end as it should"
            _find(judgement, "GW-7", message, call, "Close 1008 within 5 s", shown, client=connection.name)
        return


def _revocations(case: Case, connection: Connection) -> Iterator[Call]:
    """What revoked the session of a connection, in this scenario, while it was open."""
    for call in case.logouts.get((connection.client, connection.session), ()):
        is_own = call.scenario == case.scenario.index and connection.opened < call.invoked
        if is_own and call.outcome is not Outcome.UNKNOWN and case.is_revoked(call):
            yield call


def _find(
    judgement: Judgement,
    requirement: str,
    message: str,
    call: Call,
    expected: str,
    received: str,
    *,
    kind: Kind = Kind.CONTRACT,
    client: str | None = None,
    by: Call | None = None,
) -> None:
    """`by` is the operation before it that makes `call` wrong, where there is one."""
    judgement.find(
        kind,
        requirement,
        message,
        client=client or call.client,
        expected=expected,
        received=received,
        cause=call,
        excerpt=[*(() if by is None else lines_of_call(by)), *lines_of_call(call)],
    )
