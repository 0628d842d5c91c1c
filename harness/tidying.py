"""Cleaning up after a run: what it made is emptied and hidden as far as the contract has a way to.

No guild or account can be deleted (contract 2.3, 2.4). So memberships, friendships and channels end, and with
them messages and files, and public guilds become private. Nothing is touched that the run did not make, and
accounts that it was given get their usernames, about texts and pictures back.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import Account
from sync_check.harness.caller import Reply
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done

_GONE: Final = (403, 404)
"""What somebody is answered who is no owner any more, or of what is no more."""
_PRIVATE: Final = "private"


class Tidying:
    """Cleaning up after one run; may be done several times, as long as accounts play on."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._features = company.target.features
        self._done: set[str] = set()

    async def tidy(self) -> tuple[str, ...]:
        """Clean up; returns what could not be, in words."""
        accounts = self._company.pool.accounts
        clean = await all_done(self._company.pool.clean(account) for account in accounts)
        problems = [
            f"{account.username} is still a member or friend of somebody"
            for account, is_clean in zip(accounts, clean, strict=True)
            if not is_clean
        ]
        for found in await all_done(self._guilds_of(account) for account in accounts):
            problems += found
        for found in await all_done(self._shown_as_before(account) for account in accounts):
            problems += found
        for found in await all_done(self._pictured_as_before(account) for account in accounts):
            problems += found
        return tuple(problems)

    async def _shown_as_before(self, account: Account) -> list[str]:
        """Without its username nobody could log in the next time."""
        if account.shown_before is None or Feature.PROFILE not in self._features:
            return []
        own = (await self._call(account, ops.OwnProfile())).body
        if (own.get("username"), own.get("about_markdown")) == account.shown_before:
            return []
        username, about = account.shown_before
        restore = ops.UpdateProfile(username=username, about_markdown=about)
        if not (await self._call(account, restore)).accepted:
            return [f"{account.username} was {username} and could not be called so again"]
        account.username = username
        return []

    async def _pictured_as_before(self, account: Account) -> list[str]:
        """Whoever uploads another one again has the first one read again."""
        problems = []
        for kind, upload in tuple(account.pictures.items()):
            del account.pictures[kind]
            if not (await self._call(account, upload)).accepted:
                problems.append(f"{account.username}: {upload.name} did not take what was there before")
        return problems

    async def _guilds_of(self, owner: Account) -> list[str]:
        left = [guild_id for guild_id in owner.guilds if guild_id not in self._done]
        if not left:
            return []
        listed = await self._call(owner, ops.ListGuilds())
        if not listed.accepted:
            return [f"the workspaces of {owner.username} could not be listed"]
        shown = {one.get("guild_id"): one.get("visibility") for one in _items(listed, "guilds")}
        problems = []
        for guild_id in left:
            if guild_id not in shown:
                continue  # handed over, or its owner left it
            replies = [await self._emptied(owner, guild_id), await self._hidden(owner, guild_id, shown)]
            if all(replies):
                self._done.add(guild_id)
                if owner.home is not None and owner.home.guild_id == guild_id:
                    owner.home = None
            else:
                problems.append(f"workspace {guild_id} of {owner.username} is not empty and private")
        return problems

    async def _emptied(self, owner: Account, guild_id: str) -> bool:
        if Feature.CHANNELS_DELETE not in self._features:
            return True  # nothing that could be done is left undone
        channels = await self._call(owner, ops.ListChannels(guild_id=guild_id))
        deletions = [
            ops.DeleteChannel(guild_id=guild_id, channel_id=channel_id)
            for channel_id in _ids(_items(channels, "channels"), "channel_id")
        ]
        return all([_is_over(await self._call(owner, one)) for one in deletions])

    async def _hidden(self, owner: Account, guild_id: str, shown: dict[object, object]) -> bool:
        if shown[guild_id] == _PRIVATE or Feature.WORKSPACE_UPDATE not in self._features:
            return True
        return _is_over(await self._call(owner, ops.UpdateGuild(guild_id=guild_id, visibility=_PRIVATE)))

    async def _call(self, account: Account, operation: ops.Operation) -> Reply:
        session = await self._company.pool.session(account, 1)
        # Clean-up of one guild belongs to the scenario that made it, which would have to be judged again.
        return await self._company.caller.call(account, operation, purpose=Purpose.SETUP, session=session)


def _is_over(reply: Reply) -> bool:
    return reply.accepted or reply.answer.status in _GONE


def _items(reply: Reply, member: str) -> Iterator[dict[str, object]]:
    listed = reply.body.get(member)
    return (item for item in (listed if isinstance(listed, list) else []) if isinstance(item, dict))


def _ids(items: Iterable[dict[str, object]], name: str) -> Iterator[str]:
    return (value for item in items if isinstance(value := item.get(name), str))
