"""Steps about what is said: messages, reactions, files, searches, and reading all of it."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.bounds import at
from sync_check.harness.explorer.draft import GUILD, OWNER, Draft
from sync_check.harness.images import PNG, png

_EMOJI: Final = ("tea", "🍵", "a b", "x" * 33)
_RECENT: Final = 3


_Text = str | Mapping[str, Any]


def posts(draft: Draft) -> None:
    texts: tuple[_Text, ...] = ("~text", "~text", "~text", "", at("message_bytes", 1))
    _post(draft, draft.one(texts))


def _post(draft: Draft, text: _Text) -> None:
    place = draft.place()
    message = draft.new("m")
    args: dict[str, Any] = {**place, "content": text}
    if draft.files and draft.chance(30):
        channel, attachment = draft.one(draft.files)
        args |= {"channel_id": f"${channel}", "attachment_ids": [f"${attachment}"]}
    draft.add("create_message", args, makes=message)
    channel = str(args["channel_id"])
    if str(text).startswith(special.SECRET) and channel.startswith(special.REFERENCE):
        draft.messages.append((channel[1:], message))


def messages(draft: Draft) -> None:
    chosen = message(draft)
    if draft.chance(60):
        draft.add("edit_message", {**chosen, "content": draft.one(("~again", "~again", "same", ""))})
    else:
        draft.add("delete_message", chosen)


def reactions(draft: Draft) -> None:
    do = draft.one(("add_reaction", "add_reaction", "remove_reaction"))
    if draft.reactions and draft.chance(65):
        # The same user, or another one, of the same message: counts rise and fall.
        earlier = draft.one(draft.reactions[-_RECENT:])
        draft.add(do, earlier.args, by=draft.one((earlier.by, earlier.by, draft.actor())))
        return
    chosen = message(draft)
    draft.add(do, {**chosen, "emoji": draft.one(_EMOJI)})
    exists = str(chosen["message_id"]).startswith(special.REFERENCE)
    if exists and draft.steps and draft.steps[-1].do == "add_reaction":
        draft.reactions.append(draft.steps[-1])


def message(draft: Draft) -> dict[str, Any]:
    """One that there is, if only now, or now and then one that there is not."""
    if not draft.messages:
        _post(draft, "~text")
    return draft.message()


def files(draft: Draft) -> None:
    if draft.files and draft.chance(15):
        _discard(draft)
        return
    place = draft.place()
    channel = str(place["channel_id"])
    if draft.files and draft.chance(35):
        at, attachment = draft.one(draft.files)
        do = draft.one(("read_attachment", "delete_attachment"))
        draft.add(do, {**GUILD, "channel_id": f"${at}", "attachment_id": f"${attachment}"})
        return
    attachment = draft.new("a")
    data = base64.b64encode(png(attachment)).decode()
    draft.add("upload_attachment", {**place, "content_type": PNG, "data": data}, makes=attachment)
    if channel.startswith(special.REFERENCE):
        draft.files.append((channel[1:], attachment))


def _discard(draft: Draft) -> None:
    """A file that is deleted, and asked for once more."""
    channel, attachment = draft.one(draft.files)
    file = {**GUILD, "channel_id": f"${channel}", "attachment_id": f"${attachment}"}
    draft.add("delete_attachment", file, by=OWNER)
    draft.add("read_attachment", file, by=draft.one((OWNER, None)))


def searches(draft: Draft) -> None:
    if draft.messages and draft.chance(30):
        _find_again(draft)
        return
    do = draft.one(("search", "search", "search", "rebuild_search", "reconcile_search"))
    words = ["text", "again", "name1", *(f"${message}" for _, message in draft.messages[-_RECENT:])]
    draft.add(do, {**GUILD, "q": draft.one(words)} if do == "search" else GUILD)


def _find_again(draft: Draft) -> None:
    """A message that is changed or deleted, and looked for."""
    channel, message = draft.one(draft.messages[-_RECENT:])
    args = {**GUILD, "channel_id": f"${channel}", "message_id": f"${message}"}
    if draft.chance(70):
        draft.add("edit_message", {**args, "content": "~again"})
    else:
        draft.add("delete_message", args)
    draft.add("search", {**GUILD, "q": f"${message}"}, by=draft.one((OWNER, None)))


def reads(draft: Draft) -> None:
    do = draft.one(
        (
            *("history", "history", "list_channels", "list_members", "list_roles", "own_permissions"),
            *("read_audit", "read_audit"),
        )
    )
    place = draft.place()
    # Most may not read the audit log.
    by = draft.one((OWNER, None)) if do == "read_audit" else None
    draft.add(do, place if do in ("history", "own_permissions") else GUILD, by=by)
