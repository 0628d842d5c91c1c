"""Roles: made, changed, moved, given, taken and deleted, and what that does to everybody's rights."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.ROLES)
_TELLING = ("admin", "owner")
"""What a role may be called without its holders having more rights (ROLE-9)."""


@scenario(
    "roles/create",
    covers=["ROLE-9", "SCOPE-4", "SCOPE-5", "REST-6", "REST-3", "DELIV-1", "DELIV-8", "DELIV-10"],
    features=_FEATURES,
    needs=Needs(operations=11, settles=2),
)
async def new_role_is_known_to_every_member(stage: Stage) -> None:
    """A new role is in every member's list, and who may not make one is refused, by whatever name."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    await stage.settle()
    await stage.add_role(owner, room, permissions=["delete_message"], position=5)
    for number, telling in enumerate(_TELLING):
        named = ops.CreateRole(guild_id=room.guild_id, role_name=telling, permissions=[], position=6 + number)
        role_id = str((await stage.do(owner, named)).body.get("role_id"))
        await stage.do(owner, ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id))
    await stage.settle()
    create = ops.CreateRole(guild_id=room.guild_id, role_name="mine", permissions=[])
    await stage.do(ana, create, refused=True)
    await stage.do(outsider, create, refused=True)
    unknown = ops.CreateRole(guild_id=room.guild_id, role_name="odd", permissions=["fly"])
    await stage.do(owner, unknown, refused=True)
    reserved = ops.CreateRole(guild_id=room.guild_id, role_name="@everyone", permissions=[])
    await stage.do(owner, reserved, refused=True)
    await stage.post(ana, room.channel(GENERAL), "after it")


@scenario(
    "roles/update",
    covers=["ROLE-2", "ROLE-3", "EVT-2", "SCOPE-4", "SCOPE-5", "PERM-1", "PERM-3", "REST-6", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=12, settles=4),
)
async def changed_role_changes_rights_at_once(stage: Stage) -> None:
    """A role's name, colour and permissions change for everybody, and its holder may do more at once."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(owner, room.channel(GENERAL), "by the owner")
    role_id = await stage.add_role(owner, room, position=5)
    await stage.do(owner, ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id))
    await stage.settle()
    await stage.delete(ana, note, refused=True)
    guild_id = room.guild_id
    grant = ops.UpdateRole(
        guild_id=guild_id, role_id=role_id, permissions=["delete_message"], color_hex="#a1b2c3"
    )
    await stage.do(ana, grant, refused=True)
    await stage.do(outsider, grant, refused=True)
    await stage.do(owner, grant)
    await stage.settle()
    await stage.do(owner, grant)
    await stage.do(owner, ops.UpdateRole(guild_id=guild_id, role_id=role_id, color_hex=None))
    everyone = (await stage.role_ids(owner, room))["@everyone"]
    renamed = ops.UpdateRole(guild_id=room.guild_id, role_id=everyone, role_name="nobody")
    await stage.do(owner, renamed, refused=True)
    await stage.delete(ana, note)


@scenario(
    "roles/delete",
    covers=["ROLE-4", "ROLE-2", "SCOPE-4", "SCOPE-5", "PERM-3", "REST-6", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=10, settles=3),
)
async def deleted_role_is_held_by_nobody(stage: Stage) -> None:
    """A deleted role is gone from the list and from its holders, who lose at once what it gave."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(owner, room.channel(GENERAL), "by the owner")
    role_id = await stage.add_role(owner, room, permissions=["delete_message"], position=5)
    await stage.do(owner, ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id))
    await stage.settle()
    delete = ops.DeleteRole(guild_id=room.guild_id, role_id=role_id)
    await stage.do(ana, delete, refused=True)
    await stage.do(outsider, delete, refused=True)
    await stage.do(owner, delete)
    await stage.settle()
    await stage.delete(ana, note, refused=True)
    await stage.do(owner, delete, refused=True)
    everyone = (await stage.role_ids(owner, room))["@everyone"]
    await stage.do(owner, ops.DeleteRole(guild_id=room.guild_id, role_id=everyone), refused=True)


