"""uvicorn's HTTP protocol, made to forget connections that have ended."""

from uvicorn.protocols.http.h11_impl import H11Protocol


class RestProtocol(H11Protocol):
    """A reset connection leaves nothing behind; uvicorn itself would keep it for the keep-alive time."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
