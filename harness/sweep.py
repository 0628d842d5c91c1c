"""The sweep of a settle: every read endpoint, as every class of viewer, lists in small pages.

What comes back is judged like any answer; here it is only asked for. Viewers are the owner, two members, and
up to two who are no members (any more): what a class may see is the same for each of its members. What a
viewer read for its snapshot just before is not read again. Files are fetched again under their old URLs,
without authentication as well.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import ANONYMOUS
from sync_check.harness.client import Client
from sync_check.harness.company import Company
from sync_check.harness.occasions import in_force
from sync_check.harness.reading import reading_of
from sync_check.harness.refetch import Reading, Refetch
from sync_check.harness.room import Room
from sync_check.harness.walking import Walk

SMALL_PAGES: Final = (1, 2, 3)
SMALL_LIST: Final = 9
"""Longer lists are walked in pages of a third, so that the cost does not grow with the clients."""
_MOST_PAGES: Final = SMALL_LIST + 1
_PAGES_OF_HISTORY: Final = 3
"""What is older was walked at an earlier settle."""
_MEMBERS: Final = 3
_OTHERS: Final = 2
_WORDS: Final = 2
_FILES: Final = 6

_Page = Callable[[int, str | None], ops.Operation]
_Members = tuple[str, str]
"""Where a page has its items and its cursor."""
_HISTORY: Final[_Members] = ("messages", "next_before")
_AUDIT: Final[_Members] = ("events", "next_cursor")
Read = tuple[Client, Refetch]
"""Who has read what."""


class Sweep:
    """One sweep over the rooms of a scenario; what stands in `read` has been read at this settle."""

    def __init__(self, company: Company, rooms: tuple[Room, ...], read: Set[Read] = frozenset()) -> None:
        self._company = company
        self._rooms = rooms
        self._read = read

    async def run(self) -> None:
        """Read everything; what a target does is written down and raises nothing."""
        looks = [
            self._look(viewer, room, SMALL_PAGES[index % len(SMALL_PAGES)])
            for room in self._rooms
            for index, viewer in enumerate(self._viewers(room))
        ]
        await asyncio.gather(*looks, *(self._look_unknown(room) for room in self._rooms))

    def _viewers(self, room: Room) -> list[Client]:
        members = [client for client in self._company.playing if client in room.members]
        others = [client for client in self._company.playing if client not in room.members]
        return [*members[:_MEMBERS], *others[-_OTHERS:]]

    async def _look(self, viewer: Client, room: Room, limit: int) -> None:
        """Each viewer walks in pages of another size, so that together they try all."""
        for single in self._singles(room):
            if (viewer, single) not in self._read:
                await self._call(viewer, reading_of(single))
        for operation in self._reads(room):
            await self._call(viewer, operation)
        for page, members, length in self._lists(room):
            await self._walk(viewer, page, members, _page_of(length, limit))
        if ops.ReadAudit.feature in self._company.target.features:
            await self._look_back(viewer, room.guild_id, limit)

    async def _look_back(self, viewer: Client, guild_id: str, limit: int) -> None:
        """How long an audit log is nobody knows before it is read, so it is read in one page first.

        One that is longer than that is walked in pages as long as may be, as many as of any list at most.
        """
        page, most = _audit(guild_id), self._company.target.limits.audit_page
        whole = await self._call(viewer, page(most, None))
        events, following = (whole.get(name) for name in _AUDIT)
        if not isinstance(events, list) or (not events and following is None):
            return
        is_whole = len(events) <= SMALL_LIST or following is None
        await self._walk(viewer, page, _AUDIT, _page_of(len(events), limit) if is_whole else most)

    async def _look_unknown(self, room: Room) -> None:
        """The same files without authentication: a URL is no permission."""
        for read in _files(room):
            await self._company.caller.call(ANONYMOUS, read, purpose=Purpose.SURFACE)

    def _singles(self, room: Room) -> Sequence[Refetch]:
        """What snapshots read as well, in one answer each."""
        guild_id = room.guild_id
        wanted = [
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, guild_id),
            Refetch(Reading.ROLES, guild_id),
            Refetch(Reading.FRIENDS),
            Refetch(Reading.FRIEND_REQUESTS),
            *(Refetch(Reading.PERMISSIONS, guild_id, channel_id) for channel_id in room.channels.values()),
        ]
        return in_force(wanted, self._company.target.features)

    def _reads(self, room: Room) -> Iterator[ops.Operation]:
        wanted: list[ops.Operation] = [
            ops.ReadProfile(user_id=room.owner.user_id),
            ops.LookUpUsers(user_ids=[client.user_id for client in room.members[:_MEMBERS]] or [""]),
        ]
        wanted += (*_searches(room), *_files(room))
        features = self._company.target.features
        return (read for read in wanted if read.feature in (None, *features))

    def _lists(self, room: Room) -> Iterator[tuple[_Page, _Members, int]]:
        guild_id = room.guild_id
        features = self._company.target.features
        if ops.ListMembers.feature in features:
            yield _members(guild_id), ("members", "next_cursor"), len(room.members)
        if ops.ListIpBans.feature in features:
            yield _ip_bans(guild_id), ("bans", "next_cursor"), SMALL_LIST
        for channel_id in room.channels.values():
            if ops.History.feature in features:
                yield _history(guild_id, channel_id), _HISTORY, SMALL_LIST

    async def _walk(self, viewer: Client, page: _Page, members: _Members, limit: int) -> None:
        at: str | None = None
        walk = Walk(*members)
        for _ in range(_PAGES_OF_HISTORY if members is _HISTORY else _MOST_PAGES):
            at = walk.following(await self._call(viewer, page(limit, at)))
            if at is None:
                return

    async def _call(self, viewer: Client, operation: ops.Operation) -> dict[str, object]:
        reply = await self._company.call(viewer, operation, purpose=Purpose.SURFACE)
        return reply.body


def _page_of(length: int, limit: int) -> int:
    """How much of a list of a length one page has."""
    return limit if length <= SMALL_LIST else -(-length // 3)


def _searches(room: Room) -> Iterator[ops.Operation]:
    """The newest words everywhere and the very newest in each channel: an edit leaves the one before it."""
    for word in room.words[-_WORDS:]:
        yield ops.Search(guild_id=room.guild_id, q=word)
    for word in room.words[-1:]:
        for channel_id in room.channels.values():
            yield ops.Search(guild_id=room.guild_id, q=word, channel_id=channel_id)


def _files(room: Room) -> Iterator[ops.Operation]:
    """The newest files that were ever uploaded, also those that are gone or in a channel that is."""
    for file in room.files[-_FILES:]:
        yield ops.ReadAttachment(
            guild_id=file.place.guild_id,
            channel_id=file.place.channel_id,
            attachment_id=file.attachment_id,
        )


def _members(guild_id: str) -> _Page:
    return lambda limit, cursor: ops.ListMembers(guild_id=guild_id, limit=limit, cursor=cursor)


def _audit(guild_id: str) -> _Page:
    return lambda limit, cursor: ops.ReadAudit(guild_id=guild_id, limit=limit, cursor=cursor)


def _ip_bans(guild_id: str) -> _Page:
    return lambda limit, cursor: ops.ListIpBans(guild_id=guild_id, limit=limit, cursor=cursor)


def _history(guild_id: str, channel_id: str) -> _Page:
    return lambda limit, before: ops.History(
        guild_id=guild_id, channel_id=channel_id, limit=limit, before=before
    )
