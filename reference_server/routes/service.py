"""Health and metrics, without authentication, and the gateway's path for those who do not upgrade."""

from fastapi import Response
from fastapi.responses import PlainTextResponse

from sync_check.conformance.contract.shapes import Health
from sync_check.reference_server.routes.caller import ThisCall
from sync_check.reference_server.routes.strict import strict_router
from sync_check.reference_server.upgrade import GATEWAY_PATH

router = strict_router()


@router.get("/health")
async def health() -> Health:
    return Health(status="ok")


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(call: ThisCall) -> Response:
    return Response(call.backend.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get(GATEWAY_PATH)
async def gateway_without_upgrade() -> Response:
    return Response(status_code=426, headers={"upgrade": "websocket", "connection": "Upgrade"})
