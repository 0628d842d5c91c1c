import asyncio

import pytest

from tests.reference_server.running import PASSWORD, running

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
