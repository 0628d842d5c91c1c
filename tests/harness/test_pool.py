"""The pool gives the same few users again and again, clean each time."""

import json

import httpx
import pytest

from sync_check.conformance.contract.operations import ListFriendRequests, ListFriends
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


async def test_friends_and_requests_end_before_an_account_plays_again() -> None:
    async with playing() as here:
        stage = Stage(here.company, 3)
        ana, ben, cleo = await stage.cast(await stage.workspace())
        await stage.befriend(ana, ben)
        await stage.ask_to_be_friends(ben, cleo)
        await stage.ask_to_be_friends(cleo, ana)
        await stage.strike()
        drawn = await here.company.pool.draw(3)
        assert {account.user_id for account in drawn} == {ana.user_id, ben.user_id, cleo.user_id}
        assert not any(account.befriended for account in drawn)
        for account in drawn:
            session = await here.company.pool.session(account, 1)
            lists = [
                await here.company.caller.call(account, operation, purpose=Purpose.CLEANUP, session=session)
                for operation in (ListFriends(), ListFriendRequests())
            ]
            assert [one.body for one in lists] == [{"friends": []}, {"incoming": [], "outgoing": []}]


async def test_who_asked_nobody_is_not_asked_for_friends() -> None:
    async with playing() as here:
        pool = here.company.pool
        pool.give_back(await pool.draw(2))
        await pool.draw(2)
        assert "list_friends" not in {invoked.operation for invoked in here.of(OperationInvoked)}


@pytest.mark.parametrize(
    ("listed", "removal", "is_played"),
    [
        ([{"user_id": "somebody"}], 500, False),
        ([{"user_id": "somebody"}], 204, True),
        # Somebody else was faster, or there is nothing that could be removed.
        ([{"user_id": "somebody"}], 404, True),
        (["somebody", {"user_id": 1}], 500, True),
        ("no list", 500, True),
    ],
)
async def test_who_cannot_be_parted_from_friends_is_not_played_again(
    listed: object, removal: int, is_played: bool
) -> None:
    username = ""

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal username
        if request.url.path == "/auth/register":
            username = json.loads(request.content)["username"]
        tokens = {"access_token": "a" * 20, "refresh_token": "b" * 20, "expires_in_secs": 900}
        about = {"user_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "username": username, "about_markdown": ""}
        profile = about | {"about_markdown_tokens": [], "avatar_version": 0, "banner_version": 0}
        answers = {
            "/auth/register": {"accepted": True},
            "/auth/login": tokens,
            "/auth/me": profile,
            "/friends": {"friends": listed},
            "/friends/requests": {"incoming": [], "outgoing": []},
        }
        return respond(removal) if request.method == "DELETE" else respond(200, answers[request.url.path])

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    drawn = await company.pool.draw(1)
    drawn[0].befriended = True
    company.pool.give_back(drawn)
    assert (await company.pool.draw(1) == drawn) is is_played
    await rest.aclose()


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
    username = ""

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal username
        if request.url.path == "/auth/register":
            username = json.loads(request.content)["username"]
        tokens = {"access_token": "a-token-of-some-length", "refresh_token": "another-token", "extra": 1}
        return respond(200, {"accepted": True, **tokens, "expires_in_secs": "soon"})

    company, rest = company_at("http://127.0.0.1:1", [], transport=httpx.MockTransport(answer))
    with pytest.raises(AccountsRefused, match="expires_in_secs"):
        await company.pool.draw(1)
    await rest.aclose()
