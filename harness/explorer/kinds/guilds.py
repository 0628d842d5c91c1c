"""Steps about a workspace: its channels, who is in it, and who may do what."""

from typing import Any, Final

from sync_check.harness.explorer.bounds import at
from sync_check.harness.explorer.draft import GUILD, OWNER, Draft

_ACCESS: Final = "create_message"
_MORE: Final = ("publish_video", "publish_screen_share", "delete_message")
"""What an ordinary member may not do unless somebody allows it."""
_COLOURS: Final = ("#a1b2c3", "#FFee00")
_RECENT: Final = 12
"""Steps that are looked back at."""


def channels(draft: Draft) -> None:
    match draft.one(("create", "update", "update", "reorder", "delete")):
        case "create":
            channel = draft.new("c")
            args = {**GUILD, "channel_name": "~new"}
            kind = draft.one((None, "voice", "text"))
            draft.add("create_channel", args | ({"kind": kind} if kind else {}), makes=channel)
            draft.channels.append(channel)
        case "update":
            name = draft.one(("~other", "~other", "same"))
            draft.add("update_channel", {**draft.place(), "channel_name": name})
        case "reorder":
            named = [f"${channel}" for channel in draft.some(draft.channels, 4)]
            draft.add("reorder_channels", {**GUILD, "channel_ids": named})
        case _:
            if len(draft.channels) > 1:
                draft.add("delete_channel", draft.place())


def workspace(draft: Draft) -> None:
    fields: dict[str, Any] = draft.one(
        (
            {"guild_name": "~room"},
            {"guild_name": "same"},
            {"guild_name": "same", "visibility": "public"},
            {"visibility": "public"},
            {"visibility": "private"},
            {"guild_name": at("guild_name_bytes", 1)},
            {},
        )
    )
    draft.add("update_guild", {**GUILD, **fields})


def members(draft: Draft) -> None:
    do = draft.one(("change_member_role", "change_member_role", "add_member", "add_member", "join_guild"))
    args: dict[str, Any] = dict(GUILD)
    if do != "join_guild":
        args["user_id"] = draft.user()
    if do == "change_member_role":
        args["role"] = draft.one(("moderator", "moderator", "member", "owner"))
    draft.add(do, args)


def removals(draft: Draft) -> None:
    do = draft.one(("kick_member", "kick_member", "ban_member", "leave_guild", "lift_ban"))
    draft.add(do, dict(GUILD) | ({} if do == "leave_guild" else {"user_id": draft.user()}))


def roles(draft: Draft) -> None:
    match draft.one(("create", "update", "update", "delete", "reorder", "default")):
        case "create":
            role = draft.new("r")
            args: dict[str, Any] = {
                "guild_id": "$g",
                "role_name": draft.name(),
                "permissions": draft.permissions(3),
            }
            args["position"] = draft.one((None, None, 1, 50, 99, 100))
            args["color_hex"] = draft.one((None, None, *_COLOURS))
            args = {name: value for name, value in args.items() if value is not None}
            draft.add("create_role", args, makes=role)
            draft.roles.append(role)
        case "update":
            fields: dict[str, Any] = draft.one(
                (
                    {"role_name": draft.name()},
                    {"permissions": draft.permissions(4)},
                    {"color_hex": draft.one((*_COLOURS, None))},
                )
            )
            # Most may not.
            draft.add(
                "update_role", {**GUILD, "role_id": draft.role(), **fields}, by=draft.one((OWNER, None))
            )
        case "delete":
            draft.add("delete_role", {**GUILD, "role_id": draft.role()})
        case "reorder":
            named = [f"${role}" for role in draft.some([*draft.roles, "moderator", "member"], 4)]
            draft.add("reorder_roles", {**GUILD, "role_ids": named})
        case _:
            draft.add("set_default_role", {**GUILD, "role_id": draft.role()})


def assignments(draft: Draft) -> None:
    if draft.chance(30):
        _crew(draft)
        return
    do = draft.one(("assign_role", "assign_role", "unassign_role"))
    earlier = [step for step in draft.steps[-_RECENT:] if step.do == "assign_role"]
    if earlier and draft.chance(40):
        # The same role of the same user: given again, or taken.
        draft.add(do, earlier[-1].args, by=OWNER)
    else:
        draft.add(do, {**GUILD, "role_id": draft.role(), "user_id": draft.user()})


