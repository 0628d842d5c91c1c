"""The short way to a handler: past all that FastAPI has around its routes, most of the time of a call."""

from collections import deque
from collections.abc import Callable

from fastapi import Request, Response

from sync_check.reference_server.asgi import Application, Message, Receive, Scope, Send
from sync_check.reference_server.errors import ApiError
from sync_check.reference_server.routes.index import Index
from sync_check.reference_server.routes.strict import StrictRoute


class Shortcut:
    """Answers directly what a route of `index` can answer so; leaves all else to `app`.

    `refuse` makes the answer to an `ApiError`. Any other exception is for whoever calls.
    """

    def __init__(self, app: Application, index: Index, refuse: Callable[[ApiError], Response]) -> None:
        self._app = app
        self._index = index
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route, child = self._index.route_of(scope) or (None, {})
        if not isinstance(route, StrictRoute) or route.direct is None:
            await self._app(scope, receive, send)
            return
        received = _Received(receive)
        request = Request({**scope, "path_params": child["path_params"]}, received)
        try:
            response = await route.direct(request)
        except ApiError as error:
            response = self._refuse(error)
        if response is None:
            received.rewind()
            await self._app(scope, received, send)
        else:
            await response(scope, received, send)


class _Received:
    """What was received of a request, which can be received once more."""

    __slots__ = ("_again", "_messages", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._again: deque[Message] = deque()

    async def __call__(self) -> Message:
        if self._again:
            return self._again.popleft()
        message = await self._receive()
        self._messages.append(message)
        return message

    def rewind(self) -> None:
        """Begin with the first message again."""
        self._again.extend(self._messages)
