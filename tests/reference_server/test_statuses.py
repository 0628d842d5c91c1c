"""Who gets which status, for every endpoint and standing (REST-1, REST-2, REST-5, REST-6, CHAN-3)."""

from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from tests.reference_server.running import Person, Room, Running, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
STANDINGS = ("owner", "moderator", "member", "stranger", "anonymous")
EVERYBODY = (200, 200, 200, 200, 401)
MEMBERS = (200, 200, 200, 403, 401)
MODERATORS = (200, 200, 403, 403, 401)
OWNER = (200, 403, 403, 403, 401)
GUILD = "/guilds/{guild}"
CHANNEL = GUILD + "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
TARGET = GUILD + "/members/{target}"
REQUIRED_HERE = frozenset((Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS, Feature.PROFILE))


@dataclass(frozen=True)
class Scene:
    """A guild in which each standing has its person, and a further member who wrote a message."""

    room: Room
    people: dict[str, Person]
    ids: dict[str, str]


async def scene(server: Running, people: dict[str, Person]) -> Scene:
    owner, moderator, target = people["owner"], people["moderator"], people["target"]
    room = server.room(owner, moderator, people["member"], target)
    server.backend.store.guilds[room.guild_id].add_member(moderator.user_id, "moderator")
    message = await target.say(room, "first")
    ids = {
        "guild": room.guild_id,
        "channel": room.channel_id,
        "message": message["message_id"],
        "target": target.user_id,
        "newcomer": people["newcomer"].user_id,
        "unknown": UNKNOWN,
    }
    return Scene(room, people, ids)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/auth/me", None, EVERYBODY),
        ("GET", "/users/{target}/profile", None, EVERYBODY),
        ("GET", "/users/{unknown}/profile", None, (404, 404, 404, 404, 401)),
        ("GET", "/users/malformed/profile", None, (400, 400, 400, 400, 401)),
        ("POST", "/users/lookup", {"user_ids": [UNKNOWN]}, EVERYBODY),
        ("PATCH", "/users/me/profile", {"about_markdown": "x"}, EVERYBODY),
        ("GET", "/guilds", None, EVERYBODY),
        ("POST", "/guilds", {"name": "x"}, EVERYBODY),
        ("PATCH", GUILD, {"name": "x"}, OWNER),
        ("PATCH", GUILD, {"name": "guild"}, OWNER),
        ("PATCH", "/guilds/{unknown}", {"name": "x"}, (403, 403, 403, 403, 401)),
        ("PATCH", "/guilds/malformed", {"name": "x"}, (403, 403, 403, 403, 401)),
        ("GET", GUILD + "/channels", None, MEMBERS),
        ("GET", "/guilds/{unknown}/channels", None, (403, 403, 403, 403, 401)),
        ("POST", GUILD + "/channels", {"name": "x"}, MODERATORS),
        ("GET", CHANNEL + "/permissions/self", None, MEMBERS),
        ("GET", GUILD + "/channels/{unknown}/permissions/self", None, (404, 404, 404, 403, 401)),
        ("GET", GUILD + "/members", None, MEMBERS),
        ("POST", GUILD + "/members/{newcomer}", None, MODERATORS),
        ("POST", TARGET, None, MODERATORS),
        ("POST", GUILD + "/members/{unknown}", None, (404, 404, 403, 403, 401)),
        ("POST", GUILD + "/members/malformed", None, (400, 400, 403, 403, 401)),
        ("PATCH", TARGET, {"role": "moderator"}, OWNER),
        ("PATCH", TARGET, {"role": "member"}, MODERATORS),
        ("PATCH", TARGET, {"role": "owner"}, (403, 403, 403, 403, 401)),
        ("PATCH", GUILD + "/members/{newcomer}", {"role": "member"}, (404, 404, 403, 403, 401)),
        ("PATCH", GUILD + "/members/malformed", {"role": "member"}, (400, 400, 400, 403, 401)),
        ("POST", TARGET + "/kick", None, MODERATORS),
        ("POST", GUILD + "/members/{newcomer}/kick", None, (404, 404, 403, 403, 401)),
        ("POST", GUILD + "/members/malformed/kick", None, (400, 400, 403, 403, 401)),
        ("POST", TARGET + "/ban", None, MODERATORS),
        ("POST", GUILD + "/members/{newcomer}/ban", None, MODERATORS),
        ("POST", GUILD + "/members/{unknown}/ban", None, (404, 404, 403, 403, 401)),
        ("POST", CHANNEL + "/messages", {"content": "x"}, MEMBERS),
        ("POST", GUILD + "/channels/{unknown}/messages", {"content": "x"}, (404, 404, 404, 403, 401)),
        ("GET", CHANNEL + "/messages", None, MEMBERS),
        ("GET", GUILD + "/channels/{unknown}/messages", None, (404, 404, 404, 403, 401)),
        ("PATCH", MESSAGE, {"content": "x"}, MODERATORS),
        ("PATCH", CHANNEL + "/messages/{unknown}", {"content": "x"}, (404, 404, 404, 403, 401)),
        ("DELETE", MESSAGE, None, (204, 204, 403, 403, 401)),
        ("DELETE", CHANNEL + "/messages/{unknown}", None, (404, 404, 404, 403, 401)),
    ],
)
async def test_status(
    method: str, path: str, body: Any, expected: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_threads(monkeypatch)
    async with running() as server:
        people = {name: server.person(name) for name in (*STANDINGS[:4], "target", "newcomer")}
        got = []
        for standing in STANDINGS:
            there = await scene(server, people)
            url = path.format_map(there.ids)
            headers = people[standing].headers if standing in people else {}
            answer = await server.http.request(method, url, json=body, headers=headers)
            got.append(answer.status_code)
            assert answer.status_code < 400 or set(answer.json()) == {"error"}
        assert tuple(got) == expected


def forbid_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """No endpoint may ever use a thread: virtual time has none."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr(anyio.to_thread, "run_sync", refuse)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/health/"),
        ("POST", "/health"),
        ("GET", "/guilds/public"),
        ("POST", GUILD + "/join"),
        ("POST", GUILD + "/leave"),
        ("GET", GUILD + "/audit"),
        ("PATCH", CHANNEL),
        ("DELETE", CHANNEL),
        ("POST", GUILD + "/channels/reorder"),
        ("POST", CHANNEL + "/overrides/member"),
        ("POST", CHANNEL + "/permission-overrides/role/{unknown}"),
        ("DELETE", GUILD + "/bans/{target}"),
        ("GET", GUILD + "/roles"),
        ("POST", GUILD + "/roles"),
        ("POST", GUILD + "/roles/{unknown}/members/{target}"),
        ("GET", GUILD + "/ip-bans"),
        ("POST", MESSAGE + "/reactions/x"),
        ("POST", CHANNEL + "/attachments"),
        ("GET", GUILD + "/search"),
        ("POST", CHANNEL + "/voice/token"),
        ("POST", "/users/me/profile/avatar"),
        ("GET", "/users/{target}/avatar"),
        ("GET", "/friends"),
        ("POST", "/friends/requests"),
    ],
)
async def test_what_is_not_declared_is_not_there(method: str, path: str) -> None:
    async with running(without=ALL_FEATURES - REQUIRED_HERE) as server:
        people = {name: server.person(name) for name in (*STANDINGS[:3], "target", "newcomer")}
        there = await scene(server, people)
        watcher = await people["owner"].connect(there.room)
        answer = await people["owner"].call(method, path.format_map(there.ids))
        assert answer.status_code in (404, 405)
        assert await watcher.until_now() == []
