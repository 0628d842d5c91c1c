"""Calling handlers directly: what they take is worked out once, at the start.

FastAPI works it out for each request anew, which takes longer than all that most requests do. Whatever is not
plainly right, such as a query that is no number, goes FastAPI's own way and is answered by it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from fastapi import Request, Response, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import APIRoute

_NO_BODY: Final = 204
_PLAIN: Final = (str, int, NoneType)
_Dependency = Callable[..., Awaitable[Any]]

Answer = Callable[[Request], Awaitable[Response | None]]
"""Answers a request; None for one that only FastAPI can answer. Of its body at most `Read` has read."""
Read = Callable[[Request], Awaitable[Any]]
"""Reads a JSON body that is plainly right; None for any other one."""


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


def directly(route: APIRoute, read: Read) -> Answer | None:
    """What answers as `route` does, or None for a route that only FastAPI can answer.

    `read` reads the bodies.
    """
    handler = route.dependant.call
    if handler is None or not _is_plain_route(route):
        return None
    arguments, respond = _Values(route.dependant), _responder(route)
    if respond is None:
        return None

    async def answer(request: Request) -> Response | None:
        values = await arguments.of(request)
        return None if values is None else respond(await handler(**values))

    if not route.dependant.body_params:
        return answer
    (body,) = route.dependant.body_params

    async def answer_to_body(request: Request) -> Response | None:
        # First of all, as FastAPI does.
        told = await read(request)
        values = None if told is None else await arguments.of(request)
        if values is None:
            return None
        values[body.name], errors = body.validate(told, loc=("body",))
        return None if errors else respond(await handler(**values))

    return answer_to_body


def _responder(route: APIRoute) -> Callable[[Any], Response] | None:
    """What makes a response of that which the route's handler returns, if that is plain."""
    field, status, leaves_out = route.response_field, route.status_code, route.response_model_exclude_unset
    if field is None:
        return _itself if _answers_itself(route) else None
    if status == _NO_BODY:
        return None

    def respond(returned: Any) -> Response:
        if isinstance(returned, Response):
            return returned
        value, errors = field.validate(returned, loc=("response",))
        if errors:
            raise ResponseValidationError(errors, body=returned)
        content = field.serialize_json(value, exclude_unset=leaves_out)
        return Response(content, status or 200, media_type="application/json")

    return respond


def _itself(returned: Response) -> Response:
    return returned


def _answers_itself(route: APIRoute) -> bool:
    """Whether the handler makes its responses itself, and none that go on when they are sent."""
    return get_type_hints(route.dependant.call)["return"] is Response


def _is_plain_route(route: APIRoute) -> bool:
    """Whether a route needs nothing of what FastAPI can besides."""
    dependant = route.dependant
    return (
        _has_plain_body(route)
        and isinstance(route.response_class, DefaultPlaceholder)
        and _takes_only(dependant, ("path_params", "query_params", "dependencies", "body_params"))
        and all(_takes_only(one, ("request_param_name",)) for one in dependant.dependencies)
        and all(_is_plain(field.field_info.annotation) for field in dependant.query_params)
    )


def _has_plain_body(route: APIRoute) -> bool:
    """Whether there is no body, or one that is JSON as a whole and has to be there."""
    fields = route.dependant.body_params
    if route.body_field is None:
        return not fields
    info = route.body_field.field_info
    return (
        len(fields) == 1
        and route.body_field is fields[0]
        and type(info) is params.Body
        and info.is_required()
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