@scenario(
    "roles/reorder",
    covers=["ROLE-6", "SCOPE-4", "SCOPE-5", "REST-6", "REST-4", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=3),
)
async def reordered_roles_have_new_positions(stage: Stage) -> None:
    """A reorder gives the first of n roles position n and the last 1, for everybody alike."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    low = await stage.add_role(owner, room, position=5)
    high = await stage.add_role(owner, room, position=6)
    await stage.settle()
    reorder = ops.ReorderRoles(guild_id=room.guild_id, role_ids=[low, high])
    await stage.do(ana, reorder, refused=True)
    await stage.do(outsider, reorder, refused=True)
    await stage.do(owner, reorder)
    await stage.settle()
    await stage.do(owner, reorder)
    twice = ops.ReorderRoles(guild_id=room.guild_id, role_ids=[low, low])
    await stage.do(owner, twice, refused=True)
    await stage.post(ana, room.channel(GENERAL), "after it")


@scenario(
    "roles/assign",
    covers=["ROLE-1", "ROLE-7", "SCOPE-4", "SCOPE-5", "PERM-1", "PERM-3", "REST-6", "DELIV-1", "ROLE-8"],
    features=_FEATURES,
    needs=Needs(operations=13, settles=4),
)
async def assigned_role_gives_rights_until_it_is_taken(stage: Stage) -> None:
    """A role gives its holder rights with the response, and takes them away with the response."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    note = await stage.post(owner, place, "by the owner")
    low = await stage.add_role(owner, room, permissions=["delete_message", "manage_member_roles"], position=5)
    high = await stage.add_role(owner, room, position=50)
    await stage.settle()
    target = {"guild_id": room.guild_id, "user_id": ana.user_id}
    give, take = ops.AssignRole(**target, role_id=low), ops.UnassignRole(**target, role_id=low)
    await stage.do(ana, give, refused=True)
    await stage.do(outsider, give, refused=True)
    stranger = ops.AssignRole(guild_id=room.guild_id, user_id=outsider.user_id, role_id=low)
    await stage.do(owner, stranger, refused=True)
    await stage.do(owner, give)
    await stage.settle()
    await stage.do(owner, give)
    await stage.do(ana, ops.AssignRole(**target, role_id=high), refused=True)
    await stage.edit(ana, note, "moderated")
    await stage.do(owner, take)
    await stage.do(owner, take)
    await stage.settle()
    await stage.delete(ana, note, refused=True)


@scenario(
    "roles/default",
    covers=["JOIN-3", "JOIN-4", "REST-6", "ROLE-2", "SCOPE-4", "DELIV-1"],
    features=(*_FEATURES, Feature.DIRECTORY),
    needs=Needs(operations=8, settles=3),
)
async def joiners_get_the_default_role(stage: Stage) -> None:
    """Whoever joins gets the default join role, whose choice itself is told to nobody."""
    room = await stage.workspace(visibility="public")
    owner, ana, *_ = await stage.cast(room)
    joiner = await stage.stranger()
    role_id = await stage.add_role(owner, room, permissions=["delete_message"], position=5)
    await stage.settle()
    choose = ops.SetDefaultRole(guild_id=room.guild_id, role_id=role_id)
    await stage.do(ana, choose, refused=True)
    await stage.do(joiner, choose, refused=True)
    await stage.do(owner, choose)
    owners_role = (await stage.role_ids(owner, room))["workspace_owner"]
    wrong = ops.SetDefaultRole(guild_id=room.guild_id, role_id=owners_role)
    await stage.do(owner, wrong, refused=True)
    await stage.join(joiner, room)
    await stage.subscribe(joiner, room.channel(GENERAL))
    await stage.settle()
    note = await stage.post(owner, room.channel(GENERAL), "by the owner")
    await stage.delete(joiner, note)
