"""What the REST client makes of every kind of answer; nothing that a target does raises."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET, socket

import httpx
import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome
from sync_check.harness.clock import Clock
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.rest import (
    IN_FLIGHT,
    LARGE_AT_ONCE,
    LARGE_BODY_BYTES,
    LONGEST_LIST,
    MOST_VALUES,
    Answer,
    RestClient,
)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answering = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


async def _ask(
    answering: Answering, operation: ops.Operation | None = None, *, max_body: int = 1000
) -> Answer:
    """The answer to one call when `answering` stands for the network."""
    rest = RestClient(
        "http://t.test/api/",
        Clock(started_unix=1_700_000_000),
        transport=_Network(answering),
        max_body=max_body,
    )
    answer = await rest.send(operation or ops.ListGuilds(), token="the-token", request_id="r-1")
    await rest.aclose()
    return answer


def _response(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Response:
    """A response whose body still has to be read, as from a network."""
    encoded = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return httpx.Response(status, headers=encoded, stream=_Stream(body))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


class _Network(httpx.AsyncBaseTransport):
    """Hands each request to `answering`."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._answering(request)
        return await answer if isinstance(answer, Awaitable) else answer


@asynccontextmanager
async def _raw(serve_one: Serve) -> AsyncIterator[str]:
    """A server that does with each connection what `serve_one` does, once a request head has come."""
    running: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())
        try:
            with suppress(asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await serve_one(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*(task for task in running if task is not None))


async def _ask_raw(serve_one: Serve, *, budget_s: float = 5.0) -> Answer:
    async with _raw(serve_one) as url:
        rest = RestClient(url, Clock(), budget_s=budget_s)
        answer = await rest.send(ops.ListGuilds(), token=None, request_id="r-1")
        await rest.aclose()
    return answer


class TestRequests:
    async def test_carries_path_token_request_id_and_json(self) -> None:
        seen: list[httpx.Request] = []

        def answering(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return _response(200, b'{"guild_id": "g"}')

        answer = await _ask(answering, ops.CreateGuild(guild_name="Ü"))
        assert str(seen[0].url) == "http://t.test/api/guilds"
        assert seen[0].method == "POST"
        assert json.loads(seen[0].content) == {"name": "Ü"}
        assert seen[0].headers["content-type"] == "application/json"
        assert seen[0].headers["authorization"] == "Bearer the-token"
        assert seen[0].headers["x-request-id"] == "r-1"
        assert seen[0].headers["accept-encoding"] == "identity"
        assert (answer.outcome, answer.json) == (Outcome.OK, {"guild_id": "g"})

    async def test_no_body_means_no_content_type_and_no_token_no_authorization(self) -> None:
        seen: list[httpx.Request] = []

        def answering(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return _response(200)

        rest = RestClient("http://t.test", Clock(), transport=_Network(answering))
        operation = ops.History(guild_id="g/1", channel_id="c", limit=5, before="m&")
        await rest.send(operation, token=None, request_id="r", headers={"x-forwarded-for": "192.0.2.1"})
        await rest.aclose()
        assert seen[0].url.raw_path == b"/guilds/g%2F1/channels/c/messages?limit=5&before=m%26"
        assert not {"content-type", "authorization", "cookie"} & set(seen[0].headers)
        assert seen[0].headers["x-forwarded-for"] == "192.0.2.1"

    async def test_cookies_are_refused_and_redirects_not_followed(self) -> None:
        seen: list[httpx.Request] = []

        def answering(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            headers = {"set-cookie": "a=b; Path=/", "location": "http://elsewhere.test/"}
            return _response(302, headers=headers)

        rest = RestClient("http://t.test", Clock(), transport=_Network(answering))
        answers = [await rest.send(ops.ListGuilds(), token=None, request_id="r") for _ in range(2)]
        await rest.aclose()
        assert [request.url.host for request in seen] == ["t.test", "t.test"]
        assert "cookie" not in seen[1].headers
        assert [answer.outcome for answer in answers] == [Outcome.UNKNOWN, Outcome.UNKNOWN]

    async def test_environment_proxies_are_ignored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

        assert (await _ask_raw(serve_one)).status == 204

    @pytest.mark.parametrize("token", ["two\r\nlines: x", "\ud800", "snow\u2603man", "nul\0"])
    async def test_a_token_that_cannot_be_sent_is_a_failure_that_does_not_repeat_it(self, token: str) -> None:
        rest = RestClient("http://t.test", Clock(), transport=_Network(lambda _: _response(200)))
        answer = await rest.send(ops.ListGuilds(), token=token, request_id="r")
        await rest.aclose()
        assert (answer.outcome, answer.unreachable) == (Outcome.FAIL, True)
        assert token not in str(answer.error)

    async def test_an_id_that_cannot_be_sent_is_a_failure(self) -> None:
        answer = await _ask(lambda _: _response(200), ops.ListChannels(guild_id="\ud800"))
        assert (answer.outcome, answer.unreachable) == (Outcome.FAIL, True)

    async def test_text_that_is_no_unicode_can_be_asked_for(self) -> None:
        bodies: list[bytes] = []

        def answering(request: httpx.Request) -> httpx.Response:
            bodies.append(request.content)
            return _response(200)

        operation = ops.CreateMessage(guild_id="g", channel_id="c", content="\ud800")
        assert (await _ask(answering, operation)).outcome is Outcome.OK
        assert bodies == [b'{"content":"\\ud800"}']

    async def test_no_more_than_agreed_are_under_way(self) -> None:
        under_way = most = 0
        full, release = asyncio.Event(), asyncio.Event()

        async def answering(request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            if under_way == IN_FLIGHT:
                full.set()
            await release.wait()
            under_way -= 1
            return _response(200)

        rest = RestClient("http://t.test", Clock(), transport=_Network(answering))
        calls = [
            asyncio.create_task(rest.send(ops.ListGuilds(), token=None, request_id="r")) for _ in range(100)
        ]
        await full.wait()
        release.set()
        answers = await asyncio.gather(*calls)
        await rest.aclose()
        assert most == IN_FLIGHT
        assert [answer.outcome for answer in answers] == [Outcome.OK] * 100

    @pytest.mark.parametrize(
        "url", ["", "t.test", "ftp://t.test", "http://", "http://[::1", "http://a:b@t.test"]
    )
    async def test_senseless_base_urls(self, url: str) -> None:
        with pytest.raises(TargetUnavailable):
            RestClient(url, Clock())

    async def test_credentials_in_the_base_url_are_not_repeated(self) -> None:
        with pytest.raises(TargetUnavailable) as raised:
            RestClient("http://ana:hunter2@t.test/?k=hunter2", Clock())
        assert "hunter2" not in str(raised.value)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            (200, Outcome.OK),
            (204, Outcome.OK),
            (304, Outcome.UNKNOWN),
            (400, Outcome.FAIL),
            (404, Outcome.FAIL),
            (408, Outcome.UNKNOWN),
            (429, Outcome.FAIL),
            (500, Outcome.UNKNOWN),
            (503, Outcome.UNKNOWN),
            (599, Outcome.UNKNOWN),
        ],
    )
    async def test_by_status(self, status: int, outcome: Outcome) -> None:
        answer = await _ask(lambda _: _response(status))
        assert (answer.status, answer.outcome, answer.error) == (status, outcome, None)
        assert not answer.unreachable

    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b'{"a": [1]}', {"a": [1]}),
            (b"", None),
            (b"<html>", None),
            (b'{"a": NaN}', None),
            (b'"\xff"', None),
            (b"\xef\xbb\xbf{}", None),
            (b"[" * 100_000, None),
            (b"9" * 5000, None),
            (b'"\\ud800"', "\ud800"),
        ],
    )
    async def test_json_is_read_where_it_is_json(self, body: bytes, value: object) -> None:
        answer = await _ask(lambda _: _response(200, body), max_body=200_000)
        assert answer.json == value
        assert answer.outcome is Outcome.OK
        assert answer.text == body.decode("utf-8", "replace")

    async def test_a_body_beyond_the_cap_is_cut_but_the_status_counts(self) -> None:
        answer = await _ask(lambda _: _response(200, b"[" + b"1," * 1000 + b"1]"))
        assert (answer.outcome, answer.status, answer.json) == (Outcome.OK, 200, None)
        assert answer.error == "the body is longer than 1000 bytes"

    @pytest.mark.parametrize(
        "body",
        [
            b"[" + b"{}," * MOST_VALUES + b"{}]",
            b'{"a":{"b":[' + b"1," * LONGEST_LIST + b"1]}}",
            b"\r\n [" + b"[]," * LONGEST_LIST + b"1]",
        ],
    )
    async def test_a_body_of_more_than_can_be_read_is_cut(self, body: bytes) -> None:
        answer = await _ask(lambda _: _response(200, body), max_body=10**7)
        assert (answer.outcome, answer.json) == (Outcome.OK, None)
        assert answer.error == "the body holds more than can be read"
        assert answer.text == body[: 64 * 1024].decode()

    @pytest.mark.parametrize(
        "body", [b"x" + b"[" * MOST_VALUES * 2, b"[" + b"1," * (LONGEST_LIST - 1) + b"1]"]
    )
    async def test_other_bodies_are_left_whole(self, body: bytes) -> None:
        answer = await _ask(lambda _: _response(200, body), max_body=10**7)
        assert answer.error is None
        assert answer.text == body.decode()

    async def test_only_few_large_bodies_are_read_at_one_time(self) -> None:
        reading, most = 0, 0
        enough = asyncio.Event()

        class Large(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                nonlocal reading, most
                yield bytes(LARGE_BODY_BYTES)
                yield b"."
                reading += 1
                most = max(most, reading)
                if reading == LARGE_AT_ONCE:
                    enough.set()
                await enough.wait()
                reading -= 1

        network = _Network(lambda _: httpx.Response(200, stream=Large()))
        rest = RestClient("http://t.test/", Clock(), transport=network)
        calls = (
            rest.send(ops.ListGuilds(), token="t", request_id=f"r-{number}") for number in range(IN_FLIGHT)
        )
        answers = await asyncio.gather(*calls)
        await rest.aclose()
        assert {len(answer.content) for answer in answers} == {LARGE_BODY_BYTES + 1}
        assert most == LARGE_AT_ONCE

    async def test_an_endless_body_is_not_read_to_its_end(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            with suppress(OSError):
                while not writer.is_closing():
                    writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                    await writer.drain()

        answer = await _ask_raw(serve_one)
        assert (answer.outcome, answer.json) == (Outcome.OK, None)
        assert "longer than" in str(answer.error)

    async def test_compressed_bodies_are_not_unpacked(self) -> None:
        answer = await _ask(
            lambda _: httpx.Response(
                200, headers={"content-encoding": "gzip"}, stream=_Stream(b"\x1f\x8bnot gzip")
            )
        )
        assert (answer.outcome, answer.json) == (Outcome.OK, None)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7.0),
            ("0", 0.0),
            ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
            ("Tue, 14 Nov 2000 22:14:20 GMT", 0.0),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("٣", None),
            ("9" * 400, None),
            ("Tue, 99 Nov 2023 99:99:99 GMT", None),
        ],
    )
    async def test_retry_after(self, header: str, seconds: float | None) -> None:
        answer = await _ask(lambda _: _response(429, headers={"Retry-After": header}))
        if seconds is None:
            assert answer.retry_after_s is None
        else:
            assert answer.retry_after_s == pytest.approx(seconds, abs=1)

    async def test_only_some_headers_are_kept(self) -> None:
        answer = await _ask(lambda _: _response(200, headers={"x-other": "1", "content-type": "text/html"}))
        assert dict(answer.headers) == {"content-type": "text/html"}
        assert dict(answer.further) == {"x-other": "1"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("server", "scabcdefghijkl"),
            ("etag", '"01KDVDNA0F537QET2DKJ2S7GKS"'),
            ("vary", "cHNzdCBzY3ExdzJlM3I0dDV5Ng=="),
            ("x-request-id", "of-somebody-else-0123456789"),
            ("content-disposition", "attachment; filename*=UTF-8''a%20b"),
            ("allow", "192.0.2.7"),
            ("server", "[2001:db8:ab::a7]"),
        ],
    )
    async def test_an_ordinary_header_that_may_tell_something_is_kept(self, name: str, value: str) -> None:
        answer = await _ask(lambda _: _response(200, headers={name: value}))
        assert dict(answer.further) == {name: value}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("server", "uvicorn"),
            ("date", "Tue, 14 Nov 2023 22:14:20 GMT"),
            ("etag", 'W/"5f3e-1a2b"'),
            ("vary", "Origin, Access-Control-Request-Method"),
            ("content-type", "application/json; charset=utf-8"),
            ("cache-control", "private, max-age=31536000, stale-while-revalidate=60"),
            ("content-length", "1048576"),
        ],
    )
    async def test_an_ordinary_header_with_an_ordinary_value_is_not(self, name: str, value: str) -> None:
        answer = await _ask(lambda _: _response(200, headers={name: value}))
        assert dict(answer.further) == {}

    async def test_the_own_request_id_is_no_news(self) -> None:
        own = "0123456789-abcdefghijkl"
        network = _Network(
            lambda asked: _response(200, headers={"x-request-id": asked.headers["x-request-id"]})
        )
        rest = RestClient("http://t.test", Clock(), transport=network)
        answer = await rest.send(ops.ListGuilds(), token=None, request_id=own)
        await rest.aclose()
        assert (answer.headers["x-request-id"], dict(answer.further)) == (own, {})


