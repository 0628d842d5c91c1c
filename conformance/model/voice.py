"""Voice channels in the model: the token, which is the join (contract 2.5).

State and leave are in `voice_states`, the ways out that all share in `departures`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.operations import IssueVoiceToken, LeaveVoice, UpdateVoiceState
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.model.access import channel_permissions, may_access
from sync_check.conformance.model.departures import departure, in_order, unpublished
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.messages import refused_without_access
from sync_check.conformance.model.participants import Participant, Tokens, Voice
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import World

VOICE_ORDER: Final[Mapping[tuple[str, str], str]] = {
    ("voice_participant_join", "voice_stream_publish"): "VOICE-1",
    ("voice_participant_update", "voice_stream_unpublish"): "VOICE-1",
    ("voice_participant_update", "voice_stream_publish"): "VOICE-1",
    ("voice_stream_unpublish", "voice_stream_publish"): "VOICE-1",
    ("voice_stream_unpublish", "voice_participant_join"): "VOICE-2",
    ("voice_participant_leave", "voice_participant_join"): "VOICE-2",
    ("voice_participant_leave", "voice_stream_publish"): "VOICE-2",
    ("voice_stream_unpublish", "voice_participant_leave"): "VOICE-3",
    ("workspace_member_remove", "voice_stream_unpublish"): "VOICE-5",
    ("workspace_member_remove", "voice_participant_leave"): "VOICE-5",
}
"""Of the events of one operation about one user: which comes first, and what the reverse breaks."""

_NEEDED: Final[Mapping[str, Permission]] = {
    "microphone": "create_message",
    "camera": "publish_video",
    "screen_share": "publish_screen_share",
}
"""What each source needs, in the order in which sources are told."""
_HEARING: Final[Permission] = "subscribe_streams"
FLAGS_OF_STREAMS: Final = frozenset(("is_speaking", "is_video_enabled", "is_screen_share_enabled"))
"""Flags of which the contract does not say when they change."""
Addressed = IssueVoiceToken | UpdateVoiceState | LeaveVoice


def asked_sources(operation: IssueVoiceToken) -> tuple[str, ...]:
    """The sources that a request for a token asks to publish (2.5)."""
    if operation.can_publish is False:
        return ()
    return ("microphone",) if operation.publish_sources is None else tuple(operation.publish_sources)


def granted_sources(world: World, user_id: str | None, operation: IssueVoiceToken) -> tuple[str, ...]:
    """Those of them that the user's permissions leave, each once."""
    held = _held(world, user_id, operation)
    asked = asked_sources(operation)
    return tuple(source for source, needed in _NEEDED.items() if source in asked and needed in held)


def may_hear(world: World, user_id: str | None, operation: IssueVoiceToken) -> bool:
    """Whether a request for a token asks to subscribe, and the user may."""
    return operation.can_subscribe is True and _HEARING in _held(world, user_id, operation)


def _held(world: World, user_id: str | None, operation: IssueVoiceToken) -> frozenset[Permission]:
    return channel_permissions(world.guilds.get(operation.guild_id), operation.channel_id, user_id)


def _expect_token(situation: Situation, operation: IssueVoiceToken) -> Expectation:
    known = set(asked_sources(operation)) | set(operation.publish_sources or ()) <= _NEEDED.keys()
    granted = granted_sources(situation.world, situation.actor, operation)
    hears = may_hear(situation.world, situation.actor, operation)
    return success_unless(
        _within_capacity(situation, operation, granted, hears=hears),
        refused_without_access(situation, operation.guild_id, operation.channel_id, "REST-6"),
        refused_unless(known, 422, "REST-3"),
        refused_unless(bool(granted) or hears, 400, "REST-4"),
    )


def _within_capacity(
    situation: Situation, operation: IssueVoiceToken, granted: tuple[str, ...], *, hears: bool
) -> Expectation:
    """Success; from a limit on 429 as well, because the model does not see what a window has forgotten."""
    voice, limits = situation.world.voice, situation.limits
    user_id = situation.actor or ""
    tokens = voice.tokens_of(user_id, operation.channel_id) or Tokens(identity="")
    there = voice.in_channel(operation.channel_id)
    is_new = all(participant.user_id != user_id for participant in there)
    reached = (
        tokens.given >= limits.voice_tokens_per_minute
        or (hears and tokens.subscribing >= limits.voice_subscribe_leases)
        or (_shows(granted) and tokens.showing >= limits.voice_publishes_per_minute)
        or (is_new and len(there) >= limits.voice_participants)
    )
    return expected(200, 429, requirement="LIMIT-1") if reached else expected(200)


