"""Voice channels."""

from sync_check.conformance.contract.events.event import ChannelEvent
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import (
    Participant,
)
from sync_check.conformance.contract.values import (
    OptionalBool,
    StreamSource,
    Ulid,
    UnixTime,
    UpdatedFields,
)


class _VoiceEvent(ChannelEvent):
    feature = Feature.VOICE
    since = 2


class VoiceParticipantJoin(_VoiceEvent):
    name = "voice_participant_join"
    participant: Participant


class VoiceParticipantLeave(_VoiceEvent):
    name = "voice_participant_leave"
    user_id: Ulid
    identity: str
    left_at_unix: UnixTime


class VoiceChanges(UpdatedFields):
    is_muted: OptionalBool = None
    is_deafened: OptionalBool = None
    is_speaking: OptionalBool = None
    is_video_enabled: OptionalBool = None
    is_screen_share_enabled: OptionalBool = None


class VoiceParticipantUpdate(_VoiceEvent):
    name = "voice_participant_update"
    user_id: Ulid
    identity: str
    updated_fields: VoiceChanges
    updated_at_unix: UnixTime


class VoiceStreamPublish(_VoiceEvent):
    name = "voice_stream_publish"
    user_id: Ulid
    identity: str
    stream: StreamSource
    published_at_unix: UnixTime


class VoiceStreamUnpublish(_VoiceEvent):
    name = "voice_stream_unpublish"
    user_id: Ulid
    identity: str
    stream: StreamSource
    unpublished_at_unix: UnixTime
