"""What a client takes out of REST bodies: the parts of a state (contract 2.2 and 9.2).

Unknown members are ignored; what is missing or of another type raises `UnreadableBody`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.harness.reducers.overrides import resolved
from sync_check.harness.state import (
    Attachment,
    Channel,
    Content,
    Friend,
    FriendRequest,
    Guild,
    Message,
    Profile,
    Reaction,
    Role,
    without,
)


class UnreadableBody(ValueError):
    """A REST body from which a client cannot take what it needs: `member` is missing or of another type."""

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member

    def __str__(self) -> str:
        return f"member {self.member!r} is missing or of another type"


def guild_from(held: Guild | None, item: Mapping[str, Any]) -> Guild:
    """A guild of the list; what was read below it is kept."""
    name, visibility = text_of(item, "name"), text_of(item, "visibility")
    if held is None:
        return Guild(name=name, visibility=visibility)
    if (name, visibility) == (held.name, held.visibility):
        return held
    return replace(held, name=name, visibility=visibility)


def channels_from(guild: Guild, body: Any) -> Guild:
    """The guild with its channels, and without the overrides of those that are gone."""
    channels = tuple(
        Channel(
            channel_id=text_of(item, "channel_id"), name=text_of(item, "name"), kind=text_of(item, "kind")
        )
        for item in items_of(body, "channels")
    )
    if channels == guild.channels:
        return guild
    unlisted = guild.overrides.keys() - {channel.channel_id for channel in channels}
    return replace(guild, channels=channels, overrides=without(guild.overrides, *unlisted))


def roles_from(guild: Guild, body: Any) -> Guild:
    """The guild with its roles, highest position first as told, and the default join role."""
    roles = {text_of(item, "role_id"): _role(item) for item in items_of(body, "roles")}
    default = body.get("default_join_role_id")
    if default is not None and type(default) is not str:
        raise UnreadableBody("default_join_role_id")
    return resolved(replace(guild, roles=roles, default_join_role_id=default))


def _role(item: Mapping[str, Any]) -> Role:
    is_system, color = flag_of(item, "is_system"), item.get("color_hex")
    if color is not None and type(color) is not str:
        raise UnreadableBody("color_hex")
    return Role(
        name=text_of(item, "name"),
        position=number_of(item, "position"),
        is_system=is_system,
        permissions=known_permissions_from(item),
        color_hex=color,
    )


def members_from(guild: Guild, body: Any) -> Guild:
    """The members; legacy roles are known from events only and stay."""
    items = items_of(body, "members")
    told = {text_of(item, "user_id"): frozenset(texts_of(item, "role_ids")) for item in items}
    held = guild.members or {}
    members = {user_id: held.get(user_id) for user_id in told}
    assignments = {user_id: role_ids for user_id, role_ids in told.items() if role_ids}
    return replace(guild, members=members, assignments=assignments)


def content_from(_: None, body: Any) -> Content:
    """The messages of a channel with their reactions."""
    items = items_of(body, "messages")
    messages = {message.message_id: message for message in map(_message, items)}
    reactions = {item["message_id"]: _reactions(item) for item in items if items_of(item, "reactions")}
    return Content(messages=messages, reactions=reactions)


def impersonal(body: Any) -> Any:
    """A page of messages without what it says of the reader (`own_reactions_from`): it is alike for many."""
    return {
        "messages": [
            {**_object(item), "reactions": [_without_reader(one) for one in items_of(item, "reactions")]}
            for item in items_of(body, "messages")
        ]
    }


def _without_reader(reaction: Any) -> dict[str, Any]:
    return {member: value for member, value in _object(reaction).items() if member != "reacted_by_me"}


def own_reactions_from(body: Any) -> dict[str, frozenset[str]]:
    """With what the reader reacted: emojis by message, messages without any left out."""
    own = {
        text_of(item, "message_id"): frozenset(
            text_of(one, "emoji") for one in items_of(item, "reactions") if flag_of(one, "reacted_by_me")
        )
        for item in items_of(body, "messages")
    }
    return {message_id: emojis for message_id, emojis in own.items() if emojis}


def _object(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise UnreadableBody("messages")
    return item


def _message(item: Mapping[str, Any]) -> Message:
    return Message(
        message_id=text_of(item, "message_id"),
        author_id=text_of(item, "author_id"),
        content=text_of(item, "content"),
        markdown_tokens=tuple(items_of(item, "markdown_tokens")),
        attachments=tuple(map(_attachment, items_of(item, "attachments"))),
        created_at_unix=number_of(item, "created_at_unix"),
    )


def _attachment(item: Mapping[str, Any]) -> Attachment:
    return Attachment(
        attachment_id=text_of(item, "attachment_id"),
        owner_id=text_of(item, "owner_id"),
        filename=text_of(item, "filename"),
        mime_type=text_of(item, "mime_type"),
        size_bytes=number_of(item, "size_bytes"),
        sha256_hex=text_of(item, "sha256_hex"),
    )


def _reactions(item: Mapping[str, Any]) -> dict[str, Reaction]:
    return {
        text_of(one, "emoji"): Reaction(
            count=number_of(one, "count"),
            # Left out when empty (2.2).
            users=frozenset(texts_of(one, "reactor_user_ids") if "reactor_user_ids" in one else ()),
        )
        for one in items_of(item, "reactions")
    }


def profile_from(body: Any) -> tuple[str, Profile]:
    """A profile and whose it is."""
    profile = Profile(
        username=text_of(body, "username"),
        about_markdown=text_of(body, "about_markdown"),
        avatar_version=number_of(body, "avatar_version"),
        banner_version=number_of(body, "banner_version"),
    )
    return text_of(body, "user_id"), profile


def friends_from(body: Any) -> dict[str, Friend]:
    """The friends by user id."""
    return {
        text_of(item, "user_id"): Friend(
            username=text_of(item, "username"), created_at_unix=number_of(item, "created_at_unix")
        )
        for item in items_of(body, "friends")
    }


def requests_from(body: Any, side: str) -> dict[str, FriendRequest]:
    """The friend requests of one side, `incoming` or `outgoing`."""
    return {
        text_of(item, "request_id"): FriendRequest(
            sender_user_id=text_of(item, "sender_user_id"),
            sender_username=text_of(item, "sender_username"),
            recipient_user_id=text_of(item, "recipient_user_id"),
            recipient_username=text_of(item, "recipient_username"),
            created_at_unix=number_of(item, "created_at_unix"),
        )
        for item in items_of(body, side)
    }


def known_permissions_from(item: Any) -> tuple[str, ...]:
    """Unknown names are skipped (9.1); order and repetitions stay, because they can be wrong (CHAN-2)."""
    return tuple(name for name in items_of(item, "permissions") if name in CANONICAL_ORDER)


def items_of(body: Any, member: str) -> list[Any]:
    """A member that is a list."""
    items = body.get(member) if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise UnreadableBody(member)
    return items


def text_of(item: Any, member: str) -> str:
    """A member that is a string."""
    value = item.get(member) if isinstance(item, dict) else None
    if type(value) is not str:
        raise UnreadableBody(member)
    return value


def number_of(item: Any, member: str) -> int:
    """A member that is an integer."""
    value = item.get(member) if isinstance(item, dict) else None
    if type(value) is not int:
        raise UnreadableBody(member)
    return value


def flag_of(item: Any, member: str) -> bool:
    """A member that is true or false."""
    value = item.get(member) if isinstance(item, dict) else None
    if type(value) is not bool:
        raise UnreadableBody(member)
    return value


def texts_of(item: Any, member: str) -> list[str]:
    """A member that is a list of strings."""
    values = items_of(item, member)
    if not all(type(value) is str for value in values):
        raise UnreadableBody(member)
    return values
