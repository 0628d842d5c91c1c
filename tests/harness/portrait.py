"""States as the vectors write them, both ways."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sync_check.harness.state import (
    Attachment,
    Channel,
    Content,
    Friend,
    FriendRequest,
    FriendRequests,
    Guild,
    Message,
    Override,
    Participant,
    Profile,
    Reaction,
    Role,
    State,
)


def state_of(slices: Mapping[str, Any]) -> State:
    """The state of a client that has read everything, and sent a subscribe for each channel it sees."""
    told: dict[str, Any] = {name: slices.get(name, {}) for name in _SLICES}
    channels = {c["channel_id"]: guild for guild, listed in told["channels"].items() for c in listed}
    user_id = slices.get("user_id", "")
    contents = {channel_id: _content(channel_id, told) for channel_id in told["live"]}
    requests = {
        side: {i: FriendRequest(**one) for i, one in told["friend_requests"].get(side, {}).items()}
        for side in ("incoming", "outgoing")
    }
    return State(
        user_id=user_id,
        guilds={guild_id: _guild(guild_id, told) for guild_id in told["workspaces"]},
        asked={key: value for key, value in channels.items() if key not in told["live"]},
        live=told["live"],
        contents=contents,
        own_reactions={channel_id: reacted_by(user_id, content) for channel_id, content in contents.items()},
        permissions={channel_id: tuple(names) for channel_id, names in told["permissions"].items()},
        voice={
            channel_id: {
                user: Participant(**{**one, "streams": frozenset(one["streams"])})
                for user, one in users.items()
            }
            for channel_id, users in told["voice"].items()
        },
        presence={guild_id: frozenset(users) for guild_id, users in told["presence"].items()},
        profiles={user: Profile(**one) for user, one in told["profiles"].items()},
        friends={user: Friend(**one) for user, one in told["friends"].items()},
        requests=FriendRequests(**requests),
    )


def reacted_by(user_id: str, content: Content) -> dict[str, frozenset[str]]:
    """What a user reacted with, by message, as far as the known reactors tell."""
    found = {
        message: frozenset(emoji for emoji, one in entries.items() if user_id in one.users)
        for message, entries in content.reactions.items()
    }
    return {message: emojis for message, emojis in found.items() if emojis}


def portrait_of(state: State) -> dict[str, Any]:
    """The slices that hold anything."""
    drawn: dict[str, Any] = {name: draw(state) for name, draw in _SLICES.items()}
    drawn["user_id"] = state.user_id
    return {name: value for name, value in drawn.items() if value}


def _guild(guild_id: str, told: Mapping[str, Any]) -> Guild:
    def of(name: str) -> dict[str, Any]:
        found: dict[str, Any] = told[name].get(guild_id, {})
        return found

    return Guild(
        **told["workspaces"][guild_id],
        channels=tuple(Channel(**one) for one in told["channels"].get(guild_id, ())),
        members=of("members"),
        roles={
            i: Role(**{**one, "permissions": tuple(one["permissions"])}) for i, one in of("roles").items()
        },
        default_join_role_id=told["default_join_role_id"].get(guild_id),
        assignments={user: frozenset(ids) for user, ids in of("assignments").items()},
        overrides={
            channel: {
                target: Override(allow=tuple(one["allow"]), deny=tuple(one["deny"]))
                for target, one in targets.items()
            }
            for channel, targets in of("overrides").items()
        },
    )


def _content(channel_id: str, told: Mapping[str, Any]) -> Content:
    messages = {one["message_id"]: _message(one) for one in told["messages"].get(channel_id, ())}
    reactions = {
        message: {
            emoji: Reaction(count=one["count"], users=frozenset(one["users"]))
            for emoji, one in entries.items()
        }
        for message, entries in told["reactions"].items()
        if message in messages
    }
    return Content(messages=messages, reactions=reactions)


def _message(one: Mapping[str, Any]) -> Message:
    attachments = tuple(Attachment(**attachment) for attachment in one["attachments"])
    return Message(**{**one, "markdown_tokens": tuple(one["markdown_tokens"]), "attachments": attachments})


def _of_guilds(draw: Callable[[Guild], Any]) -> Callable[[State], dict[str, Any]]:
    return lambda state: {key: value for key, guild in state.guilds.items() if (value := draw(guild))}


def _of_contents(draw: Callable[[Content], Any]) -> Callable[[State], dict[str, Any]]:
    return lambda state: {key: value for key, content in state.contents.items() if (value := draw(content))}


def _messages(content: Content) -> list[dict[str, Any]]:
    ordered = sorted(content.messages.values(), key=lambda one: (one.created_at_unix, one.message_id))
    return [
        {**asdict(one), "markdown_tokens": list(one.markdown_tokens), "attachments": _dicts(one.attachments)}
        for one in ordered
    ]


def _reactions(state: State) -> dict[str, Any]:
    return {
        message: {emoji: {"count": one.count, "users": sorted(one.users)} for emoji, one in entries.items()}
        for content in state.contents.values()
        for message, entries in content.reactions.items()
    }


def _requests(state: State) -> dict[str, Any]:
    held = state.requests
    if held is None or not (held.incoming or held.outgoing):
        return {}
    return {"incoming": _by_id(held.incoming), "outgoing": _by_id(held.outgoing)}


def _voice(state: State) -> dict[str, Any]:
    return {
        channel: {user: {**asdict(one), "streams": sorted(one.streams)} for user, one in users.items()}
        for channel, users in state.voice.items()
        if users
    }


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [asdict(value) for value in values]


def _by_id(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: asdict(value) for key, value in values.items()}


def _role(role: Role) -> dict[str, Any]:
    return {**asdict(role), "permissions": list(role.permissions)}


def _overrides(guild: Guild) -> dict[str, Any]:
    return {
        channel: {
            target: {"allow": list(one.allow), "deny": list(one.deny)} for target, one in targets.items()
        }
        for channel, targets in guild.overrides.items()
    }


_SLICES: dict[str, Callable[[State], dict[str, Any]]] = {
    "live": lambda state: dict(state.live),
    "workspaces": _of_guilds(lambda guild: {"name": guild.name, "visibility": guild.visibility}),
    "channels": _of_guilds(lambda guild: _dicts(guild.channels)),
    "members": _of_guilds(lambda guild: guild.members),
    "roles": _of_guilds(lambda guild: {key: _role(role) for key, role in (guild.roles or {}).items()}),
    "default_join_role_id": _of_guilds(lambda guild: guild.default_join_role_id),
    "assignments": _of_guilds(lambda guild: {key: sorted(ids) for key, ids in guild.assignments.items()}),
    "overrides": _of_guilds(_overrides),
    "messages": _of_contents(_messages),
    "reactions": _reactions,
    "profiles": lambda state: _by_id(state.profiles),
    "friends": lambda state: _by_id(state.friends or {}),
    "friend_requests": _requests,
    "presence": lambda state: {key: sorted(users) for key, users in state.presence.items() if users},
    "voice": _voice,
    "permissions": lambda state: {key: list(names) for key, names in state.permissions.items()},
}
