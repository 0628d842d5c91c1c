"""Steps about rules that meet: what several roles say at once, what one channel does, and what does not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.harness.explorer.draft import GUILD, OWNER, Draft, Kind

_ACCESS: Final = "create_message"
_MANAGES: Final = "manage_channel_overrides"
_TELLING: Final = ("admin", "owner", "moderator")
"""Names of roles that mean something elsewhere, and nothing here (ROLE-9)."""
_SELDOM: Final = 60
"""Per cent: a game takes the place of several single steps."""
_NONE: Final[Mapping[str, list[str]]] = {"allow": [], "deny": []}


def rights(draft: Draft) -> None:
    """Somebody holds two roles at odds, has a say in one channel alone, or bears a telling name."""
    if draft.chance(_SELDOM):
        draft.one(GAMES)(draft)


def _at_odds(draft: Draft) -> None:
    """One of a member's roles is denied in a channel what the other is allowed (contract 8.2, layer 2)."""
    member, place = _member(draft), _place(draft)
    role = _crew(draft, member, name=draft.name())
    says = [{"allow": [_ACCESS], "deny": []}, {"allow": [], "deny": [_ACCESS]}]
    held = draft.one(((f"${role}", "$member"), ("$member", f"${role}")))
    for target_id, lists in zip(held, says if draft.chance(50) else says[::-1], strict=True):
        target = {"target_kind": "role", "target_id": target_id}
        draft.add("override_permission", {**place, **target, **lists}, by=OWNER)
    draft.add("create_message", {**place, "content": "~may I"}, by=member)


def _in_charge(draft: Draft) -> None:
    """Who may manage one channel does, there and elsewhere (contract 2.4: channel-level permission)."""
    member, place = _member(draft), _place(draft)
    target = {"target_kind": "member", "target_id": f"${member}"}
    allowed = draft.one((True, True, False))
    lists = {"allow": [_MANAGES], "deny": []} if allowed else {"allow": [], "deny": [_MANAGES]}
    if not allowed:
        draft.add("change_member_role", {**GUILD, "user_id": f"${member}", "role": "moderator"}, by=OWNER)
    draft.add("override_permission", {**place, **target, **lists}, by=OWNER)
    at = draft.one((place, place, _place(draft)))
    match draft.one(("rename", "rename", "override", "delete")):
        case "rename":
            draft.add("update_channel", {**at, "channel_name": "~mine"}, by=member)
        case "override":
            draft.add("override_permission", {**at, **_of(draft), **_NONE}, by=member)
        case _:
            if len(draft.channels) > 1:
                draft.add("delete_channel", at, by=member)


def _bearer_of_a_name(draft: Draft) -> None:
    """A role is called as if it gave rights, and gives none (ROLE-9)."""
    member = _member(draft)
    _crew(draft, member, name=draft.one(_TELLING))
    draft.add("own_permissions", _place(draft), by=member)
    do, args = draft.one(
        (
            ("update_guild", {**GUILD, "guild_name": "~by me"}),
            ("create_channel", {**GUILD, "channel_name": "~by me"}),
            ("kick_member", {**GUILD, **_other(draft, member)}),
            ("read_audit", GUILD),
        )
    )
    draft.add(do, args, by=member)


GAMES: Final[Sequence[Kind]] = (_at_odds, _in_charge, _bearer_of_a_name)


def _crew(draft: Draft, member: str, *, name: str) -> str:
    """A role without permissions that a member gets."""
    role = draft.new("r")
    args: dict[str, Any] = {**GUILD, "role_name": name, "permissions": []}
    draft.add("create_role", args, by=OWNER, makes=role)
    draft.roles.append(role)
    draft.add("assign_role", {**GUILD, "role_id": f"${role}", "user_id": f"${member}"}, by=OWNER)
    return role


def _member(draft: Draft) -> str:
    return f"u{draft.one(range(1, draft.members))}"


def _place(draft: Draft) -> dict[str, Any]:
    return {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}


def _of(draft: Draft) -> dict[str, Any]:
    return {"target_kind": "member", "target_id": f"${_member(draft)}"}


def _other(draft: Draft, member: str) -> dict[str, Any]:
    others = [f"u{number}" for number in range(1, draft.members) if f"u{number}" != member]
    return {"user_id": f"${draft.one(others)}"}
