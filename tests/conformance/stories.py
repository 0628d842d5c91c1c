"""The story that most tests of judges begin with: ana owns a guild, ben is in it, eve is a stranger.

`Story` writes what a correct server says unless a test asks for something else: `to` names the connections
that get an event, `told` overrides members of its payload. It keeps the little state that it needs for that.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from tests.conformance.histories import FEATURES, NOW, Builder, user

OWNER = [
    "manage_roles",
    "manage_member_roles",
    "manage_workspace_roles",
    "manage_channel_overrides",
    "delete_message",
    "ban_member",
    "view_audit_log",
    "manage_ip_bans",
    "create_message",
    "publish_video",
    "publish_screen_share",
    "subscribe_streams",
]
MODERATOR = [name for name in OWNER if name not in ("manage_roles", "manage_workspace_roles")]
MEMBER = ["create_message", "subscribe_streams"]
PERMISSIONS = {"owner": OWNER, "moderator": MODERATOR, "member": MEMBER}
ACCEPTED = {"accepted": True}


def profile(name: str, about: str = "") -> dict[str, Any]:
    return {
        "user_id": user(name),
        "username": name,
        "about_markdown": about,
        "about_markdown_tokens": [],
        "avatar_version": 0,
        "banner_version": 0,
    }


class Story(Builder):
    """A builder with a cast: connections `ana`, `ben`, `ben2` are subscribed, `eve` to nothing."""

    def __init__(
        self,
        *covers: str,
        declared: tuple[str, ...] = FEATURES,
        features: tuple[str, ...] = FEATURES,
        scenario: str = "test/story",
    ) -> None:
        super().__init__(declared=declared, features=features)
        self.name = "room"
        self.roles = {"ana": "owner", "ben": "member"}
        self.messages: dict[str, dict[str, Any]] = {}
        self.abouts = dict.fromkeys(("ana", "ben", "eve"), "")
        self.begin(scenario, *covers)
        for name in self.abouts:
            self.client(name)
            self.call(name, ops.OwnProfile(), body=profile(name), purpose=Purpose.SETUP)
        self.guild, self.channel = self.id(), self.id()
        self._found()
        self.ana, self.ben, self.ben2, self.eve = (self.open(name) for name in ("ana", "ben", "ben", "eve"))
        self.subscribed = [self.ana, self.ben, self.ben2]
        for connection in self.subscribed:
            self.subscribe(connection, self.guild, self.channel)
        self.owners = {self.ana: "ana", self.ben: "ben", self.ben2: "ben", self.eve: "eve"}

    def _found(self) -> None:
        create = ops.CreateGuild(guild_name=self.name)
        guild = {"guild_id": self.guild, "name": self.name, "visibility": "private"}
        self.guild_op = self.call("ana", create, body=guild, purpose=Purpose.SETUP)
        channel = {"channel_id": self.channel, "name": "general", "kind": "text"}
        create_channel = ops.CreateChannel(guild_id=self.guild, channel_name="general")
        self.channel_op = self.call("ana", create_channel, body=channel, purpose=Purpose.SETUP)
        add = ops.AddMember(guild_id=self.guild, user_id=user("ben"))
        self.call("ana", add, body=ACCEPTED, purpose=Purpose.SETUP)

    @property
    def place(self) -> dict[str, Any]:
        return {"guild_id": self.guild, "channel_id": self.channel}

    # --- messages

    def message(self, message_id: str, author: str, content: str) -> dict[str, Any]:
        return {
            "message_id": message_id,
            **self.place,
            "author_id": user(author),
            "content": content,
            "markdown_tokens": [{"type": "text", "text": content}],
            "attachments": [],
            "reactions": [],
            "created_at_unix": NOW,
        }

    def post(
        self,
        author: str,
        text: str,
        to: Iterable[int] | None = None,
        purpose: Purpose = Purpose.SCENARIO,
        **told: Any,
    ) -> str:
        message = self.message(self.id(), author, text)
        op = self.invoke(author, ops.CreateMessage(**self.place, content=text), purpose)
        self.frames(self._hearers(to), "message_create", message | told)
        self.answer(op, 200, message)
        self.messages[message["message_id"]] = message
        return str(message["message_id"])

    def edit(
        self, author: str, message_id: str, text: str, to: Iterable[int] | None = None, **told: Any
    ) -> int:
        before = self.messages[message_id]
        message = self.message(message_id, "ana", text) | {"author_id": before["author_id"]}
        op = self.invoke(author, ops.EditMessage(**self.place, message_id=message_id, content=text))
        self.frames(self._hearers(to), "message_update", self.edited(message) | told)
        self.answer(op, 200, message)
        self.messages[message_id] = message
        return op

    def edited(self, message: Mapping[str, Any]) -> dict[str, Any]:
        fields = {name: message[name] for name in ("content", "markdown_tokens")}
        return {
            **self.place,
            "message_id": message["message_id"],
            "updated_fields": fields,
            "updated_at_unix": NOW,
        }

    def delete(self, actor: str, message_id: str, to: Iterable[int] | None = None) -> int:
        op = self.invoke(actor, ops.DeleteMessage(**self.place, message_id=message_id))
        payload = {**self.place, "message_id": message_id, "deleted_at_unix": NOW}
        self.frames(self._hearers(to), "message_delete", payload)
        self.answer(op, 204)
        self.messages.pop(message_id, None)
        return op

    # --- the guild

    def rename(
        self,
        actor: str,
        name: str,
        to: Iterable[int] | None = None,
        purpose: Purpose = Purpose.SCENARIO,
        **told: Any,
    ) -> int:
        op = self.invoke(actor, ops.UpdateGuild(guild_id=self.guild, guild_name=name), purpose)
        payload = {"guild_id": self.guild, "updated_fields": {"name": name}, "updated_at_unix": NOW}
        self.frames(self._hearers(to), "workspace_update", payload | told)
        self.answer(op, 200, {"guild_id": self.guild, "name": name, "visibility": "private"})
        self.name = name
        return op

    def role(self, actor: str, member: str, role: str, to: Iterable[int] | None = None, **told: Any) -> int:
        change = ops.ChangeMemberRole(guild_id=self.guild, user_id=user(member), role=role)
        op = self.invoke(actor, change)
        payload = {
            "guild_id": self.guild,
            "user_id": user(member),
            "updated_fields": {"role": role},
            "updated_at_unix": NOW,
        }
        self.frames(self._hearers(to), "workspace_member_update", payload | told)
        self.answer(op, 200, ACCEPTED)
        self.roles[member] = role
        return op

    def kick(self, actor: str, member: str, to: Iterable[int] | None = None, *, stop: bool = True) -> int:
        """`stop` is false where the removed user's connections go on getting events."""
        op = self.invoke(actor, ops.KickMember(guild_id=self.guild, user_id=user(member)))
        self.frames(self._hearers(to), "workspace_member_remove", self.removal(member))
        self.answer(op, 200, ACCEPTED)
        del self.roles[member]
        if stop:
            self.subscribed = [one for one in self.subscribed if self.owners[one] != member]
        return op

    def removal(self, member: str) -> dict[str, Any]:
        return {
            "guild_id": self.guild,
            "user_id": user(member),
            "reason": "kick",
            "removed_at_unix": NOW,
        }

    def addition(self, member: str) -> dict[str, Any]:
        return {
            "guild_id": self.guild,
            "user_id": user(member),
            "role": "member",
            "joined_at_unix": NOW,
        }

    # --- profiles

    def about(
        self,
        name: str,
        about: str,
        to: Iterable[int] | None = None,
        purpose: Purpose = Purpose.SCENARIO,
        **told: Any,
    ) -> int:
        op = self.invoke(name, ops.UpdateProfile(about_markdown=about), purpose)
        fields = {"about_markdown": about, "about_markdown_tokens": []}
        payload = {"user_id": user(name), "updated_fields": fields, "updated_at_unix": NOW}
        self.frames(self._told_of_profile(name) if to is None else to, "profile_update", payload | told)
        self.abouts[name] = about
        self.answer(op, 200, self.profile(name))
        return op

    def profile(self, name: str) -> dict[str, Any]:
        """What REST says of a user."""
        return profile(name, self.abouts[name])

    def sessions(self, *names: str) -> list[int]:
        """The connections of these users."""
        return [connection for connection, owner in self.owners.items() if owner in names]

    def _told_of_profile(self, name: str) -> list[int]:
        return self.sessions(name)

    # --- proof

    def fence(self) -> None:
        """One message for the subscribed, own profile updates for the others."""
        self.post("ana", f"fence {len(self.records)}", purpose=Purpose.FENCE)
        others = {name for connection, name in self.owners.items() if connection not in self.subscribed}
        for name in sorted(others):
            self.about(name, f"fence {len(self.records)}", purpose=Purpose.FENCE)

    def view(self, name: str) -> dict[str, Any]:
        fields = ("username", "about_markdown", "avatar_version", "banner_version")
        own = self.profile(name)
        view: dict[str, Any] = {
            "workspaces": {},
            f"profiles/{user(name)}": {field: own[field] for field in fields},
        }
        if name not in self.roles:
            return view
        shown = ("message_id", "author_id", "content", "created_at_unix")
        return view | {
            "workspaces": {self.guild: {"name": self.name, "visibility": "private"}},
            f"channels/{self.guild}": [{"channel_id": self.channel, "name": "general", "kind": "text"}],
            f"members/{self.guild}": sorted(user(member) for member in self.roles),
            f"permissions/{self.channel}": PERMISSIONS[self.roles[name]],
            f"messages/{self.channel}": [
                {member: message[member] for member in shown} for message in self.messages.values()
            ],
        }

    def rest(
        self,
        *,
        replicas: Mapping[int, Mapping[str, Any]] | None = None,
        snapshots: Mapping[int, Mapping[str, Any]] | None = None,
        void: str | None = None,
    ) -> None:
        """Fence and settle; `replicas` and `snapshots` override slices of some connections."""
        self.fence()
        right = {connection: self.view(name) for connection, name in self.owners.items()}
        guilds = (self.guild,)
        believed = {c: (guilds, {**view, **(replicas or {}).get(c, {})}) for c, view in right.items()}
        told = {c: (guilds, {**view, **(snapshots or {}).get(c, {})}) for c, view in right.items()}
        self.settle(believed, told, void=void)

    def close_scenario(self) -> None:
        self.rest()
        self.end()

    def _hearers(self, to: Iterable[int] | None) -> list[int]:
        return list(self.subscribed if to is None else to)
