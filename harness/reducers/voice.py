"""Steps of a voice channel: who is in it and what they publish (contract 9.2).

An older `updated_at_unix` is ignored, an equal one applied.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.harness.state import NOTHING, Participant, put, without

Voices = Mapping[str, Participant]
"""The participants of a channel by user."""


def participant_sync(voices: Voices, event: events.VoiceParticipantSync) -> Voices:
    """Replace the participants; it names no streams, so those of who stays are kept."""
    told: Voices = {
        one.user_id: _participant(one, _streams(voices, one.user_id)) for one in event.participants
    }
    if told == voices:
        return voices
    # One object for every empty channel, so that what follows is shared.
    return told or NOTHING


def participant_join(voices: Voices, event: events.VoiceParticipantJoin) -> Voices:
    """Insert; who joins publishes nothing yet."""
    told = event.participant
    held = voices.get(told.user_id)
    if held is not None and told.updated_at_unix < held.updated_at_unix:
        return voices
    return _with(voices, told.user_id, _participant(told, frozenset()))


def participant_update(voices: Voices, event: events.VoiceParticipantUpdate) -> Voices:
    """Set the given flags of somebody held."""
    held = voices.get(event.user_id)
    if held is None or event.updated_at_unix < held.updated_at_unix:
        return voices
    flags = event.updated_fields.wire()
    return _with(voices, event.user_id, replace(held, **flags, updated_at_unix=event.updated_at_unix))


def gone(voices: Voices, event: events.VoiceParticipantLeave | events.WorkspaceMemberRemove) -> Voices:
    """Drop the user."""
    return without(voices, event.user_id) or NOTHING if event.user_id in voices else voices


def stream_publish(voices: Voices, event: events.VoiceStreamPublish) -> Voices:
    """Add a stream to somebody held."""
    return _with_streams(voices, event.user_id, _streams(voices, event.user_id) | {event.stream})


def stream_unpublish(voices: Voices, event: events.VoiceStreamUnpublish) -> Voices:
    """Drop a stream."""
    return _with_streams(voices, event.user_id, _streams(voices, event.user_id) - {event.stream})


def _participant(told: shapes.Participant, streams: frozenset[str]) -> Participant:
    return Participant(
        identity=told.identity,
        joined_at_unix=told.joined_at_unix,
        updated_at_unix=told.updated_at_unix,
        is_muted=told.is_muted,
        is_deafened=told.is_deafened,
        is_speaking=told.is_speaking,
        is_video_enabled=told.is_video_enabled,
        is_screen_share_enabled=told.is_screen_share_enabled,
        streams=streams,
    )


def _streams(voices: Voices, user_id: str) -> frozenset[str]:
    return voices[user_id].streams if user_id in voices else frozenset()


def _with_streams(voices: Voices, user_id: str, streams: frozenset[str]) -> Voices:
    held = voices.get(user_id)
    return voices if held is None else _with(voices, user_id, replace(held, streams=streams))


def _with(voices: Voices, user_id: str, participant: Participant) -> Voices:
    return voices if voices.get(user_id) == participant else put(voices, user_id, participant)


STEPS: Final[Mapping[type[events.Event], Callable[[Voices, Any], Voices]]] = {
    events.VoiceParticipantSync: participant_sync,
    events.VoiceParticipantJoin: participant_join,
    events.VoiceParticipantUpdate: participant_update,
    events.VoiceParticipantLeave: gone,
    events.VoiceStreamPublish: stream_publish,
    events.VoiceStreamUnpublish: stream_unpublish,
}
"""Events about a voice channel."""
