"""Voice tokens in the model: who gets one, what it tells, and in which state it leaves the channel."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.participants import LEASE_US, Participant, Tokens, Voice
from sync_check.conformance.model.transitions import RULES, Effect, Situation
from sync_check.conformance.model.voice import VOICE_ORDER
from sync_check.conformance.model.world import Channel, Guild, Override, World
from tests.conformance.histories import ulid, user

G, C, D = ulid(1), ulid(2), ulid(3)
ANA, BEN, EVE = user("ana"), user("ben"), user("eve")
GUILD = Guild(
    guild_id=G,
    name="room",
    visibility="private",
    members={ANA: "owner", BEN: "member"},
    channels={one: Channel(channel_id=one, name="here", kind="voice") for one in (C, D)},
)
WORLD = World().with_guild(GUILD)
JOIN, UPDATE, LEAVE = "voice_participant_join", "voice_participant_update", "voice_participant_leave"
PUBLISH, UNPUBLISH = "voice_stream_publish", "voice_stream_unpublish"
MIC, CAMERA, SCREEN = "microphone", "camera", "screen_share"
LATER = 10_000_000


def there(*streams: str, channel: str = C, **more: Any) -> World:
    """Ben is in a channel, publishing these streams."""
    ben = Participant(
        user_id=BEN,
        guild_id=G,
        channel_id=channel,
        identity="ben-there",
        streams=frozenset(streams),
        **more,
    )
    return replace(WORLD, voice=Voice().with_participant(ben))


def granted(*sources: str) -> shapes.VoiceToken:
    return shapes.VoiceToken.model_validate(
        {
            "token": "t",
            "livekit_url": "u",
            "room": "r",
            "identity": "ben-here",
            "can_publish": bool(sources),
            "can_subscribe": False,
            "publish_sources": list(sources),
            "expires_in_secs": 300,
        }
    )


def token(
    world: World = WORLD,
    *sources: str,
    standing: Standing = Standing.DUE,
    answer: WireModel | None = None,
    at: int = LATER,
) -> Effect:
    """Ben asks for a token in channel `C` and is given what he asks for."""
    situation = Situation(
        world=world,
        actor=BEN,
        standing=standing,
        answer=answer or (granted(*sources) if standing is Standing.DUE else None),
        asked_at=at,
        answered_at=at,
    )
    operation = ops.IssueVoiceToken(guild_id=G, channel_id=C, publish_sources=list(sources))
    effect: Effect = RULES[ops.IssueVoiceToken].effect(situation, operation)
    return effect


def told(effect: Effect) -> list[tuple[str, str | None]]:
    """The events of an effect with their streams."""
    return [(one.name, one.identity.get("stream")) for one in effect.emissions]


def standings(effect: Effect) -> set[Standing]:
    return {one.standing for one in effect.emissions}


def now(effect: Effect) -> Participant:
    assert effect.world is not None
    return effect.world.voice.participants[BEN]


# --- who gets one


@pytest.mark.parametrize(
    ("actor", "asked", "statuses"),
    [
        (BEN, {}, {200}),
        (BEN, {"can_publish": False}, {400}),
        (BEN, {"can_publish": False, "can_subscribe": True}, {200}),
        (BEN, {"publish_sources": []}, {400}),
        (BEN, {"publish_sources": [CAMERA]}, {400}),  # nothing is left
        (BEN, {"publish_sources": [CAMERA, MIC]}, {200}),
        (BEN, {"publish_sources": [CAMERA], "can_subscribe": True}, {200}),
        (BEN, {"publish_sources": ["radio"]}, {422, 400}),
        (BEN, {"publish_sources": ["radio", MIC]}, {422}),
        (BEN, {"channel_id": ulid(9)}, {404, 400}),
        (BEN, {"channel_id": "x"}, {400, 404}),
        (ANA, {"publish_sources": [CAMERA, SCREEN]}, {200}),
        (EVE, {}, {403, 400}),
        (EVE, {"guild_id": ulid(9)}, {403, 404, 400}),
    ],
)
def test_who_gets_a_token(actor: str, asked: dict[str, Any], statuses: set[int]) -> None:
    operation = ops.IssueVoiceToken.model_validate({"guild_id": G, "channel_id": C, **asked})
    assert _expected(actor, operation) == statuses


def _expected(actor: str, operation: ops.Operation, world: World = WORLD, **more: Any) -> set[int]:
    situation = Situation(world=world, actor=actor, **more)
    return set(RULES[type(operation)].expect(situation, operation).statuses)


def test_who_has_no_access_gets_none() -> None:
    shut = replace(GUILD, overrides={C: {BEN: Override(deny=frozenset({"create_message"}))}})
    operation = ops.IssueVoiceToken(guild_id=G, channel_id=C)
    assert _expected(BEN, operation, WORLD.with_guild(shut)) == {403, 400}
    assert _expected(BEN, operation.model_copy(update={"channel_id": D}), WORLD.with_guild(shut)) == {200}


@pytest.mark.parametrize(
    ("given", "asked", "statuses"),
    [
        ({"given": 2}, {}, {200}),
        ({"given": 3}, {}, {200, 429}),
        ({"subscribing": 2}, {"can_subscribe": True}, {200, 429}),
        ({"subscribing": 2}, {}, {200}),
        ({"showing": 1}, {"publish_sources": [CAMERA]}, {200, 429}),
        ({"showing": 1}, {}, {200}),
    ],
)
def test_from_a_limit_on_both_answers_are_possible(
    given: dict[str, int], asked: dict[str, Any], statuses: set[int]
) -> None:
    limits = Limits(voice_tokens_per_minute=3, voice_subscribe_leases=2, voice_publishes_per_minute=1)
    world = replace(WORLD, voice=Voice().with_tokens(ANA, C, Tokens(identity="a", **given)))
    operation = ops.IssueVoiceToken.model_validate({"guild_id": G, "channel_id": C, **asked})
    assert _expected(ANA, operation, world, limits=limits) == statuses


def test_a_full_channel_may_refuse_who_is_not_in_it() -> None:
    operation = ops.IssueVoiceToken(guild_id=G, channel_id=C)
    limits = Limits(voice_participants=1)
    assert _expected(ANA, operation, there(MIC), limits=limits) == {200, 429}
    assert _expected(BEN, operation, there(MIC), limits=limits) == {200}


# --- what it tells


def test_a_first_token_joins() -> None:
    effect = token(WORLD, MIC, CAMERA)
    assert told(effect) == [(JOIN, None), (PUBLISH, MIC), (PUBLISH, CAMERA)]
    assert standings(effect) == {Standing.DUE}
    assert now(effect) == Participant(
        user_id=BEN,
        guild_id=G,
        channel_id=C,
        identity="ben-here",
        streams=frozenset({MIC, CAMERA}),
        renewed_at=LATER,
    )


def test_a_later_token_tells_the_difference() -> None:
    effect = token(there(MIC, CAMERA, is_muted=True), MIC, SCREEN)
    assert told(effect) == [(UPDATE, None), (UNPUBLISH, CAMERA), (PUBLISH, SCREEN)]
    assert standings(effect) == {Standing.DUE}
    assert (now(effect).is_muted, now(effect).streams) == (True, frozenset({MIC, SCREEN}))


def test_a_token_for_another_channel_moves() -> None:
    effect = token(there(CAMERA, MIC, channel=D), MIC)
    assert told(effect) == [
        (UNPUBLISH, MIC),
        (UNPUBLISH, CAMERA),
        (LEAVE, None),
        (JOIN, None),
        (PUBLISH, MIC),
    ]
    assert [one.channel_id for one in effect.emissions] == [D, D, D, C, C]
    assert (now(effect).channel_id, now(effect).is_muted) == (C, False)


def test_what_an_update_may_say() -> None:
    (update, *_) = token(there(MIC, is_muted=True), MIC).emissions
    for fields, wrong in (
        ({"is_video_enabled": False}, []),
        ({"is_muted": True}, []),
        ({"is_muted": False}, ["updated_fields.is_muted"]),
        ({"is_loud": True}, ["updated_fields.is_loud"]),
    ):
        assert _disagreements(update, updated_fields=fields) == wrong


def test_the_identity_is_that_of_the_answer() -> None:
    joined, published = token(WORLD, MIC).emissions
    assert _disagreements(published, identity="another") == ["identity"]
    assert joined.disagreements({"participant": {"identity": "another"}}, BEN)


def _disagreements(emission: Emission, **payload: Any) -> list[str]:
    told = {"identity": "ben-here", **payload}
    return [wrong.path for wrong in emission.disagreements(told, BEN)]


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize("world", [WORLD, there(MIC), there(MIC, channel=D)])
def test_what_did_not_surely_happen_changes_nothing(standing: Standing, world: World) -> None:
    effect = token(world, CAMERA, standing=standing)
    assert effect.world is world
    assert standings(effect) == {standing}
    assert (PUBLISH, CAMERA) in told(effect)


def test_a_token_without_a_usable_answer_leaves_the_state_unknown() -> None:
    assert token(answer=shapes.Accepted(accepted=True)).world is None


# --- when nobody knows whether the participation goes on


@pytest.mark.parametrize(
    "doubt", [{"doubted": True}, {"alone_at": LATER - 10}, {"renewed_at": LATER - LEASE_US - 1}]
)
def test_who_may_have_left_joins_or_updates(doubt: dict[str, Any]) -> None:
    effect = token(there(MIC, CAMERA, **doubt), MIC, SCREEN)
    assert told(effect) == [
        (JOIN, None),
        (UPDATE, None),
        (UNPUBLISH, CAMERA),
        (PUBLISH, MIC),
        (PUBLISH, SCREEN),
    ]
    due = [one.identity["stream"] for one in effect.emissions if one.standing is Standing.DUE]
    assert due == [SCREEN]
    assert now(effect).is_sure(LATER)


def test_who_may_have_left_another_channel_may_depart() -> None:
    effect = token(there(MIC, channel=D, doubted=True), MIC)
    assert [one.standing for one in effect.emissions] == [Standing.OPTIONAL] * 2 + [Standing.DUE] * 2


def test_who_has_left_for_certain_joins_anew() -> None:
    effect = token(there(MIC, alone_at=LATER - 1_000_001), MIC)
    assert told(effect) == [(JOIN, None), (PUBLISH, MIC)]
    assert standings(effect) == {Standing.DUE}


def test_flags_of_who_comes_back_are_unknown() -> None:
    assert token(WORLD, MIC).world is not None
    again = replace(WORLD, voice=Voice().with_tokens(BEN, C, Tokens(identity="ben-here", given=1)))
    assert (now(token(again, MIC)).is_muted, now(token(WORLD, MIC)).is_muted) == (None, False)


def test_tokens_are_counted() -> None:
    once = token(WORLD, MIC).world
    assert once is not None
    twice = token(once, CAMERA).world
    assert twice is not None
    assert twice.voice.tokens_of(BEN, C) == Tokens(identity="ben-here", given=2, showing=1)


# --- the order of its events


def test_the_order_is_that_of_the_emissions() -> None:
    for effect in (
        token(WORLD, MIC, CAMERA),
        token(there(MIC, CAMERA), MIC, SCREEN),
        token(there(MIC, channel=D), MIC),
    ):
        names = [one.name for one in effect.emissions]
        pairs = [(first, second) for at, first in enumerate(names) for second in names[at + 1 :]]
        assert not any((second, first) in VOICE_ORDER for first, second in pairs)
        assert any(pair in VOICE_ORDER for pair in pairs)


def test_the_order_names_events_and_no_pair_in_both_directions() -> None:
    assert {name for pair in VOICE_ORDER for name in pair} <= EVENTS.keys()
    assert not any((second, first) in VOICE_ORDER for first, second in VOICE_ORDER)
