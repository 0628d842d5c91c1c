import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sync_check.conformance.contract.limits import Limits
from tests.reference_server.running import PASSWORD, RAISED, Running, running

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (JSON, b'{"username":"ana","password":"twelve bytes"}', 200),
        (
            {"content-type": "application/json; charset=utf-8"},
            b'{"username":"b.b","password":"twelve bytes"}',
            200,
        ),
        (JSON, b'{"username":"ana","password":"twelve bytes","captcha_token":"x"}', 200),
        (JSON, b'{"username":"ana","password":"short"}', 400),
        (JSON, b'{"username":"ana"', 400),
        (JSON, b"", 400),
        (JSON, b"x", 400),
        (JSON, b'\xef\xbb\xbf{"username":"ana","password":"twelve bytes"}', 400),
        (JSON, '{"username":"ana","password":"twelve bytes"}'.encode("utf-16"), 400),
        (JSON, b'{"username":"ana","password":NaN}', 400),
        (JSON, b'{"username":"\xff","password":"twelve bytes"}', 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b"null", 422),
        (JSON, b"[]", 422),
        (JSON, b"{}", 422),
        (JSON, b'{"username":"ana","password":null}', 422),
        (JSON, b'{"username":"ana","password":12345678901234}', 422),
        (JSON, b'{"username":"ana","password":"twelve bytes","captcha_token":null}', 422),
        (JSON, b'{"username":"ana","password":"twelve bytes","more":1}', 422),
        (JSON, b'{"username":"ana","password":"twelve bytes \\ud800"}', 422),
        ({}, b'{"username":"ana","password":"twelve bytes"}', 415),
        ({"content-type": "text/plain"}, b'{"username":"ana","password":"twelve bytes"}', 415),
        ({"content-type": "application/x-www-form-urlencoded"}, b"username=ana", 415),
        ({}, b"", 415),
        ({"content-type": "application/foo+json"}, b'{"username":"ana","password":"twelve bytes"}', 415),
        ({"content-type": "application/foo+json"}, b"x", 415),
    ],
)
@pytest.mark.witnesses("REST-3", "LEAK-AUTH-1")
async def test_how_a_body_is_read(headers: dict[str, str], content: bytes, status: int) -> None:
    async with running() as server:
        answer = await server.http.post("/auth/register", headers=headers, content=content)
        assert answer.status_code == status
        assert "twelve" not in answer.text