def _shows(sources: Iterable[str]) -> bool:
    return any(source != "microphone" for source in sources)


def _token(situation: Situation, operation: IssueVoiceToken) -> Effect:
    held = situation.world.voice.of(situation.actor, situation.asked_at)
    if not situation.happened:
        asked = frozenset(asked_sources(operation)) & _NEEDED.keys()
        return Effect(world=situation.world, emissions=_entry(situation, operation, held, asked))
    answer = situation.answer
    if not isinstance(answer, shapes.VoiceToken) or situation.actor is None:
        return Effect(world=None)
    if is_entangled(situation):
        return _token_at_once(situation, operation, held, answer)
    moved = _departed(situation, operation, held)
    entry = _entry(situation, operation, held, frozenset(answer.publish_sources), answer.identity)
    return Effect(
        world=replace(situation.world, voice=_entered(situation, operation, held, answer)),
        emissions=(*moved, *entry),
    )


# --- several at once


def is_entangled(situation: Situation) -> bool:
    """Whether another operation of the same user about voice was under way at the same time.

    Their order shows in nothing: their events are told in the same words, and none of them is owed.
    """
    return any(actor == situation.actor and isinstance(other, Addressed) for actor, other in situation.beside)


def anybody(situation: Situation, operation: Addressed) -> Participant:
    """The actor as somebody of whom nothing is known but the channel."""
    return Participant(
        user_id=situation.actor or "",
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
        identity="",
        streams=frozenset(_NEEDED),
        is_muted=None,
        is_deafened=None,
        doubted=True,
    )


def _token_at_once(
    situation: Situation, operation: IssueVoiceToken, held: Participant | None, answer: shapes.VoiceToken
) -> Effect:
    """A token beside another operation of this user about voice: whatever it may have found is fine."""
    perhaps, identity = Standing.OPTIONAL, answer.identity
    here = anybody(situation, operation)
    elsewhere = [other for _, other in situation.beside if isinstance(other, Addressed)]
    places = {(other.guild_id, other.channel_id): anybody(situation, other) for other in elsewhere}
    if held is not None:
        places[held.guild_id, held.channel_id] = anybody(situation, operation.model_copy(update=_at(held)))
    places.pop((operation.guild_id, operation.channel_id), None)
    granted = frozenset(answer.publish_sources)
    emissions = [
        *(one for other in places.values() for one in departure(other, perhaps)),
        _joined(situation, operation, identity, perhaps),
        replace(
            _renewed(situation, operation, here, identity, perhaps),
            supplied=FLAGS_OF_STREAMS | {"is_muted", "is_deafened"},
        ),
        *(unpublished(here, stream, perhaps) for stream in in_order(here.streams - granted)),
        *(_published(situation, operation, identity, stream, perhaps) for stream in in_order(granted)),
    ]
    voice = _entered(situation, operation, held, answer)
    known = voice.participants[here.user_id]
    before = held.streams if held is not None else frozenset()
    doubted = replace(known, streams=known.streams | before, is_muted=None, is_deafened=None, doubted=True)
    return Effect(
        world=replace(situation.world, voice=voice.with_participant(doubted)),
        emissions=tuple(replace(one, entangled=True) for one in emissions),
    )


def _at(participant: Participant) -> dict[str, str]:
    return {"guild_id": participant.guild_id, "channel_id": participant.channel_id}


def _entered(
    situation: Situation, operation: IssueVoiceToken, held: Participant | None, answer: shapes.VoiceToken
) -> Voice:
    voice, user_id = situation.world.voice, situation.actor or ""
    before = voice.tokens_of(user_id, operation.channel_id)
    known = before or Tokens(identity=answer.identity)
    tokens = replace(
        known,
        given=known.given + 1,
        subscribing=known.subscribing + answer.can_subscribe,
        showing=known.showing + _shows(answer.publish_sources),
    )
    entered = Participant(
        user_id=user_id,
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
        identity=answer.identity,
        streams=frozenset(answer.publish_sources),
        renewed_at=situation.asked_at,
        # Who lost the channel at the same time may have left it again.
        doubted=not may_access(
            situation.world.guilds.get(operation.guild_id), operation.channel_id, situation.actor
        ),
    )
    here = _here(operation, held)
    if here is not None and here.is_sure(situation.answered_at):
        entered = replace(entered, is_muted=here.is_muted, is_deafened=here.is_deafened)
    elif before is not None:
        # Whether somebody who comes back is as muted as before is left to the server.
        entered = replace(entered, is_muted=None, is_deafened=None)
    return voice.with_tokens(user_id, operation.channel_id, tokens).with_participant(entered)


