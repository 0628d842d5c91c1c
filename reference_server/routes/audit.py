"""Reading the audit log (contract 2.4, feature `audit`)."""

import re
from typing import Final

from sync_check.conformance.contract.shapes import AuditPage
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server import access
from sync_check.reference_server.errors import AuditAccessDenied, InvalidRequest
from sync_check.reference_server.routes.caller import ThisCaller
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import strict_router

router = strict_router()

_ACTION_PREFIX: Final = re.compile(r"[a-z0-9._]{1,64}")


@router.get("/guilds/{guild_id}/audit")
async def read_audit(
    guild_id: str,
    caller: ThisCaller,
    limit: Asked = None,
    cursor: str | None = None,
    action_prefix: str | None = None,
) -> AuditPage:
    """List newest first; the cursor is the last id of the page before."""
    guild = caller.backend.store.guilds.get(guild_id)
    if guild is None or "view_audit_log" not in access.in_guild(guild, caller.user_id):
        raise AuditAccessDenied  # REST-6, for non-members too
    size = page_size(limit, caller.backend.settings.limits.audit_page)
    if cursor is not None and not ULID_PATTERN.fullmatch(cursor):
        raise InvalidRequest
    if action_prefix is not None and not _ACTION_PREFIX.fullmatch(action_prefix):
        raise InvalidRequest
    wanted = [
        row
        for row in reversed(guild.audit)
        if row.action.startswith(action_prefix or "") and (cursor is None or row.audit_id < cursor)
    ]
    page = wanted[:size]
    return AuditPage(events=page, next_cursor=page[-1].audit_id if len(wanted) > size else None)
