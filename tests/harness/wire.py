"""Ids, frames and REST bodies of a small workspace, and replicas that know it."""

import json
from typing import Any

from sync_check.conformance.contract.features import Feature
from sync_check.harness.decoding import Decoder
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import Replica

FEATURES = frozenset((Feature.MESSAGES, Feature.MEMBERS, Feature.PROFILE, Feature.WORKSPACE_UPDATE))


def make_id(number: int) -> str:
    return f"01{number:024d}"


ME, BEN, EVE = make_id(1), make_id(2), make_id(3)
GUILD, OTHER = make_id(10), make_id(11)
GENERAL, RANDOM = make_id(20), make_id(21)
FIRST, SECOND, THIRD = make_id(30), make_id(31), make_id(32)
NOW = 1_700_000_000

GUILDS = {"guilds": [{"guild_id": GUILD, "name": "house", "visibility": "private", "extra": 1}]}
CHANNELS = {"channels": [{"channel_id": c, "name": c[-2:], "kind": "text"} for c in (GENERAL, RANDOM)]}
MEMBERS = {"members": [{"user_id": u, "role_ids": []} for u in (ME, BEN)], "next_cursor": None}
PERMISSIONS = {"role": "member", "permissions": ["create_message", "fly", "subscribe_streams"]}
PROFILE = {
    "user_id": ME,
    "username": "ana",
    "about_markdown": "",
    "about_markdown_tokens": [],
    "avatar_version": 0,
    "banner_version": 0,
}


ATTACHMENT = {
    "attachment_id": make_id(60),
    "guild_id": GUILD,
    "channel_id": GENERAL,
    "owner_id": BEN,
    "filename": "a.png",
    "mime_type": "image/png",
    "size_bytes": 3,
    "sha256_hex": "ab",
}


def message(message_id: str, content: str = "hello", at: int = NOW) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "guild_id": GUILD,
        "channel_id": GENERAL,
        "author_id": BEN,
        "content": content,
        "markdown_tokens": [],
        "attachments": [],
        "reactions": [],
        "created_at_unix": at,
    }


MESSAGES = {"messages": [message(SECOND, "two", NOW + 1), message(FIRST, "one")]}
BODIES: dict[Reading, dict[str, Any]] = {
    Reading.PROFILE: PROFILE,
    Reading.GUILDS: GUILDS,
    Reading.CHANNELS: CHANNELS,
    Reading.ROLES: {"roles": [], "default_join_role_id": None},
    Reading.MEMBERS: MEMBERS,
    Reading.PERMISSIONS: PERMISSIONS,
    Reading.MESSAGES: MESSAGES,
    Reading.FRIENDS: {"friends": []},
    Reading.FRIEND_REQUESTS: {"incoming": [], "outgoing": []},
}


def frame(name: str, **payload: Any) -> str:
    return json.dumps({"v": 1, "t": name, "d": payload})


def create_frame(message_id: str, content: str = "hello", at: int = NOW, **more: Any) -> str:
    return frame("message_create", **{**message(message_id, content, at), **more})


def update_frame(message_id: str, content: str) -> str:
    return frame(
        "message_update",
        guild_id=GUILD,
        channel_id=GENERAL,
        message_id=message_id,
        updated_fields={"content": content, "markdown_tokens": []},
        updated_at_unix=NOW,
    )


def delete_frame(message_id: str) -> str:
    return frame(
        "message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=message_id, deleted_at_unix=NOW
    )


def reaction(emoji: str, count: int, mine: bool, *user_ids: str) -> dict[str, Any]:
    named = {"reactor_user_ids": list(user_ids)} if user_ids else {}
    return {"emoji": emoji, "count": count, "reacted_by_me": mine, **named}


def reaction_frame(operation: str, user_id: str, emoji: str, count: int, message_id: str) -> str:
    place = {"guild_id": GUILD, "channel_id": GENERAL, "message_id": message_id, "emoji": emoji}
    told = {"operation": operation, "actor_user_id": user_id, "count": count}
    return frame("message_reaction", **place, **told)


def rename_frame(guild_id: str = GUILD, **fields: Any) -> str:
    return frame("workspace_update", guild_id=guild_id, updated_fields=fields, updated_at_unix=NOW)


def add_frame(user_id: str, guild_id: str = GUILD) -> str:
    return frame(
        "workspace_member_add", guild_id=guild_id, user_id=user_id, role="member", joined_at_unix=NOW
    )


def remove_frame(user_id: str) -> str:
    return frame(
        "workspace_member_remove", guild_id=GUILD, user_id=user_id, reason="kick", removed_at_unix=NOW
    )


def ban_frame(user_id: str) -> str:
    return frame("workspace_member_ban", guild_id=GUILD, user_id=user_id, banned_at_unix=NOW)


def promote_frame(user_id: str) -> str:
    return frame(
        "workspace_member_update",
        guild_id=GUILD,
        user_id=user_id,
        updated_fields={"role": "moderator"},
        updated_at_unix=NOW,
    )


def profile_frame(user_id: str, **fields: Any) -> str:
    return frame("profile_update", user_id=user_id, updated_fields=fields, updated_at_unix=NOW)


def avatar_frame(version: int) -> str:
    return frame("profile_avatar_update", user_id=ME, avatar_version=version, updated_at_unix=NOW)


def channel_frame(channel_id: str, name: str) -> str:
    channel = {"channel_id": channel_id, "name": name, "kind": "text"}
    return frame("channel_create", guild_id=GUILD, channel=channel)


def subscribed_frame(channel_id: str = GENERAL) -> str:
    return frame("subscribed", guild_id=GUILD, channel_id=channel_id)


def fetched(*wanted: Refetch) -> list[Fetched]:
    return [Fetched(wanted=refetch, status=200, body=BODIES[refetch.what]) for refetch in wanted]


def new_replica(features: frozenset[Feature] = FEATURES) -> Replica:
    return Replica(user_id=ME, features=features, decoder=Decoder())


def filled_replica(features: frozenset[Feature] = FEATURES, *, unread: Reading | None = None) -> Replica:
    """A replica of a connection that is subscribed to GENERAL and has read everything, but for `unread`."""
    replica = new_replica(features)
    wanted = replica.apply(frame("ready", user_id=ME))
    replica.subscribing(GUILD, GENERAL)
    wanted += replica.apply(subscribed_frame())
    replica.begin_refetch()
    assert replica.finish_refetch(fetched(*(one for one in wanted if one.what is not unread))) == ()
    return replica


def contents(replica: Replica) -> list[str]:
    return [message["content"] for message in replica.view([GUILD])[f"messages/{GENERAL}"]]


SNAPSHOT_VIEW = {
    "workspaces": {GUILD: {"name": "house", "visibility": "private"}},
    f"channels/{GUILD}": [
        {"channel_id": GENERAL, "name": "20", "kind": "text"},
        {"channel_id": RANDOM, "name": "21", "kind": "text"},
    ],
    f"members/{GUILD}": [ME, BEN],
    f"permissions/{GENERAL}": ["create_message", "subscribe_streams"],
    f"messages/{GENERAL}": [
        {"message_id": FIRST, "author_id": BEN, "content": "one", "created_at_unix": NOW},
        {"message_id": SECOND, "author_id": BEN, "content": "two", "created_at_unix": NOW + 1},
    ],
    f"profiles/{ME}": {"username": "ana", "about_markdown": "", "avatar_version": 0, "banner_version": 0},
}
