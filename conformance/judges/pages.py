"""How many items a page holds that nobody gave a limit: the default, or the target's own limit if less."""

from collections.abc import Mapping
from typing import Final, TypeVar

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.judges.comparing import DEFAULT_LIMIT

Read = TypeVar("Read", bound=ops.Operation)
_MEMBERS: Final = 50
_UNASKED: Final[Mapping[type[ops.Operation], tuple[int, str]]] = {
    ops.History: (DEFAULT_LIMIT, "history_page"),
    ops.Search: (DEFAULT_LIMIT, "search_page"),
    ops.ListPublicGuilds: (DEFAULT_LIMIT, "public_guilds_page"),
    ops.ReadAudit: (DEFAULT_LIMIT, "audit_page"),
    ops.ListIpBans: (DEFAULT_LIMIT, "ip_bans_page"),
    ops.ListMembers: (_MEMBERS, "members_page"),
}


def as_limited(operation: Read, limits: Limits) -> Read:
    """The operation, with the limit that holds for it where the target's pages are shorter than usual."""
    default, name = _UNASKED.get(type(operation), (0, ""))
    most = getattr(limits, name) if name else 0
    if most >= default or getattr(operation, "limit", None) is not None:
        return operation
    return operation.model_copy(update={"limit": most})
