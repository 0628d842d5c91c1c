"""Presence is told at a subscribe, before the workspace itself can be read."""

from sync_check.conformance.contract import events
from sync_check.harness.reducers.reduction import reduce
from sync_check.harness.state import State, make_asked
from tests.harness.wire import BEN, GENERAL, GUILD, ME, OTHER, make_id, new_replica, remove_frame


def sync(guild_id: str, *user_ids: str) -> events.PresenceSync:
    return events.PresenceSync(guild_id=guild_id, user_ids=list(user_ids))


def test_the_presence_of_a_guild_that_was_asked_for_is_kept() -> None:
    asked = make_asked(State(), GUILD, GENERAL)
    online = reduce(asked, sync(GUILD, ME, BEN))
    assert online.presence == {GUILD: {ME, BEN}}
    offline = events.PresenceUpdate(guild_id=GUILD, user_id=BEN, status="offline")
    assert reduce(online, offline).presence == {GUILD: {ME}}
    assert reduce(asked, sync(OTHER, ME)) is asked


def test_it_is_gone_with_the_own_membership_though_the_guild_was_never_read() -> None:
    replica = new_replica()
    replica.subscribing(GUILD, GENERAL)
    replica.state = reduce(replica.state, sync(GUILD, ME))
    replica.apply(remove_frame(ME))
    assert (replica.state.presence, replica.state.asked) == ({}, {})
    gone = replica.state
    assert reduce(gone, sync(GUILD, ME)) is gone


def test_a_thousand_users_are_taken_in() -> None:
    users = [make_id(1000 + number) for number in range(1024)]
    state = reduce(make_asked(State(), GUILD, GENERAL), sync(GUILD, *users))
    assert len(state.presence[GUILD]) == 1024
