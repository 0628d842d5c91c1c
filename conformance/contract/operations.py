"""One class per operation: what a client can ask a server for (contract 2.3 to 2.5 and 3.2).

An operation is a value: scenarios build it, the harness sends it, the history records it, the model
predicts its effect. Field values are deliberately loose (plain strings), because a test must be able to ask
for what a server has to refuse; results and events are strict.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import WireModel

Method = Literal["GET", "POST", "PATCH", "DELETE"]
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class Authority(StrEnum):
    """Who may ask for an operation, where that is not a named permission (tables of section 2)."""

    ANYBODY = "anybody"  # no authentication
    ANY_USER = "any user"
    MEMBER = "member"
    ACCESS = "access"  # to the channel named in the path
    AUTHOR_OR_DELETE_MESSAGE = "author or delete_message"
    LEGACY_RANK = "legacy rank"  # MEM-3
    BAN_MEMBER_AND_RANK = "ban_member and rank"  # 8.3


class Operation(BaseModel):
    """One REST call. Fields named in `path` fill its placeholders; the others are the body or the query."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    method: ClassVar[Method]
    path: ClassVar[str]
    success: ClassVar[Literal[200, 204]] = 200
    result: ClassVar[type[WireModel] | None]
    authority: ClassVar[Authority | Permission]
    feature: ClassVar[Feature | None] = None
    causes: ClassVar[tuple[type[events.Event], ...]] = ()
    """Events of an accepted, changing call, in order; SHOULD-level companions are left to the model."""

    def _placeholders(self) -> frozenset[str]:
        return frozenset(_PLACEHOLDER.findall(self.path))

    def url_path(self) -> str:
        """Path and query, percent-encoded, relative to the REST base URL."""
        given = self.model_dump(mode="json", exclude_none=True)
        filled = _PLACEHOLDER.sub(lambda match: quote(str(given[match[1]]), safe=""), self.path)
        query = {key: value for key, value in given.items() if key not in self._placeholders()}
        return f"{filled}?{urlencode(query)}" if self.method == "GET" and query else filled

    def body(self) -> dict[str, Any] | None:
        """The JSON body, or None where the call has none."""
        if self.method in ("GET", "DELETE"):
            return None
        given = self.model_dump(mode="json", exclude_none=True)
        body = {key: value for key, value in given.items() if key not in self._placeholders()}
        return body or None


class Command(BaseModel):
    """One frame that a client sends on its gateway connection (contract 3.2)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """The `d` of the command's envelope."""
        return self.model_dump(mode="json", exclude_none=True)


class Subscribe(Command):
    name = "subscribe"
    guild_id: str
    channel_id: str


# --- accounts


class Register(Operation):
    name = "register"
    method = "POST"
    path = "/auth/register"
    result = shapes.Accepted
    authority = Authority.ANYBODY
    username: str
    password: str
    captcha_token: str | None = None


class Login(Operation):
    name = "login"
    method = "POST"
    path = "/auth/login"
    result = shapes.TokenPair
    authority = Authority.ANYBODY
    username: str
    password: str


class Refresh(Operation):
    name = "refresh"
    method = "POST"
    path = "/auth/refresh"
    result = shapes.TokenPair
    authority = Authority.ANYBODY
    refresh_token: str


class Logout(Operation):
    name = "logout"
    method = "POST"
    path = "/auth/logout"
    success = 204
    result = None
    authority = Authority.ANYBODY
    refresh_token: str


class OwnProfile(Operation):
    name = "own_profile"
    method = "GET"
    path = "/auth/me"
    result = shapes.Profile
    authority = Authority.ANY_USER


class ReadProfile(Operation):
    name = "read_profile"
    method = "GET"
    path = "/users/{user_id}/profile"
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE
    user_id: str


class UpdateProfile(Operation):
    name = "update_profile"
    method = "PATCH"
    path = "/users/me/profile"
    result = shapes.Profile
    authority = Authority.ANY_USER
    feature = Feature.PROFILE
    causes = (events.ProfileUpdate,)
    username: str | None = None
    about_markdown: str | None = None


# --- guilds and channels


class CreateGuild(Operation):
    name = "create_guild"
    method = "POST"
    path = "/guilds"
    result = shapes.Guild
    authority = Authority.ANY_USER
    guild_name: str
    visibility: str | None = None

    def body(self) -> dict[str, Any] | None:
        """The wire says `name`, which an operation class already uses for its own."""
        return _renamed(super().body(), "guild_name")


