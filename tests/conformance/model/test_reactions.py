"""Reactions in the model: statuses, who reacted, the event, what a viewer sees."""

import json
from dataclasses import replace

import pytest

from sync_check.conformance.contract import events
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.slices import REACTIONS, slice_key
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.views import Views
from sync_check.conformance.model.world import Channel, Guild, Message, Override, World
from tests.conformance.histories import NOW, ulid, user

G, C, HIDDEN, M, OTHER = ulid(1), ulid(2), ulid(3), ulid(4), ulid(5)
ANA, BEN, EVE = user("ana"), user("ben"), user("eve")
WORLD = (
    World()
    .with_guild(
        Guild(
            guild_id=G,
            name="room",
            visibility="private",
            members={ANA: "owner", BEN: "member"},
            channels={key: Channel(channel_id=key, name="general", kind="text") for key in (C, HIDDEN)},
            overrides={HIDDEN: {BEN: Override(deny=frozenset({"create_message"}))}},
        )
    )
    .with_messages(C, {M: Message(message_id=M, author_id=BEN, content="hi", created_at_unix=NOW)})
    .with_messages(
        HIDDEN, {OTHER: Message(message_id=OTHER, author_id=ANA, content="x", created_at_unix=NOW)}
    )
    .with_reactors(M, "tea", frozenset({ANA}))
)


def add(message_id: str = M, emoji: str = "tea", channel_id: str = C, guild_id: str = G) -> ops.AddReaction:
    return ops.AddReaction(guild_id=guild_id, channel_id=channel_id, message_id=message_id, emoji=emoji)


def remove(message_id: str = M, emoji: str = "tea", channel_id: str = C) -> ops.RemoveReaction:
    return ops.RemoveReaction(guild_id=G, channel_id=channel_id, message_id=message_id, emoji=emoji)


def _expected(operation: ops.Operation, actor: str = BEN) -> Expectation:
    return RULES[type(operation)].expect(Situation(world=WORLD, actor=actor), operation)


def _effect(operation: ops.Operation, actor: str | None = BEN, standing: Standing = Standing.DUE) -> Effect:
    return RULES[type(operation)].effect(Situation(world=WORLD, actor=actor, standing=standing), operation)


@pytest.mark.parametrize(
    ("operation", "statuses", "requirement"),
    [
        (add(), {200}, "REST-1"),
        (add(emoji="x" * 32), {200}, "REST-1"),
        (add(emoji="a/b?"), {200}, "REST-1"),
        (add(emoji="x" * 33), {400}, "REST-4"),
        (add(emoji="a b"), {400}, "REST-4"),
        (add(emoji="a\u2003b"), {400}, "REST-4"),
        (add(emoji="a\x1cb"), {200, 400}, "REST-1"),
        (add(emoji="\x1c" * 33), {400}, "REST-4"),
        (add(emoji=""), {400, 404, 405}, "REST-4"),
        (add(ulid(9)), {404}, "REACT-4"),
        (add("9"), {400, 404}, "REACT-4"),
        (add(OTHER), {404}, "REACT-4"),
        (add(OTHER, channel_id=HIDDEN), {403}, "REST-6"),
        (add(channel_id=ulid(9)), {403, 404}, "REACT-4"),
        (add(channel_id="9"), {400, 403, 404}, "REST-1"),
        (add(guild_id=ulid(9)), {403, 404}, "REST-5"),
        (add(ulid(9), emoji="a b"), {400, 404}, "REACT-4"),
        (remove(), {200}, "REST-1"),
        (remove(ulid(9)), {200, 404}, "REST-1"),
        (remove(ulid(9), emoji="a b"), {400, 404}, "REST-4"),
        (remove(OTHER, channel_id=HIDDEN), {403}, "REST-6"),
    ],
)
def test_statuses(operation: ops.Operation, statuses: set[int], requirement: str) -> None:
    expectation = _expected(operation)
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


def test_a_stranger_is_refused() -> None:
    assert _expected(add(), actor=EVE) == Expectation(statuses=frozenset({403}), requirement="REST-5")


def test_an_addition_counts_the_user_once() -> None:
    effect = _effect(add())
    assert effect.world is not None
    assert effect.world.reactors(M, "tea") == {ANA, BEN}
    assert effect.world.guilds is WORLD.guilds
    assert effect.touched == ((slice_key(REACTIONS, C), M),)


