"""Messages: what one client writes, edits or deletes, every subscriber sees, and nobody else."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.hazards import Hazard
from sync_check.harness.room import Note, Place
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)


@scenario(
    "messages/create",
    covers=[
        *("MSG-1", "MSG-2", "MSG-3", "CMD-1", "CMD-2", "SCOPE-2", "SCOPE-3", "SUB-4", "REST-5"),
        *("DELIV-1", "DELIV-2", "DELIV-5", "DELIV-7", "DELIV-8", "DELIV-10"),
    ],
    features=_FEATURES,
    needs=Needs(operations=9, settles=3),
)
async def message_reaches_every_subscriber_however_it_was_sent(stage: Stage) -> None:
    """A new message, by REST or by command, reaches every subscriber in the order of sending."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    aside = await stage.add_channel(owner, room, "aside")
    await stage.subscribe(owner, aside)
    await stage.settle()
    await stage.post(ana, place, "by REST")
    for text in ("one by command", "two by command", "three by command"):
        await stage.say(ana, place, text)
    await stage.say(ana, place, "by the other session", connection=1)
    said = await stage.say(owner, place, "by the owner")
    note = await stage.find(ana, place, said)
    await stage.edit(owner, note, "by the owner, edited")
    elsewhere = Note(place=aside, message_id=note.message_id)
    await stage.edit(owner, elsewhere, "through another channel", refused=True)
    await stage.delete(owner, elsewhere, refused=True)
    await stage.post_in_vain(outsider, place, "by a stranger")
    await stage.settle()
    await stage.say(ana, aside, "where I do not listen")
    await stage.say(owner, aside, "an answer that you do not hear")
    await stage.say(ana, aside, "the last before I listen")
    await stage.subscribe(ana, aside)
    await stage.say(ana, aside, "the first that I hear")


@scenario(
    "messages/refused",
    covers=[
        *("BAD-5", "BAD-7", "BAD-9", "BAD-10", "BAD-11", "CMD-1", "CMD-2"),
        *("CHAN-3", "OVR-3", "SCOPE-2", "DELIV-1", "REST-4"),
    ],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION),
    clients=3,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=Needs(operations=9, settles=4, extra_sessions=6),
)
async def refused_message_ends_its_connection(stage: Stage) -> None:
    """A message by command that must be refused ends its connection, and nobody hears of it."""
    room = await stage.workspace(channels=(GENERAL, "board"))
    owner, ana, ben, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place, board = room.channel(GENERAL), room.channel("board")
    unknown = Place(guild_id=room.guild_id, channel_id=room.guild_id)
    too_long = "x" * stage.company.target.limits.message_bytes
    await stage.override(owner, board, ben, deny=("create_message",))
    stage.shut_out(board, ben)
    await stage.settle()
    await stage.post_in_vain(ben, board, "by REST, without access")
    await stage.say(ben, place, "the last before the end")
    await stage.say(ben, board, "without access")
    await stage.say(ben, place, "after the end", refused=True)
    await stage.reconnect(ben, room)
    await stage.settle()
    await stage.say(outsider, place, "by a stranger", refused=True)
    await stage.say(ana, unknown, "where there is no channel", refused=True)
    await stage.say(ana, place, too_long, connection=1, refused=True)
    await stage.post_in_vain(ana, place, too_long)
    await stage.reconnect(outsider)
    await stage.reconnect(ana, room)
    await stage.settle()
    await stage.say(ben, place, "back again")
    await stage.say(ana, place, "so am I")


@scenario(
    "messages/edit",
    covers=[
        *("MSG-1", "MSG-EDIT-2", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-8", "DELIV-10", "EVT-1", "REST-5"),
        "ENV-10",
    ],
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
