"""Health, counters, and the gateway's path for those who do not upgrade."""

from hmac import compare_digest

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import SecretStr

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import Health
from sync_check.reference_server.errors import InvalidCredentials
from sync_check.reference_server.routes.caller import ThisCall
from sync_check.reference_server.routes.strict import strict_router
from sync_check.reference_server.upgrade import GATEWAY_PATH

router = strict_router()
gateway_router = strict_router()
"""Where the gateway is served."""


@router.get("/health")
async def health() -> Health:
    return Health(status="ok")


@gateway_router.get(GATEWAY_PATH)
async def gateway_without_upgrade() -> Response:
    return Response(status_code=426, headers={"upgrade": "websocket", "connection": "Upgrade"})


def metrics_router(path: str, token: SecretStr | None) -> APIRouter:
    """The counters at a path, for everybody or for who has the token (contract 7)."""
    router = strict_router()
    expected = None if token is None else token.get_secret_value().encode()

    @router.get(path, response_class=PlainTextResponse, tags=[Feature.METRICS])
    async def metrics(call: ThisCall) -> Response:
        if expected is not None and not compare_digest((call.token or "").encode(), expected):
            raise InvalidCredentials
        content = call.backend.metrics.exposition()
        return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
