"""Steps whose values lie at a limit or beside it: what is at it passes, and what is beyond it does not."""

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sync_check.harness.explorer.bounds import MEMBERS, at
from sync_check.harness.explorer.draft import GUILD, OWNER, Draft, Kind
from sync_check.harness.explorer.kinds.content import message
from sync_check.harness.images import PNG, png

_AROUND: Final = ((0, 1), (0, 1), (-1, 0), (1,), (-1, 0, 1))
"""How far over a limit a few steps lie that are done one after the other."""

_MESSAGES: Final = (
    ("create_message", "message_bytes"),
    ("edit_message", "message_bytes"),
    ("create_message", "attachments_per_message"),
    ("add_reaction", "emoji_characters"),
)
_WORKSPACE: Final = (
    ("update_guild", "guild_name_bytes"),
    ("create_channel", "channel_name_bytes"),
    ("update_channel", "channel_name_bytes"),
    ("create_role", "role_name_bytes"),
)
_PAGES: Final = (
    ("history", "history_page"),
    ("list_members", "members_page"),
    ("read_audit", "audit_page"),
    ("list_ip_bans", "ip_bans_page"),
    ("search", "search_page"),
    ("list_public_guilds", "public_guilds_page"),
)
_TEXTS: Final = (
    ("update_profile", "about_bytes"),
    ("look_up_users", "lookup_users"),
    ("register", "password_bytes"),
    ("register", "username_bytes"),
    ("upload_attachment", "filename_bytes"),
    ("list_public_guilds", "directory_query_bytes"),
    ("read_audit", "audit_prefix_characters"),
    ("search", "search_characters"),
)
_FAMILIES: Final = (_MESSAGES, _WORKSPACE, _PAGES, _TEXTS, _TEXTS)
_ON_MESSAGES: Final = ("edit_message", "add_reaction")
_IN_CHANNELS: Final = ("create_message", "update_channel", "upload_attachment", "history")
_OF_THE_GUILD: Final = (
    *("update_guild", "create_channel", "create_role", "search"),
    *("list_members", "list_ip_bans", "read_audit"),
)
_PICTURE: Final[Mapping[str, Any]] = {"content_type": PNG, "data": base64.b64encode(png("named")).decode()}
_BESIDES: Final[Mapping[str, Mapping[str, Any]]] = {
    "create_role": {"permissions": []},
    "register": {"username": "~name", "password": "~password"},
    "upload_attachment": _PICTURE,
    "search": {"q": "text"},
}
"""What else an operation takes."""


def limits(draft: Draft) -> None:
    """Somebody who may asks for as much as a limit permits, and for one more, or one less."""
    _ask(draft, *draft.one(draft.one(_FAMILIES)))


def _ask(draft: Draft, do: str, limit: str) -> None:
    args = {**_BESIDES.get(do, {}), **_where(draft, do)}
    if limit == "attachments_per_message":
        args["content"] = "~text"
    by = draft.one((OWNER, OWNER, draft.actor()))
    for over in draft.one(_AROUND):
        draft.add(do, {**args, MEMBERS[limit]: at(limit, over)}, by=by)


def _where(draft: Draft, do: str) -> Mapping[str, Any]:
    if do in _ON_MESSAGES:
        return message(draft)
    if do in _IN_CHANNELS:
        return {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}
    return GUILD if do in _OF_THE_GUILD else {}


def _image(draft: Draft, do: str, limit: str) -> None:
    """An avatar or a banner as large as may be, and a larger one: megabytes are uploaded."""
    by = draft.person()
    for over in draft.one(((0, 1), (1,), (1,))):
        draft.add(do, {"content_type": PNG, "data": at(limit, over)}, by=by)


def _order(draft: Draft) -> None:
    """As many channels as a list holds are put in order, and one more, where nobody listens."""
    guild = draft.new("g")
    by = draft.person()
    draft.add("create_guild", {"guild_name": "~guild"}, by=by, makes=guild)
    args = {"guild_id": f"${guild}"}
    for over in draft.one(((0, 1), (1,))):
        draft.add("reorder_channels", {**args, "channel_ids": at("listed_channels", over)}, by=by)


CARDS: Final[Sequence[Kind]] = [
    partial(_ask, do=do, limit=limit) for do, limit in (*_MESSAGES, *_WORKSPACE, *_PAGES, *_TEXTS)
]
"""A card for each limit."""
DEAR_CARDS: Final[Sequence[Kind]] = [
    partial(_image, do="upload_avatar", limit="avatar_bytes"),
    partial(_image, do="upload_banner", limit="banner_bytes"),
    _order,
]
"""Of the limits that take long, which are asked for by these cards alone."""
