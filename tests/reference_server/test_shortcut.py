"""The short way to a handler: what takes it, and what goes FastAPI's own way, from its beginning."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from sync_check.reference_server.asgi import Receive, Scope, Send
from sync_check.reference_server.errors import ApiError, NotFound
from sync_check.reference_server.routes.index import Index
from sync_check.reference_server.routes.strict import strict_router
from sync_check.reference_server.shortcut import Shortcut

router = strict_router()


@router.get("/at/{place}")
async def told(place: str, limit: int = 0) -> list[str]:
    if place == "nowhere":
        raise NotFound
    if place == "broken":
        raise ZeroDivisionError
    return [place, str(limit)]


class Server:
    """A server, which notes what went FastAPI's own way."""

    def __init__(self) -> None:
        index = Index(router.routes)
        self.api = FastAPI(routes=[index, *router.routes], openapi_url=None)
        self.went: list[str] = []
        self.app = Shortcut(self.whole, index, self.refusal)

    async def whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.went.append(scope["path"])
        await self.api(scope, receive, send)

    def refusal(self, error: ApiError) -> Response:
        return JSONResponse(error.code, error.status)

    async def asked(self, path: str, method: str = "GET") -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request(method, path)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/at/home", 200, ["home", "0"]),
        ("/at/home?limit=7", 200, ["home", "7"]),
        ("/at/nowhere", 404, "not_found"),
    ],
)
async def test_what_is_plainly_right_passes_nothing_else(path: str, status: int, body: Any) -> None:
    server = Server()
    answer = await server.asked(path)
    assert (answer.status_code, answer.json()) == (status, body)
    assert not server.went


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/at/home?limit=x", 422), ("POST", "/at/home", 405), ("GET", "/elsewhere", 404)],
)
async def test_all_else_is_answered_by_fastapi(method: str, path: str, status: int) -> None:
    server = Server()
    assert (await server.asked(path, method)).status_code == status
    assert server.went == [path.partition("?")[0]]


async def test_a_failure_is_for_whoever_calls() -> None:
    with pytest.raises(ZeroDivisionError):
        await Server().asked("/at/broken")
