"""Channels: who learns that one is made, renamed, moved or deleted, and of which nobody may learn."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.attempts import attempt
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_HIDING = (*_FEATURES, Feature.ROLES, Feature.OVERRIDES_PERMISSION)
_EVERYONE = "@everyone"
_HIDDEN = "hidden"


@scenario(
    "channels/create",
    covers=["CHAN-1", "SCOPE-4", "SCOPE-5", "REST-6", "DELIV-1", "DELIV-8"],
    features=_FEATURES,
    needs=Needs(operations=6, settles=2),
)
async def new_channel_is_listed_by_every_member(stage: Stage) -> None:
    """A new channel comes last in every member's list and can be subscribed to at once."""
    room = await stage.workspace()
    owner, ana, *_ = members = await stage.cast(room)
    outsider = await stage.stranger()
    place = await stage.add_channel(owner, room, "second")
    await stage.settle()
    refused = ops.CreateChannel(guild_id=room.guild_id, channel_name="not mine to make")
    await stage.do(ana, refused, refused=True)
    await stage.do(outsider, refused, refused=True)
    for member in members:
        await stage.subscribe(member, place)
    await stage.post(ana, place, "the first one here")


@scenario(
    "channels/rename",
    covers=["CHAN-4", "SCOPE-4", "SCOPE-5", "REST-6", "DELIV-1", "DELIV-10"],
    features=(*_FEATURES, Feature.CHANNELS_UPDATE),
    needs=Needs(operations=8, settles=3),
)
async def rename_reaches_every_member(stage: Stage) -> None:
    """A renamed channel has its new name in every member's list, and a rename to the same name is silent."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    await stage.settle()
    name = await stage.rename_channel(owner, place, "renamed")
    await stage.settle()
    same = ops.UpdateChannel(guild_id=place.guild_id, channel_id=place.channel_id, channel_name=name)
    await stage.do(owner, same)
    await stage.rename_channel(ana, place, "not mine", refused=True)
    await stage.rename_channel(outsider, place, "nor mine", refused=True)
    if stage.offers(Feature.OVERRIDES_PERMISSION):
        await stage.override(owner, place, ana, allow=["manage_channel_overrides"])
        await stage.rename_channel(ana, place, "mine, as far as this channel goes")
    await stage.post(ana, place, "still here")


@scenario(
    "channels/delete",
    covers=["CHAN-5", "SCOPE-4", "SCOPE-5", "REST-6", "DELIV-1", "CLIENT-6"],
    features=(*_FEATURES, Feature.CHANNELS_DELETE),
    needs=Needs(operations=9, settles=3),
)
async def deleted_channel_is_gone_with_all_in_it(stage: Stage) -> None:
    """A deleted channel vanishes with its messages, and the other channels go on as before."""
    room = await stage.workspace((GENERAL, "doomed"))
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    doomed, general = room.channel("doomed"), room.channel(GENERAL)
    note = await stage.post(ana, doomed, "not for long")
    await stage.settle()
    delete = ops.DeleteChannel(guild_id=doomed.guild_id, channel_id=doomed.channel_id)
    await stage.do(ana, delete, refused=True)
    await stage.do(outsider, delete, refused=True)
    await stage.do(owner, delete)
    stage.forget_channel(room, "doomed")
    await stage.settle()
    await stage.edit(ana, note, "too late", refused=True)
    history = ops.History(guild_id=doomed.guild_id, channel_id=doomed.channel_id)
    await stage.do(ana, history, refused=True)
    await stage.do(owner, delete, refused=True)
    await stage.post(ana, general, "the other one is as it was")


@scenario(
    "channels/reorder",
    covers=["CHAN-6", "CHAN-1", "SCOPE-4", "SCOPE-5", "REST-6", "DELIV-1", "CHAN-7"],
    features=(*_FEATURES, Feature.CHANNELS_REORDER),
    needs=Needs(operations=9, settles=3),
)
async def new_order_is_everybodys(stage: Stage) -> None:
    """A reorder gives every member the same order of channels; one that names a channel twice is refused."""
    room = await stage.workspace((GENERAL, "second", "third"))
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    first, second, third = room.channels.values()
    await stage.settle()
    moved = ops.ReorderChannels(guild_id=room.guild_id, channel_ids=[third, first])
    await stage.do(owner, moved)
    await stage.settle()
    await stage.do(owner, moved)
    for bad in ([first, first], [first, room.guild_id]):
        await stage.do(owner, ops.ReorderChannels(guild_id=room.guild_id, channel_ids=bad), refused=True)
    await stage.do(ana, ops.ReorderChannels(guild_id=room.guild_id, channel_ids=[second]), refused=True)
    await stage.do(outsider, moved, refused=True)


@scenario(
    "channels/hidden",
    covers=[
        "LEAK-CHAN-1",
        "LEAK-CHAN-2",
        "CHAN-7",
        "CHAN-1",
        "CHAN-3",
        "PERM-2",
        "OVR-3",
        "SCOPE-3",
        "SUB-4",
    ],
    features=(
        *_HIDING,
        Feature.CHANNELS_UPDATE,
        Feature.CHANNELS_DELETE,
        Feature.CHANNELS_REORDER,
    ),
    clients=3,
    needs=Needs(operations=12, settles=4),
)
async def hidden_channel_is_told_to_nobody_without_access(stage: Stage) -> None:
    """Whoever has no access to a channel learns nothing of it: no name, no message, not that it moved."""
    room = await stage.workspace((GENERAL, _HIDDEN))
    owner, ana, *others = await stage.cast(room)
    await stage.stranger()
    roles = await stage.role_ids(owner, room)
    hidden = room.channel(_HIDDEN)
    await stage.override(owner, hidden, roles[_EVERYONE], deny=["create_message"])
    stage.shut_out(hidden, ana, *others)
    await stage.override(owner, hidden, ana, allow=["create_message"])
    await stage.settle()
    await stage.subscribe(ana, hidden)
    note = await stage.post(ana, hidden, "between us")
    await stage.rename_channel(owner, hidden, "renamed in secret")
    order = ops.ReorderChannels(guild_id=room.guild_id, channel_ids=[hidden.channel_id])
    await stage.do(owner, order)
    for other in others[:1]:
        await stage.do(other, order, refused=True)
        await attempt(stage, other, hidden, note, query=room.words[-1])
        await stage.subscribe(other, hidden, refused=True)
    await stage.settle()
    await stage.do(owner, ops.DeleteChannel(guild_id=hidden.guild_id, channel_id=hidden.channel_id))
    stage.forget_channel(room, _HIDDEN)
