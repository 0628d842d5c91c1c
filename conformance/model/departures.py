"""How a voice participation ends, whatever ends it: departures (contract 2.5, VOICE-3, VOICE-5, VOICE-6)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US, Participant
from sync_check.conformance.model.touching import changes_access
from sync_check.conformance.model.transitions import Effect, Situation
from sync_check.conformance.model.world import World

SOURCES: Final = ("microphone", "camera", "screen_share")
"""In the order in which their events are listed; the contract leaves it open."""


def in_order(streams: Iterable[str]) -> list[str]:
    """Sources of streams in the order of `SOURCES`."""
    return sorted(streams, key=SOURCES.index)


def departure(
    participant: Participant, standing: Standing, *, owed_by: str | None = None
) -> tuple[Emission, ...]:
    """The events of a departure: every stream ends, then the participation (VOICE-3)."""
    ended = [unpublished(participant, stream, standing) for stream in in_order(participant.streams)]
    return tuple(replace(one, owed_by=owed_by) for one in (*ended, left(participant, standing)))


def unpublished(participant: Participant, stream: str, standing: Standing) -> Emission:
    """The end of one stream."""
    return _ended(events.VoiceStreamUnpublish, participant, standing, {"stream": stream})


def left(participant: Participant, standing: Standing) -> Emission:
    """The end of the participation itself."""
    return _ended(events.VoiceParticipantLeave, participant, standing, {})


def _ended(
    event: type[events.Event], participant: Participant, standing: Standing, further: Mapping[str, Any]
) -> Emission:
    place = {"guild_id": participant.guild_id, "channel_id": participant.channel_id}
    return Emission(
        event=event,
        standing=standing,
        identity={**place, "user_id": participant.user_id, **further},
        stated={"identity": participant.identity} if participant.identity else {},
        guild_id=participant.guild_id,
        channel_id=participant.channel_id,
        subject=participant.user_id,
    )


def with_departures(situation: Situation, effect: Effect) -> Effect:
    """`effect`, and what else it does to voice participants who lose membership, channel or access by it.

    Who is no member any more departs (VOICE-5). Who loses the access should depart, and may be there still
    (VOICE-6).
    """
    before, after = situation.world, effect.world
    if after is None or not situation.happened or after.guilds is before.guilds:
        return effect
    voice, emissions = after.voice, list(effect.emissions)
    for participant in after.voice.participants.values():
        guild = after.guilds.get(participant.guild_id)
        unchanged = guild is before.guilds.get(participant.guild_id)
        if guild is None or unchanged or may_access(guild, participant.channel_id, participant.user_id):
            continue
        removed = not is_member(guild, participant.user_id)
        if not participant.is_gone(situation.asked_at):
            # Something at the same time may have given another access before, or have made it depart itself.
            shared = any(changes_access(operation, guild.guild_id) for _, operation in situation.beside)
            kept = shared and not removed and participant.channel_id in guild.channels
            sure = participant.is_sure(situation.answered_at) and not kept
            standing = situation.standing if sure else Standing.OPTIONAL
            departed = departure(participant, standing, owed_by=None if removed else "VOICE-6")
            emissions += (replace(one, entangled=shared) for one in departed)
        if removed or participant.channel_id not in guild.channels:
            voice = voice.without(participant.user_id)
        else:
            voice = voice.with_participant(replace(participant, doubted=True))
    return replace(effect, world=replace(after, voice=voice), emissions=tuple(emissions))


# --- connections


def left_alone(world: World, user_id: str | None, at: int) -> World:
    """The world after the user's last connection ended, at a time in microseconds (VOICE-5)."""
    participant = world.voice.participants.get(user_id or "")
    if participant is None or participant.alone_at is not None:
        return world
    return replace(world, voice=world.voice.with_participant(replace(participant, alone_at=at)))


def back_again(world: World, user_id: str | None, began: int) -> World:
    """The world after the user opened another connection, begun at a time in microseconds.

    Where that was so soon after the last one's end that the server may never have seen the user without a
    connection, nobody knows whether the participation goes on.
    """
    participant = world.voice.participants.get(user_id or "")
    if participant is None or participant.alone_at is None:
        return world
    if began > participant.alone_at + PRESENCE_WINDOW_US:
        return replace(world, voice=world.voice.without(participant.user_id))
    doubted = replace(participant, alone_at=None, doubted=True)
    return replace(world, voice=world.voice.with_participant(doubted))


def entered_alone(world: World, user_id: str | None, at: int) -> World:
    """The world after a user without a connection asked for a token, whose last one ended at a time before.

    Whether that end came before the token or behind it, so that it ended the participation, nobody knows.
    """
    participant = world.voice.participants.get(user_id or "")
    if participant is None or participant.doubted or participant.renewed_at > at + PRESENCE_WINDOW_US:
        return world
    return replace(world, voice=world.voice.with_participant(replace(participant, doubted=True)))
