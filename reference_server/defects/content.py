"""Defects of search and attachments."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from sync_check.conformance.contract.events import MessageCreate, MessageUpdate
from sync_check.reference_server import search
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.content import Attachment
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.store import Store

_ATTACHMENT: Final = "/guilds/*/channels/*/attachments/*"


# --- search


class SearchShowsHidden(Rewriting):
    """A search finds messages of all channels, also of those that who searches has no access to."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        searched = asked.at("GET", "/guilds/*/search")
        guild = None if searched is None else asked.guild(searched[0])
        if guild is None or answer.status != 200 or "channel_id" in asked.query:
            return answer
        limits = asked.backend.settings.limits
        found = search.find(
            guild.channels.values(),
            search.terms_of(asked.query["q"]),
            limit=int(asked.query.get("limit", "20")),
        )
        return answer.saying(
            {
                "message_ids": [message.message_id for message in found],
                "messages": [message.shape(asked.user_id, limits).wire() for message in found],
            }
        )


class SearchMissesEdits(Faithful):
    """A message is found by the words that it was created with, whatever it was edited to."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._texts: dict[str, str] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        event, guild = telling.event, telling.guild
        if isinstance(event, MessageCreate):
            self._texts[event.message_id] = event.content.casefold()
        elif isinstance(event, MessageUpdate) and guild is not None:
            index = guild.channels[event.channel_id].searchable
            index[event.message_id] = self._texts.get(event.message_id, "")
        return (telling,)


# --- attachments


def _served(attachment: Attachment) -> Answer:
    headers = [
        (b"content-type", attachment.mime_type.encode()),
        (b"content-length", b"%d" % len(attachment.data)),
    ]
    return Answer(headers=headers, data=attachment.data)


class _ServedToo(Rewriting):
    """Base of what serves files that are refused with a certain status."""

    refused: ClassVar[int]

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        read = asked.at("GET", _ATTACHMENT)
        if read is None or answer.status != self.refused:
            return answer
        attachment = self.found(asked, *read)
        return answer if attachment is None else _served(attachment)

    def found(self, asked: Asked, guild_id: str, channel_id: str, attachment_id: str) -> Attachment | None:
        """The file that is served in place of the refusal."""
        guild = asked.guild(guild_id)
        channel = None if guild is None else guild.channels.get(channel_id)
        return None if channel is None else channel.attachments.get(attachment_id)


class AttachmentToAnyUser(_ServedToo):
    """A file is served to every user who knows its URL."""

    refused = 403


class AttachmentToAnybody(_ServedToo):
    """A file is served without authentication."""

    refused = 401


class DeletedAttachmentServed(_ServedToo):
    """A file is still served after it was deleted."""

    refused = 404

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._known: dict[str, Attachment] = {}

    def instead(self, asked: Asked) -> Answer | None:
        gone = asked.at("DELETE", _ATTACHMENT)
        attachment = None if gone is None else super().found(asked, *gone)
        if attachment is not None:
            self._known[attachment.attachment_id] = attachment
        return None

    def found(self, asked: Asked, guild_id: str, channel_id: str, attachment_id: str) -> Attachment | None:
        return self._known.get(attachment_id)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "search-shows-hidden": SearchShowsHidden,
    "search-misses-edits": SearchMissesEdits,
    "attachment-to-any-user": AttachmentToAnyUser,
    "attachment-to-anybody": AttachmentToAnybody,
    "deleted-attachment-served": DeletedAttachmentServed,
}
