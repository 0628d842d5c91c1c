"""Sending an operation as a user: paced, authenticated, written to the history, retried when throttled."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.dates import DATE
from sync_check.conformance.contract.inputs.requests import RAW_REQUEST, TOKEN, RawRequest
from sync_check.conformance.history import (
    CanaryPlaced,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Purpose,
)
from sync_check.harness.accounts import Account, Session
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.clock import Clock
from sync_check.harness.enrolment import AdminCall
from sync_check.harness.far_clock import FarClock
from sync_check.harness.journal import Journal
from sync_check.harness.memo import Memo
from sync_check.harness.pace import Pace
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.rest import Answer

_THROTTLED: Final = 429
_READS: Final = (ops.Sending.NOTHING, ops.Sending.QUERY)
"""How what carries nothing but words and numbers is sent."""
_READS_BY_POST: Final = (ops.LookUpUsers, ops.Register, ops.Login, ops.Refresh, ops.Logout)
"""What changes nothing that anybody else sees."""
PATIENCE_S: Final = 180.0
"""How long calls of one kind are repeated that are throttled, each of them: three windows, in case others use
the same address. After that they are sent once, until one is let through."""
_LEAST_WAIT_S: Final = 0.05
_DEFAULT_WAIT_S: Final = 5.0
ENROL: Final = "enrol"
MADE_UP: Final = "made-up"
"""What calls that are no operations are called when they are paced."""
RETRIED: Final = "retried"
"""The `error` of an answer that the harness did not accept as one: the operation is sent again."""


_PAIR: Final = {"access_token": "access_token", "refresh_token": "refresh_token"}
_TOKENS: Final[Mapping[type[ops.Operation], Mapping[str, str]]] = {
    ops.Login: _PAIR,
    ops.Refresh: _PAIR,
    ops.IssueVoiceToken: {"token": "voice_token"},
}
"""The members of answers that hold a token, and what it is called in the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The last answer to an operation; `op` is its number in the history."""

    op: int
    answer: Answer

    @property
    def accepted(self) -> bool:
        """Whether the target said that it did it."""
        return self.answer.outcome is Outcome.OK

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that came back, or an empty one."""
        return self.answer.json if isinstance(self.answer.json, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A secret text inside an operation's arguments; `what` is its kind in the history."""

    text: str
    what: str


def _arguments(operation: ops.Operation) -> dict[str, Any]:
    """The fields of an operation that are sent, a null that says something included."""
    arguments = operation.model_dump(mode="json", exclude_none=True)
    nulls = operation.nullable & operation.model_fields_set
    return {**dict.fromkeys(nulls), **arguments}


class Caller:
    """The one way from the harness to the target's REST interface."""

    def __init__(
        self,
        *,
        rest: TargetRest,
        journal: Journal,
        pace: Pace,
        clock: Clock,
        randomness: Randomness,
        secrets: Secrets,
    ) -> None:
        self._rest = rest
        self._journal = journal
        self._pace = pace
        self._clock = clock
        self._far_clock = FarClock(clock)
        self._request_ids = randomness.stream("request-ids")
        self._randomness = randomness
        self._secrets = secrets
        self._told: Memo[ops.Operation, dict[str, Any]] = Memo(entries=1024)
        self.in_flight = 0
        self.mutations = 0
        self.calls = 0

    def request_id(self) -> str:
        """A fresh `x-request-id`."""
        return self._randomness.request_id(self._request_ids)

    async def call(
        self,
        account: Account,
        operation: ops.Operation,
        *,
        purpose: Purpose,
        session: Session | None = None,
        canaries: tuple[Canary, ...] = (),
        token: str | None = None,
    ) -> Reply:
        """Send `operation` as `account` and wait for its answer; never raises for what a target does.

        A `token` is sent in place of the session's own.
        """
        if operation.method != "GET" and not isinstance(operation, _READS_BY_POST):
            self.mutations += 1
        self.calls += 1
        self.in_flight += 1
        try:
            return await self._patiently(account, operation, purpose, session, canaries, token)
        finally:
            self.in_flight -= 1

    async def raw(self, account: Account, session: Session, asked: RawRequest) -> Answer:
        """Send a request as it is, in a session whose token stands where it asks for it; never raises."""
        self.calls += 1
        self.mutations += asked.method != "GET"
        self.in_flight += 1
        try:
            token = await self.token(account, session)
            await self._pace.admit(RAW_REQUEST, account.name)
            invoked = OperationInvoked(
                at=self._clock.now_us(),
                op=self._journal.next_op(),
                client=account.name,
                session=session.number,
                operation=RAW_REQUEST,
                arguments=asdict(asked),
                purpose=Purpose.SCENARIO,
                request_id=self.request_id(),
            )
            self._journal.record(invoked)
            headers = {name: value.replace(TOKEN, token) for name, value in asked.headers.items()}
            headers |= {**account.headers(), "x-request-id": invoked.request_id, "user-agent": "sync-check"}
            answer = await self._rest.send_raw(asked.method, asked.target, headers, asked.content)
        finally:
            self.in_flight -= 1
        self._journal.record(
            OperationAnswered(
                at=self._clock.now_us(),
                op=invoked.op,
                outcome=answer.outcome,
                status=answer.status,
                body=answer.text,
                error=answer.error,
                headers=self._headers(answer, invoked.at),
            )
        )
        return answer

    async def enrol(self, admin: AdminCall, account: Account) -> Answer:
        """Have an administrator make an account, which is no operation of the contract; never raises."""
        await self._pace.admit(ENROL, None)
        return await self._rest.enrol(admin, account.username, account.password)

    async def made_up(self) -> Answer:
        """Ask for what no server has, in no history; never raises."""
        await self._pace.admit(MADE_UP, None)
        return await self._rest.made_up(f"sync-check-made-up-{self._randomness.run_id()}")

    async def quietly(self, operation: ops.Operation) -> Answer:
        """Ask without authentication for what is of no account for any judge, in no history; never raises."""
        await self._pace.admit(operation.name, None)
        return await self._rest.send(operation, token=None, request_id=self.request_id())

    async def _patiently(
        self,
        account: Account,
        operation: ops.Operation,
        purpose: Purpose,
        session: Session | None,
        canaries: tuple[Canary, ...],
        token: str | None,
    ) -> Reply:
        """Send it again as long as the target says "too many", within reason."""
        least = _LEAST_WAIT_S
        while True:
            last = self._pace.throttled_for(operation.name) >= PATIENCE_S
            reply = await self._attempt(account, operation, purpose, session, canaries, token, last=last)
            if reply.answer.status != _THROTTLED:
                self._pace.let_through(operation.name)
                return reply
            if last:
                return reply
            asked = reply.answer.retry_after_s
            wait = max(least, _DEFAULT_WAIT_S if asked is None else min(asked, PATIENCE_S))
            least = min(2 * least, _DEFAULT_WAIT_S)
            user = None if session is None else account.name
            await self._pace.throttled(operation.name, user, wait)

    async def token(self, account: Account, session: Session) -> str:
        """A valid access token of `session`, refreshed in flight when most of its life is over."""
        if self._clock.now_s() < session.refresh_after_s:
            return session.access_token
        async with session.lock:
            if self._clock.now_s() >= session.refresh_after_s:
                refresh = ops.Refresh(refresh_token=session.refresh_token)
                reply = await self.call(account, refresh, purpose=Purpose.SETUP)
                if reply.accepted:
                    session.renew(reply.body, self._clock.now_s())
            return session.access_token

    async def _attempt(
        self,
        account: Account,
        operation: ops.Operation,
        purpose: Purpose,
        session: Session | None,
        canaries: tuple[Canary, ...],
        given: str | None,
        *,
        last: bool,
    ) -> Reply:
        own = None if session is None or given is not None else await self.token(account, session)
        token = own if given is None else given
        await self._pace.admit(operation.name, None if session is None else account.name)
        invoked = OperationInvoked(
            at=self._clock.now_us(),
            op=self._journal.next_op(),
            client=account.name,
            session=0 if session is None else session.number,
            operation=operation.name,
            arguments=self._arguments(operation),
            purpose=purpose,
            request_id=self.request_id(),
            token=given,
        )
        self._journal.record(invoked)
        for canary in canaries:
            placed = CanaryPlaced(at=invoked.at, text=canary.text, what=canary.what, op=invoked.op)
            self._journal.record(placed)
        answer = await self._rest.send(
            operation, token=token, request_id=invoked.request_id, headers=account.headers()
        )
        self._learn_tokens(account, operation, answer)
        retried = answer.status == _THROTTLED and not last
        self._journal.record(
            OperationAnswered(
                at=self._clock.now_us(),
                op=invoked.op,
                outcome=answer.outcome,
                status=answer.status,
                body=answer.text,
                error=RETRIED if retried else answer.error,
                headers=self._headers(answer, invoked.at),
            )
        )
        return Reply(op=invoked.op, answer=answer)

    def _headers(self, answer: Answer, invoked_us: int) -> dict[str, str] | None:
        """The headers of an answer that are worth telling of."""
        date = answer.headers.get(DATE)
        if date is None or not self._far_clock.is_news(date, invoked_us / 1e6):
            return dict(answer.further) or None
        return {**answer.further, DATE: date}

    def _arguments(self, operation: ops.Operation) -> dict[str, Any]:
        """The arguments as they are told; one object for equal reads, of which everybody makes some."""
        if operation.sending not in _READS:
            return _arguments(operation)
        known = self._told.get(operation)
        return self._told.put(operation, _arguments(operation)) if known is None else known

    def _learn_tokens(self, account: Account, operation: ops.Operation, answer: Answer) -> None:
        # Before the answer is written down: the history must never hold a token.
        held = _TOKENS.get(type(operation))
        if held is None or not isinstance(answer.json, dict):
            return
        for member, what in held.items():
            token = answer.json.get(member)
            if isinstance(token, str):
                self._secrets.learn(token, what, account.name)
