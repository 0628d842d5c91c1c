"""Presence: who learns that somebody comes online or goes offline, and of what it does not depend."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.room import Place
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_UPDATE = "presence_update"


@scenario(
    "presence/online",
    covers=["PRES-1", "PRES-2", "PRES-5", "SUB-1", "SUB-2", "SUB-3", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(strangers=2, operations=3, settles=3, extra_sessions=2),
)
async def first_session_comes_online_once(stage: Stage) -> None:
    """A new member's first subscribe is told to all members once; further ones and sessions are not."""
    room = await stage.workspace()
    owner, *_ = await stage.cast(room)
    await stage.stranger()
    newcomer = await stage.stranger()
    place = room.channel(GENERAL)
    unknown = Place(guild_id=room.guild_id, channel_id=room.guild_id)
    await stage.settle()
    await stage.add(owner, room, newcomer)
    await stage.subscribe(newcomer, place)
    await stage.settle()
    await stage.subscribe(newcomer, unknown, refused=True)
    await stage.subscribe(newcomer, place)
    await stage.connect(newcomer, room, session=2)
    await stage.post(newcomer, place, "in both sessions")


@scenario(
    "presence/offline",
    covers=["PRES-1", "PRES-3", "PRES-4", "PRES-5", "PRES-6", "ACCESS-3", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=4, settles=3, removed=1),
)
async def last_session_goes_offline_once(stage: Stage) -> None:
    """The end of a session is told once it was the last one; who is removed goes offline as well."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    await stage.stranger()
    place = room.channel(GENERAL)
    await stage.settle()
    await stage.disconnect(ana, room)
    await stage.post(ana, place, "still here in the other session")
    await stage.disconnect(ana, room, told=(_UPDATE,))
    await stage.settle()
    await stage.connect(ana, room)
    await stage.post(ana, place, "back again")
    await stage.kick(owner, room, ana)
    await stage.post(owner, place, "without you")