def test_a_removal_takes_only_the_own_reaction() -> None:
    effect = _effect(remove(), actor=ANA)
    assert effect.world is not None
    assert M not in effect.world.reactions
    assert [emission.standing for emission in effect.emissions] == [Standing.DUE]


@pytest.mark.parametrize(("operation", "actor"), [(add(), ANA), (remove(), BEN), (remove(emoji="no"), ANA)])
def test_what_changes_nothing_is_a_no_op(operation: ops.Operation, actor: str) -> None:
    effect = _effect(operation, actor)
    assert effect.world is WORLD
    assert [(one.standing, one.unless_changed) for one in effect.emissions] == [(Standing.NO_OP, "REACT-5")]


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize("operation", [add(), remove()])
def test_what_did_not_surely_happen_changes_nothing(operation: ops.Operation, standing: Standing) -> None:
    effect = _effect(operation, standing=standing)
    assert effect.world is WORLD
    assert [emission.standing for emission in effect.emissions] == [standing]


@pytest.mark.parametrize("operation", [add(ulid(9)), remove(ulid(9))])
def test_a_reaction_to_a_message_that_is_gone_may_have_been_told(operation: ops.Operation) -> None:
    effect = _effect(operation)
    assert effect.world is WORLD
    assert [emission.standing for emission in effect.emissions] == [Standing.OPTIONAL]


def test_a_reaction_of_nobody_knows_leaves_the_state_unknown() -> None:
    assert _effect(add(), actor=None).world is None


def test_events_are_told_apart_by_operation_and_actor() -> None:
    told = {
        "guild_id": G,
        "channel_id": C,
        "message_id": M,
        "emoji": "tea",
        "count": 7,
        "operation": "add",
        "actor_user_id": BEN,
    }
    (emission,) = _effect(add()).emissions
    assert emission.event is events.MessageReaction
    assert emission.is_told_by(told)
    assert emission.disagreements(told, BEN) == ()
    for other in (
        {"operation": "remove"},
        {"actor_user_id": ANA},
        {"emoji": "coffee"},
        {"message_id": OTHER},
    ):
        assert not emission.is_told_by(told | other)
    assert [wrong.path for wrong in emission.disagreements(told | {"channel_id": HIDDEN}, BEN)] == [
        "channel_id"
    ]


@pytest.mark.parametrize(
    "operation",
    [
        ops.DeleteMessage(guild_id=G, channel_id=C, message_id=M),
        ops.DeleteChannel(guild_id=G, channel_id=C),
    ],
)
def test_deletion_removes_the_reactions(operation: ops.Operation) -> None:
    effect = _effect(operation, actor=ANA)
    assert effect.world is not None
    assert effect.world.reactions == {}
    assert slice_key(REACTIONS, C) in [key for key, _ in effect.touched]


# --- what a viewer sees


def _seen(world: World, viewer: str, views: Views) -> object:
    return json.loads(views.view(world, viewer, (G,), (C, HIDDEN))[slice_key(REACTIONS, C)].text)


def test_each_viewer_sees_which_reactions_are_the_own() -> None:
    views = Views((Feature.REACTIONS, Feature.MESSAGES))
    assert _seen(WORLD, ANA, views) == {M: {"tea": {"count": 1, "mine": True}}}
    assert _seen(WORLD, BEN, views) == {M: {"tea": {"count": 1, "mine": False}}}


def test_a_view_follows_the_reactions() -> None:
    views = Views((Feature.REACTIONS,))
    assert _seen(WORLD, BEN, views) != {}
    assert _seen(replace(WORLD, reactions={}), BEN, views) == {}
    assert _seen(WORLD.with_reactors(M, "tea", frozenset({BEN})), BEN, views) == {
        M: {"tea": {"count": 1, "mine": True}}
    }


def test_reactions_are_of_their_channel_and_of_the_feature() -> None:
    world = WORLD.with_reactors(OTHER, "tea", frozenset({ANA}))
    assert _seen(world, ANA, Views((Feature.REACTIONS,))) == {M: {"tea": {"count": 1, "mine": True}}}
    assert slice_key(REACTIONS, C) not in Views((Feature.MESSAGES,)).view(world, ANA, (G,), (C,))
    assert slice_key(REACTIONS, HIDDEN) not in Views((Feature.REACTIONS,)).view(world, BEN, (G,), (HIDDEN,))
