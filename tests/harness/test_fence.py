"""Fences show, once for each connection, that one order holds for all scopes; then one fence is enough."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pytest

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import OperationInvoked, Purpose
from sync_check.harness.client import Client
from sync_check.harness.fence import Fence
from sync_check.harness.room import Room
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import Playing, playing

EVERY_SCOPE = (Scope.CHANNEL, Scope.GUILD, Scope.USER)
FRIENDLY = frozenset((Feature.CHANNELS_CREATE, Feature.FRIENDS, Feature.MEMBERS))


async def _furnished(here: Playing) -> tuple[Room, Client]:
    stage = Stage(here.company, 2)
    room = await stage.workspace()
    await stage.cast(room)
    return room, await stage.stranger()


async def _fence(here: Playing, *rooms: Room, scopes: Collection[Scope] = ()) -> tuple[str, ...]:
    return await Fence(here.company, rooms, here.company.playing, scopes).raise_and_wait()


def _fences(here: Playing) -> Counter[tuple[str, str]]:
    """How often each user was the author of each operation that served as a fence."""
    invoked = (one for one in here.of(OperationInvoked) if one.purpose is Purpose.FENCE)
    return Counter((one.client, one.operation) for one in invoked)


def _founded(here: Playing, client: Client) -> int:
    guilds = (one for one in here.of(OperationInvoked) if one.operation == "create_guild")
    return sum(one.client == client.name for one in guilds)


def _declare(here: Playing, features: frozenset[Feature]) -> None:
    here.company.target = replace(here.company.target, declared=features)


async def test_without_anything_to_prove_one_fence_of_any_scope_is_enough() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        assert await _fence(here, room) == ()
        assert _fences(here) == {(room.owner.name, "create_message"): 1, (stranger.name, "update_profile"): 1}


async def test_who_is_entitled_to_nothing_hears_each_scope_at_home() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        assert await _fence(here, room, scopes=EVERY_SCOPE) == ()
        told = {event.scope for event in stranger.connections[0].replica.heard}
        assert told >= set(EVERY_SCOPE)
        assert _founded(here, stranger) == 1


async def test_an_order_that_was_shown_is_not_shown_again() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        await _fence(here, room, scopes=EVERY_SCOPE)
        before = _fences(here)
        await _fence(here, room, scopes=EVERY_SCOPE)
        again = _fences(here) - before
        assert again == {(room.owner.name, "create_message"): 1, (stranger.name, "create_message"): 1}
        assert _founded(here, stranger) == 1


async def test_members_are_shown_what_they_did_not_hear_of() -> None:
    async with playing() as here:
        room, _ = await _furnished(here)
        await _fence(here, room, scopes=(Scope.CHANNEL, Scope.USER))
        updates = {name for name, operation in _fences(here) if operation == "update_profile"}
        assert updates >= {member.name for member in room.members}
        assert all(_founded(here, member) == (member is room.owner) for member in room.members)


async def test_a_later_connection_of_the_same_user_comes_to_the_same_home() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        await _fence(here, room, scopes=EVERY_SCOPE)
        await stranger.open()
        assert await _fence(here, room, scopes=EVERY_SCOPE) == ()
        assert all(
            {event.scope for event in one.replica.heard} >= set(EVERY_SCOPE) for one in stranger.connections
        )
        assert _founded(here, stranger) == 1


async def test_who_may_own_no_more_guilds_is_fenced_as_far_as_that_goes() -> None:
    async with playing(guilds_per_user=1) as here:
        room, stranger = await _furnished(here)
        stranger.account.guilds.append("one is all that it may own")
        assert await _fence(here, room, scopes=EVERY_SCOPE) == ()
        assert _founded(here, stranger) == 0
        assert (stranger.name, "update_profile") in _fences(here)


async def test_without_profiles_a_friend_request_and_its_end_fence_a_user() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        _declare(here, FRIENDLY | {Feature.MESSAGES})
        for _ in range(2):
            assert await _fence(here, room) == ()
        (asker,) = {name for name, operation in _fences(here) if operation == "request_friend"}
        assert _fences(here)[asker, "request_friend"] == _fences(here)[asker, "delete_friend_request"] == 2
        assert asker not in {client.name for client in here.company.clients}
        requests = stranger.connections[0].replica.state.requests
        assert requests is not None
        assert not requests.incoming


async def test_with_neither_a_message_at_home_fences_a_user() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        _declare(here, frozenset((Feature.CHANNELS_CREATE, Feature.MEMBERS, Feature.MESSAGES)))
        assert await _fence(here, room) == ()
        assert _fences(here)[stranger.name, "create_message"] == 1


async def test_who_cannot_be_fenced_by_anything_is_named() -> None:
    async with playing() as here:
        room, stranger = await _furnished(here)
        _declare(here, frozenset((Feature.CHANNELS_CREATE, Feature.MEMBERS)))
        everybody = [one.label for client in here.company.playing for one in client.connections]
        assert await _fence(here, room) == tuple(sorted(everybody))
        assert not stranger.connections[0].deaf
        assert not _fences(here)


@pytest.mark.parametrize("scope", EVERY_SCOPE)
async def test_what_a_scenario_does_says_what_is_to_be_proved(scope: Scope) -> None:
    async with playing() as here:
        stage = Stage(here.company, 2)
        room = await stage.workspace()
        owner, *_ = await stage.cast(room)
        assert here.company.stirred == set()
        match scope:
            case Scope.CHANNEL:
                await stage.post(owner, room.channel(GENERAL), "hello")
            case Scope.GUILD:
                await stage.rename(owner, room, "den")
            case _:
                await stage.update_profile(owner, about="hello")
        assert here.company.stirred == here.company.ever_stirred == {scope}
