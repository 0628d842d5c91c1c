"""Requests and responses as they are on the wire: the same as those of httpx, which makes more of them."""

import httpx
import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.operations import Operation
from sync_check.harness.clock import Clock
from sync_check.harness.rest import RestClient
from sync_check.harness.transport import Destination, Foreign, Request, Response, Transport


class Noting(Transport):
    """Answers with the target, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    async def carry(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(201, [(b"X-One", b"1"), (b"x-one", b"\xe4")], request.destination.target)


IDS = ("01KDVDNA0HWXN1Q3JT5CRWYS0H", "a b", "..", ".", "é", "%2F", "a/b", "", "~_-", "?#&=+", "x" * 2000)


@pytest.mark.parametrize("base", ["http://t.test", "http://t.test:8480/api", "https://[::1]:9/a%20b"])
@pytest.mark.parametrize("made_up", IDS)
async def test_a_call_goes_where_httpx_would_send_it(base: str, made_up: str) -> None:
    transport = Noting()
    rest = RestClient(base, Clock(), transport=transport)
    asked: list[Operation] = [
        ops.History(guild_id=made_up, channel_id="c", limit=5, before=made_up),
        ops.EditMessage(guild_id="g", channel_id="c", message_id=made_up, content="hey"),
        ops.DeleteMessage(guild_id="g", channel_id=made_up, message_id="m"),
    ]
    for operation in asked:
        await rest.send(operation, token="t", request_id="r")
    expected = [httpx.URL(base + operation.url_path()) for operation in asked]
    assert [one.destination for one in transport.asked] == [Destination.of(url) for url in expected]
    assert [one.destination.url for one in transport.asked] == expected


@pytest.mark.parametrize(
    ("operation", "headers"),
    [
        (ops.ListGuilds(), {}),
        (ops.ListGuilds(), {"host": "elsewhere", "x-own": "1"}),
        (ops.CreateGuild(guild_name="Ü"), {}),
        (ops.CreateGuild(guild_name="Ü"), {"Content-Length": "3"}),
        (ops.AddReaction(guild_id="g", channel_id="c", message_id="m", emoji="👍"), {}),
        (ops.DeleteMessage(guild_id="g", channel_id="c", message_id="m"), {}),
    ],
)
async def test_a_request_has_the_headers_that_httpx_would_give_it(
    operation: Operation, headers: dict[str, str]
) -> None:
    transport = Noting()
    await RestClient("http://t.test:8480", Clock(), transport=transport).send(
        operation, token="t", request_id="r", headers=headers
    )
    (asked,) = transport.asked
    own = [pair for pair in asked.headers if pair[0].decode() in ("x-own", *headers)]
    whole = httpx.Request(asked.method, asked.destination.url, headers=own, content=asked.content)
    assert set(whole.headers.raw) <= set(asked.headers)
    assert {name for name, _ in set(asked.headers) - set(whole.headers.raw)} <= {
        *(b"accept", b"accept-encoding", b"user-agent", b"x-request-id", b"authorization", b"content-type"),
    }


async def test_no_text_made_of_a_request_or_an_answer_shows_a_secret() -> None:
    transport = Noting()
    rest = RestClient("http://t.test", Clock(), transport=transport)
    await rest.send(ops.Login(username="ana", password="s3cret-word"), token="t0ken-of-ana", request_id="r")
    (asked,) = transport.asked
    answer = Response(200, [(b"set-cookie", b"t0ken-of-ana")], b"t0ken-of-ana")
    assert b"s3cret-word" in asked.content
    assert not [one for one in ("s3cret-word", "t0ken-of-ana") if one in f"{asked!r} {answer!r}"]


async def test_httpx_can_use_it_as_one_of_its_own() -> None:
    transport = Noting()
    async with httpx.AsyncClient(transport=transport) as client:
        response = await client.post("http://t.test/a%2Fb?c=d", content=b"sent")
    assert (response.status_code, response.content) == (201, b"/a%2Fb?c=d")
    assert response.headers["x-one"] == "1, ä"
    assert transport.asked[0].content == b"sent"


async def test_one_of_httpx_can_stand_in() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(203, headers={"x-one": "1"}, content=b"told")

    request = Request("PUT", Destination.of(httpx.URL("http://t.test/a?b")), [(b"x-two", b"2")], b"sent")
    response = await Foreign(httpx.MockTransport(answer)).carry(request)
    assert isinstance(response.body, httpx.AsyncByteStream)
    assert (response.status, dict(response.headers)[b"x-one"]) == (203, b"1")
    assert b"".join([chunk async for chunk in response.body]) == b"told"
    assert (seen[0].method, str(seen[0].url), seen[0].content) == ("PUT", "http://t.test/a?b", b"sent")
    assert seen[0].headers["x-two"] == "2"
