"""Steps about a target that goes away and comes back, and about peers that are gone without a word."""

from typing import Final

from sync_check.harness.explorer import moves
from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.draft import GUILD, OWNER, Draft

_RARE: Final = 12
_SELDOM: Final = 35
"""Per cent: everybody is brought to rest before a restart, which takes as long as half a program."""
_GIVEN_UP_S: Final = 96
"""After two intervals of its pings a target ends who answers none (GW-6)."""


def restarts(draft: Draft) -> None:
    """Something is done, the target is restarted, and people come back to it; once in a program."""
    if _has(draft, moves.RESTART) or not draft.chance(_RARE):
        return
    place = {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}
    banned = f"u{draft.one(range(1, draft.members))}"
    message = draft.new("m")
    has_banned = draft.chance(35)
    if has_banned:
        draft.add("ban_member", {**GUILD, "user_id": f"${banned}"}, by=OWNER)
    draft.add("create_message", {**place, "content": "~before"}, by=OWNER, makes=message)
    draft.add(moves.RESTART, {}, by=OWNER)
    if has_banned:
        draft.add("add_member", {**GUILD, "user_id": f"${banned}"}, by=OWNER)
    for number in draft.some(range(draft.members), draft.members):
        person = f"u{number}"
        draft.add(special.CONNECT, {}, by=person)
        if draft.chance(60):
            draft.add(special.SUBSCRIBE, {"channel_id": place["channel_id"]}, by=person)
    draft.add(draft.one(("history", "history", "own_permissions")), place, by=OWNER)
    draft.add("create_message", {**place, "content": "~after"}, by=OWNER)


def vanishings(draft: Draft) -> None:
    """Somebody is gone without a word, and comes back before or after that is found out; once in one."""
    if _has(draft, moves.VANISH) or not draft.chance(_SELDOM):
        return
    person = f"u{draft.one(range(1, draft.members))}"
    place = {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}
    draft.add(moves.VANISH, {}, by=person)
    draft.add("create_message", {**place, "content": "~to whom it may reach"}, by=OWNER)
    comes_before = draft.chance(30)
    if comes_before:
        _come_back(draft, person, place["channel_id"])
    draft.add(special.PAUSE, {"seconds": _GIVEN_UP_S}, by=OWNER)
    if not comes_before and draft.chance(60):
        _come_back(draft, person, place["channel_id"])
    draft.add("create_message", {**place, "content": "~to who is here"}, by=OWNER)


def _come_back(draft: Draft, person: str, channel: str) -> None:
    draft.add(special.CONNECT, {}, by=person)
    draft.add(special.SUBSCRIBE, {"channel_id": channel}, by=person)


def _has(draft: Draft, do: str) -> bool:
    return any(step.do == do for step in draft.steps)
