"""Messages: what one client writes, edits or deletes, every subscriber sees, and nobody else."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)


@scenario(
    "messages/edit",
    covers=["MSG-1", "MSG-EDIT-2", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-8", "DELIV-10", "EVT-1", "REST-5"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=3),
)
async def edit_reaches_every_subscriber(stage: Stage) -> None:
    """An edit by one client updates every other subscribed client without a refresh."""
    room = await stage.workspace()
    owner, ana, *audience = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(ana, room.channel(GENERAL), "first")
    await stage.settle()
    await stage.edit(ana, note, "second")
    await stage.edit(outsider, note, "not mine", refused=True)
    for bystander in audience[:1]:
        await stage.edit(bystander, note, "not mine either", refused=True)
    await stage.settle()
    await stage.edit(owner, note, "third, moderated")
    await stage.peek(outsider, room)


@scenario(
    "messages/delete",
    covers=["MSG-DEL-1", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-8", "DELIV-10", "REST-5"],
    features=_FEATURES,
    needs=Needs(operations=9, settles=3),
)
async def delete_reaches_every_subscriber(stage: Stage) -> None:
    """A deletion by one client removes the message from every other subscribed client."""
    room = await stage.workspace()
    owner, ana, *audience = await stage.cast(room)
    outsider = await stage.stranger()
    kept = await stage.post(owner, room.channel(GENERAL), "stays")
    gone = await stage.post(ana, room.channel(GENERAL), "goes")
    moderated = await stage.post(ana, room.channel(GENERAL), "goes too")
    await stage.settle()
    await stage.delete(outsider, gone, refused=True)
    for bystander in audience[:1]:
        await stage.delete(bystander, gone, refused=True)
    await stage.delete(ana, gone)
    await stage.settle()
    await stage.delete(ana, gone, refused=True)
    await stage.delete(owner, moderated)
    await stage.edit(owner, kept, "stays, edited")
