"""Reading from REST as one user: what a replica asks for, and fresh snapshots.

Every list is walked to its end (PAGE-1, PAGE-2), or to where it shows that it has none.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import Account, Session
from sync_check.harness.caller import Caller
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.walking import Walk

_MOST_PAGES: Final = 500
"""Where a walk is given up: the list is not of this run."""

_SINGLE: Final[Mapping[Reading, Callable[[Refetch], ops.Operation]]] = {
    Reading.PROFILE: lambda _: ops.OwnProfile(),
    Reading.GUILDS: lambda _: ops.ListGuilds(),
    Reading.CHANNELS: lambda wanted: ops.ListChannels(guild_id=wanted.guild_id),
    Reading.ROLES: lambda wanted: ops.ListRoles(guild_id=wanted.guild_id),
    Reading.PERMISSIONS: lambda wanted: ops.OwnPermissions(
        guild_id=wanted.guild_id, channel_id=wanted.channel_id
    ),
    Reading.FRIENDS: lambda _: ops.ListFriends(),
    Reading.FRIEND_REQUESTS: lambda _: ops.ListFriendRequests(),
}


def reading_of(wanted: Refetch) -> ops.Operation:
    """The operation that reads what comes in one answer."""
    return _SINGLE[wanted.what](wanted)


class Reader:
    """Reads as `account` in `session`; `purpose` says in the history what for.

    Lists are walked in the largest pages that the target's `limits` permit.
    """

    __slots__ = ("_account", "_caller", "_limits", "_purpose", "_session")

    def __init__(
        self, caller: Caller, account: Account, session: Session, purpose: Purpose, limits: Limits
    ) -> None:
        self._limits = limits
        self._caller = caller
        self._account = account
        self._session = session
        self._purpose = purpose

    async def read(self, wanted: Refetch) -> Fetched:
        """Read one thing, a paged list as a whole; never raises for what a target does."""
        if wanted.what is Reading.MEMBERS:
            return await self._walk(wanted, self._members_page, "members", "next_cursor")
        if wanted.what is Reading.MESSAGES:
            return await self._walk(wanted, self._messages_page, "messages", "next_before")
        status, body = await self._get(reading_of(wanted))
        return Fetched(wanted=wanted, status=status, body=body)

    async def read_all(self, wanted: Iterable[Refetch]) -> list[Fetched]:
        """Read several things at the same time."""
        return list(await asyncio.gather(*(self.read(one) for one in wanted)))

    async def _walk(
        self,
        wanted: Refetch,
        page: Callable[[Refetch, str | None], ops.Operation],
        items: str,
        cursor: str,
    ) -> Fetched:
        found: list[Any] = []
        at: str | None = None
        walk = Walk(items, cursor)
        for _ in range(_MOST_PAGES):
            status, body = await self._get(page(wanted, at))
            listed = body.get(items) if isinstance(body, dict) else None
            if not isinstance(listed, list):
                return Fetched(wanted=wanted, status=status, body=body)
            found += listed
            at = walk.following(body)
            if at is None:
                return Fetched(wanted=wanted, status=status, body={items: found})
        return Fetched(wanted=wanted, status=None)

    async def _get(self, operation: ops.Operation) -> tuple[int | None, Any]:
        reply = await self._caller.call(
            self._account, operation, purpose=self._purpose, session=self._session
        )
        return reply.answer.status, reply.answer.json

    def _members_page(self, wanted: Refetch, cursor: str | None) -> ops.Operation:
        return ops.ListMembers(guild_id=wanted.guild_id, limit=self._limits.members_page, cursor=cursor)

    def _messages_page(self, wanted: Refetch, before: str | None) -> ops.Operation:
        return ops.History(
            guild_id=wanted.guild_id,
            channel_id=wanted.channel_id,
            limit=self._limits.history_page,
            before=before,
        )
