"""Re-fetches of a replica: coalesced, one batch at a time, and never without an end."""

import asyncio

import pytest

from sync_check.harness.errors import HarnessError
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.rereading import Rereading
from tests.harness.wire import (
    BEN,
    GENERAL,
    GUILD,
    ME,
    fetched,
    filled_replica,
    new_replica,
    promote_frame,
    subscribed_frame,
)


async def test_what_is_asked_for_meanwhile_is_read_once_and_after() -> None:
    replica, batches = new_replica(), list[list[Refetch]]()
    replica.subscribing(GUILD, GENERAL)
    wanted = replica.apply(subscribed_frame())
    release = asyncio.Event()

    async def read(refetch: Refetch) -> Fetched:
        if refetch.what is Reading.GUILDS:
            batches.append([])
        batches[-1].append(refetch)
        await release.wait()
        return fetched(refetch)[0]

    rereading = Rereading(replica, read)
    first = asyncio.create_task(rereading.fetch(wanted))
    await asyncio.wait((first,), timeout=0)
    again = [asyncio.create_task(rereading.fetch(wanted[:1])) for _ in range(5)]
    await asyncio.wait(again, timeout=0)
    release.set()
    await asyncio.gather(first, *again)
    assert batches == [list(wanted), [Refetch(Reading.GUILDS)]]
    assert replica.view([GUILD])[f"members/{GUILD}"] == [ME, BEN]


async def test_what_turns_out_to_be_needed_is_read_too() -> None:
    replica, asked = filled_replica(), list[Refetch]()

    async def read(refetch: Refetch) -> Fetched:
        asked.append(refetch)
        refused = refetch.what is Reading.PERMISSIONS
        return Fetched(wanted=refetch, status=403) if refused else fetched(refetch)[0]

    await Rereading(replica, read).fetch(replica.apply(promote_frame(ME))[1:])
    assert asked == [Refetch(Reading.PERMISSIONS, GUILD, GENERAL), Refetch(Reading.CHANNELS, GUILD)]


async def test_a_target_that_lists_what_it_refuses_cannot_keep_it_going() -> None:
    replica, asked = filled_replica(), list[Refetch]()

    async def read(refetch: Refetch) -> Fetched:
        asked.append(refetch)
        refused = refetch.what is not Reading.GUILDS
        return Fetched(wanted=refetch, status=403) if refused else fetched(refetch)[0]

    await Rereading(replica, read).fetch(replica.apply(promote_frame(ME))[1:])
    assert [refetch.what for refetch in asked] == [
        Reading.PERMISSIONS,
        Reading.CHANNELS,
        Reading.GUILDS,
    ]


async def test_a_failed_read_leaves_the_replica_usable() -> None:
    replica = filled_replica()
    before = replica.state

    async def read(refetch: Refetch) -> Fetched:
        raise HarnessError

    with pytest.raises(HarnessError):
        await Rereading(replica, read).fetch((Refetch(Reading.GUILDS),))
    assert replica.state is before
    replica.begin_refetch()
