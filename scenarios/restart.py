"""A restart of the target under its clients: they come back, and nothing that was acknowledged is gone."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.REACTIONS)


@scenario(
    "restart/content",
    covers=[
        "PRES-1",
        "PRES-2",
        "SUB-1",
        "SUB-4",
        "DELIV-1",
        "SCOPE-2",
        "SCOPE-3",
        "CLIENT-6",
        "MSG-2",
        "REACT-1",
    ],
    features=(*_FEATURES, Feature.PROFILE),
    needs=Needs(operations=13, settles=3, restarts=True, waits_s=1.5),
)
async def what_was_written_outlives_a_restart(stage: Stage) -> None:
    """Messages, reactions and profiles outlive a restart, and whoever comes back hears what is asked for."""
    room = await stage.workspace(channels=(GENERAL, "side"))
    owner, ana, *others = await stage.cast(room)
    await stage.stranger()
    place, side = room.channel(GENERAL), room.channel("side")
    note = await stage.post(owner, place, "before")
    edited = await stage.post(ana, place, "to be edited")
    gone = await stage.post(owner, side, "to be deleted")
    await stage.react(ana, note, "👍")
    await stage.edit(ana, edited, "edited before")
    await stage.delete(owner, gone)
    await stage.update_profile(ana, about="as told before")
    await stage.settle()
    await stage.restart()
    await stage.post(owner, place, "while nobody is back")
    await stage.reconnect(ana)
    await stage.post(owner, place, "not yet asked for")
    for place_of_ana in (place, side):
        await stage.subscribe(ana, place_of_ana)
    for client in (owner, *others):
        await stage.reconnect(client, room)
    await stage.react(owner, note, "👍")
    await stage.unreact(ana, note, "👍")
    await stage.edit(ana, edited, "edited after")
    await stage.say(ana, side, "after, by command")


@scenario(
    "restart/rights",
    covers=["MEM-6", "OVR-3", "CHAN-1", "SCOPE-3", "SCOPE-5", "DELIV-1", "PERM-1", "CLIENT-6"],
    features=(
        *_FEATURES,
        Feature.ROLES,
        Feature.OVERRIDES_PERMISSION,
        Feature.WORKSPACE_UPDATE,
    ),
    clients=3,
    needs=Needs(operations=16, settles=3, removed=1, restarts=True, waits_s=1.5),
)
async def who_may_what_outlives_a_restart(stage: Stage) -> None:
    """Bans, roles and overrides outlive a restart: whoever was shut out before is shut out after it."""
    room = await stage.workspace(channels=(GENERAL, "board"))
    owner, ana, ben, *others = await stage.cast(room)
    place, board = room.channel(GENERAL), room.channel("board")
    await stage.override(owner, board, ana, deny=("create_message",))
    stage.shut_out(board, ana)
    role_id = await stage.add_role(owner, room, permissions=("delete_message",))
    assign = ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id)
    await stage.do(owner, assign)
    await stage.ban(owner, room, ben)
    await stage.settle()
    await stage.restart()
    for client in (owner, ana, *others):
        await stage.reconnect(client, room)
    await stage.reconnect(ben)
    await stage.subscribe(ben, place, refused=True)
    await stage.subscribe(ana, board, refused=True)
    await stage.add(owner, room, ben, refused=True)
    await stage.post_in_vain(ana, board, "not by her")
    await stage.post(owner, board, "not for her")
    note = await stage.post(owner, place, "for those who are left")
    await stage.delete(ana, note)
    await stage.rename(owner, room, "renamed after")
    await stage.settle()
    await stage.override(owner, board, ana)
    await stage.subscribe(ana, board)
    await stage.post(ana, board, "may again")
