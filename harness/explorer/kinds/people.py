"""Steps about people: accounts and sessions, profiles, friends, and the addresses that they come from."""

import base64
from typing import Any, Final

from sync_check.harness.explorer.draft import GUILD, OWNER, UNKNOWN, Draft
from sync_check.harness.images import PNG, png

_MOST_FAILED_LOGINS: Final = 2
"""Fewer than lock an account, whoever's they are: a locked one keeps the harness out."""


def profiles(draft: Draft) -> None:
    fields: dict[str, Any] = draft.one(
        (
            {"about_markdown": draft.name()},
            {"about_markdown": draft.name()},
            {"about_markdown": ""},
            {"username": draft.one(("~name", "~name", draft.user(), "x"))},
            {},
        )
    )
    draft.add("update_profile", fields)


def images(draft: Draft) -> None:
    data = draft.one((png("a"), png("b"), b"no picture", b""))
    do = draft.one(("upload_avatar", "upload_banner", "read_avatar", "read_banner"))
    if do.startswith("read"):
        draft.add(do, {"user_id": draft.user()})
    else:
        draft.add(do, {"content_type": PNG, "data": base64.b64encode(data).decode()})


def friends(draft: Draft) -> None:
    if draft.chance(30):
        _befriend(draft)
        return
    if not draft.requests or draft.chance(40):
        request = draft.new("q")
        draft.add("request_friend", {"recipient_user_id": draft.user()}, makes=request)
        draft.requests.append(request)
        return
    do = draft.one(
        ("accept_friend", "accept_friend", "delete_friend_request", "delete_friend_request", "remove_friend")
    )
    if do == "remove_friend":
        draft.add(do, {"user_id": draft.user()})
    else:
        draft.add(do, {"request_id": draft.known(draft.requests)})


def _befriend(draft: Draft) -> None:
    """Two become friends, and one of them changes what friends are told of."""
    one, other = draft.person(), draft.person()
    request = draft.new("q")
    draft.add("request_friend", {"recipient_user_id": f"${other}"}, by=one, makes=request)
    draft.add("accept_friend", {"request_id": f"${request}"}, by=other)
    draft.requests.append(request)
    if draft.chance(50):
        draft.add("update_profile", {"about_markdown": draft.name()}, by=draft.one((one, other)))
    if draft.chance(25):
        draft.add("remove_friend", {"user_id": f"${other}"}, by=one)


def not_theirs(draft: Draft) -> None:
    """Somebody answers a friend request that is not theirs, while there is a later one (LEAK-READ-1)."""
    asks, first, second, other = draft.different(4)
    requests = [draft.new("q"), draft.new("q")]
    for request, recipient in zip(requests, (first, second), strict=True):
        draft.add("request_friend", {"recipient_user_id": f"${recipient}"}, by=asks, makes=request)
    draft.requests += requests
    do = draft.one(("accept_friend", "delete_friend_request"))
    draft.add(do, {"request_id": f"${requests[0]}"}, by=other)


def people(draft: Draft) -> None:
    """What anybody may read of others and of what is their own."""
    do = draft.one(
        (
            *("own_profile", "read_profile", "look_up_users", "list_friends", "list_friend_requests"),
            *("list_guilds", "list_public_guilds", "health", "metrics"),
        )
    )
    args: dict[str, Any] = {}
    if do == "read_profile":
        args = {"user_id": draft.user()}
    elif do == "look_up_users":
        args = {"user_ids": draft.one(([draft.user()], [draft.user(), draft.user()], [UNKNOWN], []))}
    elif do == "list_public_guilds":
        args = draft.one(({}, {"q": "room"}, {"q": "name1"}))
    draft.add(do, args)


def accounts(draft: Draft) -> None:
    """Sign-ups and sessions. `$u1` is that user's name or password, `~` one that nobody has."""
    do = draft.one(("register", "login", "login", "refresh", "refresh", "logout"))
    person, actor = draft.user(), draft.actor()
    match do:
        case "register":
            args = draft.one(({"username": "~name"}, {"username": person}))
            draft.add(do, {**args, "password": "~password"}, by=actor)
        case "login":
            password = person
            if draft.chance(30) and draft.failed_logins < _MOST_FAILED_LOGINS:
                draft.failed_logins += 1
                password = "~password"
            # A name that nobody has is refused like a wrong password (AUTH-2).
            username = "~name" if draft.chance(20) else person
            draft.add(do, {"username": username, "password": password}, by=actor)
        case _:
            draft.add(do, {"refresh_token": f"${actor}"}, by=actor)


def guilds(draft: Draft) -> None:
    """A workspace more, which only its owner is in."""
    if not draft.guilds:
        guild = draft.new("g")
        args = draft.one(({"guild_name": "~guild"}, {"guild_name": "~guild", "visibility": "public"}))
        draft.add("create_guild", args, makes=guild)
        draft.guilds.append(guild)
        return
    args = {"guild_id": f"${draft.one(draft.guilds)}"}
    match draft.one(("channel", "rename", "list")):
        case "channel":
            draft.add("create_channel", {**args, "channel_name": "~elsewhere"})
        case "rename":
            draft.add("update_guild", {**args, "guild_name": "~renamed"})
        case _:
            draft.add("list_channels", args)


def bans_of_addresses(draft: Draft) -> None:
    """Somebody comes in by themselves, which shows an address; it is banned, and let in again."""
    match draft.one(("game", "game", "join", "ban", "lift", "lift", "list")):
        case "game":
            person = draft.person()
            draft.add("update_guild", {**GUILD, "visibility": "public"}, by=OWNER)
            draft.add("join_guild", GUILD, by=person)
            _ban(draft, person, by=OWNER)
        case "join":
            draft.add("join_guild", GUILD)
        case "ban":
            _ban(draft, draft.person(), by=draft.actor())
        case "lift":
            draft.add("remove_ip_ban", {**GUILD, "ban_id": draft.known(draft.bans)})
        case _:
            draft.add("list_ip_bans", GUILD)


def _ban(draft: Draft, person: str, *, by: str) -> None:
    ban = draft.new("b")
    args: dict[str, Any] = {**GUILD, "target_user_id": f"${person}"}
    args |= draft.one(({}, {"reason": "~rude"}, {"expires_in_secs": draft.one((1, 60, 3600))}))
    draft.add("ban_addresses_of", args, by=by, makes=ban)
    draft.bans.append(ban)
