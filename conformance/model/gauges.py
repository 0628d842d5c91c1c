"""How much of a limit an operation asks for (contract 6.1): bytes, items of a list, or of a page."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.operations import Operation

_MARKER: Final = re.compile(r"⟦secret:[^⟧]+⟧")
_SHORTEST_SECRET: Final = 12
"""Bytes below which nothing is a secret to a history."""
_REFUSED: Final = 400
_TOO_LARGE: Final = 413


class Gauge(NamedTuple):
    """What an operation asks for of the limit of that name; None if nothing. Beyond it `refusal` is due."""

    limit: str
    of: Callable[[Any], int | None]
    refusal: int = _REFUSED


def _bytes(member: str) -> Callable[[Any], int | None]:
    def of(operation: Any) -> int | None:
        text = getattr(operation, member)
        return None if text is None else len(text.encode("utf-8", "surrogatepass"))

    return of


def _count(member: str) -> Callable[[Any], int | None]:
    def of(operation: Any) -> int | None:
        items = getattr(operation, member)
        return None if items is None else len(items)

    return of


def _password(operation: Any) -> int | None:
    return least_bytes(operation.password)


def least_bytes(password: str) -> int:
    """How long a password was at least, as a history has it: a marker stands for no shorter secret."""
    return len(_MARKER.sub("." * _SHORTEST_SECRET, password).encode("utf-8", "surrogatepass"))


def _number(operation: Any) -> int | None:
    limit: int | None = operation.limit
    return limit


_FILENAME: Final = Gauge("filename_bytes", _bytes("filename"))
_CONTENT: Final = Gauge("message_bytes", _bytes("content"))
_GUILD: Final = Gauge("guild_name_bytes", _bytes("guild_name"))
_CHANNEL: Final = Gauge("channel_name_bytes", _bytes("channel_name"))
_ROLE: Final = Gauge("role_name_bytes", _bytes("role_name"))

GAUGES: Final[Mapping[type[Operation], tuple[Gauge, ...]]] = {
    ops.CreateMessage: (_CONTENT, Gauge("attachments_per_message", _count("attachment_ids"))),
    ops.EditMessage: (_CONTENT,),
    ops.Register: (
        Gauge("password_bytes", _password),
        Gauge("username_bytes", _bytes("username")),
    ),
    ops.UpdateProfile: (Gauge("about_bytes", _bytes("about_markdown")),),
    ops.AddReaction: (Gauge("emoji_characters", _count("emoji")),),
    ops.CreateGuild: (_GUILD,),
    ops.UpdateGuild: (_GUILD,),
    ops.CreateChannel: (_CHANNEL,),
    ops.UpdateChannel: (_CHANNEL,),
    ops.ReorderChannels: (Gauge("listed_channels", _count("channel_ids")),),
    ops.ReorderRoles: (Gauge("roles_per_guild", _count("role_ids")),),
    ops.CreateRole: (_ROLE,),
    ops.UpdateRole: (_ROLE,),
    ops.LookUpUsers: (Gauge("lookup_users", _count("user_ids")),),
    ops.History: (Gauge("history_page", _number),),
    ops.ListMembers: (Gauge("members_page", _number),),
    ops.ReadAudit: (Gauge("audit_page", _number), Gauge("audit_prefix_characters", _count("action_prefix"))),
    ops.ListIpBans: (Gauge("ip_bans_page", _number),),
    ops.ListPublicGuilds: (Gauge("public_guilds_page", _number), Gauge("directory_query_bytes", _bytes("q"))),
    ops.Search: (
        Gauge("search_page", _number),
        Gauge("search_characters", lambda search: len(search.q)),
        Gauge("search_terms", lambda search: len(search.q.split())),
    ),
    ops.UploadAvatar: (Gauge("avatar_bytes", _count("data"), _TOO_LARGE),),
    ops.UploadBanner: (Gauge("banner_bytes", _count("data"), _TOO_LARGE),),
    ops.UploadAttachment: (Gauge("attachment_bytes", _count("data"), _TOO_LARGE), _FILENAME),
}
"""Where input decides whether a limit is kept."""
