"""Values at a limit: in place of a long text a program names the limit, and by how much to go over it.

`{"limit": "message_bytes", "over": 1}` is a content of one byte more than a message may have on the target
that it is played on. What such values become there, `filling` says.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.model.gauges import GAUGES

LIMIT: Final = "limit"
OVER: Final = "over"
BESIDE: Final = (-1, 0, 1)
"""How far over a limit a value may lie: more shows nothing more."""

MEMBERS: Final[Mapping[str, str]] = {
    "message_bytes": "content",
    "attachments_per_message": "attachment_ids",
    "password_bytes": "password",
    "username_bytes": "username",
    "about_bytes": "about_markdown",
    "emoji_characters": "emoji",
    "guild_name_bytes": "guild_name",
    "channel_name_bytes": "channel_name",
    "listed_channels": "channel_ids",
    "role_name_bytes": "role_name",
    "lookup_users": "user_ids",
    "history_page": "limit",
    "members_page": "limit",
    "audit_page": "limit",
    "ip_bans_page": "limit",
    "public_guilds_page": "limit",
    "search_page": "limit",
    "audit_prefix_characters": "action_prefix",
    "directory_query_bytes": "q",
    "search_characters": "q",
    "avatar_bytes": "data",
    "banner_bytes": "data",
    "attachment_bytes": "data",
    "filename_bytes": "filename",
}
"""The limits that a step can name, and which of its arguments lies at each."""
LISTS: Final = ("attachment_ids", "channel_ids")
"""Arguments that name as many different things, which have to be made before."""


def at(limit: str, over: int = 0) -> dict[str, Any]:
    """The value that lies so far over a limit."""
    return {LIMIT: limit, OVER: over}


def is_bound(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is one at a limit."""
    return isinstance(value, Mapping) and LIMIT in value


def bounds_of(args: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Those of a step's arguments that lie at a limit."""
    return {name: value for name, value in args.items() if is_bound(value)}


def makes_more(args: Mapping[str, Any]) -> bool:
    """Whether a step needs things that are made for it, so that it is more than one call."""
    return any(name in LISTS for name in bounds_of(args))


def faults(do: str, args: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the values at a limit of a step, each to be put behind which step it is."""
    kind = OPERATIONS.get(do)
    known = () if kind is None else tuple(gauge.limit for gauge in GAUGES.get(kind, ()))
    for name, value in args.items():
        within = value if isinstance(value, (list, tuple)) else () if is_bound(value) else (value,)
        if any(isinstance(one, Mapping) for one in within):
            yield f"says an object of {name!r} that names no limit, or one within a list"
    for name, value in bounds_of(args).items():
        limit, over = value[LIMIT], value.get(OVER, 0)
        if limit not in known or MEMBERS.get(limit) != name:
            yield f"names {limit!r}, which is no limit of {name!r} in {do!r}"
        elif type(over) is not int or over not in BESIDE:
            yield f"goes {over!r} over the limit {limit!r}, not -1, 0 or 1"
        elif set(value) - {LIMIT, OVER}:
            yield f"says more of {name!r} than a limit and how far over it"
