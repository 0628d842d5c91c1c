"""Routes that read JSON strictly; FastAPI's own also take other encodings and `NaN`.

The contract's own list says which feature a route belongs to, its tag, and which statuses it can answer.
"""

import json
import re
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict
from starlette.routing import Match

from sync_check.conformance.contract.operations import OPERATIONS, Operation
from sync_check.conformance.contract.operations.operation import Sending
from sync_check.reference_server.asgi import Scope
from sync_check.reference_server.edge import call_of
from sync_check.reference_server.errors import InvalidRequest, PayloadTooLarge
from sync_check.reference_server.routes.direct import directly

_READ_ON_BYTES: Final = 8 * 1024 * 1024
_RAW: Final = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    }
}
_OPERATION_AT: Final[Mapping[tuple[str, str], type[Operation]]] = {
    (operation.method, operation.path): operation for operation in OPERATIONS.values()
}


def _digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("no whole number")
    return text


WholeNumber = Annotated[int, BeforeValidator(_digits)]
"""A number in a query, in digits alone: no sign, no space, no point, no underscore (REST-4)."""


class Body(BaseModel):
    """Base of request bodies: no unknown member, no coercion of types (REST-3)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def is_json(content_type: str) -> bool:
    """Whether a content type is that of JSON, with or without parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """Read a raw body; raises `PayloadTooLarge` beyond `max_bytes`, of which no more is ever kept.

    What is too large is read on for a while and dropped: a client that is still sending might not read the
    answer. Raises `InvalidRequest`, which nobody will read, where the client went away before the end.
    """
    kept, size, is_complete = bytearray(), 0, False  # a list of chunks of a byte each would outweigh the body
    while not is_complete and size <= max_bytes + _READ_ON_BYTES:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequest
        chunk: bytes = message.get("body", b"")
        is_complete = not message.get("more_body", False)
        size += len(chunk)
        kept += chunk
        if size > max_bytes:
            kept.clear()
    if size > max_bytes:
        raise PayloadTooLarge
    return bytes(kept)


async def read_plain_json(request: Request) -> Any:
    """The body as `_StrictRequest.json` has it, if it comes as one message; None where there is any doubt."""
    types = [value for name, value in request.scope["headers"] if name == b"content-type"]
    if types != [b"application/json"]:
        return None
    message = await request.receive()
    body: bytes = message.get("body", b"")
    limits = call_of(request.scope).backend.settings.limits
    if message["type"] != "http.request" or message.get("more_body") or len(body) > limits.max_body_bytes:
        return None
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


class _StrictRequest(Request):
    async def body(self) -> bytes:
        """A body of at most `max_body_bytes`; a larger one gets 413 (REST-3)."""
        if not hasattr(self, "_body"):
            limits = call_of(self.scope).backend.settings.limits
            try:
                self._body = await read_body(self, max_bytes=limits.max_body_bytes)
            except PayloadTooLarge as error:
                raise HTTPException(error.status) from None
        return self._body

    async def json(self) -> Any:
        """The body as RFC 8259 has it: UTF-8 without byte-order mark, no `NaN`, no `Infinity`.

        Of another type, which FastAPI takes for JSON if it ends in `+json`, it gets 415 (REST-3).
        """
        if not is_json(self.headers["content-type"]):
            raise HTTPException(415)
        try:
            return json.loads((await self.body()).decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise json.JSONDecodeError("not JSON", "", 0) from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(text)


class StrictRoute(APIRoute):
    """A route whose body is read strictly."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        for method in options.get("methods") or ():
            operation = _OPERATION_AT.get((method, path))
            if operation is not None:
                options["responses"] = _documented(operation)
                if operation.sending is Sending.BYTES:
                    options["openapi_extra"] = _RAW
                options["tags"] = [] if operation.feature is None else [operation.feature]
        # Optional fields are left out when they have no value, also inside (contract 1).
        super().__init__(path, endpoint, **(options | {"response_model_exclude_unset": True}))
        self.direct = directly(self, read_plain_json)
        """Answers without FastAPI, where that can be."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say quickly of most requests that they are for another route."""
        if not scope.get("root_path") and self.path_regex.match(scope["path"]) is None:
            return Match.NONE, {}
        return super().matches(scope)

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
    return APIRouter(route_class=StrictRoute)
