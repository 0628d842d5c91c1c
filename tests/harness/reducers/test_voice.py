"""Voices: what a list of participants does not tell is kept."""

from typing import Any

from sync_check.conformance.contract import events
from sync_check.harness.reducers import voice
from sync_check.harness.state import NOTHING
from tests.harness.wire import BEN, EVE, GENERAL, GUILD, NOW

PLACE = {"guild_id": GUILD, "channel_id": GENERAL}


def participant(user_id: str) -> dict[str, Any]:
    flags = ("is_muted", "is_deafened", "is_speaking", "is_video_enabled", "is_screen_share_enabled")
    times = {"joined_at_unix": NOW, "updated_at_unix": NOW}
    return {"user_id": user_id, "identity": "x", **times, **dict.fromkeys(flags, False)}


def sync(*user_ids: str) -> events.VoiceParticipantSync:
    return events.VoiceParticipantSync.model_validate(
        {**PLACE, "participants": [participant(user) for user in user_ids], "synced_at_unix": NOW}
    )


def publish(user_id: str) -> events.VoiceStreamPublish:
    return events.VoiceStreamPublish.model_validate(
        {**PLACE, "user_id": user_id, "identity": "x", "stream": "camera", "published_at_unix": NOW}
    )


def test_streams_of_who_stays_survive_a_list() -> None:
    voices = voice.stream_publish(voice.participant_sync(NOTHING, sync(BEN, EVE)), publish(BEN))
    assert voice.participant_sync(voices, sync(BEN)) == {BEN: voices[BEN]}
    assert voices[BEN].streams == {"camera"}
    assert voice.participant_sync(voices, sync(EVE))[EVE].streams == frozenset()


def test_who_joins_again_publishes_nothing_yet() -> None:
    voices = voice.stream_publish(voice.participant_sync(NOTHING, sync(BEN)), publish(BEN))
    again = events.VoiceParticipantJoin.model_validate({**PLACE, "participant": participant(BEN)})
    assert voice.participant_join(voices, again)[BEN].streams == frozenset()


def test_every_empty_channel_is_the_same_object() -> None:
    voices = voice.participant_sync(NOTHING, sync(BEN))
    left = events.VoiceParticipantLeave.model_validate(
        {**PLACE, "user_id": BEN, "identity": "x", "left_at_unix": NOW}
    )
    assert voice.gone(voices, left) is NOTHING
    assert voice.participant_sync(voices, sync()) is NOTHING