def _here(operation: IssueVoiceToken, held: Participant | None) -> Participant | None:
    """The participation, if it is in the channel of the token."""
    return held if held is not None and held.is_in(operation.guild_id, operation.channel_id) else None


def _departed(
    situation: Situation, operation: IssueVoiceToken, held: Participant | None
) -> tuple[Emission, ...]:
    """The departure from another channel (VOICE-2)."""
    if held is None or _here(operation, held) is not None:
        return ()
    return departure(held, situation.standing if held.is_sure(situation.answered_at) else Standing.OPTIONAL)


def _entry(
    situation: Situation,
    operation: IssueVoiceToken,
    held: Participant | None,
    streams: frozenset[str],
    identity: str | None = None,
) -> tuple[Emission, ...]:
    """What a token tells of its own channel: a join or an update, and the difference in streams (VOICE-1)."""
    standing = situation.standing
    here = _here(operation, held)
    if here is None:
        joined = _joined(situation, operation, identity, standing)
        begun = (_published(situation, operation, identity, one, standing) for one in in_order(streams))
        return (joined, *begun)
    sure = here.is_sure(situation.answered_at) or not situation.happened
    perhaps = standing if sure else Standing.OPTIONAL
    emissions = [] if sure else [_joined(situation, operation, identity, perhaps)]
    emissions.append(_renewed(situation, operation, here, identity, perhaps))
    if situation.happened:
        # That a refused token ends no stream is not said of the token: the end of a connection may do so.
        emissions += [unpublished(here, stream, perhaps) for stream in in_order(here.streams - streams)]
    if not sure:
        # Whoever has left meanwhile begins these anew.
        again = in_order(streams & here.streams)
        emissions += [_published(situation, operation, identity, one, perhaps) for one in again]
    begun = (
        _published(situation, operation, identity, one, standing) for one in in_order(streams - here.streams)
    )
    return (*emissions, *begun)


def _joined(situation: Situation, operation: Addressed, identity: str | None, standing: Standing) -> Emission:
    return Emission(
        event=events.VoiceParticipantJoin,
        standing=standing,
        identity={**place(operation), "participant.user_id": situation.actor},
        stated={} if identity is None else {"participant.identity": identity},
        **concerning(operation, situation.actor),
    )


def _renewed(
    situation: Situation,
    operation: Addressed,
    here: Participant,
    identity: str | None,
    standing: Standing,
) -> Emission:
    """The update of a later token: which flags it repeats is left to the server (VOICE-1)."""
    return Emission(
        event=events.VoiceParticipantUpdate,
        standing=standing,
        identity={**place(operation), "user_id": situation.actor},
        stated={} if identity is None else {"identity": identity},
        updated={},
        supplied=FLAGS_OF_STREAMS,
        kept=known_flags(here) if here.is_sure(situation.answered_at) else {},
        **concerning(operation, situation.actor),
    )


def known_flags(participant: Participant) -> dict[str, bool]:
    """The flags of which it is known how they are."""
    flags = {"is_muted": participant.is_muted, "is_deafened": participant.is_deafened}
    return {name: value for name, value in flags.items() if value is not None}


def _published(
    situation: Situation,
    operation: Addressed,
    identity: str | None,
    stream: str,
    standing: Standing,
) -> Emission:
    return Emission(
        event=events.VoiceStreamPublish,
        standing=standing,
        identity={**place(operation), "user_id": situation.actor, "stream": stream},
        stated={} if identity is None else {"identity": identity},
        **concerning(operation, situation.actor),
    )


def place(operation: Addressed) -> dict[str, Any]:
    """The members by which every voice event names its channel."""
    return {"guild_id": operation.guild_id, "channel_id": operation.channel_id}


def concerning(operation: Addressed, user_id: str | None) -> dict[str, Any]:
    """The fields of an emission that say whom and what it is about."""
    return {"guild_id": operation.guild_id, "channel_id": operation.channel_id, "subject": user_id}


rule(IssueVoiceToken, _expect_token, _token)
