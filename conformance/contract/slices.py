"""Names and JSON shapes of a client's state (contract 9.2), common to replica, snapshot and model.

A *view* is a mapping from slice key to a JSON value. The key is the slice's name, followed by `/` and the id
it belongs to where there is one value per guild or channel. Only what has a REST read endpoint takes part in
CLIENT-6; slices of undeclared features exist nowhere.

| key | value |
| --- | --- |
| `workspaces` | `{guild_id: {"name", "visibility"}}` |
| `channels/{guild_id}` | `[{"channel_id", "name", "kind"}]` in list order |
| `members/{guild_id}` | sorted `[user_id]` |
| `permissions/{channel_id}` | own effective permissions in canonical order |
| `messages/{channel_id}` | `[{"message_id", "author_id", "content", "created_at_unix"}]`, oldest first |
| `profiles/{user_id}` | `{"username", "about_markdown", "avatar_version", "banner_version"}` |

A view covers the guilds in which its connection is subscribed and the user's own profile (CLIENT-10); of
`workspaces`, too, only those guilds are compared.
"""

from collections.abc import Mapping
from typing import Any, Final

from sync_check.conformance.contract.features import Feature

View = Mapping[str, Any]
"""A client state in JSON terms, by slice key."""

WORKSPACES: Final = "workspaces"
CHANNELS: Final = "channels"
MEMBERS: Final = "members"
PERMISSIONS: Final = "permissions"
MESSAGES: Final = "messages"
PROFILES: Final = "profiles"

FEATURE_OF_SLICE: Final[Mapping[str, Feature | None]] = {
    WORKSPACES: None,
    CHANNELS: None,
    MEMBERS: Feature.MEMBERS,
    PERMISSIONS: None,
    MESSAGES: Feature.MESSAGES,
    PROFILES: Feature.PROFILE,
}


def slice_key(name: str, owner_id: str | None = None) -> str:
    """The key of a slice in a view."""
    return name if owner_id is None else f"{name}/{owner_id}"
