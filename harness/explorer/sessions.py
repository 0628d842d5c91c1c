"""Operations on accounts and sessions in programs: what they need to know is put in when they are sent.

A program holds no secret. `$u1` stands for the name, the password or the token of that user, a text that
begins with `~` for a name or a password that nobody has.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.harness.client import Client
from sync_check.harness.explorer.bounds import is_bound
from sync_check.harness.explorer.filling import size_of
from sync_check.harness.explorer.program import REFERENCE, SECRET
from sync_check.harness.sessions import Sessions as Credentials
from sync_check.harness.stage import Stage

_FIRST = 1


class Sessions:
    """Carries such operations out for the people of a program, each known by their name in it."""

    def __init__(self, stage: Stage, people: Mapping[str, Client], name: Callable[[str], str]) -> None:
        self._stage = stage
        self._people = people
        self._name = name

    async def operate(self, client: Client, do: str, args: Mapping[str, Any]) -> None:
        """Carry out one of `program.ON_SESSIONS`; afterwards the client can go on in a session."""
        match do:
            case "register":
                await self._register(client, args)
            case "login":
                await self._log_in(client, args)
            case "refresh":
                await self._refresh(client)
            case _:
                await self._log_out(client)

    def username(self, value: Any) -> str:
        """The username that a value stands for."""
        if is_bound(value):
            return Credentials(self._stage.company).username(self._size(value))
        text = str(value)
        if text.startswith(SECRET):
            return self._name(text)
        person = self._people.get(text[1:]) if text.startswith(REFERENCE) else None
        return text if person is None else person.account.username

    def _size(self, value: Mapping[str, Any]) -> int:
        return size_of(value, self._stage.company.target.limits)

    def _password(self, client: Client, value: Any) -> str:
        if is_bound(value):
            return Credentials(self._stage.company).password(client, self._size(value))
        text = str(value)
        person = self._people.get(text[1:]) if text.startswith(REFERENCE) else None
        return (
            self._stage.company.pool.fresh_password(client.name)
            if person is None
            else person.account.password
        )

    async def _register(self, client: Client, args: Mapping[str, Any]) -> None:
        username = self.username(args.get("username", SECRET))
        register = ops.Register(username=username, password=self._password(client, args.get("password")))
        await self._stage.do(client, register, refused=True)

    async def _log_in(self, client: Client, args: Mapping[str, Any]) -> None:
        username = self.username(args.get("username", SECRET))
        login = ops.Login(username=username, password=self._password(client, args.get("password")))
        await self._stage.do(client, login, refused=True)

    async def _refresh(self, client: Client) -> None:
        company = self._stage.company
        session = await company.pool.session(client.account, _FIRST)
        # Where most of a token's life is over, sending anything refreshes it: that has to be done before.
        await _read_up(client)
        await company.caller.token(client.account, session)
        refresh = ops.Refresh(refresh_token=session.refresh_token)
        reply = await self._stage.do(client, refresh, refused=True)
        if reply.accepted:
            session.renew(reply.body, company.clock.now_s())
        else:
            await company.pool.renew(client.account, _FIRST)

    async def _log_out(self, client: Client) -> None:
        """The session's connections end with it, or should: that is waited for before a new one begins."""
        company = self._stage.company
        session = await company.pool.session(client.account, _FIRST)
        await _read_up(client)
        await company.caller.token(client.account, session)
        logout = ops.Logout(refresh_token=session.refresh_token)
        reply = await self._stage.do(client, logout, refused=True)
        if not reply.accepted:
            return
        for connection in list(client.connections):
            if connection.session is session:
                if connection.is_open:
                    await connection.over()
                if not connection.is_open:
                    client.connections.remove(connection)
        await company.pool.renew(client.account, _FIRST)


async def _read_up(client: Client) -> None:
    """Wait until nothing is being read in a session of this user."""
    for connection in client.connections:
        await connection.read_up()
