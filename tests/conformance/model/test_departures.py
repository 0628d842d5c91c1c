"""What ends a voice participation besides its user's own request."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.departures import back_again, left_alone, with_departures
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.transitions import RULES, Effect, Situation
from sync_check.conformance.model.world import World
from tests.conformance.histories import ulid
from tests.conformance.model.test_voice import (
    ANA,
    BEN,
    EVE,
    GUILD,
    LATER,
    LEAVE,
    MIC,
    UNPUBLISH,
    WORLD,
    C,
    D,
    G,
    now,
    there,
    told,
)


def _done(
    operation: ops.Operation, world: World, standing: Standing = Standing.DUE, *beside: ops.Operation
) -> Effect:
    """An operation by ana, beside others, with all that follows of it."""
    situation = Situation(
        world=world,
        actor=ANA,
        standing=standing,
        asked_at=LATER,
        answered_at=LATER,
        beside=tuple((ANA, other) for other in beside),
    )
    return with_departures(situation, RULES[type(operation)].effect(situation, operation))


KICK = ops.KickMember(guild_id=G, user_id=BEN)
BAN = ops.BanMember(guild_id=G, user_id=BEN)
DELETE = ops.DeleteChannel(guild_id=G, channel_id=C)
SHUT_OUT = ops.OverridePermission(
    guild_id=G, channel_id=C, target_kind="member", target_id=BEN, allow=[], deny=["create_message"]
)
DEPARTURE = [(UNPUBLISH, MIC), (LEAVE, None)]


@pytest.mark.parametrize("operation", [KICK, BAN, DELETE, SHUT_OUT])
def test_who_is_out_departs(operation: ops.Operation) -> None:
    effect = _done(operation, there(MIC))
    assert told(effect)[-2:] == DEPARTURE
    departure = effect.emissions[-2:]
    assert {one.standing for one in departure} == {Standing.DUE}
    removed = isinstance(operation, ops.KickMember | ops.BanMember)
    assert {one.owed_by for one in departure} == {None if removed else "VOICE-6"}
    assert {(one.subject, one.channel_id) for one in departure} == {(BEN, C)}


@pytest.mark.parametrize("operation", [KICK, BAN, DELETE, SHUT_OUT])
def test_who_may_have_been_let_in_at_the_same_time_may_stay(operation: ops.Operation) -> None:
    promote = ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="moderator")
    effect = _done(operation, there(MIC), Standing.DUE, promote)
    stands = Standing.OPTIONAL if operation is SHUT_OUT else Standing.DUE
    assert {(one.standing, one.entangled) for one in effect.emissions[-2:]} == {(stands, True)}
    elsewhere = promote.model_copy(update={"guild_id": ulid(77)})
    effect = _done(operation, there(MIC), Standing.DUE, elsewhere)
    assert {(one.standing, one.entangled) for one in effect.emissions[-2:]} == {(Standing.DUE, False)}


@pytest.mark.parametrize("operation", [KICK, BAN, DELETE])
def test_and_is_there_no_more(operation: ops.Operation) -> None:
    effect = _done(operation, there(MIC))
    assert effect.world is not None
    assert effect.world.voice.participants == {}


def test_who_may_hear_no_more_may_be_there_still() -> None:
    effect = _done(SHUT_OUT, there(MIC))
    assert (now(effect).doubted, now(effect).is_sure(LATER)) == (True, False)


@pytest.mark.parametrize(
    "operation",
    [
        ops.KickMember(guild_id=G, user_id=EVE),
        ops.DeleteChannel(guild_id=G, channel_id=D),
        ops.UpdateGuild(guild_id=G, guild_name="other"),
        SHUT_OUT.model_copy(update={"channel_id": D}),
    ],
)
def test_whoever_is_not_concerned_stays(operation: ops.Operation) -> None:
    world = there(MIC).with_guild(replace(GUILD, members={**GUILD.members, EVE: "member"}))
    effect = _done(operation, world)
    assert not {UNPUBLISH, LEAVE} & {one.name for one in effect.emissions}
    assert effect.world is not None
    assert effect.world.voice is world.voice


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
def test_what_did_not_surely_happen_takes_nobody_out(standing: Standing) -> None:
    effect = _done(KICK, there(MIC), standing)
    assert [one.name for one in effect.emissions] == ["workspace_member_remove"]


def test_who_may_have_left_may_depart() -> None:
    effect = _done(KICK, there(MIC, doubted=True))
    assert {one.standing for one in effect.emissions[-2:]} == {Standing.OPTIONAL}


def test_who_has_left_departs_no_more() -> None:
    effect = _done(KICK, there(MIC, alone_at=0))
    assert [one.name for one in effect.emissions] == ["workspace_member_remove"]
    assert effect.world is not None
    assert effect.world.voice.participants == {}


# --- connections


def test_the_last_connection_leaves_its_user_alone() -> None:
    alone = left_alone(there(MIC), BEN, LATER)
    assert alone.voice.participants[BEN].alone_at == LATER
    assert left_alone(alone, BEN, LATER + 1) is alone


@pytest.mark.parametrize("user_id", [ANA, None, ulid(9)])
def test_nobody_else_is_concerned(user_id: str | None) -> None:
    world = there(MIC)
    assert left_alone(world, user_id, LATER) is world
    assert back_again(world, user_id, LATER) is world


def test_who_is_back_at_once_may_never_have_been_gone() -> None:
    alone = left_alone(there(MIC), BEN, LATER)
    ben = back_again(alone, BEN, LATER + 1_000_000).voice.participants[BEN]
    assert (ben.alone_at, ben.doubted) == (None, True)


def test_who_is_back_later_was_gone() -> None:
    alone = left_alone(there(MIC), BEN, LATER)
    assert back_again(alone, BEN, LATER + 1_000_001).voice.participants == {}


def test_who_was_not_alone_is_as_before() -> None:
    world = there(MIC)
    assert back_again(world, BEN, LATER) is world
    assert back_again(WORLD, BEN, LATER) is WORLD
