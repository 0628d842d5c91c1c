"""Sessions of a scenario's own: what is presented is written down, and no token is."""

from sync_check.conformance.history import (
    ConnectionEnded,
    ConnectionOpened,
    OperationAnswered,
    OperationInvoked,
    UpgradeAnswered,
)
from sync_check.harness.client import Client
from sync_check.harness.sessions import FOREIGN, Sessions
from tests.harness.playing import Playing, playing


async def _ana(here: Playing) -> tuple[Sessions, Client]:
    (ana,) = await here.company.enlist(1)
    return Sessions(here.company), ana


def _last(here: Playing) -> tuple[str, int | None]:
    asked, answered = here.of(OperationInvoked)[-1], here.of(OperationAnswered)[-1]
    assert asked.op == answered.op
    return asked.operation, answered.status


async def test_a_session_is_refreshed_replayed_and_over() -> None:
    async with playing() as here:
        sessions, ana = await _ana(here)
        held = await sessions.session(ana)
        first = held.refresh_token
        assert await sessions.refresh(ana, held)
        assert held.refresh_token != first
        await sessions.ask(ana, held.access_token, held)
        assert _last(here) == ("own_profile", 200)
        assert not await sessions.refresh(ana, held, first)
        await sessions.ask(ana, held.access_token, held)
        assert _last(here) == ("own_profile", 401)
        assert held.number == 2
        assert [session.number for session in ana.account.sessions] == [1]


async def test_a_logout_and_logins_by_wrong_names() -> None:
    async with playing() as here:
        sessions, ana = await _ana(here)
        held = await sessions.session(ana)
        await sessions.log_out(ana, held)
        assert _last(here) == ("logout", 204)
        await sessions.log_in(ana, password=sessions.password(ana))
        assert _last(here) == ("login", 401)
        await sessions.log_in(ana)
        assert _last(here) == ("login", 200)
        await sessions.register(ana, ana.account.username, sessions.password(ana))
        assert _last(here) == ("register", 200)


async def test_knocking_tells_what_was_answered_and_leaves_nothing_open() -> None:
    async with playing() as here:
        sessions, ana = await _ana(here)
        held = await sessions.session(ana)
        good = held.access_token
        await sessions.knock(ana, held)
        await sessions.knock(ana, held, header=FOREIGN)
        await sessions.knock(ana, held, header=good, query=FOREIGN)
        await sessions.knock(ana, held, header=FOREIGN, query=good)
        assert [one.status for one in here.of(UpgradeAnswered)] == [401, 401, 401, 101]
        assert len(here.of(ConnectionOpened)) == len(here.of(ConnectionEnded)) == 1
        assert here.of(UpgradeAnswered)[1].header == f"Bearer {FOREIGN}"
        assert not any(good in repr(record) for record in here.records)


async def test_a_connection_of_a_session_ends_with_it() -> None:
    async with playing() as here:
        sessions, ana = await _ana(here)
        held = await sessions.session(ana)
        connection = await sessions.connect(ana, held)
        await sessions.log_out(ana, held)
        await connection.over()
        assert [one.code for one in here.of(ConnectionEnded)] == [1008]


async def test_how_long_a_password_is_shows_in_the_history_and_what_it_is_does_not() -> None:
    async with playing() as here:
        sessions, ana = await _ana(here)
        asked = {size: sessions.password(ana, size) for size in (11, 12, 128)}
        for size, password in asked.items():
            assert len(password) == size
            await sessions.register(ana, sessions.username(32), password)
        too_short, shortest, longest = (one.arguments for one in here.of(OperationInvoked)[-3:])
        assert too_short["password"] == asked[11]
        assert shortest["password"].startswith("⟦secret:password:")
        assert longest["password"].startswith("p" * 116 + "⟦secret:password:")
        assert len(longest["username"]) == 32
