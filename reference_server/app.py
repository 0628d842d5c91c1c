"""The REST application: routes of the declared features, and the statuses of contract 2.1."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.middleware.errors import ServerErrorMiddleware

from sync_check.conformance.contract.features import Feature
from sync_check.reference_server import web
from sync_check.reference_server.asgi import Application
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.edge import Edge
from sync_check.reference_server.errors import ApiError
from sync_check.reference_server.routes import (
    assignments,
    attachments,
    audit,
    auth,
    channels,
    directory,
    friends,
    guilds,
    images,
    ip_bans,
    members,
    messages,
    overrides,
    profile,
    reactions,
    roles,
    search,
    service,
    voice,
)
from sync_check.reference_server.routes.index import Index
from sync_check.reference_server.routes.strict import is_json
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.shortcut import Shortcut

_FAMILIES = (
    messages,
    reactions,
    members,
    guilds,
    channels,
    profile,
    auth,
    service,
    directory,
    audit,
    ip_bans,
    roles,
    assignments,
    overrides,
    voice,
    friends,
    images,
    attachments,
    search,
)
"""The busiest first: routes are tried one after the other."""


class Port(Enum):
    """What one port of a server has. The web shell looks for the gateway where it comes from itself."""

    WHOLE = "REST, gateway and web shell"
    REST = "REST alone"
    GATEWAY = "a gateway node and its health"


def build_app(backend: Backend, port: Port = Port.WHOLE) -> Application:
    """Build the ASGI application of one port; the gateway's upgrades do not pass here."""

    def is_served(route: object) -> bool:
        # A route without a feature is always required (contract 0.2).
        return all(backend.settings.has(Feature(tag)) for tag in getattr(route, "tags", ()))

    served = [route for route in _routes(backend.settings, port) if is_served(route)]
    index = Index(served)
    api = FastAPI(
        title="sync-check reference server",
        # Given as they are: routers that are included are rebuilt at the first request, and match slower.
        routes=[index, *served],
        openapi_url=None if port is Port.GATEWAY else "/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    def refuse(error: ApiError) -> Response:
        if error.status in (401, 403):
            backend.metrics.auth_failed(error.status)
        return JSONResponse({"error": error.code}, status_code=error.status)

    async def refuse_in_fastapi(_: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return refuse(error)

    api.add_exception_handler(ApiError, refuse_in_fastapi)
    api.add_exception_handler(RequestValidationError, _refuse_malformed)
    api.add_exception_handler(Exception, _admit_failure)
    app = ServerErrorMiddleware(Shortcut(api, index, refuse), handler=_admit_failure)
    return Edge(backend.deviation.answering(app), backend)


def _routes(settings: Settings, port: Port) -> Iterator[Any]:
    if port is Port.GATEWAY:
        yield from service.router.routes
    else:
        for family in _FAMILIES:
            yield from family.router.routes
        yield from service.metrics_router(settings.metrics_path, settings.metrics_token).routes
    if port is not Port.REST:
        yield from service.gateway_router.routes
    if port is Port.WHOLE:
        yield from web.router.routes


async def _refuse_malformed(request: Request, error: Exception) -> Response:
    """Tell apart what FastAPI takes for one: paths and queries 400, content type 415, JSON 400, members 422.

    What was received is not repeated in the answer: it may hold a password (LEAK-AUTH-1).
    """
    assert isinstance(error, RequestValidationError)
    status = _status_of(error, request.headers.get("content-type", ""))
    return JSONResponse({"error": "malformed_request"}, status_code=status)


def _status_of(error: RequestValidationError, content_type: str) -> int:
    faults = error.errors()
    if any(fault["loc"][0] != "body" for fault in faults):
        return 400
    if not is_json(content_type):
        return 415
    is_absent = any(fault["type"] == "missing" and fault["loc"] == ("body",) for fault in faults)
    return 400 if is_absent or any(fault["type"] == "json_invalid" for fault in faults) else 422


async def _admit_failure(_request: Request, _error: Exception) -> Response:
    """Answer for an exception of ours; it is logged with its traceback besides."""
    return JSONResponse({"error": "internal_error"}, status_code=500)
