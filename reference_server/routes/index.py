"""Which route answers a path, found once for each path: many ask for the same."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NoReturn

from starlette.routing import BaseRoute, Match, NoMatchFound

from sync_check.reference_server.asgi import Receive, Scope, Send

_REMEMBERED: Final = 512
_LONGEST: Final = 256
"""Characters of a path that is remembered: those of the contract are shorter."""


class Index(BaseRoute):
    """Stands before `routes` and leads to the first of them that matches; without one they are tried."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        @lru_cache(maxsize=_REMEMBERED)
        def found(method: str, path: str) -> tuple[BaseRoute, Scope] | None:
            asked = {"type": "http", "method": method, "path": path, "root_path": ""}
            for route in routes:
                match, child = route.matches(asked)
                if match is Match.FULL:
                    return route, child
            return None

        self._found = found

    def route_of(self, scope: Scope) -> tuple[BaseRoute, Scope] | None:
        """The route that is led to, and what it adds to a scope; both are the same for equal paths."""
        if scope["type"] != "http" or scope.get("root_path") or len(scope["path"]) > _LONGEST:
            return None
        return self._found(scope["method"], scope["path"])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The match of the route that is led to, with copies of what it read from the path."""
        found = self.route_of(scope)
        if found is None:
            return Match.NONE, {}
        route, child = found
        return Match.FULL, {**child, "path_params": {**child["path_params"]}, "route": route}

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:
        """Raise `NoMatchFound`: it has no URL of its own."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that matched answer."""
        await scope["route"].handle(scope, receive, send)
