"""A restart of the target, as a scenario sees it: who is gone, who comes back, who logs in again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from sync_check.conformance.history import (
    ConnectionEnded,
    ConnectionOpened,
    OperationInvoked,
    TargetDown,
    TargetUp,
)
from sync_check.harness.pool import AccountsRefused
from sync_check.harness.stage import Stage
from tests.harness.playing import Playing, playing

Act = Callable[[], Awaitable[None]]


class Pretended:
    """A target that ends its connections, and may forget things meanwhile."""

    def __init__(self, here: Playing, forget: Callable[[], object] = lambda: None) -> None:
        self._company = here.company
        self._forget = forget
        self.killed: list[bool] = []

    async def down(self, *, killed: bool = False) -> None:
        self.killed.append(killed)
        for client in self._company.clients:
            for connection in client.connections:
                await connection.cut()

    async def up(self) -> None:
        self._forget()

    def resident_bytes(self) -> int | None:
        return None


def restartable(here: Playing, forget: Callable[[], object] = lambda: None) -> Pretended:
    pretended = Pretended(here, forget)
    here.company.target = replace(here.company.target, restarts=pretended)
    return pretended


async def test_everybody_is_gone_and_who_is_entitled_to_nothing_comes_back_at_once() -> None:
    async with playing() as here:
        stage = Stage(here.company, 2)
        room = await stage.workspace()
        owner, ana = await stage.cast(room)
        outsider = await stage.stranger()
        opened = len(here.of(ConnectionOpened))
        pretended = restartable(here)
        await stage.restart(killed=True)
        assert pretended.killed == [True]
        assert [record.killed for record in here.of(TargetDown)] == [True]
        down, up = (here.records.index(here.of(kind)[0]) for kind in (TargetDown, TargetUp))
        ended = [here.records.index(record) for record in here.of(ConnectionEnded)]
        assert len(ended) == opened == 4
        assert all(down < one < up for one in ended)
        assert (owner.is_connected, ana.is_connected, outsider.is_connected) == (False, False, True)
        await stage.reconnect(ana, room)
        assert ana.is_listening


async def test_whose_session_is_over_logs_in_again_in_its_place() -> None:
    async with playing() as here:
        stage = Stage(here.company, 2)
        room = await stage.workspace()
        _, ana = await stage.cast(room)
        (second,) = ana.account.sessions[1:]

        def forget() -> None:
            """Make the token of her second session one that nobody knows."""
            second.access_token = "f" * 43

        restartable(here, forget)
        for _ in range(2):
            await stage.restart()
            await stage.reconnect(ana, room)
            assert [one.place for one in ana.connections] == [1, 2]
        assert [one.number for one in ana.account.sessions] == [1, 3]
        assert [one.session.number for one in ana.connections] == [1, 3]
        assert ana.is_listening


async def test_accounts_that_are_gone_are_told_and_not_played_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as here:
        stage = Stage(here.company, 2)
        _, ana = await stage.cast(await stage.workspace())

        def forget() -> None:
            ana.account.sessions[0].access_token = "f" * 43
            ana.account.password = "not the one that it was"

        restartable(here, forget)
        with pytest.raises(AccountsRefused, match="login got status 401"):
            await stage.restart()
        await stage.strike()
        drawn = await here.company.pool.draw(2)
        assert ana.account not in drawn
        asked = [record.operation for record in here.of(OperationInvoked) if record.client == ana.name]
        assert asked[-1] == "login"
