"""Bans of addresses (IPBAN-1 to 3, LEAK-IP-1, LEAK-IP-2, ACCESS-8)."""

from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from sync_check.conformance.contract.features import Feature
from sync_check.reference_server.clock import Clock
from tests.reference_server.running import Gateway, Person, Room, Running, command, running
from tests.reference_server.scene import PIXEL

LOOPBACK = ("127.0.0.1/32",)
HOME, ELSEWHERE = "192.0.2.7", "192.0.2.8"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


async def call(server: Running, who: Person, method: str, path: str, address: str) -> httpx.Response:
    headers = {**who.headers, "x-forwarded-for": address}
    body = {"content": "x"} if path.endswith("/messages") and method == "POST" else None
    return await server.http.request(method, path, headers=headers, json=body)


async def joined_from_home(server: Running, owner: Person, guest: Person) -> Room:
    room = server.room(owner)
    server.backend.store.guilds[room.guild_id].visibility = "public"
    assert (await call(server, guest, "POST", f"{room.guild}/join", HOME)).status_code == 200
    return room


async def ban(owner: Person, room: Room, target: str, **more: object) -> dict[str, object]:
    answer = await owner.post(f"{room.guild}/ip-bans/by-user", {"target_user_id": target, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.witnesses("IPBAN-1", "IPBAN-2")
async def test_a_ban_shuts_out_its_address_until_it_is_removed() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        made = await ban(ana, room, eve.user_id, reason="because")

        async def statuses(address: str) -> list[int]:
            calls = (
                ("GET", f"{room.guild}/channels"),
                ("GET", f"{room.channel}/permissions/self"),
                ("GET", room.messages),
                ("POST", room.messages),
            )
            return [(await call(server, eve, method, path, address)).status_code for method, path in calls]

        assert await statuses(HOME) == [403] * 4
        assert await statuses(ELSEWHERE) == [200] * 4
        (listed,) = (await ana.get(f"{room.guild}/ip-bans")).json()["bans"]
        assert [listed["ban_id"]] == made["ban_ids"]
        assert (listed["source_user_id"], listed["reason"]) == (eve.user_id, "because")
        assert (await ana.delete(f"{room.guild}/ip-bans/{listed['ban_id']}")).json() == {"accepted": True}
        assert await statuses(HOME) == [200] * 4
        assert (await ana.delete(f"{room.guild}/ip-bans/{listed['ban_id']}")).status_code == 404


@pytest.mark.witnesses("IPBAN-2")
async def test_a_ban_shuts_out_every_spelling_of_its_address() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        await ban(ana, room, eve.user_id)
        for spelling in (f"::ffff:{HOME}", "::FFFF:c000:0207"):
            assert (await call(server, eve, "GET", room.messages, spelling)).status_code == 403
        assert (await call(server, eve, "GET", room.messages, f"::ffff:{ELSEWHERE}")).status_code == 200


@pytest.mark.witnesses("IPBAN-2", "DELIV-4")
async def test_a_banned_address_reaches_no_content() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        message = f"{room.messages}/{(await ana.say(room, 'text'))['message_id']}"
        watcher = await ana.connect(room)

        async def statuses(address: str) -> list[int]:
            headers = {**eve.headers, "x-forwarded-for": address, "content-type": "image/png"}
            files = f"{room.channel}/attachments"
            posted = await server.http.post(files, content=PIXEL, headers=headers)
            file = f"{files}/{posted.json().get('attachment_id', UNKNOWN)}"
            calls = (
                ("POST", f"{message}/reactions/x"),
                ("DELETE", f"{message}/reactions/x"),
                ("GET", file),
                ("DELETE", file),
                ("GET", f"{room.guild}/search?q=text"),
            )
            answers = [await call(server, eve, method, path, address) for method, path in calls]
            return [posted.status_code, *(answer.status_code for answer in answers)]

        assert await statuses(HOME) == [200, 200, 200, 200, 204, 200]
        assert await watcher.names_until_now() == ["message_reaction"] * 2
        await ban(ana, room, eve.user_id)
        assert await statuses(HOME) == [403] * 6
        assert await watcher.names_until_now() == ["workspace_ip_ban_sync"]


@pytest.mark.witnesses("IPBAN-2")
async def test_an_expired_ban_is_gone() -> None:
    now = 1_700_000_000.0
    clock = Clock(wall=lambda: now)
    async with running(trusted_proxies=LOOPBACK, clock=clock) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        await ban(ana, room, eve.user_id, expires_in_secs=60)
        now += 59
        assert (await call(server, eve, "GET", room.messages, HOME)).status_code == 403
        now += 1
        assert (await call(server, eve, "GET", room.messages, HOME)).status_code == 200
        assert (await ana.get(f"{room.guild}/ip-bans")).json() == {"bans": [], "next_cursor": None}


@pytest.mark.witnesses("LEAK-IP-1", "LEAK-IP-2")
async def test_only_those_who_may_manage_bans_are_told_and_nobody_is_told_an_address() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        guild = server.backend.store.guilds[room.guild_id]
        server.backend.store.join(guild, ben.user_id)
        owner, member = await ana.connect(room), await ben.connect(room)
        made = await ban(ana, room, eve.user_id)
        await ana.delete(f"{room.guild}/ip-bans/{made['ban_ids'][0]}")  # type: ignore[index]
        told = await owner.until_now()
        assert [(name, payload["summary"]) for name, payload in told] == [
            ("workspace_ip_ban_sync", {"action": "upsert", "changed_count": 1}),
            ("workspace_ip_ban_sync", {"action": "remove", "changed_count": 1}),
        ]
        assert set(told[0][1]) == {"guild_id", "summary", "updated_at_unix", "actor_user_id"}
        assert await member.until_now() == []
        everything = [str(told), (await ana.get(f"{room.guild}/audit")).text]
        assert not any(HOME in text or eve.user_id in text for text in everything[:1])
        assert HOME not in everything[1]


@pytest.mark.witnesses("ACCESS-8", "IPBAN-2")
async def test_a_banned_address_hears_nothing_and_its_commands_end_the_connection() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = server.room(ana, eve)
        server.backend.store.guilds[room.guild_id].visibility = "public"
        listener, talker = await eve.connect(room), await eve.connect(room)
        assert (await eve.post(f"{room.guild}/join")).json()["outcome"] == "already_member"
        await ban(ana, room, eve.user_id)
        await ana.say(room, "unheard")
        assert await listener.until_now() == []
        await listener.send(room.subscribe())
        assert await listener.ended() == (1008, "ip_banned")
        message = command(
            "message_create", guild_id=room.guild_id, channel_id=room.channel_id, content="unsaid"
        )
        await talker.send(message)
        assert await talker.ended() == (1008, "ip_banned")
        assert server.counters()['ws_disconnects_total{reason="ip_banned"}'] == 2


async def connected_from(server: Running, who: Person, room: Room, address: str) -> Gateway:
    """A connection of its own address that is subscribed, past everything that answers the subscribe."""
    url = f"ws://127.0.0.1:{server.port}/gateway/ws"
    headers = {**who.headers, "x-forwarded-for": address}
    socket = await connect(url, proxy=None, compression=None, additional_headers=headers)
    gateway = Gateway(person=who, socket=socket)
    server.connections.append(gateway)
    await gateway.send(room.subscribe())
    while (await gateway.next())[0] != "subscribed":
        pass
    return gateway


@pytest.mark.witnesses("ACCESS-6", "ACCESS-7", "ACCESS-8")
async def test_a_lifted_ban_brings_no_subscription_back() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        unbanned = server.room(ana, eve)
        home, elsewhere = [await connected_from(server, eve, room, one) for one in (HOME, ELSEWHERE)]
        await home.send(unbanned.subscribe())
        assert (await home.next())[0] == "subscribed"
        made: Any = await ban(ana, room, eve.user_id)
        await ana.say(room, "missed at home")
        await ana.patch(room.guild, {"name": "renamed"})
        assert (await ana.delete(f"{room.guild}/ip-bans/{made['ban_ids'][0]}")).status_code == 200
        await ana.say(room, "after the ban")
        await ana.say(unbanned, "of another guild")
        assert await elsewhere.names_until_now() == ["message_create", "workspace_update", "message_create"]
        assert await home.names_until_now() == ["message_create"]
        await home.send(room.subscribe())
        assert (await home.next())[0] == "subscribed"
        posted = await ana.say(room, "heard again")
        assert await home.until_now() == [("message_create", posted)]


@pytest.mark.witnesses("ACCESS-8", "PRES-4", "PRES-5")
async def test_a_ban_ends_presence_with_the_last_connection_that_is_not_shut_out() -> None:
    async with running(trusted_proxies=LOOPBACK, without=frozenset({Feature.VOICE})) as server:
        ana, eve, mal = server.person("ana"), server.person("eve"), server.person("mal")
        room = await joined_from_home(server, ana, eve)
        server.backend.store.join(server.backend.store.guilds[room.guild_id], mal.user_id)
        watcher = await ana.connect(room)
        eves = [await connected_from(server, eve, room, one) for one in (HOME, ELSEWHERE)]
        mals = await connected_from(server, mal, room, HOME)
        assert await watcher.names_until_now() == ["presence_update"] * 2
        first: Any = await ban(ana, room, eve.user_id)
        offline = {"guild_id": room.guild_id, "user_id": mal.user_id, "status": "offline"}
        assert (await watcher.until_now())[1:] == [("presence_update", offline)]
        assert ("presence_update", offline) in await eves[1].until_now()
        assert "offline" not in str([await eves[0].until_now(), await mals.until_now()])
        await ana.delete(f"{room.guild}/ip-bans/{first['ban_ids'][0]}")
        await watcher.until_now()
        await mals.send(room.subscribe())
        assert [(await mals.next())[0] for _ in range(3)] == [
            "presence_sync",
            "presence_update",
            "subscribed",
        ]
        online = offline | {"status": "online"}
        assert await watcher.until_now() == [("presence_update", online)]
        await eves[0].socket.close()
        await eves[1].socket.close()
        assert (await watcher.next())[1] == offline | {"user_id": eve.user_id}


@pytest.mark.witnesses("IPBAN-1", "IPBAN-2")
@pytest.mark.parametrize("again", ["eve", "mal"])
async def test_a_shorter_ban_of_the_same_address_takes_nothing_from_the_longer(again: str) -> None:
    now = 1_700_000_000.0
    async with running(trusted_proxies=LOOPBACK, clock=Clock(wall=lambda: now)) as server:
        ana, eve, mal = server.person("ana"), server.person("eve"), server.person("mal")
        room = await joined_from_home(server, ana, eve)
        assert (await call(server, mal, "POST", f"{room.guild}/join", HOME)).status_code == 200
        await ban(ana, room, eve.user_id, expires_in_secs=120)
        shorter: Any = await ban(ana, room, {"eve": eve, "mal": mal}[again].user_id, expires_in_secs=60)
        assert len((await ana.get(f"{room.guild}/ip-bans")).json()["bans"]) == 2
        now += 60
        assert (await call(server, mal, "GET", room.messages, HOME)).status_code == 403
        assert (await ana.delete(f"{room.guild}/ip-bans/{shorter['ban_ids'][0]}")).status_code == 404
        now += 60
        assert (await call(server, mal, "GET", room.messages, HOME)).status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "left"), [(60, 120, 1), (60, None, 1), (None, None, 1), (None, 60, 2)]
)
async def test_a_longer_ban_of_the_same_user_replaces_the_shorter(
    first: int | None, second: int | None, left: int
) -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        made = [
            await ban(ana, room, eve.user_id, **({} if seconds is None else {"expires_in_secs": seconds}))
            for seconds in (first, second)
        ]
        listed = [one["ban_id"] for one in (await ana.get(f"{room.guild}/ip-bans")).json()["bans"]]
        assert len(listed) == left
        assert listed[:1] == made[1]["ban_ids"]


