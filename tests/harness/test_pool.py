"""The pool gives the same few users again and again, clean each time."""

import httpx
import pytest

from sync_check.conformance.history import OperationInvoked, Purpose
from sync_check.harness.pool import AccountsRefused
from sync_check.harness.stage import Stage
from tests.harness.playing import company_at, playing, respond


async def test_a_returned_account_is_drawn_again_before_a_new_one_is_made() -> None:
    async with playing() as here:
        pool = here.company.pool
        first = await pool.draw(3)
        pool.give_back(first)
        again = await pool.draw(4)
        assert set(first) < set(again)
        assert pool.size == 4
        assert len({account.user_id for account in again}) == 4


async def test_guests_of_a_former_room_are_taken_out_of_it_before_they_play_again() -> None:
    async with playing() as here:
        stage = Stage(here.company, 3)
        room = await stage.workspace()
        guests = (await stage.cast(room))[1:]
        await stage.settle()
        await stage.strike()
        drawn = await here.company.pool.draw(3)
        kicked = {
            record.arguments["user_id"]
            for record in here.of(OperationInvoked)
            if record.operation == "kick_member" and record.purpose is Purpose.CLEANUP
        }
        assert kicked == {guest.user_id for guest in guests}
        assert not any(account.visiting for account in drawn)


async def test_owners_take_turns_and_nobody_owns_more_guilds_than_allowed() -> None:
    async with playing(guilds_per_user=2) as here:
        for _ in range(5):
            stage = Stage(here.company, 2)
            room = await stage.workspace()
            await stage.cast(room)
            await stage.strike()
        counts = {invoked.client: 0 for invoked in here.of(OperationInvoked)}
        for invoked in here.of(OperationInvoked):
            counts[invoked.client] += invoked.operation == "create_guild"
        assert sum(counts.values()) == 5
        assert max(counts.values()) <= 2
        assert here.company.pool.size <= 4


async def test_a_target_that_gives_no_account_is_unavailable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return respond(503)

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    with pytest.raises(AccountsRefused, match="register got status 503"):
        await company.pool.draw(1)
    await rest.aclose()


async def test_an_answer_without_the_members_of_its_shape_is_no_account() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return respond(200, {"accepted": True, "access_token": "only half of a pair"})

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    with pytest.raises(AccountsRefused, match="login got status 200, but in its body"):
        await company.pool.draw(1)
    await rest.aclose()


async def test_members_of_another_type_are_no_account_either() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        tokens = {"access_token": "a-token-of-some-length", "refresh_token": "another-token", "extra": 1}
        return respond(200, {"accepted": True, **tokens, "expires_in_secs": "soon"})

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    with pytest.raises(AccountsRefused, match="expires_in_secs"):
        await company.pool.draw(1)
    await rest.aclose()
