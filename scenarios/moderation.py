"""The end of a membership: leaving, being banned, and the way back."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)


@scenario(
    "moderation/ban",
    covers=[
        "MEM-5",
        "MEM-6",
        "MEM-7",
        "MEM-8",
        "MEM-9",
        "ACCESS-2",
        "ACCESS-3",
        "SCOPE-3",
        "SCOPE-4",
        "PERM-HIER-2",
    ],
    features=_FEATURES,
    clients=3,
    needs=Needs(operations=10, settles=3, removed=1),
)
async def banned_member_is_out_and_stays_out(stage: Stage) -> None:
    """A banned member is told of it in all sessions, hears nothing more, and cannot be added again."""
    room = await stage.workspace()
    owner, ana, moderator, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.change_role(owner, room, moderator, "moderator")
    await stage.post(ana, place, "while I am here")
    await stage.settle()
    await stage.ban(outsider, room, owner, refused=True)
    await stage.ban(moderator, room, owner, refused=True)
    await stage.ban(ana, room, owner, refused=True)
    await stage.ban(owner, room, ana)
    await stage.post(owner, place, "after the ban")
    await stage.subscribe(ana, place, refused=True)
    await stage.settle()
    await stage.ban(owner, room, ana)
    await stage.add(owner, room, ana, refused=True)
    if stage.offers(Feature.DIRECTORY):
        await stage.do(ana, ops.JoinGuild(guild_id=room.guild_id), refused=True)
    await stage.ban(owner, room, outsider)
    await stage.peek(ana, room)
    await stage.post(owner, place, "without them")


@scenario(
    "moderation/lift",
    covers=["MEM-6", "MEM-11", "MEM-2", "REST-6", "SCOPE-4", "DELIV-1"],
    features=(*_FEATURES, Feature.BANS_LIFT),
    clients=3,
    needs=Needs(operations=9, settles=3),
)
async def lifted_ban_opens_the_way_back(stage: Stage) -> None:
    """A lifted ban tells nobody and makes nobody a member, but who was banned can be added again."""
    room = await stage.workspace()
    owner, ana, ben, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.ban(owner, room, ana)
    await stage.subscribe(ana, place, refused=True)
    await stage.settle()
    await stage.lift(ben, room, ana, refused=True)
    await stage.lift(outsider, room, ana, refused=True)
    await stage.add(owner, room, ana, refused=True)
    if stage.offers(Feature.DIRECTORY):
        await stage.do(ana, ops.JoinGuild(guild_id=room.guild_id), refused=True)
    await stage.lift(owner, room, ana)
    await stage.lift(owner, room, ana, refused=True)
    await stage.settle()
    await stage.add(owner, room, ana)
    await stage.subscribe(ana, place)
    await stage.post(ana, place, "back again")


@scenario(
    "moderation/leave",
    covers=["MEM-9", "MEM-10", "ACCESS-2", "ACCESS-3", "SCOPE-3", "SCOPE-4", "REST-5", "GUILD-2"],
    features=(*_FEATURES, Feature.MEMBERS_LEAVE),
    needs=Needs(operations=8, settles=3),
)
async def leaver_hears_nothing_more(stage: Stage) -> None:
    """Who leaves is told so in all sessions and hears nothing more; the last owner cannot leave."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.post(ana, place, "while I am here")
    await stage.settle()
    await stage.leave(outsider, room, refused=True)
    await stage.leave(owner, room, refused=True)
    await stage.leave(ana, room)
    await stage.post(owner, place, "after you left")
    await stage.subscribe(ana, place, refused=True)
    await stage.settle()
    await stage.peek(ana, room)
    await stage.leave(ana, room, refused=True)
    await stage.add(owner, room, ana)
    await stage.subscribe(ana, place)
    await stage.post(ana, place, "back again")
