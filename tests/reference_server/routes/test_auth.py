import asyncio

import pytest

from tests.reference_server.running import PASSWORD, WITHIN_S, running
from tests.reference_server.scene import PIXEL

CREDENTIALS = {"username": "ana", "password": PASSWORD}


@pytest.mark.witnesses("AUTH-1", "AUTH-6", "AUTH-7", "REST-1")
async def test_from_registration_to_logout() -> None:
    async with running() as server:
        post = server.http.post
        for _ in range(2):  # the second time the name is taken, and the answer the same
            registered = await post("/auth/register", json=CREDENTIALS)
            assert (registered.status_code, registered.json()) == (200, {"accepted": True})
        first = (await post("/auth/login", json=CREDENTIALS)).json()
        assert first.keys() == {"access_token", "refresh_token", "expires_in_secs"}
        second = (await post("/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
        headers = {"authorization": f"Bearer {second['access_token']}"}
        profile = (await server.http.get("/auth/me", headers=headers)).json()
        assert (profile["username"], profile["about_markdown"]) == ("ana", "")
        out = {"refresh_token": second["refresh_token"]}
        left = await post("/auth/logout", json=out)
        assert (left.status_code, left.content) == (204, b"")
        for path in ("/auth/refresh", "/auth/logout"):
            refused = await post(path, json=out)
            assert (refused.status_code, refused.json()) == (401, {"error": "invalid_credentials"})
        assert (await server.http.get("/auth/me", headers=headers)).status_code == 401


@pytest.mark.witnesses("AUTH-2")
async def test_every_failed_login_gets_the_same_answer() -> None:
    async with running() as server:
        server.person("ana")
        tries = [{"username": "ana", "password": "x"}, {"username": "nobody", "password": PASSWORD}]
        tries += [{"username": "ana", "password": "x"}] * 4 + [CREDENTIALS]  # locked by now
        answers = [await server.http.post("/auth/login", json=credentials) for credentials in tries]
        assert {(answer.status_code, answer.text) for answer in answers} == {
            (401, '{"error":"invalid_credentials"}')
        }


@pytest.mark.witnesses("AUTH-4", "GW-7", "METRIC-4")
async def test_a_replayed_refresh_token_ends_the_sessions_connections() -> None:
    async with running() as server:
        ana = server.person("ana")
        other = server.person("ana")
        one, unaffected = await ana.connect(), await other.connect()
        body = {"refresh_token": ana.tokens["refresh_token"]}
        answers = [await server.http.post("/auth/refresh", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 401]
        assert await one.ended() == (1008, "session_revoked")
        assert await unaffected.until_now() == []
        assert server.counters()['ws_disconnects_total{reason="session_revoked"}'] == 1


@pytest.mark.witnesses("AUTH-5")
async def test_of_simultaneous_refreshes_one_succeeds() -> None:
    async with running() as server:
        ana = server.person("ana")
        body = {"refresh_token": ana.tokens["refresh_token"]}
        answers = await asyncio.gather(*(server.http.post("/auth/refresh", json=body) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("{room.messages}", "application/json", b'{"content":"late"}'),
        ("{room.channel}/attachments", "image/png", PIXEL),
        ("/users/me/profile/avatar", "image/png", PIXEL),
        ("/users/me/profile/banner", "image/png", PIXEL),
    ],
    ids=["message", "attachment", "avatar", "banner"],
)
@pytest.mark.witnesses("AUTH-7", "DELIV-4", "REST-2")
async def test_a_body_that_comes_after_the_logout_comes_too_late(
    path: str, content_type: str, body: bytes
) -> None:
    async with running() as server, asyncio.timeout(WITHIN_S):
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        server.writers.append(writer)
        headers = {
            **ana.headers,
            "host": "x",
            "content-type": content_type,
            "content-length": str(len(body)),
            "expect": "100-continue",
        }
        lines = [f"POST {path.format(room=room)} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        out = {"refresh_token": ana.tokens["refresh_token"]}
        assert (await server.http.post("/auth/logout", json=out)).status_code == 204
        writer.write(body)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")
        assert await watcher.until_now() == []
        user = server.backend.store.users[ana.user_id]
        assert (user.avatar, user.banner, user.attachment_bytes) == (None, None, 0)
