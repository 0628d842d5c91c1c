"""A state in JSON terms: the view that is compared with other views (`conformance.contract.slices`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sync_check.conformance.contract import slices
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.conformance.contract.slices import slice_key
from sync_check.harness.state import NOTHING, FriendRequest, Guild, State


def view_of(state: State, guild_ids: Iterable[str]) -> dict[str, Any]:
    """Every slice that the state holds of these guilds and of the user, each only once it was read.

    Permissions, messages and reactions are shown of subscribed channels.
    """
    held = {guild_id: state.guilds[guild_id] for guild_id in guild_ids if guild_id in state.guilds}
    shown: dict[str, Any] = {
        slices.WORKSPACES: {
            guild_id: {"name": guild.name, "visibility": guild.visibility} for guild_id, guild in held.items()
        }
    }
    for guild_id, guild in held.items():
        shown.update(_of_guild(guild_id, guild))
        for channel_id in state.live_in(guild_id):
            shown.update(_of_channel(state, channel_id))
    return {**shown, **_of_user(state)}


def _of_guild(guild_id: str, guild: Guild) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if guild.channels is not None:
        shown[slice_key(slices.CHANNELS, guild_id)] = [
            {"channel_id": channel.channel_id, "name": channel.name, "kind": channel.kind}
            for channel in guild.channels
        ]
    if guild.members is not None:
        shown[slice_key(slices.MEMBERS, guild_id)] = sorted(guild.members)
        # A read of the members tells them, and nothing else does.
        shown[slice_key(slices.ASSIGNMENTS, guild_id)] = {
            user_id: sorted(role_ids) for user_id, role_ids in guild.assignments.items()
        }
    if guild.roles is not None:
        shown[slice_key(slices.ROLES, guild_id)] = [
            {
                "role_id": role_id,
                "name": role.name,
                "position": role.position,
                "is_system": role.is_system,
                "permissions": [name for name in CANONICAL_ORDER if name in role.permissions],
                "color_hex": role.color_hex,
            }
            for role_id, role in sorted(guild.roles.items(), key=lambda held: (-held[1].position, held[0]))
        ]
    return shown


def _of_channel(state: State, channel_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if channel_id in state.permissions:
        shown[slice_key(slices.PERMISSIONS, channel_id)] = list(state.permissions[channel_id])
    if channel_id in state.contents:
        shown[slice_key(slices.MESSAGES, channel_id)] = _messages(state, channel_id)
        shown[slice_key(slices.REACTIONS, channel_id)] = _reactions(state, channel_id)
        shown[slice_key(slices.ATTACHMENTS, channel_id)] = _attachments(state, channel_id)
    return shown


def _messages(state: State, channel_id: str) -> list[dict[str, Any]]:
    """Ordered by creation and then by id, because the wire's times have a resolution of a second."""
    messages = state.contents[channel_id].messages.values()
    return [
        {
            "message_id": message.message_id,
            "author_id": message.author_id,
            "content": message.content,
            "created_at_unix": message.created_at_unix,
        }
        for message in sorted(messages, key=lambda m: (m.created_at_unix, m.message_id))
    ]


def _attachments(state: State, channel_id: str) -> dict[str, dict[str, str]]:
    return {
        message_id: {one.attachment_id: one.sha256_hex for one in message.attachments}
        for message_id, message in state.contents[channel_id].messages.items()
        if message.attachments
    }


def _reactions(state: State, channel_id: str) -> dict[str, dict[str, Any]]:
    own = state.own_reactions.get(channel_id, NOTHING)
    return {
        message_id: {
            emoji: {"count": reaction.count, "mine": emoji in own.get(message_id, ())}
            for emoji, reaction in entries.items()
        }
        for message_id, entries in state.contents[channel_id].reactions.items()
    }


def _of_user(state: State) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    own = state.profiles.get(state.user_id)
    if own is not None:
        shown[slice_key(slices.PROFILES, state.user_id)] = {
            "username": own.username,
            "about_markdown": own.about_markdown,
            "avatar_version": own.avatar_version,
            "banner_version": own.banner_version,
        }
    if state.friends is not None:
        shown[slice_key(slices.FRIENDS, state.user_id)] = {
            user_id: {"username": friend.username, "created_at_unix": friend.created_at_unix}
            for user_id, friend in state.friends.items()
        }
    if state.requests is not None:
        shown[slice_key(slices.FRIEND_REQUESTS, state.user_id)] = {
            "incoming": _requests(state.requests.incoming, "sender_user_id"),
            "outgoing": _requests(state.requests.outgoing, "recipient_user_id"),
        }
        shown[slice_key(slices.REQUEST_NAMES, state.user_id)] = {
            request_id: {"sender": request.sender_username, "recipient": request.recipient_username}
            for side in (state.requests.incoming, state.requests.outgoing)
            for request_id, request in side.items()
        }
    return shown


def _requests(requests: Mapping[str, FriendRequest], other: str) -> dict[str, dict[str, Any]]:
    """Without their names, which stay as they were when it was made (CLIENT-10)."""
    return {
        request_id: {"user_id": getattr(request, other), "created_at_unix": request.created_at_unix}
        for request_id, request in requests.items()
    }