def _crew(draft: Draft) -> None:
    """A new role that a member gets, and gets once more, or loses."""
    role = draft.new("r")
    args = {**GUILD, "role_name": draft.name(), "permissions": draft.permissions(2)}
    draft.add("create_role", args, by=OWNER, makes=role)
    draft.roles.append(role)
    given = {**GUILD, "role_id": f"${role}", "user_id": f"$u{draft.one(range(draft.members))}"}
    draft.add("assign_role", given, by=OWNER)
    draft.add(draft.one(("assign_role", "unassign_role")), given, by=OWNER)


def overrides(draft: Draft) -> None:
    """Access above all: given, taken, and given back."""
    lists: dict[str, list[str]] = draft.one(
        (
            {"allow": [_ACCESS], "deny": []},
            {"allow": [], "deny": [_ACCESS]},
            {"allow": [], "deny": [_ACCESS]},
            {"allow": [], "deny": []},
            {"allow": draft.permissions(2), "deny": []},
            {"allow": [draft.one(_MORE)], "deny": []},
            {"allow": [], "deny": ["subscribe_streams"]},
        )
    )
    if draft.chance(25):
        role = draft.one(("owner", "moderator", "member"))
        draft.add("override_role", {**draft.place(), "role": role, **lists})
        return
    kind = draft.one(("role", "member"))
    target = draft.one((draft.role(), "$everyone")) if kind == "role" else draft.user()
    draft.add("override_permission", {**draft.place(), "target_kind": kind, "target_id": target, **lists})


def access_games(draft: Draft) -> None:
    """One who is let out and in again, while the others talk."""
    user, channel = draft.user(), draft.one(draft.channels)
    place = {**GUILD, "channel_id": f"${channel}"}
    target = {"target_kind": "member", "target_id": user}
    draft.add("override_permission", {**place, **target, "allow": [], "deny": [_ACCESS]}, by=OWNER)
    if draft.chance(50):
        draft.add("create_message", {**place, "content": "~behind your back"}, by=OWNER)
    draft.add("override_permission", {**place, **target, "allow": [], "deny": []}, by=OWNER)
    draft.add("create_message", {**place, "content": "~welcome back"}, by=OWNER)


def hidden_games(draft: Draft) -> None:
    """A channel that most may not know, and what is done to it meanwhile."""
    channel = draft.one(draft.channels)
    place = {**GUILD, "channel_id": f"${channel}"}
    everyone = {"target_kind": "role", "target_id": "$everyone"}
    draft.add("override_permission", {**place, **everyone, "allow": [], "deny": [_ACCESS]}, by=OWNER)
    match draft.one(("rename", "order", "write", "search")):
        case "rename":
            draft.add("update_channel", {**place, "channel_name": "~hidden"}, by=OWNER)
        case "order":
            named = [f"${one}" for one in reversed(draft.channels)]
            draft.add("reorder_channels", {**GUILD, "channel_ids": named}, by=OWNER)
        case "write":
            draft.add("create_message", {**place, "content": "~among us"}, by=OWNER)
        case _:
            draft.add("create_message", {**place, "content": "~text"}, by=OWNER)
            draft.add("search", {**GUILD, "q": "text"})
    if draft.chance(60):
        draft.add("override_permission", {**place, **everyone, "allow": [], "deny": []}, by=OWNER)


def newcomers(draft: Draft) -> None:
    """Somebody comes in by themselves, and perhaps gets a role by that."""
    if draft.chance(60):
        role = draft.new("r")
        args = {**GUILD, "role_name": draft.name(), "permissions": [], "position": 2}
        draft.add("create_role", args, by=OWNER, makes=role)
        draft.roles.append(role)
        draft.add("set_default_role", {**GUILD, "role_id": f"${role}"}, by=OWNER)
    draft.add("update_guild", {**GUILD, "visibility": "public"}, by=OWNER)
    newcomer = f"s{draft.one(range(draft.strangers))}"
    draft.add("join_guild", GUILD, by=newcomer)
    if draft.chance(50):
        draft.add(draft.one(("kick_member", "ban_member")), {**GUILD, "user_id": f"${newcomer}"}, by=OWNER)
