"""Membership: who is in, as what, and what is seen by whom once somebody is out."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.attempts import attempt
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.WORKSPACE_UPDATE)


@scenario(
    "members/role-change",
    covers=["MEM-3", "MEM-4", "CHAN-2", "PERM-3", "SCOPE-4", "SCOPE-5", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=7, settles=3),
)
async def role_change_reaches_every_member(stage: Stage) -> None:
    """A member made moderator can moderate at once, everybody is told, and no stranger is."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(owner, room.channel(GENERAL), "by the owner")
    await stage.edit(ana, note, "not yet", refused=True)
    await stage.settle()
    await stage.change_role(owner, room, ana, "moderator")
    await stage.settle()
    await stage.edit(ana, note, "moderated")
    await stage.change_role(ana, room, owner, "member", refused=True)
    await stage.change_role(outsider, room, ana, "member", refused=True)
    await stage.change_role(owner, room, ana, "member")


@scenario(
    "members/kick",
    covers=["MEM-5", "ACCESS-2", "ACCESS-3", "SCOPE-3", "SCOPE-4", "SCOPE-5", "GUILD-2", "DELIV-1", "REST-5"],
    features=_FEATURES,
    needs=Needs(operations=9, settles=3, removed=1),
)
async def kicked_client_hears_nothing_more(stage: Stage) -> None:
    """A kicked member is told so in all sessions, and from then on hears nothing of the workspace."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    mine = await stage.post(ana, place, "while I am here")
    await stage.settle()
    await stage.kick(outsider, room, owner, refused=True)
    await stage.kick(owner, room, ana)
    note = await stage.post(owner, place, "after the kick")
    await stage.rename(owner, room, "without you")
    await attempt(stage, ana, place, mine)
    await stage.subscribe(ana, place, refused=True)
    await stage.settle()
    await stage.edit(owner, note, "edited after the kick")
    await stage.peek(ana, room)
    await stage.delete(owner, note)
