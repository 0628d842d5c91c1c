"""Reactions: each counts once, everybody sees the same count, also after several at once."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.concurrency import all_done
from sync_check.harness.room import Note
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.REACTIONS, Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)
_THUMB = "👍"
_PARTY = "🎉"
_FAMILY = "👩‍👩‍👧/%"
"""Several code points in one, and what has to be percent-encoded in a path."""


@scenario(
    "reactions/add",
    covers=[
        *("REACT-1", "REACT-3", "REACT-4", "REACT-5", "REST-4", "REST-5"),
        *("SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-8", "DELIV-10"),
    ],
    features=_FEATURES,
    needs=Needs(operations=14, settles=3),
)
async def added_reaction_counts_for_everybody(stage: Stage) -> None:
    """A reaction reaches every subscriber and counts once per user, also when several react at once."""
    room = await stage.workspace((GENERAL, "other"))
    owner, ana, *_ = members = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(owner, room.channel(GENERAL), "what do you think")
    await stage.settle()
    await stage.react(ana, note, _THUMB)
    await stage.react(ana, note, _THUMB)
    await stage.react(owner, note, _THUMB)
    await stage.react(owner, note, _FAMILY)
    await stage.settle()
    await stage.react(outsider, note, _THUMB, refused=True)
    await stage.react(ana, note, "two words", refused=True)
    await stage.react(ana, note, "x" * (stage.company.target.limits.emoji_characters + 1), refused=True)
    elsewhere = Note(place=room.channel("other"), message_id=note.message_id)
    await stage.react(ana, elsewhere, _THUMB, refused=True)
    await all_done(stage.react(member, note, _PARTY) for member in members)
    await stage.peek(outsider, room)


@scenario(
    "reactions/remove",
    covers=[
        *("REACT-1", "REACT-2", "REACT-3", "REACT-5", "REST-5", "REST-6", "MSG-DEL-1"),
        *("SCOPE-2", "SCOPE-3", "DELIV-1", "DELIV-8", "DELIV-10"),
    ],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION),
    needs=Needs(operations=21, settles=4),
)
async def removed_reaction_counts_for_nobody(stage: Stage) -> None:
    """Who takes a reaction back takes only their own; after the last one nothing of that emoji is left."""
    room = await stage.workspace()
    owner, ana, *_ = members = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    note = await stage.post(owner, place, "what do you think")
    await stage.react(ana, note, _FAMILY)
    await stage.react(ana, note, _THUMB)
    await stage.settle()
    await stage.unreact(owner, note, _THUMB)
    await stage.unreact(outsider, note, _THUMB, refused=True)
    await stage.unreact(ana, note, _FAMILY)
    await all_done(stage.react(member, note, _PARTY) for member in members)
    await stage.settle()
    await stage.unreact(owner, note, _PARTY)
    await all_done(stage.unreact(member, note, _PARTY) for member in members)
    await stage.settle()
    await stage.override(owner, place, ana, deny=["create_message"])
    stage.shut_out(place, ana)
    await stage.react(ana, note, _FAMILY, refused=True)
    await stage.unreact(ana, note, _THUMB, refused=True)
    await stage.react(owner, note, _THUMB)
    await stage.delete(owner, note)
    await stage.do(owner, ops.History(guild_id=place.guild_id, channel_id=place.channel_id))
