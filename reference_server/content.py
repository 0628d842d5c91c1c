"""Stored messages, their reactions and attachments (contract 2.2 and 2.5)."""

from dataclasses import dataclass, field

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.markdown import tokens_of


@dataclass(slots=True, kw_only=True)
class Attachment:
    """An uploaded file; `message_id` is the message that it is bound to, if any."""

    attachment_id: str
    guild_id: str
    channel_id: str
    owner_id: str
    filename: str
    mime_type: str
    data: bytes
    sha256_hex: str
    message_id: str | None = None

    def shape(self) -> shapes.Attachment:
        return shapes.Attachment(
            attachment_id=self.attachment_id,
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            owner_id=self.owner_id,
            filename=self.filename,
            mime_type=self.mime_type,
            size_bytes=len(self.data),
            sha256_hex=self.sha256_hex,
        )


@dataclass(slots=True, kw_only=True)
class Message:
    """A message; `reactions` are the reactors by emoji, both oldest first."""

    message_id: str
    guild_id: str
    channel_id: str
    author_id: str
    content: str
    created_at_unix: int
    attachments: list[Attachment] = field(default_factory=list)
    reactions: dict[str, dict[str, None]] = field(default_factory=dict)

    def shape(self, viewer_id: str, limits: Limits) -> shapes.Message:
        """The message as one user is shown it."""
        told = list(self.reactions)[: limits.reactions_per_message]
        return shapes.Message(
            message_id=self.message_id,
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            author_id=self.author_id,
            content=self.content,
            markdown_tokens=tokens_of(self.content),
            attachments=[attachment.shape() for attachment in self.attachments],
            reactions=[self.reaction(emoji, viewer_id, limits) for emoji in told],
            created_at_unix=self.created_at_unix,
        )

    def reaction(self, emoji: str, viewer_id: str, limits: Limits) -> shapes.Reaction:
        """One emoji's count, exact, and at most `limits.reactor_ids` reactors; without any if nobody did."""
        reactors = self.reactions.get(emoji, {})
        named = {"reactor_user_ids": list(reactors)[: limits.reactor_ids]} if reactors else {}
        return shapes.Reaction(emoji=emoji, count=len(reactors), reacted_by_me=viewer_id in reactors, **named)