@pytest.mark.parametrize("query", ["limit=x", "limit=0", "limit=101", "limit=-1", "before=x", "before="])
@pytest.mark.witnesses("REST-4")
async def test_a_bad_query_gets_400(query: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.get(f"{room.messages}?{query}")).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "{0.messages}",
        "{0.guild}/members",
        "{0.guild}/audit",
        "{0.guild}/ip-bans",
        "{0.guild}/search",
        "/guilds/public",
    ],
)
@pytest.mark.witnesses("REST-4")
async def test_a_number_in_a_query_is_digits_alone(path: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        url = f"{path.format(server.room(ana))}?q=x&limit="
        assert (await ana.get(f"{url}005")).status_code == 200
        for limit in (
            "",
            "5.0",
            "%2B5",
            "-5",
            "%205",
            "5%20",
            "5%0A",
            "1_0",
            "0x5",
            "5e0",
            "%D9%A5",
            "1" * 10,
        ):
            assert (await ana.get(url + limit)).status_code == 400, limit


def padded(size: int) -> bytes:
    head = b'{"username":"ana","password":"twelve bytes"'
    return head + b" " * (size - len(head) - 1) + b"}"


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.witnesses("REST-3", "LIMIT-1")
async def test_the_body_is_bounded(size: int, status: int, is_streamed: bool) -> None:
    async with running(limits=RAISED.model_copy(update={"max_body_bytes": 1000})) as server:
        content = chunks(padded(size)) if is_streamed else padded(size)
        answer = await server.http.post("/auth/register", headers=JSON, content=content)
        assert answer.status_code == status


async def test_a_body_that_does_not_come_gets_408() -> None:
    async with running(limits=RAISED.model_copy(update={"request_timeout_s": 0.05})) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = b"POST /auth/register HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nx-request-id: slow\r\n"
        writer.write(head + b"content-type: application/json\r\n\r\n{")
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"x-request-id: slow" in answer
        writer.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/health", 200), ("GET", "/nowhere", 404), ("GET", "/guilds", 401), ("PUT", "/guilds", 405)],
)
async def test_the_request_id_comes_back(method: str, path: str, status: int) -> None:
    async with running() as server:
        answer = await server.http.request(method, path, headers={"x-request-id": "r-1"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, "r-1")
        assert "x-request-id" not in (await server.http.request(method, path)).headers


@pytest.mark.parametrize(
    "spelling",
    ["bearer {}", "Bearer  {}", "Bearer {} ", "Bearer", "Basic {}", "{}", "Bearer {}x", "Bearer\t{}"],
)
@pytest.mark.witnesses("REST-2")
async def test_a_token_must_be_spelled_exactly(spelling: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        # httpx strips what surrounds a header's value, a raw request does not.
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        value = spelling.format(ana.tokens["access_token"])
        if value.endswith(" "):
            value = value.rstrip() + " x"
        writer.write(f"GET /guilds HTTP/1.1\r\nhost: x\r\nauthorization: {value}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 401 ")
        writer.close()


@pytest.mark.witnesses("REST-2")
async def test_two_authorization_headers_are_none() -> None:
    async with running() as server:
        ana = server.person("ana")
        header = ("authorization", ana.headers["authorization"])
        answer = await server.http.get("/guilds", headers=[header, header])
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_credentials"})


async def statuses(server: Running, count: int, headers: dict[str, str]) -> list[int]:
    return [(await server.http.get("/health", headers=headers)).status_code for _ in range(count)]


@pytest.mark.witnesses("LIMIT-1")
async def test_requests_are_counted_per_user_or_else_per_address() -> None:
    limits = Limits(requests_per_minute=9)
    async with running(limits=limits, trusted_proxies=("127.0.0.0/8",)) as server:
        ana, ben = server.person("ana"), server.person("ben")
        here, there = {"x-forwarded-for": "203.0.113.1"}, {"x-forwarded-for": "203.0.113.2"}
        ana_from_here = ana.headers | here
        for headers in (here, there, ana.headers, ana_from_here):
            expected = [200] * 9 + [429] if headers is not ana_from_here else [429] * 10
            assert await statuses(server, 10, headers) == expected
        assert await statuses(server, 1, ben.headers) == [200]
        refused = await server.http.get("/guilds", headers=ana.headers)
        assert (refused.status_code, refused.json()) == (429, {"error": "rate_limited"})
        assert server.counters()['rate_limit_hits_total{reason="global",surface="http"}'] == 14


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/auth/register", {"username": "ben", "password": PASSWORD}),
        ("/auth/login", {"username": "ana", "password": PASSWORD}),
        ("/auth/login", {"username": "ana", "password": "wrong"}),
        ("/auth/refresh", {"refresh_token": "x"}),
    ],
)
@pytest.mark.witnesses("LIMIT-1")
async def test_auth_routes_are_counted_per_address(route: str, body: dict[str, str]) -> None:
    limits = RAISED.model_copy(update={"auth_requests_per_minute": 3})
    async with running(limits=limits, trusted_proxies=("127.0.0.0/8",)) as server:
        server.person("ana")
        here, there = {"x-forwarded-for": "203.0.113.1"}, {"x-forwarded-for": "203.0.113.2"}
        got = [(await server.http.post(route, json=body, headers=here)).status_code for _ in range(4)]
        assert got[:3] == [got[0]] * 3
        assert got[0] != 429
        assert got[3] == 429
        assert (await server.http.post(route, json=body, headers=there)).status_code == got[0]
        assert server.counters()['rate_limit_hits_total{reason="auth_failure",surface="http"}'] == 1


@pytest.mark.witnesses("LIMIT-1")
async def test_profile_changes_are_counted_per_address() -> None:
    async with running(limits=RAISED.model_copy(update={"auth_requests_per_minute": 3})) as server:
        ana = server.person("ana")
        bodies = [{"about_markdown": str(number)} for number in range(4)]
        got = [(await ana.patch("/users/me/profile", body)).status_code for body in bodies]
        assert got == [200, 200, 200, 429]


async def test_an_exception_of_ours_gets_500_and_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as server:
        ana = server.person("ana")
        monkeypatch.setattr(server.backend.store, "guilds_of", None)
        answer = await ana.get("/guilds")
        assert (answer.status_code, json.loads(answer.text)) == (500, {"error": "internal_error"})


@pytest.mark.parametrize("path", ["/health%0A", "/metrics%0a", "/guilds%0A"])
async def test_a_path_with_the_end_of_a_line_is_another_path(path: str) -> None:
    async with running() as server:
        assert (await server.http.get(path)).status_code == 404
