"""Finding the route of a path: the first that matches, whatever was asked for before."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, NoMatchFound

from sync_check.reference_server.routes.index import Index


def route(path: str, method: str = "GET") -> APIRoute:
    async def handle(place: str = "") -> list[str]:
        return [path, place]

    return APIRoute(path, handle, methods=[method])


ROUTES = (route("/at/here"), route("/at/{place}"), route("/at/never"), route("/at/{place}", "DELETE"))


def client(*routes: BaseRoute) -> httpx.AsyncClient:
    app = FastAPI(routes=list(routes), redirect_slashes=False, openapi_url=None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        ("GET", "/at/here", 200, ["/at/here", ""]),
        ("GET", "/at/never", 200, ["/at/{place}", "never"]),
        ("GET", "/at/there", 200, ["/at/{place}", "there"]),
        ("DELETE", "/at/there", 200, ["/at/{place}", "there"]),
        ("DELETE", "/at/" + 300 * "x", 200, ["/at/{place}", 300 * "x"]),
        ("POST", "/at/there", 405, {"detail": "Method Not Allowed"}),
        ("GET", "/at/there/", 404, {"detail": "Not Found"}),
        ("GET", "/", 404, {"detail": "Not Found"}),
    ],
)
async def test_the_first_route_that_matches_answers(method: str, path: str, status: int, answer: Any) -> None:
    indexed, plain = client(Index(ROUTES), *ROUTES), client(*ROUTES)
    expected = await plain.request(method, path)
    assert (expected.status_code, expected.json()) == (status, answer)
    for _ in range(2):
        response = await indexed.request(method, path)
        assert response.status_code == status
        assert (response.headers, response.content) == (expected.headers, expected.content)


def test_what_a_request_does_to_its_parameters_is_its_own() -> None:
    index = Index(ROUTES)
    asked = {"type": "http", "method": "GET", "path": "/at/there", "root_path": ""}
    _, first = index.matches(asked)
    first["path_params"].clear()
    _, second = index.matches(asked)
    assert second["path_params"] == {"place": "there"}


def test_it_has_no_url_of_its_own() -> None:
    app = FastAPI(routes=[Index(ROUTES), *ROUTES])
    assert app.url_path_for("handle") == "/at/here"
    with pytest.raises(NoMatchFound):
        app.url_path_for("unknown")
