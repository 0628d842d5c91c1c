"""Uploaded files: what a user's quota counts, and what deletion takes away (contract 2.5)."""

from sync_check.reference_server.backend import Backend
from sync_check.reference_server.content import Attachment
from sync_check.reference_server.guild import Channel


def keep(backend: Backend, channel: Channel, attachment: Attachment) -> None:
    """Store an attachment and count its bytes against its owner's quota (ATT-1)."""
    channel.attachments[attachment.attachment_id] = attachment
    backend.store.users[attachment.owner_id].attachment_bytes += len(attachment.data)


def forget(backend: Backend, channel: Channel, attachment: Attachment) -> None:
    """Delete an attachment and give its bytes back to its owner's quota (ATT-3, MSG-DEL-1)."""
    del channel.attachments[attachment.attachment_id]
    backend.store.users[attachment.owner_id].attachment_bytes -= len(attachment.data)


def forget_all(backend: Backend, channel: Channel) -> None:
    """Delete the attachments of a channel that is about to be deleted (CHAN-5)."""
    for attachment in list(channel.attachments.values()):
        forget(backend, channel, attachment)
