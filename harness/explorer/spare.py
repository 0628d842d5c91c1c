"""Sessions that users of a program have besides those that they act in: to be renewed, ended and misused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync_check.harness.accounts import Session
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.explorer import moves
from sync_check.harness.explorer.program import REFERENCE, Step
from sync_check.harness.sessions import FOREIGN, Sessions


@dataclass(slots=True)
class _Spare:
    """One session, with the tokens that it began with and what is connected in it."""

    session: Session
    first_access: str
    first_refresh: str
    connections: list[Connection] = field(default_factory=list)

    def access_token(self, which: str) -> str:
        """The access token that a word stands for."""
        return {moves.FIRST: self.first_access, moves.FOREIGN: FOREIGN}.get(which, self.session.access_token)

    def refresh_token(self, which: str) -> str:
        """The refresh token that a word stands for."""
        known = {moves.FIRST: self.first_refresh, moves.FOREIGN: FOREIGN}
        return known.get(which, self.session.refresh_token)


class Spares:
    """All of them, by the names that the program gives them."""

    def __init__(self, company: Company) -> None:
        self._sessions = Sessions(company)
        self._known: dict[str, _Spare] = {}

    async def play(self, client: Client, step: Step) -> None:
        """Carry out one of `moves.ON_SPARE`; what comes of it is for the judges."""
        if step.do == moves.SIGN_IN:
            await self._sign_in(client, step)
            return
        spare = self._known.get(str(step.args.get("session", "")).removeprefix(REFERENCE))
        if spare is None:
            return
        which = str(step.args.get("token", moves.NEWEST))
        match step.do:
            case moves.PRESENT:
                await self._sessions.ask(client, spare.access_token(which), spare.session)
            case moves.KNOCK:
                await self._knock(client, spare, step.args)
            case moves.RENEW:
                used = which == moves.FIRST and spare.first_refresh != spare.session.refresh_token
                await self._sessions.refresh(client, spare.session, spare.refresh_token(which))
                if used:
                    await _over(spare)
            case _:
                await self._sessions.log_out(client, spare.session, spare.refresh_token(which))
                if which != moves.FOREIGN:
                    await _over(spare)

    async def _sign_in(self, client: Client, step: Step) -> None:
        session = await self._sessions.session(client)
        spare = _Spare(session, session.access_token, session.refresh_token)
        if step.args.get("listening"):
            spare.connections.append(await self._sessions.connect(client, session))
        if step.makes is not None:
            self._known[step.makes] = spare

    async def _knock(self, client: Client, spare: _Spare, args: Mapping[str, Any]) -> None:
        header, query = (
            spare.access_token(str(args[place])) if place in args else None for place in ("header", "query")
        )
        await self._sessions.knock(client, spare.session, header=header, query=query)

    async def close(self) -> None:
        """Close what is still connected in them."""
        for spare in self._known.values():
            for connection in spare.connections:
                await connection.close()


async def _over(spare: _Spare) -> None:
    """The session is over, and its connections should be: that is waited for."""
    for connection in spare.connections:
        if connection.is_open:
            await connection.over()
