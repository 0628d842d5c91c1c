"""Logging in, refreshing, logging out and knocking, with right and with wrong credentials.

Sessions that are made here are over by the end and are never used again: an account keeps those of the pool.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import (
    ConnectionEnded,
    ConnectionOpened,
    EndOfConnection,
    Purpose,
    UpgradeAnswered,
)
from sync_check.harness.accounts import Account, Session
from sync_check.harness.caller import Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.errors import TargetUnavailable, UpgradeRefused
from sync_check.harness.network.sockets import OPEN_BUDGET_S, Socket, open_gateway

FOREIGN: Final = "not-a-token-of-anybody"
_ACCEPTED: Final = 101


class Sessions:
    """What clients do with names, passwords and tokens."""

    def __init__(self, company: Company) -> None:
        self._company = company

    # --- accounts

    def password(self, client: Client, size: int | None = None) -> str:
        """A password that is nobody's, of so many bytes where that matters."""
        return self._company.pool.fresh_password(client.name, size)

    def username(self, size: int) -> str:
        """A name of so many bytes that is nobody's, unless it is very short."""
        randomness = self._company.randomness
        name = randomness.username(randomness.stream("unknown-names"))
        return name.rjust(size, "x")[-size:]

    async def register(self, client: Client, username: str, password: str) -> None:
        """Ask for an account, whether or not there is one."""
        await self._call(client.account, ops.Register(username=username, password=password))

    async def log_in(
        self, client: Client, *, username: str | None = None, password: str | None = None
    ) -> None:
        """Log in by the client's own name and password, or by others; what comes of it is for the judges."""
        own = client.account
        login = ops.Login(username=username or own.username, password=password or own.password)
        await self._call(own, login)

    async def session(self, client: Client) -> Session:
        """A session of the client's that nobody else uses."""
        return await self._company.pool.log_in(client.account)

    # --- tokens

    async def refresh(self, client: Client, session: Session, token: str | None = None) -> bool:
        """Present a refresh token, the session's newest unless another is given; whether it was accepted."""
        refresh = ops.Refresh(refresh_token=token or session.refresh_token)
        reply = await self._call(client.account, refresh, session=session)
        if reply.accepted:
            session.renew(reply.body, self._company.clock.now_s())
        return reply.accepted

    async def log_out(self, client: Client, session: Session, token: str | None = None) -> None:
        """End a session."""
        logout = ops.Logout(refresh_token=token or session.refresh_token)
        await self._call(client.account, logout, session=session)

    async def ask(self, client: Client, token: str, session: Session | None = None) -> None:
        """Ask for the own profile with an access token, be it good or not."""
        await self._call(client.account, ops.OwnProfile(), session=session, token=token)

    async def _call(
        self,
        account: Account,
        operation: ops.Operation,
        *,
        session: Session | None = None,
        token: str | None = None,
    ) -> Reply:
        # With the access token that it has: to refresh it first would change what is presented.
        given = session.access_token if session is not None and token is None else token
        self._company.stir(*operation.causes)
        return await self._company.caller.call(
            account, operation, purpose=Purpose.SCENARIO, session=session, token=given
        )

    # --- the gateway

    async def connect(self, client: Client, session: Session) -> Connection:
        """Open a connection in a session, which is not counted among the client's own."""
        connection = Connection(client, client.account.next_connection(), session)
        await connection.open()
        return connection

    async def knock(
        self, client: Client, session: Session, *, header: str | None = None, query: str | None = None
    ) -> None:
        """Ask for an upgrade with these tokens, and close what comes of it. `session` is the one meant."""
        await self._company.pace.admit("upgrade", None)
        await _Knock(client, session, header=header, query=query).made()


class _Knock:
    """One attempt to upgrade; if it is accepted it is a connection like any other, closed at once."""

    def __init__(self, client: Client, session: Session, *, header: str | None, query: str | None) -> None:
        self._client = client
        self._company = client.company
        self._session = session
        self._header = None if header is None else f"Bearer {header}"
        self._query = query
        self._id = self._company.journal.next_connection()

    async def made(self) -> None:
        """Make it, write down what was answered, and wait until it is over."""
        company, began = self._company, self._company.clock.now_us()
        request_id = company.caller.request_id()
        try:
            socket = await self._open(request_id)
        except UpgradeRefused as refused:
            self._answered(refused.status, body=refused.body, headers=refused.headers)
            return
        except TargetUnavailable as error:
            self._answered(None, error=error.reason)
            return
        self._answered(_ACCEPTED, headers=socket.headers)
        company.journal.record(
            ConnectionOpened(
                at=company.clock.now_us(),
                connection=self._id,
                client=self._client.name,
                number=self._client.account.next_connection(),
                session=self._session.number,
                request_id=request_id,
                began=began,
            )
        )
        socket.close()
        await socket.wait_ended()

    async def _open(self, request_id: str) -> Socket:
        target, account = self._company.target, self._client.account
        own = () if self._header is None else (("Authorization", self._header),)
        return await open_gateway(
            target.url,
            token=self._query,
            token_in_query=True,
            request_id=request_id,
            on_frame=partial(self._company.journal.frame, self._id),
            on_end=self._ended,
            headers=(*target.headers.items(), *account.headers().items(), *own),
            gateway=target.gateway_of(self._id),
            ca=target.ca,
            budget_s=OPEN_BUDGET_S * target.time_scale,
        )

    def _answered(
        self,
        status: int | None,
        *,
        body: str | None = None,
        error: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._company.journal.record(
            UpgradeAnswered(
                at=self._company.clock.now_us(),
                client=self._client.name,
                header=self._header,
                query=self._query,
                status=status,
                body=body,
                error=error,
                headers=headers,
            )
        )

    def _ended(self, how: EndOfConnection, code: int | None, reason: str | None) -> None:
        now = self._company.clock.now_us()
        self._company.journal.record(
            ConnectionEnded(at=now, connection=self._id, how=how, code=code, reason=reason)
        )