@pytest.mark.witnesses("IPBAN-1")
async def test_without_an_observed_address_nothing_is_banned_and_nobody_told() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ana.connect(room)
        assert await ban(ana, room, ben.user_id) == {"created_count": 0, "ban_ids": []}
        assert await ban(ana, room, UNKNOWN) == {"created_count": 0, "ban_ids": []}
        assert await watcher.until_now() == []


@pytest.mark.witnesses("IPBAN-3")
async def test_who_stands_above_cannot_be_aimed_at() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        server.backend.store.guilds[room.guild_id].add_member(ben.user_id, "moderator")
        answer = await ben.post(f"{room.guild}/ip-bans/by-user", {"target_user_id": ana.user_id})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"target_user_id": "x"},
        {"target_user_id": UNKNOWN, "reason": ""},
        {"target_user_id": UNKNOWN, "reason": "x" * 241},
        {"target_user_id": UNKNOWN, "expires_in_secs": 0},
        {"target_user_id": UNKNOWN, "expires_in_secs": 15_552_001},
    ],
)
async def test_senseless_bans_are_refused(body: dict[str, object]) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.post(f"{room.guild}/ip-bans/by-user", body)).status_code == 400


@pytest.mark.witnesses("IPBAN-2", "DELIV-4")
async def test_a_banned_address_changes_no_channel_and_has_no_voice() -> None:
    async with running(trusted_proxies=LOOPBACK, without=frozenset({Feature.PRESENCE})) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        await ana.patch(room.member(eve), {"role": "moderator"})
        calls: tuple[tuple[str, object], ...] = (
            (f"{room.guild}/channels", {"name": "new"}),
            (f"{room.channel}/permission-overrides/member/{eve.user_id}", {"allow": [], "deny": []}),
            (f"{room.channel}/voice/token", {}),
            (f"{room.channel}/voice/state", {"is_muted": True}),
            (f"{room.channel}/voice/leave", None),
        )

        async def statuses(address: str) -> list[int]:
            headers = {**eve.headers, "x-forwarded-for": address}
            return [
                (await server.http.post(path, json=body, headers=headers)).status_code for path, body in calls
            ]

        assert await statuses(HOME) == [200, 200, 200, 204, 204]
        await ban(ana, room, eve.user_id)
        watcher = await ana.connect(room)
        assert (await watcher.next())[0] == "voice_participant_sync"
        assert await statuses(HOME) == [403] * 5
        assert await watcher.until_now() == []
        assert await statuses(ELSEWHERE) == [200, 200, 200, 204, 204]


@pytest.mark.witnesses("IPBAN-1", "PAGE-1", "PAGE-2")
async def test_every_address_is_banned_and_listed_once_newest_first() -> None:
    async with running(trusted_proxies=LOOPBACK) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = await joined_from_home(server, ana, eve)
        for address in (ELSEWHERE, "192.0.2.9", HOME):
            assert (await call(server, eve, "POST", f"{room.guild}/join", address)).status_code == 200
        made = await ban(ana, room, eve.user_id)
        assert made["created_count"] == 3
        for address in (HOME, ELSEWHERE, "192.0.2.9"):
            assert (await call(server, eve, "GET", room.messages, address)).status_code == 403
        walked: list[str] = []
        page: dict[str, Any] = (await ana.get(f"{room.guild}/ip-bans?limit=1")).json()
        walked += [one["ban_id"] for one in page["bans"]]
        for _ in range(2):
            page = (await ana.get(f"{room.guild}/ip-bans?limit=1&cursor={page['next_cursor']}")).json()
            walked += [one["ban_id"] for one in page["bans"]]
        assert page["next_cursor"] is None
        assert walked == sorted(made["ban_ids"], reverse=True)  # type: ignore[call-overload]
