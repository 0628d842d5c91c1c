"""What nobody is told: foreign guilds, addresses, tokens."""

import re
from typing import Any

import pytest

from tests.reference_server.routes.test_friends import ask
from tests.reference_server.running import PASSWORD, Person, command, running
from tests.reference_server.scene import UNKNOWN, person_for_each, stage

_ENDPOINTS: list[tuple[str, str, Any]] = [
    ("PATCH", "", {"name": "x"}),
    ("POST", "/leave", None),
    ("GET", "/audit", None),
    ("GET", "/channels", None),
    ("POST", "/channels", {"name": "x"}),
    ("POST", "/channels/reorder", {"channel_ids": [UNKNOWN]}),
    ("PATCH", "/channels/{channel}", {"name": "x"}),
    ("DELETE", "/channels/{channel}", None),
    ("GET", "/channels/{channel}/permissions/self", None),
    ("POST", "/channels/{channel}/overrides/member", {"allow": [], "deny": []}),
    ("POST", "/channels/{channel}/permission-overrides/role/{crew}", {"allow": [], "deny": []}),
    ("GET", "/channels/{channel}/messages", None),
    ("POST", "/channels/{channel}/messages", {"content": "x"}),
    ("PATCH", "/channels/{channel}/messages/{message}", {"content": "x"}),
    ("DELETE", "/channels/{channel}/messages/{message}", None),
    ("POST", "/channels/{channel}/messages/{message}/reactions/x", None),
    ("GET", "/channels/{channel}/attachments/{attachment}", None),
    ("DELETE", "/channels/{channel}/attachments/{attachment}", None),
    ("GET", "/search?q=first", None),
    ("POST", "/channels/{channel}/voice/token", {}),
    ("GET", "/members", None),
    ("POST", "/members/{target}", None),
    ("POST", "/members/{target}/kick", None),
    ("POST", "/members/{target}/ban", None),
    ("DELETE", "/bans/{banned}", None),
    ("GET", "/roles", None),
    ("PATCH", "/roles/{crew}", {"name": "x"}),
    ("DELETE", "/roles/{crew}", None),
    ("POST", "/roles/{crew}/members/{target}", None),
    ("GET", "/ip-bans", None),
    ("DELETE", "/ip-bans/{ban}", None),
    ("POST", "/join", None),
]


@pytest.mark.witnesses("LEAK-GUILD-1", "LEAK-JOIN-1", "LEAK-READ-1", "REST-5")
async def test_a_foreign_guild_answers_as_an_unknown_one() -> None:
    async with running() as server:
        scene = await stage(server, person_for_each(server), "stranger", listening=False)
        for method, path, body in _ENDPOINTS:
            foreign = await scene.call(method, "/guilds/{guild}" + path, body)
            unknown = await scene.call(method, "/guilds/{unknown}" + path, body)
            assert foreign.status_code in (403, 404)
            assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content), path


@pytest.mark.witnesses("LEAK-SUB-1", "SUB-2")
async def test_a_forbidden_subscribe_looks_like_an_unknown_one() -> None:
    async with running(without=frozenset()) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room, own = server.room(ana), server.room(eve)
        ear = await eve.connect()
        for guild_id, channel_id in (
            (room.guild_id, room.channel_id),
            (UNKNOWN, room.channel_id),
            (room.guild_id, UNKNOWN),
            (own.guild_id, room.channel_id),
            (room.guild_id, own.channel_id),
        ):
            await ear.send(command("subscribe", guild_id=guild_id, channel_id=channel_id))
        assert await ear.until_now() == []
        await ear.send(own.subscribe())
        assert (await ear.next())[0] == "presence_sync"


async def _use(ana: Person, ben: Person) -> None:
    room = ana.server.room(ana, ben)
    await ana.connect(room)
    await ana.say(room, "text")
    await ask(ana, ben)
    await ben.get(f"{room.guild}/audit")
    await ana.server.http.get("/guilds")
    await ana.server.http.post("/auth/login", json={"username": "ana", "password": "wrong"})


@pytest.mark.witnesses("METRIC-8", "LEAK-IP-1", "LEAK-AUTH-1")
async def test_no_label_of_a_metric_tells_who_or_what() -> None:
    async with running(without=frozenset()) as server:
        ana, ben = server.person("ana"), server.person("ben")
        await _use(ana, ben)
        exposition = (await server.http.get("/metrics")).text
        labels = set(re.findall(r'="([^"]*)"', exposition))
        assert {"message_create", "unauthorized", "forbidden"} <= labels
        assert all(re.fullmatch(r"[a-z_.]{1,64}", label) for label in labels), labels
        for secret in (ana.user_id, "text", "127.0.0.1", PASSWORD, ana.tokens["access_token"]):
            assert secret not in exposition


@pytest.mark.witnesses("LEAK-AUTH-1")
async def test_what_was_received_is_not_repeated_in_an_error() -> None:
    async with running() as server:
        secret = "a secret that was mistyped"
        bodies = (
            {"username": secret, "password": [secret]},
            {"username": "ana", "password": secret, secret: 1},
        )
        for body in bodies:
            answer = await server.http.post("/auth/register", json=body)
            assert answer.status_code == 422
            assert secret not in answer.text
