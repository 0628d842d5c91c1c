"""The story with reactions, attachments and search: what a correct server says of them."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.stories import ACCEPTED, Story

ALL_OF_CONTENT = (*FEATURES, "reactions", "attachments", "search", "overrides.permission", "channels.delete")
PNG = b"\x89PNG\r\n\x1a\n and so on"


class ContentStory(Story):
    """Reactions are by message, emoji and name, attachments by id with the name of their owner."""

    def __init__(self, *covers: str) -> None:
        self.reacted: dict[str, dict[str, list[str]]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.unseen: dict[str, dict[str, Any]] = {}
        self.hidden: str | None = None
        super().__init__(*covers, declared=ALL_OF_CONTENT, features=ALL_OF_CONTENT)

    # --- reactions

    def asked(self, message_id: str, emoji: str = "tea", *, add: bool = True) -> ops.Operation:
        kind = ops.AddReaction if add else ops.RemoveReaction
        return kind(**self.place, message_id=message_id, emoji=emoji)

    def told(self, actor: str, message_id: str, emoji: str = "tea", *, add: bool = True) -> dict[str, Any]:
        """The event of a reaction that has happened."""
        return {
            **self.place,
            "message_id": message_id,
            "emoji": emoji,
            "count": len(self._who(message_id, emoji)),
            "operation": "add" if add else "remove",
            "actor_user_id": user(actor),
        }

    def entry(self, viewer: str, message_id: str, emoji: str = "tea") -> dict[str, Any]:
        """What REST says of one emoji to a viewer."""
        who = self._who(message_id, emoji)
        entry = {"emoji": emoji, "count": len(who), "reacted_by_me": viewer in who}
        return entry | ({"reactor_user_ids": [user(name) for name in who]} if who else {})

    def happen(self, actor: str, message_id: str, emoji: str = "tea", *, add: bool = True) -> None:
        who = self.reacted.setdefault(message_id, {}).setdefault(emoji, [])
        if add:
            who.append(actor)
        else:
            who.remove(actor)

    def react(
        self,
        actor: str,
        message_id: str,
        emoji: str = "tea",
        *,
        add: bool = True,
        to: Iterable[int] | None = None,
        answer: dict[str, Any] | None = None,
        **told: Any,
    ) -> int:
        op = self.invoke(actor, self.asked(message_id, emoji, add=add))
        self.happen(actor, message_id, emoji, add=add)
        event = self.told(actor, message_id, emoji, add=add)
        self.frames(self._hearers(to), "message_reaction", event | told)
        self.answer(op, 200, self.entry(actor, message_id, emoji) | (answer or {}))
        return op

    def _who(self, message_id: str, emoji: str) -> list[str]:
        return self.reacted.get(message_id, {}).get(emoji, [])

    # --- attachments

    def upload(
        self, owner: str, *, data: bytes = PNG, kind: str = "image/png", status: int = 200, **told: Any
    ) -> str:
        """Upload a file; the id that it gets, or would have got."""
        attachment = {
            "attachment_id": self.id(),
            **self.place,
            "owner_id": user(owner),
            "filename": "upload.bin",
            "mime_type": kind,
            "size_bytes": len(data),
            "sha256_hex": hashlib.sha256(data).hexdigest(),
        }
        operation = ops.UploadAttachment(**self.place, data=data, content_type=kind)
        self.call(owner, operation, status, attachment | told if status == 200 else {"error": "no"})
        self.files[str(attachment["attachment_id"])] = attachment
        return str(attachment["attachment_id"])

    def attach(self, author: str, *attachment_ids: str, content: str = "look", **told: Any) -> str:
        """Create a message that binds attachments."""
        bound = [self.files[attachment_id] for attachment_id in attachment_ids]
        message = self.message(self.id(), author, content) | {"attachments": bound} | told
        create = ops.CreateMessage(**self.place, content=content, attachment_ids=list(attachment_ids))
        op = self.invoke(author, create)
        self.frames(self._hearers(None), "message_create", message)
        self.answer(op, 200, message)
        self.messages[message["message_id"]] = message
        return str(message["message_id"])

    def detach(self, actor: str, attachment_id: str, *, told: dict[str, Any] | None = None) -> int:
        """Delete an attachment; `told` is a `message_update`, if one is sent."""
        op = self.invoke(actor, ops.DeleteAttachment(**self.place, attachment_id=attachment_id))
        if told is not None:
            self.frames(self._hearers(None), "message_update", told)
        self.answer(op, 204)
        for message in self.messages.values():
            message["attachments"] = [
                one for one in message["attachments"] if one["attachment_id"] != attachment_id
            ]
        return op

    def updated(self, message_id: str, attachments: list[dict[str, Any]]) -> dict[str, Any]:
        """A `message_update` after the deletion of an attachment."""
        fields = {"attachments": attachments}
        return {**self.place, "message_id": message_id, "updated_fields": fields, "updated_at_unix": NOW}

    # --- reading

    def seen(self, viewer: str, message_id: str, **told: Any) -> dict[str, Any]:
        """A message as REST shows it to a viewer."""
        entries = [
            self.entry(viewer, message_id, emoji)
            for emoji, who in self.reacted.get(message_id, {}).items()
            if who
        ]
        message = self.messages.get(message_id) or self.unseen[message_id]
        return message | {"reactions": entries} | told

    def history(self, viewer: str, **told: Any) -> int:
        """A read of everything; `told` is what every message is said to have instead."""
        messages = [self.seen(viewer, message_id, **told) for message_id in reversed(self.messages)]
        page = {"messages": messages, "next_before": messages[-1]["message_id"]}
        return self.call(viewer, ops.History(**self.place), 200, page)

    def search(self, viewer: str, query: str, *message_ids: str, **asked: Any) -> int:
        """A search that finds these messages."""
        found = [self.seen(viewer, message_id) for message_id in message_ids]
        body = {"message_ids": list(message_ids), "messages": found}
        return self.call(viewer, ops.Search(guild_id=self.guild, q=query, **asked), 200, body)

    # --- a channel that ben does not see

    def add_hidden_channel(self) -> str:
        """A channel in which ana is alone."""
        self.hidden = self.id()
        channel = {"channel_id": self.hidden, "name": "den", "kind": "text"}
        op = self.invoke("ana", ops.CreateChannel(guild_id=self.guild, channel_name="den"))
        self.frames(self._hearers(None), "channel_create", {"guild_id": self.guild, "channel": channel})
        self.answer(op, 200, channel)
        about: dict[str, Any] = {
            "guild_id": self.guild,
            "channel_id": self.hidden,
            "target_kind": "member",
            "target_id": user("ben"),
        }
        denial: dict[str, Any] = {"allow": [], "deny": ["create_message"]}
        op = self.invoke("ana", ops.OverridePermission(**about, **denial))
        event = {**about, "updated_fields": denial, "updated_at_unix": NOW}
        self.frames(self._hearers(None), "workspace_channel_permission_override_update", event)
        self.answer(op, 200, ACCEPTED)
        return self.hidden

    def post_hidden(self, text: str) -> str:
        """A message by ana, there; nobody is subscribed."""
        message = self.message(self.id(), "ana", text) | {"channel_id": self.hidden}
        create = ops.CreateMessage(guild_id=self.guild, channel_id=str(self.hidden), content=text)
        self.call("ana", create, 200, message)
        self.unseen[message["message_id"]] = message
        return str(message["message_id"])

    def view(self, name: str) -> dict[str, Any]:
        view = super().view(name)
        if name == "ana" and self.hidden is not None:
            view[f"channels/{self.guild}"].append({"channel_id": self.hidden, "name": "den", "kind": "text"})
        if f"messages/{self.channel}" not in view:
            return view
        reactions = {
            message_id: {
                emoji: {"count": len(who), "mine": name in who} for emoji, who in entries.items() if who
            }
            for message_id, entries in self.reacted.items()
            if message_id in self.messages and any(entries.values())
        }
        return view | {f"reactions/{self.channel}": reactions}

    def judged(self) -> ScenarioResult:
        """Proof that everything arrived, and the result."""
        self.post("ana", "last")
        self.close_scenario()
        return self.result()

    def broken(self) -> set[str]:
        """The requirements that findings name."""
        return {finding.requirement for finding in self.judged().findings}
