"""REST calls in virtual time: an application is called in memory, after a delay and before another."""

import asyncio
from ipaddress import ip_address
from typing import Any

import httpx

from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.randomness import Randomness, Stream


class VirtualRest(httpx.AsyncBaseTransport):
    """Carries requests to an ASGI application.

    How long each way takes is drawn from a stream of whoever calls, known by their address: what one client
    leaves out shifts no other client's calls.
    """

    def __init__(self, app: Any, randomness: Randomness, *, quality: LinkQuality | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._quality = quality or LinkQuality()
        self._randomness = randomness
        # What the application raises is answered with 500, as a server would.
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 1))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application."""
        stream = self._randomness.stream(f"rest/{_caller(request)}")
        await self._travel(stream)
        response = await self._inner.handle_async_request(request)
        await self._travel(stream)
        return response

    async def _travel(self, stream: Stream) -> None:
        arrived: asyncio.Future[None] = self._loop.create_future()
        delay = self._quality.delay_s + stream.random() * self._quality.jitter_s
        timer = self._loop.call_later(delay, _arrive, arrived)
        try:
            await arrived
        finally:
            timer.cancel()


def _arrive(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)


def _caller(request: httpx.Request) -> str:
    """The address that a request is forwarded for, in one spelling; empty without one."""
    text: str = request.headers.get(FORWARDED_FOR, "")
    return ip_address(text).compressed if text else ""
