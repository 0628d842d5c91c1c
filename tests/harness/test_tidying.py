"""After a run nobody is in anything of it any more, and nothing of it is public."""

from functools import partial
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import OperationInvoked, Outcome, Purpose
from sync_check.harness.accounts import Account
from sync_check.harness.caller import Reply
from sync_check.harness.rest import Answer
from sync_check.harness.stage import Stage
from sync_check.harness.tidying import Tidying
from tests.harness.network.virtual.running import in_virtual_time
from tests.harness.playing import Playing, playing


async def played(here: Playing) -> Stage:
    stage = Stage(here.company, 3)
    room = await stage.workspace(visibility="public")
    ana, ben, _ = await stage.cast(room)
    await stage.befriend(ana, ben)
    await stage.settle()
    await stage.strike()
    await here.company.disband()
    return stage


async def reading(here: Playing, account: Account, operation: ops.Operation) -> Reply:
    session = await here.company.pool.session(account, 1)
    return await here.company.caller.call(account, operation, purpose=Purpose.CLEANUP, session=session)


@in_virtual_time
async def test_what_a_run_made_is_emptied_and_hidden() -> None:
    async with playing() as here:
        await played(here)
        assert await Tidying(here.company).tidy() == ()
        for account in here.company.pool.accounts:
            read = partial(reading, here, account)
            guilds = (await read(ops.ListGuilds())).body["guilds"]
            assert {one["guild_id"] for one in guilds} == set(account.guilds)
            assert {one["visibility"] for one in guilds} <= {"private"}
            for one in guilds:
                assert (await read(ops.ListChannels(guild_id=one["guild_id"]))).body["channels"] == []
                members = (await read(ops.ListMembers(guild_id=one["guild_id"]))).body["members"]
                assert [member["user_id"] for member in members] == [account.user_id]
            assert (await read(ops.ListFriends())).body["friends"] == []


@in_virtual_time
async def test_what_is_clean_is_left_alone_the_second_time() -> None:
    async with playing() as here:
        await played(here)
        tidying = Tidying(here.company)
        await tidying.tidy()
        before = len(here.of(OperationInvoked))
        assert await tidying.tidy() == ()
        assert len(here.of(OperationInvoked)) == before


@in_virtual_time
async def test_nothing_is_touched_that_the_run_did_not_make() -> None:
    async with playing() as here:
        await played(here)
        account = here.company.pool.accounts[0]
        session = await here.company.pool.session(account, 1)
        create = ops.CreateGuild(guild_name="of somebody's own", visibility="public")
        reply = await here.company.caller.call(account, create, purpose=Purpose.SETUP, session=session)
        await Tidying(here.company).tidy()
        touched = {
            record.arguments.get("guild_id") for record in here.of(OperationInvoked) if record.op > reply.op
        }
        assert reply.body["guild_id"] not in touched


@in_virtual_time
async def test_a_guild_that_its_owner_does_not_see_any_more_is_nobodys_to_clean() -> None:
    async with playing() as here:
        await played(here)
        here.company.pool.accounts[0].guilds.append("01ARZ3NDEKTSV4RRFFQ69G5FAV")
        assert await Tidying(here.company).tidy() == ()


@in_virtual_time
async def test_what_could_not_be_cleaned_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as here:
        await played(here)
        owner = next(one for one in here.company.pool.accounts if one.guilds)
        send = here.company.caller.call

        async def refusing(account: Account, operation: ops.Operation, **given: Any) -> Reply:
            if isinstance(operation, ops.DeleteChannel):
                return Reply(op=0, answer=Answer(outcome=Outcome.UNKNOWN, status=500))
            return await send(account, operation, **given)

        monkeypatch.setattr(here.company.caller, "call", refusing)
        (problem,) = await Tidying(here.company).tidy()
        assert problem == f"workspace {owner.guilds[0]} of {owner.username} is not empty and private"


@in_virtual_time
async def test_what_cannot_be_listed_is_not_taken_for_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as here:
        await played(here)
        owners = {one.username for one in here.company.pool.accounts if one.guilds}
        send = here.company.caller.call

        async def refusing(account: Account, operation: ops.Operation, **given: Any) -> Reply:
            if isinstance(operation, ops.ListGuilds):
                return Reply(op=0, answer=Answer(outcome=Outcome.UNKNOWN, status=503))
            return await send(account, operation, **given)

        monkeypatch.setattr(here.company.caller, "call", refusing)
        problems = await Tidying(here.company).tidy()
        assert set(problems) == {f"the workspaces of {owner} could not be listed" for owner in owners}


@in_virtual_time
async def test_accounts_that_were_given_are_called_as_before() -> None:
    async with playing() as here:
        (given, made) = await here.company.pool.draw(2)
        given.shown_before = (given.username, "")
        names = [given.username, made.username]
        for account in (given, made):
            account.username = f"{account.username}.x"
            change = ops.UpdateProfile(username=account.username, about_markdown="fence")
            assert (await reading(here, account, change)).accepted
        assert await Tidying(here.company).tidy() == ()
        own = [(await reading(here, account, ops.OwnProfile())).body for account in (given, made)]
        assert [one["username"] for one in own] == [names[0], f"{names[1]}.x"]
        assert [one["about_markdown"] for one in own] == ["", "fence"]
        assert given.username == names[0]
