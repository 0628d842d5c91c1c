"""Accounts and sessions: register, log in, refresh with rotation, log out (contract 2.3)."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.shapes import TokenPair
from sync_check.conformance.contract.values import USERNAME_PATTERN
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.errors import InvalidCredentials, InvalidRequest
from sync_check.reference_server.randomness import Randomness, id_source, salt_source, token_source
from sync_check.reference_server.store import Store, User

_PASSWORD_BYTES: Final = range(12, 129)
_TOKENS_BEFORE_SWEEP: Final = 1024


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """What one login creates and a logout or the replay of a refresh token revokes."""

    session_id: str
    user_id: str
    refresh_token: str = ""
    refresh_until: float = 0.0
    access_tokens: dict[str, float] = field(default_factory=dict)
    """Until when each is good, on the monotonic clock."""
    used_refresh_tokens: list[str] = field(default_factory=list)

    def is_over(self, now: float) -> bool:
        """Whether none of its tokens is good any more."""
        return self.refresh_until <= now and all(until <= now for until in self.access_tokens.values())


class Accounts:
    """Who can log in, and which tokens are good."""

    def __init__(self, *, store: Store, clock: Clock, randomness: Randomness, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._new_user_id = id_source("user", clock=clock, randomness=randomness)
        self._new_session_id = id_source("session", clock=clock, randomness=randomness)
        self._new_access_token = token_source("access", randomness)
        self._new_refresh_token = token_source("refresh", randomness)
        self._new_salt = salt_source(randomness)
        self._by_access_token: dict[str, Session] = {}
        self._by_refresh_token: dict[str, Session] = {}
        self._sweep_at = _TOKENS_BEFORE_SWEEP
        self.on_revoked: Callable[[Session], None] = _ignore
        """Called with each session that is revoked (GW-7)."""

    def register(self, username: str, password: str) -> None:
        """Create an account unless the name is taken, which the caller cannot find out (AUTH-1).

        Raises `InvalidRequest` for a name or a password outside the rules.
        """
        if not USERNAME_PATTERN.fullmatch(username) or len(password.encode()) not in _PASSWORD_BYTES:
            raise InvalidRequest
        salt = self._new_salt()
        key = derived(password, salt)
        if self._store.user_named(username) is None:
            user = User(user_id=self._new_user_id(), username=username, salt=salt, password_key=key)
            self._store.add_user(user)

    def login(self, username: str, password: str) -> TokenPair:
        """Open a session; raises `InvalidCredentials` whatever is wrong (AUTH-2)."""
        user = self._store.user_named(username)
        if user is None:
            derived(password, b"")  # as slow as for a known name
            raise InvalidCredentials
        matches = hmac.compare_digest(derived(password, user.salt), user.password_key)
        if self._clock.monotonic() < user.locked_until:
            raise InvalidCredentials
        if not matches:
            self._count_failure(user)
            raise InvalidCredentials
        user.failed_logins = 0
        self._sweep()
        return self._rotated(Session(session_id=self._new_session_id(), user_id=user.user_id))

    def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for a new pair (AUTH-3); a used one revokes its session (AUTH-4)."""
        return self._rotated(self._session_of_refresh_token(refresh_token))

    def logout(self, refresh_token: str) -> None:
        """End the session of a refresh token (AUTH-6)."""
        self._revoke(self._session_of_refresh_token(refresh_token))

    def session_of(self, access_token: str) -> Session | None:
        """The session that an access token is good for now, or None."""
        session = self._by_access_token.get(access_token)
        if session is None or session.access_tokens[access_token] <= self._clock.monotonic():
            return None
        return session

    def sessions(self) -> list[Session]:
        """Every session that is not over."""
        now = self._clock.monotonic()
        return [one for one in dict.fromkeys(self._by_refresh_token.values()) if not one.is_over(now)]

    def resume(self, sessions: Iterable[Session]) -> None:
        """Go on with the sessions of another process."""
        for session in sessions:
            tokens = (*session.used_refresh_tokens, session.refresh_token)
            self._by_refresh_token.update(dict.fromkeys(tokens, session))
            self._by_access_token.update(dict.fromkeys(session.access_tokens, session))

    def _count_failure(self, user: User) -> None:
        user.failed_logins += 1
        if user.failed_logins >= self._limits.login_failures:
            user.failed_logins = 0
            user.locked_until = self._clock.monotonic() + self._limits.login_lock_s

    def _session_of_refresh_token(self, refresh_token: str) -> Session:
        session = self._by_refresh_token.get(refresh_token)
        if session is None:
            raise InvalidCredentials
        if session.refresh_token != refresh_token or session.refresh_until <= self._clock.monotonic():
            self._revoke(session)
            raise InvalidCredentials
        return session

    def _rotated(self, session: Session) -> TokenPair:
        now = self._clock.monotonic()
        self._drop_expired(session, now)
        if session.refresh_token:
            session.used_refresh_tokens.append(session.refresh_token)
        session.refresh_token = self._new_refresh_token()
        session.refresh_until = now + self._limits.refresh_token_lifetime_s
        access_token = self._new_access_token()
        session.access_tokens[access_token] = now + self._limits.access_token_lifetime_s
        self._by_refresh_token[session.refresh_token] = session
        self._by_access_token[access_token] = session
        return TokenPair(
            access_token=access_token,
            refresh_token=session.refresh_token,
            expires_in_secs=max(1, int(self._limits.access_token_lifetime_s)),
        )

    def _drop_expired(self, session: Session, now: float) -> None:
        for token in [token for token, until in session.access_tokens.items() if until <= now]:
            del session.access_tokens[token], self._by_access_token[token]

    def _sweep(self) -> None:
        """Forget the sessions that are over, whenever the tokens have doubled since the last time."""
        if len(self._by_refresh_token) < self._sweep_at:
            return
        now = self._clock.monotonic()
        for session in dict.fromkeys(self._by_refresh_token.values()):
            if session.is_over(now):
                self._forget(session)
        self._sweep_at = max(_TOKENS_BEFORE_SWEEP, 2 * len(self._by_refresh_token))

    def _revoke(self, session: Session) -> None:
        self._forget(session)
        self.on_revoked(session)

    def _forget(self, session: Session) -> None:
        for token in (*session.used_refresh_tokens, session.refresh_token):
            del self._by_refresh_token[token]
        for token in session.access_tokens:
            del self._by_access_token[token]  # AUTH-7


def _ignore(session: Session) -> None:
    """Nobody wants to know."""
    del session


def derived(password: str, salt: bytes) -> bytes:
    """The key that is kept of a password."""
    # Cheap on purpose: it runs in the event loop, and nothing here is worth protecting for years.
    return hashlib.scrypt(password.encode(), salt=salt, n=16, r=8, p=1)
