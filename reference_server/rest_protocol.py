"""uvicorn's HTTP protocol, made to forget connections that have ended and requests that were answered."""

from contextvars import Context

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class RestProtocol(H11Protocol):
    """A reset connection leaves nothing behind; uvicorn itself would keep it for the keep-alive time."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over as nobody's request: it may have been pipelined behind one."""
        Context().run(super().handle_websocket_upgrade, event)
