"""Voice channels: who learns who is in them and how, and that everybody who is gone is seen to go."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.room import Place
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.VOICE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_LEAVE = "voice_participant_leave"
_LOUNGE = "lounge"


def _token(place: Place, *sources: str) -> ops.IssueVoiceToken:
    """A request for a token to publish these sources; the microphone where none is named."""
    return ops.IssueVoiceToken(
        guild_id=place.guild_id, channel_id=place.channel_id, publish_sources=list(sources) or None
    )


def _state(place: Place, *, muted: bool | None = None, deafened: bool | None = None) -> ops.UpdateVoiceState:
    return ops.UpdateVoiceState(
        guild_id=place.guild_id, channel_id=place.channel_id, is_muted=muted, is_deafened=deafened
    )


def _leave(place: Place) -> ops.LeaveVoice:
    return ops.LeaveVoice(guild_id=place.guild_id, channel_id=place.channel_id)


@scenario(
    "voice/join",
    covers=["VOICE-1", "VOICE-2", "VOICE-3", "SUB-1", "SUB-3", "SCOPE-2", "SCOPE-3", "REST-4", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=3),
)
async def token_joins_updates_and_moves(stage: Stage) -> None:
    """A first token joins, a later one tells the difference, and one for another channel moves."""
    room = await stage.workspace()
    owner, ana, *_ = members = await stage.cast(room)
    outsider = await stage.stranger()
    general = room.channel(GENERAL)
    lounge = await stage.add_channel(owner, room, _LOUNGE, kind="voice")
    for member in members:
        await stage.subscribe(member, lounge)
    await stage.settle()
    await stage.do(outsider, _token(lounge), refused=True)
    await stage.do(ana, _token(lounge, "camera"), refused=True)
    await stage.do(ana, _token(lounge))
    await stage.do(ana, _token(lounge, "microphone", "screen_share"))
    await stage.do(owner, _token(lounge, "microphone", "camera"))
    await stage.settle()
    await stage.do(owner, _token(lounge, "microphone", "screen_share"))
    await stage.subscribe(owner, lounge)
    await stage.do(ana, _token(general))


@scenario(
    "voice/state",
    covers=["VOICE-4", "DELIV-6", "DELIV-10", "REST-4", "SUB-3", "SCOPE-2", "SCOPE-3", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=2),
)
async def changed_state_reaches_every_subscriber(stage: Stage) -> None:
    """Who mutes or deafens is seen to; what changes nothing, or is asked by somebody else, is silent."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.do(ana, _token(place))
    await stage.settle()
    await stage.do(ana, _state(place, muted=True))
    await stage.do(ana, _state(place, muted=True))
    await stage.do(ana, _state(place, muted=True, deafened=True))
    await stage.do(owner, _state(place, muted=True))
    await stage.do(outsider, _state(place, muted=True), refused=True)
    await stage.do(ana, _state(place), refused=True)
    await stage.subscribe(owner, place)
    await stage.do(ana, _state(place, muted=False))


@scenario(
    "voice/leave",
    covers=["VOICE-3", "VOICE-5", "DELIV-6", "ACCESS-3", "SCOPE-2", "SCOPE-3", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=10, settles=3, removed=1),
)
async def whoever_goes_is_seen_to_leave(stage: Stage) -> None:
    """Leaving ends all streams first, and so does the end of the last session, and a removal."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.do(owner, _token(place, "microphone", "camera"))
    await stage.do(ana, _token(place))
    await stage.settle()
    await stage.do(outsider, _leave(place), refused=True)
    await stage.do(owner, _leave(place))
    await stage.do(owner, _leave(place))
    await stage.disconnect(ana, room)
    await stage.post(ana, place, "still here in the other session")
    await stage.disconnect(ana, room, told=(_LEAVE,))
    await stage.settle()
    await stage.connect(ana, room)
    await stage.do(ana, _token(place))
    await stage.kick(owner, room, ana)
    await stage.post(owner, place, "without you")


@scenario(
    "voice/lost-access",
    covers=["VOICE-3", "VOICE-6", "ACCESS-4", "CHAN-5", "SCOPE-2", "SCOPE-3"],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION, Feature.CHANNELS_DELETE),
    needs=Needs(operations=7, settles=3),
    clients=3,
)
async def whoever_loses_the_channel_leaves_it(stage: Stage) -> None:
    """Who may hear a channel no more departs from it, and everybody departs from one that is deleted."""
    room = await stage.workspace((GENERAL, "doomed"))
    owner, ana, *_ = await stage.cast(room)
    await stage.stranger()
    place, doomed = room.channel(GENERAL), room.channel("doomed")
    await stage.do(owner, _token(place))
    await stage.do(ana, _token(place))
    await stage.settle()
    await stage.override(owner, place, ana, deny=["create_message"])
    stage.shut_out(place, ana)
    await stage.do(ana, _token(place), refused=True)
    await stage.settle()
    await stage.do(ana, _token(doomed))
    await stage.do(owner, ops.DeleteChannel(guild_id=doomed.guild_id, channel_id=doomed.channel_id))
    stage.forget_channel(room, "doomed")
    await stage.post(owner, place, "the other one is as it was")
