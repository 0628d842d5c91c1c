"""REST calls in virtual time: an application is called in memory, after a delay and before another."""

import asyncio
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import httpx

from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.network.virtual.link import LinkQuality
from sync_check.harness.randomness import Moments, Randomness


class VirtualRest(httpx.AsyncBaseTransport):
    """Carries requests to an ASGI application.

    How long each way takes depends on who calls, known by their address, and when: what is left out shifts
    no other call.
    """

    def __init__(self, app: Any, randomness: Randomness, *, quality: LinkQuality | None = None) -> None:
        self.app = app
        """What is called; None while nobody answers."""
        self._loop = asyncio.get_running_loop()
        self._quality = quality or LinkQuality()
        self._randomness = randomness
        self._callers: dict[str, Moments] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application."""
        caller = _caller(request)
        moments = self._callers.setdefault(caller, self._randomness.moments(f"rest/{caller}"))
        await self._travel(moments)
        if self.app is None:
            raise httpx.ConnectError("nobody listens there")
        # What the application raises is answered with 500, as a server would.
        inner = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=("127.0.0.1", 1))
        response = await inner.handle_async_request(request)
        await self._travel(moments)
        return response

    async def _travel(self, moments: Moments) -> None:
        arrived: asyncio.Future[None] = self._loop.create_future()
        delay = self._quality.delay_s + moments.at(self._loop.time()) * self._quality.jitter_s
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
    return _spelled(text) if text else ""


@lru_cache(maxsize=1024)
def _spelled(address: str) -> str:
    return ip_address(address).compressed
