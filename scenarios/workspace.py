"""The workspace itself: its name and visibility."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import Stage
from sync_check.scenarios.registry import scenario


@scenario(
    "workspace/rename",
    covers=[
        "GUILD-1",
        "GUILD-2",
        "GUILD-4",
        "SCOPE-4",
        "SCOPE-5",
        "DELIV-1",
        "DELIV-8",
        "DELIV-10",
        "EVT-2",
        "REST-6",
    ],
    features=(Feature.WORKSPACE_UPDATE, Feature.CHANNELS_CREATE, Feature.MEMBERS, Feature.MESSAGES),
    needs=Needs(operations=6, settles=3, guilds=2),
)
async def rename_reaches_every_member(stage: Stage) -> None:
    """A new workspace name reaches every member's clients, and a rename to the same name is no event."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    await stage.settle()
    name = await stage.rename(owner, room, "renamed")
    await stage.settle()
    await stage.update_guild(owner, room, name=name)
    await stage.rename(ana, room, "not hers", refused=True)
    await stage.rename(outsider, room, "not theirs", refused=True)
    fresh = await stage.workspace(channels=())
    await stage.do(fresh.owner, ops.ListChannels(guild_id=fresh.guild_id))
    await stage.rename(owner, room, "renamed again")