class ListGuilds(Operation):
    name = "list_guilds"
    method = "GET"
    path = "/guilds"
    result = shapes.GuildList
    authority = Authority.ANY_USER


class UpdateGuild(Operation):
    name = "update_guild"
    method = "PATCH"
    path = "/guilds/{guild_id}"
    result = shapes.Guild
    authority = "manage_roles"
    feature = Feature.WORKSPACE_UPDATE
    causes = (events.WorkspaceUpdate,)
    guild_id: str
    guild_name: str | None = None
    visibility: str | None = None

    def body(self) -> dict[str, Any] | None:
        """The wire says `name`."""
        return _renamed(super().body(), "guild_name")


class CreateChannel(Operation):
    name = "create_channel"
    method = "POST"
    path = "/guilds/{guild_id}/channels"
    result = shapes.Channel
    authority = "manage_channel_overrides"
    feature = Feature.CHANNELS_CREATE
    causes = (events.ChannelCreate,)
    guild_id: str
    channel_name: str
    kind: str | None = None

    def body(self) -> dict[str, Any] | None:
        """The wire says `name`."""
        return _renamed(super().body(), "channel_name")


class ListChannels(Operation):
    name = "list_channels"
    method = "GET"
    path = "/guilds/{guild_id}/channels"
    result = shapes.ChannelList
    authority = Authority.MEMBER
    guild_id: str


class OwnPermissions(Operation):
    name = "own_permissions"
    method = "GET"
    path = "/guilds/{guild_id}/channels/{channel_id}/permissions/self"
    result = shapes.OwnPermissions
    authority = Authority.ACCESS
    guild_id: str
    channel_id: str


# --- members


class ListMembers(Operation):
    name = "list_members"
    method = "GET"
    path = "/guilds/{guild_id}/members"
    result = shapes.MemberPage
    authority = Authority.MEMBER
    feature = Feature.MEMBERS
    guild_id: str
    limit: int | None = None
    cursor: str | None = None


class AddMember(Operation):
    name = "add_member"
    method = "POST"
    path = "/guilds/{guild_id}/members/{user_id}"
    result = shapes.Accepted
    authority = "manage_member_roles"
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberAdd,)
    guild_id: str
    user_id: str


class ChangeMemberRole(Operation):
    name = "change_member_role"
    method = "PATCH"
    path = "/guilds/{guild_id}/members/{user_id}"
    result = shapes.Accepted
    authority = Authority.LEGACY_RANK
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberUpdate,)
    guild_id: str
    user_id: str
    role: str


class KickMember(Operation):
    name = "kick_member"
    method = "POST"
    path = "/guilds/{guild_id}/members/{user_id}/kick"
    result = shapes.Accepted
    authority = Authority.BAN_MEMBER_AND_RANK
    feature = Feature.MEMBERS
    causes = (events.WorkspaceMemberRemove,)
    guild_id: str
    user_id: str


# --- messages


class CreateMessage(Operation):
    name = "create_message"
    method = "POST"
    path = "/guilds/{guild_id}/channels/{channel_id}/messages"
    result = shapes.Message
    authority = Authority.ACCESS
    feature = Feature.MESSAGES
    causes = (events.MessageCreate,)
    guild_id: str
    channel_id: str
    content: str


class History(Operation):
    name = "history"
    method = "GET"
    path = "/guilds/{guild_id}/channels/{channel_id}/messages"
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
    path = "/guilds/{guild_id}/channels/{channel_id}/messages/{message_id}"
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
    path = "/guilds/{guild_id}/channels/{channel_id}/messages/{message_id}"
    success = 204
    result = None
    authority = Authority.AUTHOR_OR_DELETE_MESSAGE
    feature = Feature.MESSAGES
    causes = (events.MessageDelete,)
    guild_id: str
    channel_id: str
    message_id: str


# --- service


class ReadHealth(Operation):
    name = "health"
    method = "GET"
    path = "/health"
    result = shapes.Health
    authority = Authority.ANYBODY


def _renamed(body: dict[str, Any] | None, field: str) -> dict[str, Any] | None:
    if body is None or field not in body:
        return body
    return {("name" if key == field else key): value for key, value in body.items()}


OPERATIONS: Final[Mapping[str, type[Operation]]] = {
    operation.name: operation for operation in Operation.__subclasses__()
}
"""Every operation by name, as the history records it."""

COMMANDS: Final[Mapping[str, type[Command]]] = {command.name: command for command in Command.__subclasses__()}
