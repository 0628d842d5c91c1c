"""Routes that read JSON strictly; FastAPI's own also take other encodings and `NaN`.

The contract's own list says which feature a route belongs to, its tag, and which statuses it can answer.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from sync_check.conformance.contract.operations import OPERATIONS, Operation

_OPERATION_AT: Final[Mapping[tuple[str, str], type[Operation]]] = {
    (operation.method, operation.path): operation for operation in OPERATIONS.values()
}


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
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        for method in options.get("methods") or ():
            operation = _OPERATION_AT.get((method, path))
            if operation is not None:
                options["responses"] = _documented(operation)
                options["tags"] = [] if operation.feature is None else [operation.feature]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


def _documented(operation: type[Operation]) -> dict[int | str, dict[str, Any]]:
    _, *refusals = operation.statuses()
    codes: dict[int, list[str]] = {}
    for refusal in operation.refusals:
        codes.setdefault(refusal.status, []).append(refusal.code)
    return {
        status: {"description": ", ".join(codes.get(status, [HTTPStatus(status).phrase]))}
        for status in refusals
    }


def strict_router() -> APIRouter:
    """A router whose bodies are read strictly."""
    return APIRouter(route_class=_StrictRoute)
