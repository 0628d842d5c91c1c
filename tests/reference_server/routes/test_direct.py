"""Handlers that are called directly: what they answer is what FastAPI would answer, also to what is wrong."""

import json
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from sync_check.reference_server.asgi import Message, Receive, Scope, Send
from sync_check.reference_server.routes.direct import directly
from sync_check.reference_server.routes.strict import WholeNumber


class Told(BaseModel):
    """What a handler was called with."""

    place: str
    word: str
    q: str
    limit: int | None = None


async def word_of(request: Request) -> str:
    return request.headers["x-word"]


Word = Annotated[str, Depends(word_of)]


async def tell(place: str, word: Word, q: Annotated[str, Query()], limit: WholeNumber | None = None) -> Told:
    if place == "unset":
        return Told(place=place, word=word, q=q)
    return Told(place=place, word=word, q=q, limit=limit)


async def respond(place: str) -> Told:
    del place
    response: Any = Response("made by hand", 418)
    return response  # type: ignore[no-any-return]


async def mistake(place: str) -> Told:
    wrong: Any = {"place": place}
    return wrong  # type: ignore[no-any-return]


async def take(place: str, word: Word, told: Told, limit: WholeNumber | None = None) -> Told:
    return told.model_copy(update={"place": place, "word": word, "limit": limit})


async def forget(place: str) -> Response:
    return Response(status_code=204, headers={"x-forgotten": place})


def served(route: APIRoute) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(FastAPI(routes=[route]))
    return httpx.AsyncClient(transport=transport, base_url="http://x", headers={"x-word": "hey"})


async def read(request: Request) -> Any:
    """A body that is JSON beyond doubt."""
    try:
        return json.loads(await request.body())
    except ValueError:
        return None


def both(handler: Any, **options: Any) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """FastAPI's own way to a handler, and the direct one."""
    options |= {"response_model_exclude_unset": True}
    own, direct = (APIRoute("/at/{place}", handler, **options) for _ in range(2))
    answer, whole = directly(direct, read), direct.app
    assert answer is not None

    async def answer_directly(scope: Scope, receive: Receive, send: Send) -> None:
        content = await Request(scope, receive).body()

        async def again() -> Message:
            return {"type": "http.request", "body": content}

        response = await answer(Request(scope, again))
        await (whole if response is None else response)(scope, again, send)

    direct.app = answer_directly
    return served(own), served(direct)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("/at/a?q=b", 200),
        ("/at/a?q=b&limit=7", 200),
        ("/at/unset?q=b&limit=7", 200),
        ("/at/a%20%C3%A9?q=%C3%A9%00", 200),
        ("/at/a?q=", 200),
        ("/at/a?q=b&q=c", 200),
        ("/at/a?q=b&limit=1&limit=2", 200),
        ("/at/a?q=b&unknown=1", 200),
        ("/at/a", 422),
        ("/at/a?q=b&limit=", 422),
        ("/at/a?q=b&limit=-1", 422),
        ("/at/a?q=b&limit=1.0", 422),
        ("/at/a?limit=x", 422),
    ],
)
async def test_the_answer_is_that_of_fastapi(asked: str, status: int) -> None:
    own, direct = both(tell)
    expected, response = await own.get(asked), await direct.get(asked)
    assert (response.status_code, response.content) == (expected.status_code, expected.content)
    assert response.headers == expected.headers
    assert response.status_code == status


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ('{"place": "b", "word": "", "q": "é"}', 200),
        ('{"place": "b", "word": "", "q": "a", "limit": 7}', 200),
        ('{"place": "b", "word": "", "q": 1}', 422),
        ('{"place": "b"}', 422),
        ("[]", 422),
        ("null", 422),
        ("{", 422),
        ("", 422),
    ],
)
@pytest.mark.parametrize("query", ["", "?limit=3", "?limit=x"])
async def test_the_answer_to_a_body_is_that_of_fastapi(content: str, query: str, status: int) -> None:
    own, direct = both(take, methods=["POST"])
    headers = {"content-type": "application/json"}
    expected, response = [
        await client.post(f"/at/a{query}", content=content, headers=headers) for client in (own, direct)
    ]
    assert (response.status_code, response.content) == (expected.status_code, expected.content)
    assert response.headers == expected.headers
    assert response.status_code == (422 if query.endswith("x") else status)


async def test_a_handler_may_make_its_responses_itself() -> None:
    for client in both(forget, status_code=204):
        response = await client.get("/at/a")
        assert (response.status_code, response.content, response.headers["x-forgotten"]) == (204, b"", "a")


async def test_a_response_of_the_handler_stands() -> None:
    for client in both(respond):
        response = await client.get("/at/a")
        assert (response.status_code, response.text) == (418, "made by hand")


async def test_another_status_of_the_route_is_answered() -> None:
    for client in both(tell, status_code=202):
        assert (await client.get("/at/a?q=b")).status_code == 202


async def test_what_is_no_result_is_a_failure() -> None:
    for client in both(mistake):
        with pytest.raises(ResponseValidationError):
            await client.get("/at/a")


async def with_header(x_word: Annotated[str, Header()]) -> Told:
    raise NotImplementedError


async def with_list(q: Annotated[list[str], Query()]) -> Told:
    raise NotImplementedError


async def with_optional_body(told: Told | None = None) -> Told:
    raise NotImplementedError


async def with_parts_of_a_body(told: Told, q: Annotated[str, Body()]) -> Told:
    raise NotImplementedError


async def with_a_stream() -> StreamingResponse:
    raise NotImplementedError


async def nested(word: Word) -> str:
    return word


async def with_nested(word: Annotated[str, Depends(nested)]) -> Told:
    raise NotImplementedError


@pytest.mark.parametrize(
    "handler",
    [
        *(with_header, with_list, with_optional_body, with_parts_of_a_body),
        *(with_a_stream, with_nested),
    ],
)
def test_what_needs_more_is_left_to_fastapi(handler: Any) -> None:
    assert directly(APIRoute("/", handler, methods=["POST"]), read) is None


def test_an_empty_answer_is_left_to_fastapi() -> None:
    assert directly(APIRoute("/", tell, status_code=204, response_model=None), read) is None
