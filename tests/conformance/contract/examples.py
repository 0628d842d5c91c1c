"""A sound payload for every event and command, made from the catalogue's words by hand."""

from typing import Any, Final

ULID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
AT: Final = 1_700_000_000

_GUILD: Final = {"guild_id": ULID}
_CHANNEL: Final = {"guild_id": ULID, "channel_id": ULID}
_PARTICIPANT: Final = {
    "user_id": ULID,
    "identity": "opaque",
    "joined_at_unix": AT,
    "updated_at_unix": AT,
    "is_muted": False,
    "is_deafened": False,
    "is_speaking": True,
    "is_video_enabled": False,
    "is_screen_share_enabled": False,
}
_ATTACHMENT: Final = {
    "attachment_id": ULID,
    "guild_id": ULID,
    "channel_id": ULID,
    "owner_id": ULID,
    "filename": "a.png",
    "mime_type": "image/png",
    "size_bytes": 7,
    "sha256_hex": "ab",
}
_LISTS: Final = {"allow": ["create_message"], "deny": []}
_STREAM: Final = {**_CHANNEL, "user_id": ULID, "identity": "opaque", "stream": "camera"}

PAYLOADS: Final[dict[str, dict[str, Any]]] = {
    "ready": {"user_id": ULID},
    "subscribed": _CHANNEL,
    "presence_sync": {**_GUILD, "user_ids": [ULID]},
    "presence_update": {**_GUILD, "user_id": ULID, "status": "online"},
    "message_create": {
        **_CHANNEL,
        "message_id": ULID,
        "author_id": ULID,
        "content": "hello",
        "markdown_tokens": [{"type": "paragraph_start"}, {"type": "text", "text": "hello"}],
        "attachments": [_ATTACHMENT],
        "reactions": [],
        "created_at_unix": AT,
    },
    "message_update": {
        **_CHANNEL,
        "message_id": ULID,
        "updated_fields": {"content": "", "markdown_tokens": []},
        "updated_at_unix": AT,
    },
    "message_delete": {**_CHANNEL, "message_id": ULID, "deleted_at_unix": AT},
    "message_reaction": {
        **_CHANNEL,
        "message_id": ULID,
        "emoji": "👍",
        "count": 0,
        "operation": "remove",
        "actor_user_id": ULID,
    },
    "channel_create": {**_GUILD, "channel": {"channel_id": ULID, "name": "general", "kind": "text"}},
    "channel_update": {**_CHANNEL, "updated_fields": {"name": "other"}, "updated_at_unix": AT},
    "channel_delete": {**_CHANNEL, "deleted_at_unix": AT},
    "channel_reorder": {**_GUILD, "channel_ids": [ULID], "updated_at_unix": AT},
    "workspace_update": {**_GUILD, "updated_fields": {"visibility": "public"}, "updated_at_unix": AT},
    "workspace_member_add": {**_GUILD, "user_id": ULID, "role": "member", "joined_at_unix": AT},
    "workspace_member_update": {
        **_GUILD,
        "user_id": ULID,
        "updated_fields": {"role": "moderator"},
        "updated_at_unix": AT,
    },
    "workspace_member_remove": {**_GUILD, "user_id": ULID, "reason": "kick", "removed_at_unix": AT},
    "workspace_member_ban": {**_GUILD, "user_id": ULID, "banned_at_unix": AT},
    "workspace_role_create": {
        **_GUILD,
        "role": {
            "role_id": ULID,
            "name": "helper",
            "position": 2,
            "is_system": False,
            "permissions": ["ban_member"],
        },
    },
    "workspace_role_update": {
        **_GUILD,
        "role_id": ULID,
        "updated_fields": {"color_hex": None},
        "updated_at_unix": AT,
    },
    "workspace_role_delete": {**_GUILD, "role_id": ULID, "deleted_at_unix": AT},
    "workspace_role_reorder": {**_GUILD, "role_ids": [ULID], "updated_at_unix": AT},
    "workspace_role_assignment_add": {
        **_GUILD,
        "user_id": ULID,
        "role_id": ULID,
        "assigned_at_unix": AT,
    },
    "workspace_role_assignment_remove": {
        **_GUILD,
        "user_id": ULID,
        "role_id": ULID,
        "removed_at_unix": AT,
    },
    "workspace_channel_override_update": {
        **_CHANNEL,
        "role": "member",
        "updated_fields": _LISTS,
        "updated_at_unix": AT,
    },
    "workspace_channel_role_override_update": {
        **_CHANNEL,
        "role": "owner",
        "updated_fields": _LISTS,
        "updated_at_unix": AT,
    },
    "workspace_channel_permission_override_update": {
        **_CHANNEL,
        "target_kind": "member",
        "target_id": ULID,
        "updated_fields": _LISTS,
        "updated_at_unix": AT,
    },
    "workspace_ip_ban_sync": {
        **_GUILD,
        "summary": {"action": "upsert", "changed_count": 1},
        "updated_at_unix": AT,
    },
    "profile_update": {"user_id": ULID, "updated_fields": {"username": "ana"}, "updated_at_unix": AT},
    "profile_avatar_update": {"user_id": ULID, "avatar_version": 1, "updated_at_unix": AT},
    "profile_banner_update": {"user_id": ULID, "banner_version": 1, "updated_at_unix": AT},
    "friend_request_create": {
        "request_id": ULID,
        "sender_user_id": ULID,
        "sender_username": "ana",
        "recipient_user_id": ULID,
        "recipient_username": "ben",
        "created_at_unix": AT,
    },
    "friend_request_update": {
        "request_id": ULID,
        "state": "accepted",
        "user_id": ULID,
        "friend_user_id": ULID,
        "friend_username": "ben",
        "friendship_created_at_unix": AT,
        "updated_at_unix": AT,
    },
    "friend_request_delete": {"request_id": ULID, "deleted_at_unix": AT},
    "friend_remove": {"user_id": ULID, "friend_user_id": ULID, "removed_at_unix": AT},
    "voice_participant_sync": {**_CHANNEL, "participants": [_PARTICIPANT], "synced_at_unix": AT},
    "voice_participant_join": {**_CHANNEL, "participant": _PARTICIPANT},
    "voice_participant_leave": {**_CHANNEL, "user_id": ULID, "identity": "opaque", "left_at_unix": AT},
    "voice_participant_update": {
        **_CHANNEL,
        "user_id": ULID,
        "identity": "opaque",
        "updated_fields": {"is_muted": True},
        "updated_at_unix": AT,
    },
    "voice_stream_publish": {**_STREAM, "published_at_unix": AT},
    "voice_stream_unpublish": {**_STREAM, "unpublished_at_unix": AT},
}

COMMANDS: Final[dict[str, dict[str, Any]]] = {
    "subscribe": _CHANNEL,
    "message_create": {**_CHANNEL, "content": "hello", "attachment_ids": None},
}


def frame(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"v": 1, "t": name, "d": payload}
