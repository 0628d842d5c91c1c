"""The gateway: connections come and go, and each hears what it subscribed to and nothing else."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.room import Place
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)


@scenario(
    "gateway/connect",
    covers=[
        *("GW-3", "GW-4", "GW-5", "SUB-1", "SUB-4", "SCOPE-2", "SCOPE-3", "SCOPE-4"),
        *("DELIV-1", "DELIV-8", "CLIENT-6"),
    ],
    features=(*_FEATURES, Feature.WORKSPACE_UPDATE),
    needs=Needs(operations=7, settles=4),
)
async def connections_of_one_user_hear_alike(stage: Stage) -> None:
    """A user's connections, several of one session, hear alike and may ping; who comes back hears all."""
    room = await stage.workspace(channels=(GENERAL, "side"))
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place, side = room.channel(GENERAL), room.channel("side")
    await stage.settle()
    await stage.ping(ana, place)
    await stage.connect(ana, room)
    await stage.connect(outsider)
    await stage.post(owner, place, "to three connections")
    await stage.post(ana, side, "from one of three")
    await stage.rename(owner, room, "renamed")
    await stage.settle()
    await stage.disconnect(ana, room)
    await stage.post(owner, place, "to the two that are left")
    await stage.disconnect(ana, room)
    await stage.disconnect(ana, room)
    await stage.post(owner, side, "to nobody of hers")
    await stage.settle()
    await stage.connect(ana, room)
    await stage.post(owner, place, "to who is back")
    await stage.post(owner, side, "and here as well")


@scenario(
    "gateway/subscribe",
    covers=[
        *("SUB-1", "SUB-2", "SUB-3", "SUB-4", "LEAK-SUB-1", "SCOPE-2", "SCOPE-3"),
        *("DELIV-1", "CHAN-3", "OVR-3"),
    ],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION),
    needs=Needs(strangers=2, operations=10, settles=3, guilds=2),
)
async def refused_subscribe_tells_nothing(stage: Stage) -> None:
    """A subscribe is answered once; to something unknown, forbidden or foreign it tells nothing at all."""
    room = await stage.workspace(channels=(GENERAL, "board"))
    foreign = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place, board = room.channel(GENERAL), room.channel("board")
    await stage.override(owner, board, ana, deny=("create_message",))
    stage.shut_out(board, ana)
    await stage.settle()
    for refused in (
        Place(guild_id=room.guild_id, channel_id=room.guild_id),
        Place(guild_id=place.channel_id, channel_id=place.channel_id),
        Place(guild_id=room.guild_id, channel_id=foreign.channels[GENERAL]),
        foreign.channel(GENERAL),
        board,
    ):
        await stage.subscribe(outsider, refused, refused=True)
        await stage.subscribe(ana, refused, refused=True)
        await stage.subscribe(ana, place)
    await stage.subscribe(outsider, place, refused=True)
    await stage.post_in_vain(ana, board, "not by you")
    await stage.post(owner, board, "not for you")
    await stage.post(owner, place, "before it is repeated")
    await stage.subscribe(ana, place)
    await stage.post(owner, place, "after it is repeated")
    await stage.settle()
    await stage.override(owner, board, ana)
    await stage.subscribe(ana, board)
    await stage.post(owner, board, "for you again")
