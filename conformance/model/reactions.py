"""Reactions in the model: add and remove one's own (contract 2.5).

The reactions of different users commute: in whatever order they were carried out, the same users have reacted
in the end. So an event is claimed without its `count`, which the moment decides where others react at the
same time; what it may be is for the judge `reactions` to say, which sees them all.
"""

from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.operations import AddReaction, RemoveReaction
from sync_check.conformance.contract.slices import REACTIONS, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    success_unless,
)

_Reacting = AddReaction | RemoveReaction
_DOUBTFUL_SPACES: Final = frozenset("\x1c\x1d\x1e\x1f")
"""Separators that some call whitespace and Unicode does not."""


def _refused_channel(situation: Situation, operation: _Reacting) -> Expectation | None:
    """The refusal of whoever has no access to the channel that the path names."""
    outsider = refused_outsider(situation, operation.guild_id)
    if outsider is not None:
        return outsider
    guild = situation.world.guilds[operation.guild_id]
    if not ULID_PATTERN.fullmatch(operation.channel_id):
        return expected(400, 403, 404)
    if operation.channel_id not in guild.channels:
        # 403 by the endpoint table; 404 by REACT-4, of another guild's channel, and CHAN-5, of a deleted one.
        return expected(403, 404, requirement="REACT-4")
    return refused_unless(may_access(guild, operation.channel_id, situation.actor), 403, "REST-6")


def _refused_message(situation: Situation, operation: _Reacting) -> Expectation | None:
    """The answers for an unknown message; removing from it is fine as well."""
    if operation.message_id in situation.world.messages_of(operation.channel_id):
        return None
    malformed = () if ULID_PATTERN.fullmatch(operation.message_id) else (400,)
    if isinstance(operation, RemoveReaction):
        return expected(200, 404, *malformed)
    return expected(404, *malformed, requirement="REACT-4")


def _refused_emoji(emoji: str, most: int) -> Expectation | None:
    if not emoji:
        # A path without its last segment may be no route at all.
        return expected(400, 404, 405, requirement="REST-4")
    spaces = {character for character in emoji if character.isspace()}
    if len(emoji) <= most and spaces and spaces <= _DOUBTFUL_SPACES:
        return expected(200, 400, requirement="REST-4")
    return refused_unless(len(emoji) <= most and not spaces, 400, "REST-4")


def _expect(situation: Situation, operation: _Reacting) -> Expectation:
    return success_unless(
        expected(200),
        _refused_channel(situation, operation) or _refused_message(situation, operation),
        _refused_emoji(operation.emoji, situation.limits.emoji_characters),
    )


def _react(situation: Situation, operation: _Reacting) -> Effect:
    world, actor = situation.world, situation.actor
    if not situation.happened:
        return Effect(world=world, emissions=(_emission(situation.standing, operation, actor),))
    if actor is None:
        return Effect(world=None)
    if operation.message_id not in world.messages_of(operation.channel_id):
        # It was deleted at the same time, or nothing has happened: either may have been told.
        return Effect(world=world, emissions=(_emission(Standing.OPTIONAL, operation, actor),))
    before = world.reactors(operation.message_id, operation.emoji)
    after = before | {actor} if isinstance(operation, AddReaction) else before - {actor}
    if after == before:
        return Effect(world=world, emissions=(_emission(Standing.NO_OP, operation, actor),))
    return Effect(
        world=world.with_reactors(operation.message_id, operation.emoji, after),
        emissions=(_emission(Standing.DUE, operation, actor),),
        touched=((slice_key(REACTIONS, operation.channel_id), operation.message_id),),
    )


def _emission(standing: Standing, operation: _Reacting, actor: str | None) -> Emission:
    return Emission(
        event=events.MessageReaction,
        standing=standing,
        identity={
            "message_id": operation.message_id,
            "emoji": operation.emoji,
            "operation": "add" if isinstance(operation, AddReaction) else "remove",
            "actor_user_id": actor,
        },
        stated={"guild_id": operation.guild_id, "channel_id": operation.channel_id},
        unless_changed="REACT-5",
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
    )


rule(AddReaction, _expect, _react)
rule(RemoveReaction, _expect, _react)
