"""REST calls in virtual time: an application is called in memory, after a delay and before another."""

import asyncio
from typing import Any

import httpx

from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.randomness import Stream


class VirtualRest(httpx.AsyncBaseTransport):
    """Carries requests to an ASGI application; each way takes as long as `stream` says."""

    def __init__(self, app: Any, stream: Stream, *, quality: LinkQuality | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._quality = quality or LinkQuality()
        self._stream = stream
        # What the application raises is answered with 500, as a server would.
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 1))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application."""
        await self._travel()
        response = await self._inner.handle_async_request(request)
        await self._travel()
        return response

    async def _travel(self) -> None:
        arrived: asyncio.Future[None] = self._loop.create_future()
        delay = self._quality.delay_s + self._stream.random() * self._quality.jitter_s
        timer = self._loop.call_later(delay, _arrive, arrived)
        try:
            await arrived
        finally:
            timer.cancel()


def _arrive(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)
