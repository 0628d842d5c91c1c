"""Voice channels: tokens, state, leave (contract 2.5, feature `voice`)."""

from typing import Annotated, Final

from fastapi import Response

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.shapes import VoiceToken
from sync_check.conformance.contract.values import NotNull, OptionalBool, StreamSource
from sync_check.reference_server import access, auditing
from sync_check.reference_server.errors import Forbidden, InvalidRequest, RateLimited
from sync_check.reference_server.guild import Channel
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.voice import attendance
from sync_check.reference_server.voice.participants import Participant, identity

router = strict_router()

_VOICE: Final = "/guilds/{guild_id}/channels/{channel_id}/voice"
_MEDIA_SERVER: Final = "wss://media.invalid"
_NEEDED: Final[dict[StreamSource, Permission]] = {
    "microphone": "create_message",
    "camera": "publish_video",
    "screen_share": "publish_screen_share",
}


class TokenRequest(Body):
    can_publish: OptionalBool = None
    can_subscribe: OptionalBool = None
    publish_sources: Annotated[list[StreamSource] | None, NotNull] = None


class StatePatch(Body):
    is_muted: OptionalBool = None
    is_deafened: OptionalBool = None


@router.post(_VOICE + "/token")
async def issue_token(guild_id: str, channel_id: str, body: TokenRequest, caller: ThisCaller) -> VoiceToken:
    """Issue a token for what the caller may do of what is asked for; that is how one joins."""
    backend = caller.backend
    guild = caller.content(guild_id)
    channel = caller.channel(guild, channel_id)
    permitted = access.in_channel(guild, channel, caller.user_id)
    sources = [source for source in _wanted(body) if _NEEDED[source] in permitted]
    can_subscribe = body.can_subscribe is True and "subscribe_streams" in permitted
    if not sources and not can_subscribe:
        raise InvalidRequest
    _admit(caller, channel, sources, can_subscribe=can_subscribe)
    auditing.record(backend, guild, "media.token.issue", actor_id=caller.user_id, target_id=caller.user_id)
    attendance.enter(backend, guild, channel, caller.user_id, sources)
    return VoiceToken(
        token=backend.new_voice_token(),
        livekit_url=_MEDIA_SERVER,
        room=channel_id,
        identity=identity(caller.user_id, channel_id),
        can_publish=bool(sources),
        can_subscribe=can_subscribe,
        publish_sources=sources,
        expires_in_secs=max(1, int(backend.settings.limits.voice_lease_s)),
    )


@router.post(_VOICE + "/state", status_code=204)
async def set_state(guild_id: str, channel_id: str, body: StatePatch, caller: ThisCaller) -> Response:
    """Mute or deafen oneself; without effect for who is not there."""
    if not body.model_fields_set:
        raise InvalidRequest
    own = _own(caller, guild_id, channel_id)
    if own is not None:
        attendance.set_state(caller.backend, own, is_muted=body.is_muted, is_deafened=body.is_deafened)
    return Response(status_code=204)


@router.post(_VOICE + "/leave", status_code=204)
async def leave(guild_id: str, channel_id: str, caller: ThisCaller) -> Response:
    own = _own(caller, guild_id, channel_id)
    if own is not None:
        attendance.depart(caller.backend, own)
    return Response(status_code=204)


def _wanted(body: TokenRequest) -> list[StreamSource]:
    if body.can_publish is False:
        return []
    return ["microphone"] if body.publish_sources is None else list(dict.fromkeys(body.publish_sources))


def _own(caller: Caller, guild_id: str, channel_id: str) -> Participant | None:
    """The caller's participation in just this channel; raises `Forbidden` for a banned address."""
    guild = caller.backend.store.guilds.get(guild_id)
    if guild is not None and caller.backend.shuts_out(guild, caller.user_id, caller.address):
        raise Forbidden
    own = caller.backend.voice.of_user(caller.user_id)
    is_there = own is not None and (own.guild_id, own.channel_id) == (guild_id, channel_id)
    return own if is_there else None


def _admit(caller: Caller, channel: Channel, sources: list[StreamSource], *, can_subscribe: bool) -> None:
    """Hold the limits of voice (6.1); raises `RateLimited` beyond one."""
    backend = caller.backend
    there = backend.voice.in_channel(channel.channel_id)
    is_new = all(participant.user_id != caller.user_id for participant in there)
    if is_new and len(there) >= backend.settings.limits.voice_participants:
        raise RateLimited
    backend.rates.admit_voice(
        user_id=caller.user_id,
        address=caller.address,
        channel_id=channel.channel_id,
        shows=any(source != "microphone" for source in sources),
        subscribes=can_subscribe,
    )
