"""What carries a REST call: a request and a response as they are on the wire.

`httpx` makes much more of either than anybody here looks at, for each call anew. Whatever is one of its
transports can stand in.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import httpx

Headers = Sequence[tuple[bytes, bytes]]
"""Names, in any case, and values, in the order in which they are sent."""
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes. `host` has no brackets, `authority` is the `Host`, `target` path and query."""

    scheme: bytes
    host: bytes
    port: int | None
    authority: bytes
    target: bytes

    @staticmethod
    def of(url: httpx.URL) -> "Destination":
        """Where `url` leads to."""
        return Destination(url.raw_scheme, url.raw_host, url.port, url.netloc, url.raw_path)

    def at(self, target: bytes) -> "Destination":
        """Another target at the same place."""
        return Destination(self.scheme, self.host, self.port, self.authority, target)

    @property
    def url(self) -> httpx.URL:
        """The whole of it."""
        return httpx.URL(b"".join((self.scheme, b"://", self.authority, self.target)).decode("ascii"))


@dataclass(frozen=True, slots=True)
class Request:
    """A request with all its headers; `extensions` are those of httpcore.

    Headers and content hold tokens and passwords, so that no text shows them that is made of it.
    """

    method: str
    destination: Destination
    headers: Headers = field(repr=False)
    content: bytes = field(default=b"", repr=False)
    extensions: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    @staticmethod
    def of(request: httpx.Request) -> "Request":
        """The same request; its body must have been read."""
        place = Destination.of(request.url)
        return Request(request.method, place, request.headers.raw, request.content, request.extensions)


@dataclass(frozen=True, slots=True)
class Response:
    """The head of an answer, and its body: as a whole, or as it comes."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes | httpx.AsyncByteStream = field(repr=False)


class Transport(httpx.AsyncBaseTransport):
    """Carries requests; the same exceptions as httpx's own transports."""

    @abstractmethod
    async def carry(self, request: Request) -> Response:
        """Send a request and wait for the head of its answer, whose body must be closed."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for httpx."""
        await request.aread()
        response = await self.carry(Request.of(request))
        body = response.body
        stream = httpx.ByteStream(body) if isinstance(body, bytes) else body
        return httpx.Response(response.status, headers=list(response.headers), stream=stream)


class Foreign(Transport):
    """One of httpx's transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def carry(self, request: Request) -> Response:
        """Have it sent."""
        response = await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                request.destination.url,
                headers=list(request.headers),
                content=request.content,
                extensions=dict(request.extensions),
            )
        )
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        return Response(response.status_code, response.headers.raw, stream)

    async def aclose(self) -> None:
        """Close it."""
        await self._transport.aclose()
