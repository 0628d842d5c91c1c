"""Defects of accounts and sessions: who may come in, and for how long."""

from collections.abc import Mapping
from typing import Final

from sync_check.conformance.contract.shapes import TokenPair
from sync_check.reference_server.accounts import Accounts, Session, derived
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.errors import InvalidCredentials, InvalidRequest


class _Replayable(Accounts):
    def _session_of_refresh_token(self, refresh_token: str) -> Session:
        session = self._by_refresh_token.get(refresh_token)
        if session is not None and session.refresh_token != refresh_token:
            raise InvalidCredentials
        return super()._session_of_refresh_token(refresh_token)


class _Reusable(Accounts):
    def _session_of_refresh_token(self, refresh_token: str) -> Session:
        session = self._by_refresh_token.get(refresh_token)
        return session or super()._session_of_refresh_token(refresh_token)


class _Shared(Accounts):
    def logout(self, refresh_token: str) -> None:
        ended = self._session_of_refresh_token(refresh_token)
        for session in list(dict.fromkeys(self._by_refresh_token.values())):
            if session.user_id == ended.user_id:
                self._revoke(session)


class _Unlinked(Accounts):
    def _revoke(self, session: Session) -> None:
        self._forget(session)


class _Everlasting(Accounts):
    def session_of(self, access_token: str) -> Session | None:
        return self._by_access_token.get(access_token)


class _Telling(Accounts):
    def register(self, username: str, password: str) -> None:
        if self._store.user_named(username) is not None:
            raise InvalidRequest
        super().register(username, password)


class _Overwriting(Accounts):
    def register(self, username: str, password: str) -> None:
        super().register(username, password)
        user = self._store.user_named(username)
        if user is not None:
            user.password_key = derived(password, user.salt)


class _Explaining(Accounts):
    def login(self, username: str, password: str) -> TokenPair:
        if self._store.user_named(username) is None:
            raise InvalidRequest
        return super().login(username, password)


class ReplayTolerated(Faithful):
    """A used refresh token is refused, and its session goes on."""

    accounts = _Replayable


class UsedRefreshAccepted(Faithful):
    """A refresh token can be used as often as one likes."""

    accounts = _Reusable


class LogoutEndsAll(Faithful):
    """A logout ends all sessions of the user."""

    accounts = _Shared


class RevokedStaysConnected(Faithful):
    """The connections of a session stay open when it is revoked."""

    accounts = _Unlinked


class ExpiredTokenAccepted(Faithful):
    """An access token is good for as long as its session."""

    accounts = _Everlasting


class TakenNameTold(Faithful):
    """Who registers a name that is taken is told so."""

    accounts = _Telling


class TakenNameOverwritten(Faithful):
    """Who registers a name that is taken sets its password."""

    accounts = _Overwriting


class UnknownNameTold(Faithful):
    """Who logs in by a name that nobody has is told so."""

    accounts = _Explaining


class HeaderTokenWins(Faithful):
    """A token in the header wins over one in the query."""

    query_wins = False


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "replay-tolerated": ReplayTolerated,
    "used-refresh-accepted": UsedRefreshAccepted,
    "logout-ends-all": LogoutEndsAll,
    "revoked-stays-connected": RevokedStaysConnected,
    "expired-token-accepted": ExpiredTokenAccepted,
    "taken-name-told": TakenNameTold,
    "taken-name-overwritten": TakenNameOverwritten,
    "unknown-name-told": UnknownNameTold,
    "header-token-wins": HeaderTokenWins,
}
