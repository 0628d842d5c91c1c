"""Calling the handlers of requests without a body directly: what they take is worked out once, at the start.

FastAPI works it out for each request anew, which takes longer than all that a read does. Whatever is not
plainly right, such as a query that is no number, goes FastAPI's own way and is answered by it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from fastapi import Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import APIRoute

from sync_check.reference_server.asgi import Application, Receive, Scope, Send

_NO_BODY: Final = 204
_PLAIN: Final = (str, int, NoneType)
_Dependency = Callable[..., Awaitable[Any]]


class _Values:
    """The arguments of a handler: what its dependencies return, and what stands in path and query."""

    __slots__ = ("_dependencies", "_path", "_query")

    def __init__(self, dependant: Dependant) -> None:
        self._dependencies: list[tuple[str, _Dependency, str]] = [
            (one.name, one.call, one.request_param_name)
            for one in dependant.dependencies
            if one.name and one.call and one.request_param_name
        ]
        self._path = [(field.name, field.alias, field.validate) for field in dependant.path_params]
        self._query = [
            (field.name, field.alias, field.validate, field.field_info.is_required(), field.get_default())
            for field in dependant.query_params
        ]

    async def of(self, request: Request) -> dict[str, Any] | None:
        """The values in one request, or None where one is missing or wrong. Raises what they raise."""
        values = {name: await call(**{asked: request}) for name, call, asked in self._dependencies}
        given: Mapping[str, Any] = request.path_params
        for name, alias, validate in self._path:
            values[name], errors = validate(given[alias])
            if errors:
                return None
        if not self._query:
            return values
        given = request.query_params
        for name, alias, validate, is_required, default in self._query:
            text = given.get(alias)
            if text is None:
                if is_required:
                    return None
                values[name] = default
                continue
            values[name], errors = validate(text)
            if errors:
                return None
        return values


def directly(route: APIRoute) -> Application | None:
    """An application that answers as `route` does, or None for a route that only FastAPI can answer."""
    field, handler = route.response_field, route.dependant.call
    if field is None or handler is None or not _is_plain_route(route):
        return None
    arguments, whole = _Values(route.dependant), route.app
    status, leaves_out = route.status_code or 200, route.response_model_exclude_unset

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        values = await arguments.of(Request(scope, receive))
        if values is None:
            await whole(scope, receive, send)
            return
        returned = await handler(**values)
        if isinstance(returned, Response):
            await returned(scope, receive, send)
            return
        value, errors = field.validate(returned, loc=("response",))
        if errors:
            raise ResponseValidationError(errors, body=returned)
        content = field.serialize_json(value, exclude_unset=leaves_out)
        await Response(content, status, media_type="application/json")(scope, receive, send)

    return answer


def _is_plain_route(route: APIRoute) -> bool:
    """Whether a route needs nothing of what FastAPI can besides."""
    dependant = route.dependant
    return (
        route.body_field is None
        and route.status_code != _NO_BODY
        and isinstance(route.response_class, DefaultPlaceholder)
        and _takes_only(dependant, ("path_params", "query_params", "dependencies"))
        and all(_takes_only(one, ("request_param_name",)) for one in dependant.dependencies)
        and all(_is_plain(field.field_info.annotation) for field in dependant.query_params)
    )


_TAKEN: Final[Sequence[str]] = (
    *("path_params", "query_params", "header_params", "cookie_params", "body_params", "dependencies"),
    *("request_param_name", "websocket_param_name", "http_connection_param_name", "response_param_name"),
    *("background_tasks_param_name", "security_scopes_param_name", "concurrency"),
)


def _takes_only(dependant: Dependant, kinds: tuple[str, ...]) -> bool:
    return not any(getattr(dependant, kind) for kind in _TAKEN if kind not in kinds)


def _is_plain(annotation: Any) -> bool:
    """Whether a type is that of one word or number, optional or annotated."""
    if annotation in _PLAIN:
        return True
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _is_plain(inner[0])
    return get_origin(annotation) in (Union, UnionType) and all(map(_is_plain, inner))
