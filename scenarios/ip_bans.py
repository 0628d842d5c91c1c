"""IP bans: an address is shut out, nobody learns it, and only who manages bans hears of it."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.attempts import attempt
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (
    Feature.MEMBERS,
    Feature.CHANNELS_CREATE,
    Feature.MESSAGES,
    Feature.DIRECTORY,
    Feature.IP_BANS,
)


@scenario(
    "ip_bans/ban",
    covers=["IPBAN-1", "IPBAN-2", "LEAK-IP-1", "LEAK-IP-2", "REST-6", "DELIV-1"],
    features=_FEATURES,
    clients=3,
    hazards=(Hazard.IP_BANS, Hazard.HOSTILE_INPUT),
    needs=Needs(operations=11, settles=3, extra_sessions=2, addresses=True),
)
async def banned_address_is_shut_out_and_told_to_nobody(stage: Stage) -> None:
    """From a banned address nothing of the workspace can be read; only who manages bans hears of it."""
    room = await stage.workspace(visibility="public")
    owner, ana, ben, *_ = await stage.cast(room)
    joiner = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.join(joiner, room)
    mine = await stage.post(joiner, place, "while I may")
    await stage.settle()
    ban = ops.BanAddressesOf(guild_id=room.guild_id, target_user_id=joiner.user_id, reason="flood")
    await stage.do(ana, ban, refused=True)
    reply = await stage.do(owner, ban)
    listing = ops.ListChannels(guild_id=room.guild_id)
    await stage.do(joiner, listing, refused=True)
    await attempt(stage, joiner, place, mine, query=room.words[-1])
    await stage.say(joiner, place, "from a banned address", refused=True)
    await stage.reconnect(joiner)
    await stage.do(ben, listing)
    nobody = ops.BanAddressesOf(guild_id=room.guild_id, target_user_id=ben.user_id)
    await stage.do(owner, nobody)
    await stage.do(ana, ops.ListIpBans(guild_id=room.guild_id), refused=True)
    await stage.do(owner, ops.ListIpBans(guild_id=room.guild_id))
    await stage.settle()
    for ban_id in reply.body.get("ban_ids", []):
        lift = ops.RemoveIpBan(guild_id=room.guild_id, ban_id=str(ban_id))
        await stage.do(ana, lift, refused=True)
        await stage.do(owner, lift)
        await stage.do(owner, lift, refused=True)
    await stage.do(joiner, listing)
    await stage.subscribe(joiner, place)
    await stage.post(joiner, place, "let in again")
