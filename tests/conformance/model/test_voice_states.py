"""Voice states and leaving in the model."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.transitions import RULES, Effect, Situation
from sync_check.conformance.model.world import World
from tests.conformance.histories import ulid
from tests.conformance.model.test_voice import (
    BEN,
    CAMERA,
    EVE,
    LATER,
    LEAVE,
    MIC,
    UNPUBLISH,
    UPDATE,
    WORLD,
    C,
    D,
    G,
    now,
    standings,
    there,
    told,
)


def _done(
    operation: ops.Operation,
    world: World,
    standing: Standing = Standing.DUE,
    at: int = LATER,
    beside: tuple[tuple[str, ops.Operation], ...] = (),
) -> Effect:
    situation = Situation(
        world=world, actor=BEN, standing=standing, asked_at=at, answered_at=at, beside=beside
    )
    effect: Effect = RULES[type(operation)].effect(situation, operation)
    return effect


def _state(world: World, standing: Standing = Standing.DUE, channel: str = C, **flags: bool) -> Effect:
    asked = {"guild_id": G, "channel_id": channel, **flags}
    return _done(ops.UpdateVoiceState.model_validate(asked), world, standing)


def _leave(world: World, standing: Standing = Standing.DUE, channel: str = C) -> Effect:
    return _done(ops.LeaveVoice(guild_id=G, channel_id=channel), world, standing)


# --- beside what may have ended it


@pytest.mark.parametrize(
    "operation",
    [
        ops.UpdateVoiceState(guild_id=G, channel_id=C, is_muted=True),
        ops.LeaveVoice(guild_id=G, channel_id=C),
    ],
)
@pytest.mark.parametrize(
    ("other", "owed"),
    [
        (ops.KickMember(guild_id=G, user_id=BEN), False),
        (ops.DeleteChannel(guild_id=G, channel_id=C), False),
        (ops.DeleteChannel(guild_id=G, channel_id=D), True),
        (ops.KickMember(guild_id=ulid(77), user_id=BEN), True),
    ],
)
def test_nothing_is_owed_beside_what_may_have_ended_the_participation(
    operation: ops.Operation, other: ops.Operation, owed: bool
) -> None:
    effect = _done(operation, there(MIC), beside=((EVE, other),))
    assert {one.standing for one in effect.emissions} == {Standing.DUE if owed else Standing.OPTIONAL}
    assert effect.world is not None
    known = effect.world.voice.participants.get(BEN)
    assert known is None or known.doubted is not owed


# --- statuses


@pytest.mark.parametrize(
    ("actor", "place", "statuses"),
    [
        (BEN, {}, {204}),
        (BEN, {"channel_id": ulid(9)}, {204, 404}),
        (BEN, {"channel_id": "x"}, {204, 400, 403, 404}),
        (EVE, {}, {204, 403, 404}),
        (BEN, {"guild_id": ulid(9)}, {204, 403, 404}),
    ],
)
def test_who_may_ask(actor: str, place: dict[str, str], statuses: set[int]) -> None:
    where = {"guild_id": G, "channel_id": C, **place}
    situation = Situation(world=WORLD, actor=actor)
    for operation in (
        ops.LeaveVoice.model_validate(where),
        ops.UpdateVoiceState.model_validate({**where, "is_muted": True}),
    ):
        assert RULES[type(operation)].expect(situation, operation).statuses == statuses
    empty = ops.UpdateVoiceState.model_validate(where)
    assert RULES[ops.UpdateVoiceState].expect(situation, empty).statuses == {400}


# --- state


def test_only_changed_flags_are_told() -> None:
    effect = _state(there(MIC, is_muted=True), is_muted=True, is_deafened=True)
    (update,) = effect.emissions
    assert (update.name, update.standing, update.updated) == (UPDATE, Standing.DUE, {"is_deafened": True})
    assert (now(effect).is_muted, now(effect).is_deafened) == (True, True)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"is_muted": True}, []),
        ({"is_muted": True, "is_deafened": False}, []),
        ({"is_muted": False}, ["EVT-2"]),
        ({"is_deafened": False}, ["EVT-2"]),
        ({"is_muted": True, "is_deafened": True}, ["EVT-2"]),
        ({"is_muted": True, "is_loud": True}, ["VOICE-4"]),
    ],
)
def test_what_the_update_must_say(fields: dict[str, bool], wrong: list[str]) -> None:
    (update,) = _state(there(MIC), is_muted=True).emissions
    found = update.disagreements({"identity": "ben-there", "updated_fields": fields}, BEN)
    assert [one.requirement for one in found] == wrong


@pytest.mark.parametrize(
    "effect",
    [
        _state(there(MIC, is_muted=True), is_muted=True),
        _state(there(MIC, channel=D), is_muted=True),
        _state(WORLD, is_muted=True),
        _state(there(MIC, alone_at=0), is_muted=True),
    ],
)
def test_what_changes_nothing_is_a_no_op(effect: Effect) -> None:
    assert [one.standing for one in effect.emissions] == [Standing.NO_OP]


@pytest.mark.parametrize("doubt", [{"doubted": True}, {"is_muted": None}, {"alone_at": LATER}])
def test_where_nobody_knows_what_was_both_ways_are_fine(doubt: dict[str, Any]) -> None:
    effect = _state(there(MIC, **doubt), is_muted=True)
    (update,) = effect.emissions
    assert update.standing is Standing.OPTIONAL
    for fields in ({"is_muted": True}, {"is_speaking": False}):
        assert not update.disagreements({"identity": "ben-there", "updated_fields": fields}, BEN)
    assert now(effect).is_muted is True


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
def test_what_did_not_surely_happen_changes_nothing(standing: Standing) -> None:
    world = there(MIC)
    for effect in (_state(world, standing, is_muted=True), _leave(world, standing)):
        assert effect.world is world
        assert standings(effect) == {standing}


# --- leave


def test_leaving_ends_the_streams_first() -> None:
    effect = _leave(there(CAMERA, MIC))
    assert told(effect) == [(UNPUBLISH, MIC), (UNPUBLISH, CAMERA), (LEAVE, None)]
    assert standings(effect) == {Standing.DUE}
    assert effect.world is not None
    assert effect.world.voice.participants == {}


@pytest.mark.parametrize("world", [WORLD, there(MIC, channel=D), there(MIC, alone_at=0)])
def test_who_is_not_there_leaves_nothing(world: World) -> None:
    effect = _leave(world)
    assert [(one.name, one.standing) for one in effect.emissions] == [(LEAVE, Standing.NO_OP)]
    assert effect.world is world


def test_who_may_have_left_may_leave() -> None:
    assert standings(_leave(there(MIC, doubted=True))) == {Standing.OPTIONAL}


def test_a_participation_is_gone_a_window_after_the_last_connection() -> None:
    ben = there(MIC, alone_at=0).voice.participants[BEN]
    assert (ben.is_gone(1_000_000), ben.is_gone(1_000_001)) == (False, True)
    assert replace(ben, alone_at=None).is_gone(LATER) is False
