"""Who is in a voice channel (contract 2.5, feature `voice`); the media server is out of scope."""

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.guilds import DEPARTURE
from sync_check.conformance.contract.operations.operation import Authority, Operation, Sending

_VOICE = "/guilds/{guild_id}/channels/{channel_id}/voice"


class IssueVoiceToken(Operation):
    name = "issue_voice_token"
    method = "POST"
    path = f"{_VOICE}/token"
    sending = Sending.JSON
    result = shapes.VoiceToken
    authority = Authority.ACCESS
    feature = Feature.VOICE
    causes = (events.VoiceParticipantJoin, events.VoiceStreamPublish)
    companions = (*DEPARTURE, events.VoiceParticipantUpdate)
    remark = (
        "a departure from another channel comes first (VOICE-2); a later token tells an update in place of "
        "the join, then the streams that ended, then those that began (VOICE-1)"
    )
    guild_id: str
    channel_id: str
    can_publish: bool | None = None
    can_subscribe: bool | None = None
    publish_sources: list[str] | None = None


class UpdateVoiceState(Operation):
    name = "update_voice_state"
    method = "POST"
    path = f"{_VOICE}/state"
    sending = Sending.JSON
    success = 204
    result = None
    authority = Authority.ANY_USER
    feature = Feature.VOICE
    causes = (events.VoiceParticipantUpdate,)
    remark = "only of a participant"
    guild_id: str
    channel_id: str
    is_muted: bool | None = None
    is_deafened: bool | None = None


class LeaveVoice(Operation):
    name = "leave_voice"
    method = "POST"
    path = f"{_VOICE}/leave"
    success = 204
    result = None
    authority = Authority.ANY_USER
    feature = Feature.VOICE
    causes = DEPARTURE
    remark = "one unpublish for each stream; only of a participant (VOICE-3)"
    guild_id: str
    channel_id: str
