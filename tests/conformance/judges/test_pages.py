"""A page that was not asked for by number is as long as usual, or as the target's pages are."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.judges.pages import as_limited

SHORT = Limits(
    history_page=3, audit_page=3, ip_bans_page=3, members_page=3, search_page=3, public_guilds_page=3
)
GUILD, CHANNEL = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"
READS: list[ops.Operation] = [
    ops.History(guild_id=GUILD, channel_id=CHANNEL),
    ops.Search(guild_id=GUILD, q="x"),
    ops.ListPublicGuilds(),
    ops.ReadAudit(guild_id=GUILD),
    ops.ListIpBans(guild_id=GUILD),
    ops.ListMembers(guild_id=GUILD),
]


@pytest.mark.parametrize("read", READS, ids=lambda read: read.name)
def test_short_pages_limit_what_was_asked_for_without_a_number(read: ops.Operation) -> None:
    assert as_limited(read, Limits()) is read
    limited = as_limited(read, SHORT)
    assert limited.model_dump(exclude={"limit"}) == read.model_dump(exclude={"limit"})
    assert limited.model_dump()["limit"] == 3
    asked = read.model_copy(update={"limit": 2})
    assert as_limited(asked, SHORT) is asked


def test_what_has_no_pages_stays_as_it_is() -> None:
    read = ops.ListGuilds()
    assert as_limited(read, SHORT) is read
