"""Steps about connections: who listens, where it breaks, who speaks by command, and what time does to it."""

from sync_check.harness.explorer import program as special
from sync_check.harness.explorer.draft import GUILD, OWNER, UNKNOWN, Draft


def connections(draft: Draft) -> None:
    """Connections come and go, orderly or not; the second session of a user has its own."""
    match draft.one(
        ("connect", "disconnect", "cut", "reconnect", "reconnect", "subscribe", "subscribe", "subscribe")
    ):
        case "connect":
            draft.add(special.CONNECT, draft.one(({}, {"session": 2})), by=draft.person())
        case "disconnect":
            draft.add(special.DISCONNECT, {}, by=draft.person())
        case "cut":
            draft.add(special.CUT, {}, by=draft.person())
        case "reconnect":
            person = draft.person()
            draft.add(draft.one((special.CUT, special.CUT, special.DISCONNECT)), {}, by=person)
            if draft.chance(25):
                # One that breaks before anything is asked of it.
                draft.add(special.CONNECT, {}, by=person)
                draft.add(special.CUT, {}, by=person)
            draft.add(special.CONNECT, {}, by=person)
            if draft.chance(60):
                _subscribe(draft, person)
            else:
                # Nothing is subscribed to that was not asked for again.
                place = {**GUILD, "channel_id": f"${draft.one(draft.channels)}"}
                draft.add("create_message", {**place, "content": "~to who asked"}, by=OWNER)
        case _:
            _subscribe(draft, draft.person())


def _subscribe(draft: Draft, person: str) -> None:
    # A malformed id would end the connection (BAD-4).
    channel = draft.one([*(f"${channel}" for channel in draft.channels), UNKNOWN])
    draft.add(special.SUBSCRIBE, {"channel_id": channel}, by=person)


def stalls(draft: Draft) -> None:
    """Somebody's connection takes nothing for a while, and what has piled up comes at once."""
    draft.add(draft.one((special.STALL, special.STALL, special.RESUME)), {}, by=draft.person())


def commands(draft: Draft) -> None:
    for _ in range(draft.one((1, 1, 2))):
        draft.add(special.SAY, {"channel_id": f"${draft.one(draft.channels)}", "content": "~said"})


def voice(draft: Draft) -> None:
    place = draft.place()
    match draft.one(("token", "token", "state", "leave")):
        case "token":
            sources = draft.one((None, ["microphone", "camera"], ["screen_share"]))
            draft.add("issue_voice_token", place | ({"publish_sources": sources} if sources else {}))
        case "state":
            flags = draft.one(({"is_muted": True}, {"is_muted": False, "is_deafened": True}, {}))
            draft.add("update_voice_state", {**place, **flags})
        case _:
            draft.add("leave_voice", place)


def pauses(draft: Draft) -> None:
    """Time passes, for tokens, leases and bans to expire; or all of it is over at once."""
    if draft.chance(50):
        draft.add(special.PAUSE, {"seconds": draft.one((1, 2, 61, 301))}, by=OWNER)
    else:
        draft.add(special.LEAP, {"seconds": draft.one((29, 61, 301, 901, 3601, 14400))}, by=OWNER)
