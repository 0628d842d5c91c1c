"""Attachments in the model: upload, read, delete (contract 2.5). Messages bind them (`messages`)."""

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.limits import FILENAME_BYTES
from sync_check.conformance.contract.operations import DeleteAttachment, ReadAttachment, UploadAttachment
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.access import channel_permissions, may_access
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.media_types import Declared, declared
from sync_check.conformance.model.messages import refused_without_access
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_outsider,
    refused_unless,
    rule,
    size,
    success_unless,
)
from sync_check.conformance.model.world import Attachment, World, with_entry, without_entry

_DEFAULT_FILENAME: Final = "upload.bin"
_FORBIDDEN_IN_FILENAMES: Final = frozenset("/\\\0")


def described(attachment: Attachment) -> dict[str, Any]:
    """An attachment as answers and events tell it (contract 2.2)."""
    return {
        "attachment_id": attachment.attachment_id,
        "guild_id": attachment.guild_id,
        "channel_id": attachment.channel_id,
        "owner_id": attachment.owner_id,
        "filename": attachment.filename,
        "mime_type": attachment.mime_type,
        "size_bytes": len(attachment.data),
        "sha256_hex": _sha256_hex(attachment.data),
    }


@lru_cache(maxsize=1024)
def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stored(operation: UploadAttachment, answer: shapes.Attachment, actor: str | None) -> Attachment:
    """The attachment that an accepted upload made."""
    return Attachment(
        attachment_id=answer.attachment_id,
        guild_id=operation.guild_id,
        channel_id=operation.channel_id,
        owner_id=actor or answer.owner_id,
        filename=_DEFAULT_FILENAME if operation.filename is None else operation.filename,
        mime_type=answer.mime_type,
        data=operation.data,
    )


# --- upload


def _refused_filename(filename: str | None) -> Expectation | None:
    if filename is None:
        return None
    sound = size(filename) in FILENAME_BYTES and _FORBIDDEN_IN_FILENAMES.isdisjoint(filename)
    return refused_unless(sound, 400, "REST-4")


def _refused_kind(operation: UploadAttachment) -> Expectation | None:
    match declared(operation.data, operation.content_type):
        case Declared.RIGHT:
            return None
        case Declared.WRONG:
            # Whoever declares nothing may be told that this is missing.
            return expected(400, *(() if operation.content_type else (415,)), requirement="ATT-1")
        case Declared.DOUBTFUL:
            return expected(200, 400, requirement="ATT-1")


def _fits(situation: Situation, operation: UploadAttachment) -> bool:
    """Whether the actor's files stay within the quota."""
    kept = (one for one in situation.world.attachments.values() if one.owner_id == situation.actor)
    total = sum(len(one.data) for one in kept)
    return total + len(operation.data) <= situation.limits.attachment_quota_bytes


def _expect_upload(situation: Situation, operation: UploadAttachment) -> Expectation:
    return success_unless(
        expected(200),
        refused_without_access(situation, operation.guild_id, operation.channel_id, "ATT-3"),
        _refused_filename(operation.filename),
        _refused_kind(operation),
        refused_unless(len(operation.data) <= situation.limits.attachment_bytes, 413, "ATT-1"),
        refused_unless(_fits(situation, operation), 409, "ATT-1"),
    )


def _upload(situation: Situation, operation: UploadAttachment) -> Effect:
    if not situation.happened:
        return Effect(world=situation.world)
    answer = situation.answer
    if not isinstance(answer, shapes.Attachment):
        return Effect(world=None)
    attachment = stored(operation, answer, situation.actor)
    attachments = with_entry(situation.world.attachments, attachment.attachment_id, attachment)
    return Effect(world=replace(situation.world, attachments=attachments))


# --- read and delete


def known_attachment(world: World, channel_id: str, attachment_id: str) -> Attachment | None:
    """The attachment of this id in a channel; through another channel's path it is unknown."""
    attachment = world.attachments.get(attachment_id)
    return attachment if attachment is not None and attachment.channel_id == channel_id else None


def _refused_unknown(attachment_id: str) -> Expectation:
    malformed = () if ULID_PATTERN.fullmatch(attachment_id) else (400,)
    return expected(404, *malformed, requirement="ATT-3")


def _expect_read(situation: Situation, operation: ReadAttachment) -> Expectation:
    refused = refused_without_access(situation, operation.guild_id, operation.channel_id, "ATT-3")
    known = known_attachment(situation.world, operation.channel_id, operation.attachment_id)
    if refused is None and known is None:
        refused = _refused_unknown(operation.attachment_id)
    return success_unless(expected(200), refused)


def _expect_delete(situation: Situation, operation: DeleteAttachment) -> Expectation:
    refused = refused_outsider(situation, operation.guild_id)
    if refused is not None:
        return refused
    access = refused_without_access(situation, operation.guild_id, operation.channel_id, "REST-6")
    known = known_attachment(situation.world, operation.channel_id, operation.attachment_id)
    if known is None:
        return success_unless(_refused_unknown(operation.attachment_id), access)
    guild = situation.world.guilds[operation.guild_id]
    permitted = "delete_message" in channel_permissions(guild, operation.channel_id, situation.actor)
    if known.owner_id != situation.actor and not permitted:
        return expected(403, requirement="REST-6")
    # Whether the right to delete ends with the access to the channel is left open.
    accessible = may_access(guild, operation.channel_id, situation.actor)
    return expected(204) if accessible else expected(204, 403)


def _delete(situation: Situation, operation: DeleteAttachment) -> Effect:
    world = situation.world
    known = known_attachment(world, operation.channel_id, operation.attachment_id)
    if known is None:
        return Effect(world=world)
    after = replace(world, attachments=without_entry(world.attachments, known.attachment_id))
    emissions = _told_anew(situation.standing, after, known)
    return Effect(world=after if situation.happened else world, emissions=emissions)


def _told_anew(standing: Standing, after: World, deleted: Attachment) -> tuple[Emission, ...]:
    """What may be said of the message that bound the attachment (Appendix A)."""
    if deleted.message_id is None:
        return ()
    left = [described(one) for one in after.attached_to(deleted.message_id)]
    identity: dict[str, Any] = {"message_id": deleted.message_id}
    if standing is Standing.REFUSED:
        identity["updated_fields.attachments"] = left
    return (
        Emission(
            event=events.MessageUpdate,
            standing=Standing.REFUSED if standing is Standing.REFUSED else Standing.OPTIONAL,
            identity=identity,
            stated={"guild_id": deleted.guild_id, "channel_id": deleted.channel_id},
            updated={"attachments": left},
            guild_id=deleted.guild_id,
            channel_id=deleted.channel_id,
        ),
    )


rule(UploadAttachment, _expect_upload, _upload)
rule(ReadAttachment, _expect_read)
rule(DeleteAttachment, _expect_delete, _delete)
