"""Steps on a session besides those that people act in: its tokens are used, used up and kept for too long."""

from typing import Any, Final

from sync_check.harness.explorer import moves
from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.draft import OWNER, Draft

_TOKENS: Final = (moves.NEWEST, moves.NEWEST, moves.FIRST, moves.FOREIGN)
_SELDOM: Final = 40
_MORE_SELDOM: Final = 30
"""Per cent: a game takes the place of several single steps."""
_EXPIRED_S: Final = 1300
"""Longer than an access token lives (contract 2.3)."""


def credentials(draft: Draft) -> None:
    """Somebody signs in once more, and does with the tokens what may be done and what may not."""
    if not draft.chance(_SELDOM):
        return
    person, session = draft.person(), draft.new("k")
    draft.add(moves.SIGN_IN, {"listening": True} if draft.chance(50) else {}, by=person, makes=session)
    on = {"session": f"${session}"}
    match draft.one(("replay", "end", "knock", "other")):
        case "replay":
            draft.add(moves.RENEW, on, by=person)
            draft.add(moves.RENEW, {**on, "token": moves.FIRST}, by=person)
            draft.add(*_use(draft, on), by=person)
        case "end":
            # Another session of the user goes on (AUTH-6).
            draft.add(moves.SIGN_OUT, on, by=person)
            draft.add(*_use(draft, on), by=person)
        case "knock":
            draft.add(moves.KNOCK, {**on, **_presented(draft)}, by=person)
        case _:
            draft.add(moves.SIGN_IN, {}, by=person, makes=(other := draft.new("k")))
            draft.add(moves.SIGN_OUT, {"session": f"${other}"}, by=person)
            draft.add(*_use(draft, on), by=person)


def expired(draft: Draft) -> None:
    """An access token is used when it is over."""
    if not draft.chance(_MORE_SELDOM):
        return
    person, session = draft.person(), draft.new("k")
    draft.add(moves.SIGN_IN, {}, by=person, makes=session)
    draft.add(draft.one((special.PAUSE, special.LEAP, special.LEAP)), {"seconds": _EXPIRED_S}, by=OWNER)
    on = {"session": f"${session}"}
    draft.add(*draft.one(((moves.PRESENT, on), (moves.KNOCK, {**on, "query": moves.NEWEST}))), by=person)


def _use(draft: Draft, on: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    do = draft.one((moves.PRESENT, moves.RENEW, moves.KNOCK))
    if do == moves.KNOCK:
        return do, {**on, **_presented(draft)}
    return do, {**on, "token": draft.one(_TOKENS)}


def _presented(draft: Draft) -> dict[str, str]:
    if draft.chance(50):
        # Of two that differ the one in the query counts (GW-2).
        header, query = draft.one(((moves.NEWEST, moves.FOREIGN), (moves.FOREIGN, moves.NEWEST)))
        return {"header": header, "query": query}
    return {draft.one(("header", "query")): draft.one(_TOKENS)}
