"""Search (contract 2.5, feature `search`)."""

from typing import Final

from fastapi import Response

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.shapes import Reconciled, SearchResult
from sync_check.reference_server import access, search
from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.routes.caller import ThisCaller
from sync_check.reference_server.routes.paging import Asked, page_size
from sync_check.reference_server.routes.strict import strict_router

router = strict_router()

_SEARCH: Final = "/guilds/{guild_id}/search"
_MANAGE: Final = "manage_workspace_roles"
_DEFAULT_LIMIT: Final = 20


@router.get(_SEARCH)
async def find_messages(
    guild_id: str,
    caller: ThisCaller,
    q: str,
    limit: Asked = None,
    channel_id: str | None = None,
) -> SearchResult:
    """Search the channels that the caller has access to (SEARCH-1); any other `channel_id` finds nothing."""
    guild = caller.content(guild_id, needs="create_message")
    limits = caller.backend.settings.limits
    if not _is_sound(q, limits):
        raise InvalidRequest
    size = page_size(limit, limits.search_page)
    readable = [
        channel
        for channel in access.readable(guild, caller.user_id)
        if channel_id in (None, channel.channel_id)
    ]
    found = search.find(readable, search.terms_of(q), limit=size)
    return SearchResult(
        message_ids=[message.message_id for message in found],
        messages=[message.shape(caller.user_id, limits) for message in found],
    )


@router.post(_SEARCH + "/rebuild", status_code=204)
async def rebuild_index(guild_id: str, caller: ThisCaller) -> Response:
    search.rebuild(caller.content(guild_id, needs=_MANAGE))
    return Response(status_code=204)


@router.post(_SEARCH + "/reconcile")
async def reconcile_index(guild_id: str, caller: ThisCaller) -> Reconciled:
    upserted, deleted = search.reconcile(caller.content(guild_id, needs=_MANAGE))
    return Reconciled(upserted=upserted, deleted=deleted)


def _is_sound(query: str, limits: Limits) -> bool:
    terms = search.terms_of(query)
    return (
        len(query) <= limits.search_characters and 1 <= len(terms) <= limits.search_terms and ":" not in query
    )
