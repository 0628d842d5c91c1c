"""Pictures of accounts that the run was given are put back; where there was none, one stays."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import OperationInvoked, Purpose
from sync_check.harness.accounts import Account
from sync_check.harness.client import Client
from sync_check.harness.images import PNG, png
from sync_check.harness.tidying import Tidying
from tests.harness.playing import Playing, playing

FIRST, OTHER, THIRD = (
    ops.UploadAvatar(content_type=PNG, data=png(one)) for one in ("first", "other", "third")
)


async def upload(here: Playing, account: Account, *uploads: ops.Upload) -> None:
    for one in uploads:
        reply = await here.company.call(Client(account, here.company), one, purpose=Purpose.SCENARIO)
        assert reply.accepted


async def shown(here: Playing, account: Account) -> bytes:
    return (await here.company.caller.quietly(ops.ReadAvatar(user_id=account.user_id))).content


async def test_what_an_account_showed_before_is_put_back_whenever_that_is_due() -> None:
    async with playing() as here:
        (given, made) = await here.company.pool.draw(2)
        await upload(here, given, FIRST)
        await upload(here, made, FIRST)
        given.shown_before = (given.username, "")
        for _ in range(2):
            await upload(here, given, OTHER, THIRD)
            await upload(here, made, OTHER)
            assert await shown(here, given) == THIRD.data
            assert await Tidying(here.company).tidy() == ()
            assert await shown(here, given) == FIRST.data
        assert await shown(here, made) == OTHER.data
        asked = [record.operation for record in here.of(OperationInvoked)]
        assert "read_avatar" not in asked


async def test_nothing_is_put_back_where_nothing_was_changed_or_shown() -> None:
    async with playing() as here:
        (unchanged, bare) = await here.company.pool.draw(2)
        await upload(here, unchanged, FIRST)
        for account in (unchanged, bare):
            account.shown_before = (account.username, "")
        await upload(here, bare, OTHER)
        before = len([one for one in here.of(OperationInvoked) if one.operation == "upload_avatar"])
        assert await Tidying(here.company).tidy() == ()
        assert len([one for one in here.of(OperationInvoked) if one.operation == "upload_avatar"]) == before
