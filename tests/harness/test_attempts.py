"""Somebody tries every door of a channel that is closed to them."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import OperationAnswered, OperationInvoked, Outcome
from sync_check.harness.attempts import attempt
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import playing

ALL_DOORS = {
    *(ops.History.name, ops.OwnPermissions.name, ops.CreateMessage.name, ops.Search.name),
    *(ops.AddReaction.name, ops.RemoveReaction.name, ops.EditMessage.name, ops.DeleteMessage.name),
    *(ops.UploadAttachment.name, ops.ReadAttachment.name, ops.IssueVoiceToken.name),
}


async def test_every_door_is_tried_once_and_refused_to_who_is_out() -> None:
    async with playing() as here:
        stage = Stage(here.company, 2)
        room = await stage.workspace()
        owner, ana, *_ = await stage.cast(room)
        place = room.channel(GENERAL)
        note, file = await stage.post(ana, place, "mine"), await stage.upload(ana, place, "mine")
        await stage.kick(owner, room, ana)
        before = len(here.of(OperationInvoked))
        await attempt(stage, ana, place, note, file=file)
        tried = here.of(OperationInvoked)[before:]
        assert all(stage.offers(one) for one in Feature if one is not Feature.IP_BANS)
        assert sorted(record.operation for record in tried) == sorted(ALL_DOORS)
        answers = {record.op: record.outcome for record in here.of(OperationAnswered)}
        assert {answers[record.op] for record in tried} == {Outcome.FAIL}
