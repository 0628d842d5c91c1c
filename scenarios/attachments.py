"""Attachments: files are shared by messages, and only who may read the channel gets their bytes."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.attempts import attempt
from sync_check.harness.hazards import Hazard
from sync_check.harness.images import png
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.ATTACHMENTS, Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)
_GIF = "image/gif"
_PLAIN = "text/plain"


@scenario(
    "attachments/share",
    covers=[
        *("ATT-1", "ATT-2", "MSG-1", "MSG-EDIT-2", "REST-2", "REST-4", "REST-5"),
        *("LEAK-READ-1", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-4", "DELIV-8"),
    ],
    features=_FEATURES,
    needs=Needs(operations=22, settles=3),
)
async def message_shares_the_files_that_it_binds(stage: Stage) -> None:
    """A file is bound once, by who uploaded it and in its channel; members read it, nobody else does."""
    room = await stage.workspace((GENERAL, "other"))
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    general, other = room.channel(GENERAL), room.channel("other")
    first = await stage.upload(ana, general, "first")
    second = await stage.upload(ana, general, "second")
    apart = await stage.upload(ana, other, "apart")
    await stage.fetch(ana, first)
    await stage.settle()
    await stage.upload_in_vain(outsider, general, png())
    await stage.upload_in_vain(ana, general, png(), content_type=_GIF)
    await stage.upload_in_vain(ana, general, b"no picture", content_type=_PLAIN)
    await stage.upload_in_vain(ana, general, b"")
    await stage.upload_in_vain(ana, general, png(), filename="a/b.png")
    await stage.upload_in_vain(ana, general, png(), filename="x" * 129)
    await stage.post_in_vain(owner, general, "not mine", files=[first])
    await stage.post_in_vain(ana, general, "from elsewhere", files=[first, apart])
    note = await stage.post(ana, general, "look", files=[second, first])
    await stage.post_in_vain(ana, general, "again", files=[first])
    await stage.settle()
    await stage.fetch(owner, first)
    await stage.fetch(owner, second)
    await stage.fetch(outsider, first, refused=True)
    await stage.fetch(None, first, refused=True)
    await stage.edit(ana, note, "look again")
    await stage.post(owner, general, "seen")


@scenario(
    "attachments/delete",
    covers=["ATT-3", "MSG-DEL-1", "REST-5", "REST-6", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-4"],
    features=_FEATURES,
    needs=Needs(operations=19, settles=3),
)
async def deleted_file_is_read_by_nobody(stage: Stage) -> None:
    """A file is gone once it or its message is deleted, by whoever owns it or moderates, by nobody else."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    owners, moderated, kept, loose = [
        await stage.upload(who, place, text)
        for who, text in ((owner, "owner's"), (ana, "moderated"), (ana, "kept"), (ana, "loose"))
    ]
    await stage.post(owner, place, "mine", files=[owners])
    note = await stage.post(ana, place, "two of them", files=[moderated, kept])
    await stage.settle()
    await stage.discard(ana, owners, refused=True)
    await stage.discard(outsider, loose, refused=True)
    await stage.discard(owner, moderated)
    await stage.discard(ana, loose)
    await stage.discard(ana, loose, refused=True)
    await stage.fetch(ana, moderated, refused=True)
    await stage.fetch(owner, kept)
    await stage.settle()
    await stage.do(ana, ops.History(guild_id=place.guild_id, channel_id=place.channel_id))
    await stage.delete(ana, note)
    await stage.fetch(ana, kept, refused=True)
    await stage.fetch(outsider, kept, refused=True)
    await stage.post(ana, place, "nothing to see here")


@scenario(
    "attachments/lost-access",
    covers=["ATT-3", "ACCESS-3", "ACCESS-4", "CHAN-5", "LEAK-READ-1", "REST-2", "REST-5"],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION, Feature.CHANNELS_DELETE),
    needs=Needs(operations=17, settles=3, removed=1),
    clients=3,
)
async def old_url_serves_nobody_who_lost_access(stage: Stage) -> None:
    """An old URL serves nobody who lost the channel or the membership, and nobody without authentication."""
    room = await stage.workspace((GENERAL, "doomed"))
    owner, ana, ben, *_ = await stage.cast(room)
    await stage.stranger()
    general, doomed = room.channel(GENERAL), room.channel("doomed")
    shared = await stage.upload(owner, general, "shared")
    lost = await stage.upload(owner, doomed, "lost")
    await stage.post(owner, general, "for you", files=[shared])
    await stage.post(owner, doomed, "for now", files=[lost])
    await stage.settle()
    for file in (shared, lost):
        await stage.fetch(ana, file)
        await stage.fetch(ben, file)
    await stage.override(owner, general, ana, deny=["create_message"])
    stage.shut_out(general, ana)
    await attempt(stage, ana, general, file=shared)
    await stage.kick(owner, room, ben)
    await stage.fetch(ben, shared, refused=True)
    await stage.post(owner, general, "without you")
    await stage.settle()
    await stage.do(owner, ops.DeleteChannel(guild_id=doomed.guild_id, channel_id=doomed.channel_id))
    stage.forget_channel(room, "doomed")
    await stage.fetch(ana, lost, refused=True)
    await stage.fetch(owner, lost, refused=True)
    await stage.fetch(None, shared, refused=True)
    await stage.post(owner, general, "the other one is as it was")


@scenario(
    "attachments/command",
    covers=["ATT-2", "CMD-2", "BAD-7", "BAD-10", "BAD-11", "SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-10"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=Needs(operations=8, settles=3, extra_sessions=3),
)
async def message_by_command_binds_files_alike(stage: Stage) -> None:
    """A message by command binds its author's files like one by REST; with another file it is refused."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    first, second, third = [await stage.upload(ana, place, text) for text in ("first", "second", "third")]
    await stage.settle()
    await stage.say(ana, place, "look", files=[second, first])
    await stage.say(ana, place, "and at this", files=[third], connection=1)
    await stage.settle()
    await stage.fetch(owner, first)
    await stage.fetch(outsider, second, refused=True)
    await stage.say(ana, place, "again", files=[first], refused=True)
    await stage.say(owner, place, "not mine", files=[third], refused=True)
    await stage.reconnect(ana, room)
    await stage.reconnect(owner, room)
    await stage.post(owner, place, "seen")
