"""Channel overrides: what they give and take, and that everything follows at once."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.attempts import attempt
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_ACCESS = ("create_message",)


@scenario(
    "overrides/role",
    covers=["OVR-1", "OVR-3", "OVR-4", "ACCESS-4", "ACCESS-5", "ACCESS-6", "ACCESS-7", "PERM-1", "PERM-3"],
    features=(*_FEATURES, Feature.OVERRIDES_ROLE),
    clients=3,
    needs=Needs(operations=11, settles=4),
)
async def role_override_shuts_members_out_and_in(stage: Stage) -> None:
    """Denied access by their legacy role, members hear nothing of the channel until they subscribe anew."""
    room = await stage.workspace((GENERAL, "other"))
    owner, *members = await stage.cast(room)
    ana = members[0]
    outsider = await stage.stranger()
    place, other = room.channel(GENERAL), room.channel("other")

    def by_role(*, allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> ops.OverrideRole:
        return ops.OverrideRole(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            role="member",
            allow=list(allow),
            deny=list(deny),
        )

    mine = await stage.post(ana, place, "while I may")
    await stage.settle()
    shut = by_role(deny=("create_message",))
    await stage.do(ana, shut, refused=True)
    await stage.do(outsider, shut, refused=True)
    await stage.do(owner, shut)
    stage.shut_out(place, *members)
    await stage.post(owner, place, "nobody but me")
    await attempt(stage, ana, place, mine, query=room.words[-1])
    await stage.subscribe(ana, place, refused=True)
    await stage.post(ana, other, "the other channel is as it was")
    await stage.settle()
    await stage.do(owner, shut)
    await stage.do(owner, by_role())
    await stage.post(owner, place, "nobody has subscribed again yet")
    for member in members:
        await stage.subscribe(member, place)
    await stage.post(ana, place, "back again")


@scenario(
    "overrides/permission",
    covers=[
        "OVR-1",
        "OVR-2",
        "OVR-3",
        "ACCESS-4",
        "ACCESS-5",
        "ACCESS-6",
        "PERM-1",
        "PERM-2",
        "PERM-3",
        "SCOPE-3",
    ],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION, Feature.ROLES),
    clients=3,
    needs=Needs(operations=19, settles=4),
)
async def later_layers_beat_earlier_ones(stage: Stage) -> None:
    """Everybody is shut out, one is let in by name and loses it again; denying beats allowing."""
    room = await stage.workspace((GENERAL, "other"))
    owner, ana, *others = await stage.cast(room)
    outsider = await stage.stranger()
    place, other = room.channel(GENERAL), room.channel("other")
    everyone = (await stage.role_ids(owner, room))["@everyone"]
    await stage.settle()
    await stage.override(ana, place, everyone, deny=["create_message"], refused=True)
    await stage.override(outsider, place, everyone, deny=["create_message"], refused=True)
    await stage.override(owner, place, ana, allow=["create_message"], deny=["create_message"], refused=True)
    await stage.override(owner, place, everyone, deny=["create_message"])
    stage.shut_out(place, ana, *others)
    await stage.override(owner, place, everyone, deny=["create_message"])
    await stage.settle()
    await stage.override(owner, place, ana, allow=["create_message", "delete_message"])
    await stage.post(owner, place, "nobody has subscribed again yet")
    await stage.subscribe(ana, place)
    note = await stage.post(owner, place, "for your eyes")
    await stage.delete(ana, note)
    await stage.settle()
    await stage.override(owner, place, ana)
    stage.shut_out(place, ana)
    note = await stage.post(owner, place, "for nobody")
    for position, allow, deny in ((5, _ACCESS, ()), (6, (), _ACCESS)):
        role_id = await stage.add_role(owner, room, position=position)
        await stage.do(owner, ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id))
        await stage.override(owner, other, role_id, allow=allow, deny=deny)
    stage.shut_out(other, ana)
    await stage.post_in_vain(ana, other, "allowed by one role and denied by another")
    await attempt(stage, ana, place, note, query=room.words[-1])
    await stage.subscribe(ana, place, refused=True)
