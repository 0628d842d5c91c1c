"""Every operation, tried by the owner, by a member, and by somebody who was in nothing to begin with."""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.harness.explorer.draft import GUILD, OWNER, Draft, Kind
from sync_check.harness.explorer.kinds.content import message
from sync_check.harness.images import PNG, png

_RANKS: Final[Mapping[str, Callable[[Draft], str]]] = {
    "owner": lambda _: OWNER,
    "member": lambda draft: f"u{draft.one(range(1, draft.members))}",
    "stranger": lambda draft: f"s{draft.one(range(draft.strangers))}",
}
_VALUES: Final[Mapping[str, Callable[[Draft], Any]]] = {
    "guild_id": lambda _: GUILD["guild_id"],
    "channel_id": lambda draft: draft.known(draft.channels),
    **dict.fromkeys(("user_id", "recipient_user_id", "target_user_id", "target_id"), Draft.user),
    "role_id": Draft.role,
    "request_id": lambda draft: draft.known(draft.requests),
    "ban_id": lambda draft: draft.known(draft.bans),
    "user_ids": lambda draft: [draft.user()],
    "channel_ids": lambda draft: [f"${channel}" for channel in draft.some(draft.channels, 4)],
    "role_ids": lambda draft: [f"${role}" for role in draft.some(draft.roles, 4)],
    "role": lambda draft: draft.one(("member", "moderator")),
    "target_kind": lambda _: "member",
    **dict.fromkeys(("permissions", "allow", "deny"), lambda _: []),
    **dict.fromkeys(("guild_name", "channel_name", "username"), lambda _: "~name"),
    "content": lambda _: "~text",
    # Which are nobody's secret, so they hold no canary.
    **dict.fromkeys(("role_name", "about_markdown"), Draft.name),
    "password": lambda _: "~password",
    "emoji": lambda _: "tea",
    "q": lambda _: "text",
    "content_type": lambda _: PNG,
    "data": lambda _: base64.b64encode(png("named")).decode(),
}
"""One value for each argument that an operation must have."""
_CHANGES: Final[Mapping[str, str]] = {
    "update_guild": "guild_name",
    "update_channel": "channel_name",
    "update_role": "role_name",
    "update_profile": "about_markdown",
}
"""An argument that need not be, without which nothing would change."""


def _try(draft: Draft, do: str, rank: str) -> None:
    by = _RANKS[rank](draft)
    needed = [name for name, field in OPERATIONS[do].model_fields.items() if field.is_required()]
    args = {name: _VALUES[name](draft) for name in needed if name in _VALUES}
    match do:
        case "login":
            args = dict.fromkeys(("username", "password"), f"${by}")
        case "refresh" | "logout":
            args = {"refresh_token": f"${by}"}
        case _ if "message_id" in needed:
            args |= message(draft)
        case _ if "attachment_id" in needed:
            args |= _file(draft)
        case _ if do in _CHANGES:
            args[_CHANGES[do]] = _VALUES[_CHANGES[do]](draft)
    draft.add(do, args, by=by)


def _file(draft: Draft) -> dict[str, Any]:
    if not draft.files:
        return {"attachment_id": draft.known(())}
    channel, attachment = draft.one(draft.files)
    return {"channel_id": f"${channel}", "attachment_id": f"${attachment}"}


CARDS: Final[Mapping[str, Sequence[Kind]]] = {
    do: [partial(_try, do=do, rank=rank) for rank in _RANKS] for do in OPERATIONS
}
"""Those of each operation."""
