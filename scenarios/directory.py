"""The directory: joining public workspaces, and learning nothing of private ones."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@scenario(
    "directory/join",
    covers=["JOIN-2", "JOIN-3", "GUILD-2", "SCOPE-4", "SCOPE-8", "DELIV-1", "LEAK-JOIN-1"],
    features=(Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.DIRECTORY),
    needs=Needs(operations=7, settles=3, guilds=2),
)
async def joiner_is_announced_to_every_member(stage: Stage) -> None:
    """Who joins a public workspace is announced to its members and hears all; a private one is unknown."""
    room = await stage.workspace(visibility="public")
    closed = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    joiner = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.post(ana, place, "before you came")
    await stage.settle()
    for unknown in (closed.guild_id, _UNKNOWN):
        await stage.do(joiner, ops.JoinGuild(guild_id=unknown), refused=True)
    await stage.join(joiner, room)
    await stage.subscribe(joiner, place)
    await stage.settle()
    await stage.do(joiner, ops.JoinGuild(guild_id=room.guild_id))
    await stage.post(joiner, place, "here I am")
    await stage.post(owner, place, "welcome")