class TestConnections:
    async def test_nobody_listens_is_a_failure_that_was_not_sent(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            raise AssertionError("nobody connects")

        async with _raw(serve_one) as url:
            pass
        rest = RestClient(url, Clock())
        answer = await rest.send(ops.ListGuilds(), token=None, request_id="r")
        await rest.aclose()
        assert (answer.outcome, answer.unreachable, answer.status) == (Outcome.FAIL, True, None)
        assert str(answer.error).startswith("not sent")

    async def test_no_answer_in_time_is_unknown(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.read() == b""

        answer = await _ask_raw(serve_one, budget_s=0.05)
        assert (answer.outcome, answer.status, answer.unreachable) == (Outcome.UNKNOWN, None, False)
        assert answer.error == "no complete answer within 0.05 s"
        assert answer.seconds >= 0.04

    async def test_an_answer_that_trickles_exhausts_the_same_budget(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab")
            assert await reader.read() == b""

        answer = await _ask_raw(serve_one, budget_s=0.05)
        assert (answer.outcome, answer.status) == (Outcome.UNKNOWN, 200)

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            b"nonsense\r\n\r\n",
            b"\x15\x03\x01\x00\x02\x02\x16",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000 + b"\r\n",
            b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        ],
    )
    @pytest.mark.parametrize("reset", [False, True])
    async def test_lost_and_senseless_answers_are_unknown(self, answer: bytes, reset: bool) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                writer.write(answer)
                await writer.drain()
            if reset:
                raw: socket = writer.get_extra_info("socket")
                raw.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

        told = await _ask_raw(serve_one)
        assert (told.outcome, told.unreachable, told.json) == (Outcome.UNKNOWN, False, None)
        assert "lost after sending" in str(told.error)

    async def test_tls_to_a_server_without_it_was_not_sent(self) -> None:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            rest = RestClient(url, Clock())
            answer = await rest.send(ops.ListGuilds(), token=None, request_id="r")
            await rest.aclose()
        assert (answer.outcome, answer.unreachable) == (Outcome.FAIL, True)

    @pytest.mark.parametrize(
        "head", ["HTTP/1.1 101 Switching Protocols", "HTTP/1.1 999 What", "HTTP/1.1 100 Continue"]
    )
    async def test_strange_statuses_are_unknown(self, head: str) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(f"{head}\r\n\r\n".encode())

        assert (await _ask_raw(serve_one)).outcome is Outcome.UNKNOWN

    async def test_a_cancelled_call_gives_its_place_back(self) -> None:
        async def answering(request: httpx.Request) -> httpx.Response:
            if request.headers["x-request-id"] == "stuck":
                await asyncio.get_running_loop().create_future()
            return _response(200)

        rest = RestClient("http://t.test", Clock(), transport=_Network(answering))
        stuck = [
            asyncio.create_task(rest.send(ops.ListGuilds(), token=None, request_id="stuck"))
            for _ in range(IN_FLIGHT)
        ]
        await asyncio.wait(stuck, timeout=0)
        for call in stuck:
            call.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        answer = await rest.send(ops.ListGuilds(), token=None, request_id="free")
        await rest.aclose()
        assert answer.outcome is Outcome.OK


class _Counting:
    """Answers each request of each connection with 204, unless its path has the part `stuck`."""

    def __init__(self) -> None:
        self.connections: set[asyncio.Task[None] | None] = set()
        self.is_stuck = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"/stuck/" in head:
                    self.is_stuck.set()
                else:
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def _counting() -> AsyncIterator[tuple[RestClient, _Counting]]:
    counting = _Counting()
    async with await asyncio.start_server(counting, "127.0.0.1", 0) as server:
        rest = RestClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", Clock())
        yield rest, counting
        await rest.aclose()
        await asyncio.gather(*(task for task in counting.connections if task is not None))


class TestKeptConnections:
    async def test_calls_one_after_another_share_a_connection(self) -> None:
        async with _counting() as (rest, counting):
            for _ in range(20):
                answer = await rest.send(ops.ListGuilds(), token=None, request_id="r")
                assert answer.status == 204
        assert len(counting.connections) == 1

    async def test_calls_at_a_time_have_no_more_connections_than_may_be_under_way(self) -> None:
        async with _counting() as (rest, counting):
            calls = [rest.send(ops.ListGuilds(), token=None, request_id="r") for _ in range(10 * IN_FLIGHT)]
            answers = await asyncio.gather(*calls)
        assert {answer.status for answer in answers} == {204}
        assert len(counting.connections) == IN_FLIGHT

    async def test_a_connection_that_was_given_up_is_replaced(self) -> None:
        async with _counting() as (rest, counting):
            call = rest.send(ops.ListChannels(guild_id="stuck"), token=None, request_id="r")
            stuck = asyncio.create_task(call)
            await counting.is_stuck.wait()
            stuck.cancel()
            await asyncio.gather(stuck, return_exceptions=True)
            answer = await rest.send(ops.ListGuilds(), token=None, request_id="r")
        assert answer.status == 204
        assert len(counting.connections) == 2

    async def test_one_that_the_target_does_not_keep_is_replaced(self) -> None:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        async with _raw(serve_one) as url:
            rest = RestClient(url, Clock())
            answers = [await rest.send(ops.ListGuilds(), token=None, request_id="r") for _ in range(3)]
            await rest.aclose()
        assert [answer.status for answer in answers] == [204, 204, 204]
