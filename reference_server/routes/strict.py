"""Routes that read JSON strictly; FastAPI's own also take other encodings and `NaN`."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Base of request bodies: no unknown member, no coercion of types (REST-3)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _StrictRequest(Request):
    async def json(self) -> Any:
        """The body as RFC 8259 has it: UTF-8 without byte-order mark, no `NaN`, no `Infinity`."""
        try:
            return json.loads((await self.body()).decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise json.JSONDecodeError("not JSON", "", 0) from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(text)


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


def strict_router() -> APIRouter:
    """A router whose bodies are read strictly."""
    return APIRouter(route_class=_StrictRoute)
