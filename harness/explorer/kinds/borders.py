"""Steps at the border of what belongs to whom: other channels' messages, others' reactions, other logs."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sync_check.harness.explorer.draft import GUILD, OWNER, Draft, Kind

_EMOJI: Final = "tea"
_SELDOM: Final = 70
_MORE_SELDOM: Final = 40
"""Per cent: a game takes the place of several single steps."""


def borders(draft: Draft) -> None:
    """A message through another channel, somebody else's reaction, a log, or who was banned at the door."""
    if draft.chance(_SELDOM):
        draft.one((*GAMES, records))(draft)


def _through_another(draft: Draft) -> None:
    """Its author asks for a message through another channel, where it is unknown (MSG-3, REACT-4)."""
    author, (channel, message) = _written(draft)
    others = [one for one in draft.channels if one != channel]
    if not others:
        other = draft.new("c")
        draft.add("create_channel", {**GUILD, "channel_name": "~new"}, by=OWNER, makes=other)
        draft.channels.append(other)
        others = [other]
    args: dict[str, Any] = {**GUILD, "channel_id": f"${draft.one(others)}", "message_id": f"${message}"}
    do = draft.one(("edit_message", "edit_message", "delete_message", "add_reaction"))
    if do == "edit_message":
        args["content"] = "~again"
    elif do == "add_reaction":
        args["emoji"] = _EMOJI
    draft.add(do, args, by=author)


def _of_another(draft: Draft) -> None:
    """Somebody takes back a reaction that somebody else has added (REACT-1)."""
    author, (channel, message) = _written(draft)
    other = draft.one([f"u{number}" for number in range(draft.members) if f"u{number}" != author])
    args = {**GUILD, "channel_id": f"${channel}", "message_id": f"${message}", "emoji": _EMOJI}
    draft.add("add_reaction", args, by=author)
    draft.add("remove_reaction", args, by=other)
    if draft.chance(50):
        draft.add("history", {**GUILD, "channel_id": f"${channel}"}, by=OWNER)


def _written(draft: Draft) -> tuple[str, tuple[str, str]]:
    """A new message: who wrote it, in which channel, and its name."""
    author, channel, message = (
        f"u{draft.one(range(draft.members))}",
        draft.one(draft.channels),
        draft.new("m"),
    )
    args = {**GUILD, "channel_id": f"${channel}", "content": "~text"}
    draft.add("create_message", args, by=author, makes=message)
    draft.messages.append((channel, message))
    return author, (channel, message)


# --- what is kept of it


def records(draft: Draft) -> None:
    """Something is written down in an audit log, perhaps in that of another workspace, and a log is read."""
    if draft.chance(40):
        _elsewhere(draft)
    else:
        do, args = draft.one(_AUDITED)(draft)
        draft.add(do, args, by=OWNER)
    draft.add("read_audit", GUILD, by=OWNER)


def _elsewhere(draft: Draft) -> None:
    """Somebody has a workspace of their own, with a log of its own (LEAK-READ-1)."""
    founder = f"s{draft.one(range(draft.strangers))}"
    guild = draft.new("g")
    draft.add("create_guild", {"guild_name": "~guild"}, by=founder, makes=guild)
    args = {"guild_id": f"${guild}", "role_name": draft.name(), "permissions": []}
    draft.add("create_role", args, by=founder)
    draft.add("read_audit", {"guild_id": f"${guild}"}, by=founder)


def _role_change(draft: Draft) -> tuple[str, dict[str, Any]]:
    return "change_member_role", {**_somebody(draft), "role": draft.one(("moderator", "moderator", "member"))}


def _kick(draft: Draft) -> tuple[str, dict[str, Any]]:
    return draft.one(("kick_member", "ban_member")), _somebody(draft)


def _new_role(draft: Draft) -> tuple[str, dict[str, Any]]:
    return "create_role", {**GUILD, "role_name": draft.name(), "permissions": []}


def _override(draft: Draft) -> tuple[str, dict[str, Any]]:
    place = {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}
    return "override_role", {**place, "role": "member", "allow": ["publish_video"], "deny": []}


def _somebody(draft: Draft) -> dict[str, Any]:
    return {**GUILD, "user_id": f"$u{draft.one(range(1, draft.members))}"}


_AUDITED: Final[tuple[Callable[[Draft], tuple[str, dict[str, Any]]], ...]] = (
    _role_change,
    _role_change,
    _kick,
    _new_role,
    _override,
)


# --- who is shut out


def shut_out(draft: Draft) -> None:
    """Whoever was banned from a private workspace asks to be let in, which says no more than to anybody."""
    person = draft.one([f"u{draft.one(range(1, draft.members))}", f"s{draft.one(range(draft.strangers))}"])
    draft.add("ban_member", {**GUILD, "user_id": f"${person}"}, by=OWNER)
    draft.add("update_guild", {**GUILD, "visibility": draft.one(("private", "private", "public"))}, by=OWNER)
    draft.add("join_guild", GUILD, by=person)
    if draft.chance(50):
        draft.add("lift_ban", {**GUILD, "user_id": f"${person}"}, by=OWNER)
        draft.add(draft.one(("join_guild", "list_channels")), GUILD, by=person)


GAMES: Final[Sequence[Kind]] = (_through_another, _of_another, records, shut_out)


def banned_addresses(draft: Draft) -> None:
    """Now and then somebody's address is banned."""
    if draft.chance(_MORE_SELDOM):
        banned_address(draft)


def banned_address(draft: Draft) -> None:
    """A member whose address is banned tries what is refused from there (IPBAN-2)."""
    member, (channel, message) = f"u{draft.one(range(1, draft.members))}", _written(draft)[1]
    place = {**GUILD, "channel_id": f"${channel}"}
    draft.add("update_guild", {**GUILD, "visibility": "public"}, by=OWNER)
    draft.add("join_guild", GUILD, by=member)
    ban = draft.new("b")
    draft.add("ban_addresses_of", {**GUILD, "target_user_id": f"${member}"}, by=OWNER, makes=ban)
    draft.bans.append(ban)
    tries: list[tuple[str, dict[str, Any]]] = [
        ("add_reaction", {**place, "message_id": f"${message}", "emoji": _EMOJI}),
        ("search", {**GUILD, "q": "text"}),
        ("own_permissions", place),
        ("history", place),
        ("list_channels", dict(GUILD)),
        ("edit_message", {**place, "message_id": f"${message}", "content": "~again"}),
    ]
    for do, args in draft.some(tries, 4):
        draft.add(do, args, by=member)
    if draft.chance(60):
        draft.add("remove_ip_ban", {**GUILD, "ban_id": f"${ban}"}, by=OWNER)
