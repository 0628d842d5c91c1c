"""Sessions and their tokens, as logins, refreshes and logouts tell of them (contract 2.3).

The history shows a marker in place of each token, the same one wherever it stands: by it a session is
followed from its login to its end. What happens at the same time may have happened in any order.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from sync_check.conformance.contract.operations import Login, Logout, Refresh
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import NEVER

_LIFE: Final = "expires_in_secs"
_SURELY_GOOD: Final = 0.8
_SURELY_OVER: Final = 1.2
"""Access tokens live about as long as they say."""
OF_SESSIONS: Final = (Login.name, Refresh.name, Logout.name)
"""The operations that make, change or end a session."""


class Validity(Enum):
    """Whether a token is good at a moment."""

    GOOD = auto()
    BAD = auto()
    REVOKED = auto()
    """Of a session that is over: it should be refused (AUTH-7)."""
    UNKNOWN = auto()


@dataclass(slots=True, kw_only=True, eq=False)
class TokenSession:
    """What one login created. `used` are presented refresh tokens, with when that was certain.

    It may be over from position `ending` on and is from `over` on, because of `by`; `why` names the rule.
    """

    newest: str
    used: dict[str, int] = field(default_factory=dict)
    ending: int = NEVER
    over: int = NEVER
    why: str = ""
    by: Call | None = None

    def end(self, call: Call, why: str, *, is_sure: bool) -> None:
        """It ends by an operation, or may."""
        self.ending = min(self.ending, call.invoked)
        if is_sure and call.acknowledged < self.over:
            self.over, self.why, self.by = call.acknowledged, why, call


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    session: TokenSession
    issued_at: int
    life_us: float


class Tokens:
    """All tokens of a run up to an operation; `take` folds the next of `calls`, as `in_order` has them."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._of: dict[str, TokenSession] = {}
        self._access: dict[str, _Access] = {}
        self._presented: dict[str, list[Call]] = {}
        for call in calls:
            if call.name != Login.name:
                self._presented.setdefault(presented(call), []).append(call)

    def take(self, call: Call) -> None:
        """A login, refresh or logout was answered."""
        if call.name == Login.name:
            self._issued(call, None)
            return
        token = presented(call)
        session = self._of.get(token)
        if session is None:
            return
        was_used = session.used.get(token, NEVER) < call.invoked
        if call.outcome is Outcome.UNKNOWN:
            session.ending = min(session.ending, call.invoked)
        elif call.name == Refresh.name and call.outcome is Outcome.OK:
            session.used.setdefault(token, call.acknowledged)
            self._issued(call, session)
        elif call.name == Logout.name and call.outcome is Outcome.OK:
            session.end(call, "AUTH-6", is_sure=True)
        elif was_used or self.rivals(call):
            # A used token revokes; of two at once nobody knows whether the loser came before or after.
            session.end(call, "AUTH-4", is_sure=was_used and call.name == Refresh.name)

    def _issued(self, call: Call, session: TokenSession | None) -> None:
        pair = _pair(call)
        if pair is None:
            return
        refresh, access, life = pair
        if session is None:
            session = TokenSession(newest=refresh)
        session.newest = refresh
        self._of.setdefault(refresh, session)
        self._access[access] = _Access(
            session=session, issued_at=call.answered_at or call.invoked_at, life_us=life * 1e6
        )

    def session_of(self, refresh_token: str) -> TokenSession | None:
        """The session of a refresh token, used or not."""
        return self._of.get(refresh_token)

    def first_use(self, refresh_token: str) -> Call | None:
        """The operation that first presented a refresh token."""
        return min(self._presented.get(refresh_token, ()), key=lambda call: call.invoked, default=None)

    def rivals(self, call: Call) -> list[Call]:
        """Those that presented the same token at the same time."""
        return [
            one
            for one in self._presented.get(presented(call), ())
            if one is not call and one.acknowledged > call.invoked and one.invoked < call.acknowledged
        ]

    def validity(self, access_token: str, position: int, at: int) -> Validity:
        """Whether an access token is good for what is sent at a position, at a time in microseconds."""
        known = self._access.get(access_token)
        if known is None:
            return Validity.BAD
        age = at - known.issued_at
        if age > _SURELY_OVER * known.life_us:
            return Validity.BAD
        if known.session.over < position:
            return Validity.REVOKED
        if known.session.ending < NEVER or age > _SURELY_GOOD * known.life_us:
            return Validity.UNKNOWN
        return Validity.GOOD


def presented(call: Call) -> str:
    """The refresh token that a call presents."""
    return str(call.arguments.get("refresh_token"))


def is_of_sessions(call: Call) -> bool:
    """Whether an operation makes, changes or ends a session, and was answered."""
    return call.name in OF_SESSIONS and call.outcome is not None


def in_order(calls: Iterable[Call]) -> list[Call]:
    """The operations on sessions that were not just asked again, in the order of their answers."""
    return sorted(
        (call for call in calls if is_of_sessions(call) and not call.retried),
        key=lambda call: (call.acknowledged, call.answered_at or 0, call.op),
    )


def _pair(call: Call) -> tuple[str, str, float] | None:
    """Refresh token, access token and its life in seconds of an answer; None if it holds none."""
    try:
        body: Any = json.loads(call.body or "") if call.outcome is Outcome.OK else None
    except ValueError:
        return None
    if not isinstance(body, Mapping):
        return None
    refresh, access, life = body.get("refresh_token"), body.get("access_token"), body.get(_LIFE)
    if not isinstance(refresh, str) or not isinstance(access, str) or not isinstance(life, int | float):
        return None
    return refresh, access, float(life)
