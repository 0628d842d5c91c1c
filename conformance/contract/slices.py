"""Names and JSON shapes of a client's state (contract 9.2), common to replica, snapshot and model.

A *view* is a mapping from slice key to a JSON value. The key is the slice's name, followed by `/` and the id
it belongs to where there is one value per guild or channel. Only what has a REST read endpoint takes part in
CLIENT-6; slices of undeclared features exist nowhere.

| key | value |
| --- | --- |
| `workspaces` | `{guild_id: {"name", "visibility"}}` |
| `channels/{guild_id}` | `[{"channel_id", "name", "kind"}]` in list order |
| `members/{guild_id}` | sorted `[user_id]` |
| `roles/{guild_id}` | `[{"role_id", "name", "position", "is_system", "permissions", "color_hex"}]` |
| `assignments/{guild_id}` | `{user_id: sorted [role_id]}`, members without any left out |
| `permissions/{channel_id}` | own effective permissions in canonical order |
| `messages/{channel_id}` | `[{"message_id", "author_id", "content", "created_at_unix"}]`, oldest first |
| `reactions/{channel_id}` | `{message_id: {emoji: {"count", "mine"}}}`, what has none left out |
| `profiles/{user_id}` | `{"username", "about_markdown", "avatar_version", "banner_version"}` |
| `friends/{user_id}` | `{friend_user_id: {"username", "created_at_unix"}}` of the user whose view it is |
| `friend_requests/{user_id}` | `{"incoming": {request_id: {"user_id", "created_at_unix"}}, "outgoing": …}` |
| `request_names/{user_id}` | `{request_id: {"sender", "recipient"}}`, the usernames that it was told with |
| `attachments/{channel_id}` | `{message_id: {attachment_id: sha256_hex}}`, messages without any left out |

Roles stand by position, the highest first, then by id, their permissions in canonical order; only
`permissions/self` owes that order itself (CHAN-2). `user_id` in a friend request is the other side.

A view covers the guilds in which its connection is subscribed, the user's own profile, friends and pending
requests (CLIENT-10); of `workspaces`, too, only those guilds are compared. The last two slices are not known
to the model: what may be stale of them is counted. Of assignments, the role that a member's legacy role
implies may be missing (contract 2.4), so a difference in it alone is none.
"""

from collections.abc import Mapping
from typing import Any, Final

from sync_check.conformance.contract.features import Feature

View = Mapping[str, Any]
"""A client state in JSON terms, by slice key."""

WORKSPACES: Final = "workspaces"
CHANNELS: Final = "channels"
MEMBERS: Final = "members"
ROLES: Final = "roles"
ASSIGNMENTS: Final = "assignments"
PERMISSIONS: Final = "permissions"
MESSAGES: Final = "messages"
REACTIONS: Final = "reactions"
PROFILES: Final = "profiles"
FRIENDS: Final = "friends"
FRIEND_REQUESTS: Final = "friend_requests"
REQUEST_NAMES: Final = "request_names"
ATTACHMENTS: Final = "attachments"

STALE_SLICES: Final = (REQUEST_NAMES, ATTACHMENTS)
"""What the contract lets go stale (CLIENT-10)."""

FEATURE_OF_SLICE: Final[Mapping[str, Feature | None]] = {
    WORKSPACES: None,
    CHANNELS: None,
    MEMBERS: Feature.MEMBERS,
    ROLES: Feature.ROLES,
    ASSIGNMENTS: Feature.ROLES,
    PERMISSIONS: None,
    MESSAGES: Feature.MESSAGES,
    REACTIONS: Feature.REACTIONS,
    PROFILES: Feature.PROFILE,
    FRIENDS: Feature.FRIENDS,
    FRIEND_REQUESTS: Feature.FRIENDS,
    REQUEST_NAMES: Feature.FRIENDS,
    ATTACHMENTS: Feature.ATTACHMENTS,
}


def slice_key(name: str, owner_id: str | None = None) -> str:
    """The key of a slice in a view."""
    return name if owner_id is None else f"{name}/{owner_id}"
