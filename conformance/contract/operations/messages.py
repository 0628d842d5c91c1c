"""Messages, reactions, attachments and search (contract 2.5)."""

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import (
    Authority,
    Operation,
    Refusal,
    Sending,
    Upload,
)

_CHANNEL = "/guilds/{guild_id}/channels/{channel_id}"


class CreateMessage(Operation):
    name = "create_message"
    method = "POST"
    path = f"{_CHANNEL}/messages"
    sending = Sending.JSON
    result = shapes.Message
    authority = Authority.ACCESS
    feature = Feature.MESSAGES
    causes = (events.MessageCreate,)
    guild_id: str
    channel_id: str
    content: str
    attachment_ids: list[str] | None = None


class History(Operation):
    name = "history"
    method = "GET"
    path = f"{_CHANNEL}/messages"
    sending = Sending.QUERY
    result = shapes.MessagePage
    authority = Authority.ACCESS
    feature = Feature.MESSAGES
    guild_id: str
    channel_id: str
    limit: int | None = None
    before: str | None = None


class EditMessage(Operation):
    name = "edit_message"
    method = "PATCH"
    path = f"{_CHANNEL}/messages/{{message_id}}"
    sending = Sending.JSON
    result = shapes.Message
    authority = Authority.AUTHOR_OR_DELETE_MESSAGE
    feature = Feature.MESSAGES
    causes = (events.MessageUpdate,)
    guild_id: str
    channel_id: str
    message_id: str
    content: str


class DeleteMessage(Operation):
    name = "delete_message"
    method = "DELETE"
    path = f"{_CHANNEL}/messages/{{message_id}}"
    success = 204
    result = None
    authority = Authority.AUTHOR_OR_DELETE_MESSAGE
    feature = Feature.MESSAGES
    causes = (events.MessageDelete,)
    guild_id: str
    channel_id: str
    message_id: str


class AddReaction(Operation):
    name = "add_reaction"
    method = "POST"
    path = f"{_CHANNEL}/messages/{{message_id}}/reactions/{{emoji}}"
    result = shapes.Reaction
    authority = Authority.ACCESS
    feature = Feature.REACTIONS
    causes = (events.MessageReaction,)
    guild_id: str
    channel_id: str
    message_id: str
    emoji: str


class RemoveReaction(Operation):
    name = "remove_reaction"
    method = "DELETE"
    path = f"{_CHANNEL}/messages/{{message_id}}/reactions/{{emoji}}"
    result = shapes.Reaction
    authority = Authority.ACCESS
    feature = Feature.REACTIONS
    causes = (events.MessageReaction,)
    guild_id: str
    channel_id: str
    message_id: str
    emoji: str


class UploadAttachment(Upload):
    name = "upload_attachment"
    method = "POST"
    path = f"{_CHANNEL}/attachments"
    result = shapes.Attachment
    authority = Authority.ACCESS
    feature = Feature.ATTACHMENTS
    refusals = (Refusal(409, "quota_exceeded"),)
    guild_id: str
    channel_id: str
    filename: str | None = None


class ReadAttachment(Operation):
    name = "read_attachment"
    method = "GET"
    path = f"{_CHANNEL}/attachments/{{attachment_id}}"
    result = None
    authority = Authority.ACCESS
    feature = Feature.ATTACHMENTS
    guild_id: str
    channel_id: str
    attachment_id: str


class DeleteAttachment(Operation):
    name = "delete_attachment"
    method = "DELETE"
    path = f"{_CHANNEL}/attachments/{{attachment_id}}"
    success = 204
    result = None
    authority = Authority.UPLOADER_OR_DELETE_MESSAGE
    feature = Feature.ATTACHMENTS
    companions = (events.MessageUpdate,)
    remark = "the message that it is bound to MAY be told anew"
    guild_id: str
    channel_id: str
    attachment_id: str


class Search(Operation):
    name = "search"
    method = "GET"
    path = "/guilds/{guild_id}/search"
    sending = Sending.QUERY
    result = shapes.SearchResult
    authority = "create_message"
    feature = Feature.SEARCH
    guild_id: str
    q: str
    limit: int | None = None
    channel_id: str | None = None


class RebuildSearch(Operation):
    name = "rebuild_search"
    method = "POST"
    path = "/guilds/{guild_id}/search/rebuild"
    success = 204
    result = None
    authority = "manage_workspace_roles"
    feature = Feature.SEARCH
    guild_id: str


class ReconcileSearch(Operation):
    name = "reconcile_search"
    method = "POST"
    path = "/guilds/{guild_id}/search/reconcile"
    result = shapes.Reconciled
    authority = "manage_workspace_roles"
    feature = Feature.SEARCH
    guild_id: str
