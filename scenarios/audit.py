"""The audit log: what was done can be read at once, by those who may and by nobody else."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario


@scenario(
    "audit/read",
    covers=["AUDIT-1", "REST-6", "REST-5", "LEAK-READ-1", "LEAK-AUTH-1"],
    features=(Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.AUDIT),
    clients=3,
    needs=Needs(operations=10, settles=2),
)
async def audited_at_once(stage: Stage) -> None:
    """The row of a mutation is there once its response is, for moderators and for nobody below."""
    room = await stage.workspace()
    owner, ana, ben, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    note = await stage.post(ana, room.channel(GENERAL), "to be moderated")
    await stage.settle()
    read = ops.ReadAudit(guild_id=room.guild_id)
    await stage.change_role(owner, room, ben, "moderator")
    await stage.do(owner, read)
    await stage.edit(owner, note, "moderated")
    await stage.do(ben, read)
    await stage.do(ben, ops.ReadAudit(guild_id=room.guild_id, action_prefix="message."))
    await stage.kick(owner, room, ana)
    await stage.do(owner, read)
    for reader in (ana, outsider):
        await stage.do(reader, read, refused=True)
    await stage.change_role(owner, room, ben, "member")
    await stage.do(ben, read, refused=True)
