"""The reference server in virtual time: it can go down, and come up again with what was stored."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.network.virtual.rest import VirtualRest
from sync_check.harness.randomness import Randomness
from sync_check.reference_server.app import build_app
from sync_check.reference_server.backend import Backend, build_backend
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.gateway import GatewayProtocol
from sync_check.reference_server.keeping import kept_by, read, restore, written
from sync_check.reference_server.settings import Settings

HOST: Final = "sim"
_PORT: Final = 80


class _Peers(set[GatewayProtocol]):
    """The open connections of one process; whoever waits is told when there are none any more."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[asyncio.Future[None]] = []

    def discard(self, peer: object) -> None:
        super().discard(peer)
        if not self:
            for one in self._waiting:
                one.set_result(None)
            self._waiting.clear()

    async def gone(self) -> None:
        """Return once nobody is connected."""
        if self:
            gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(gone)
            await gone


class SimulatedServer:
    """A server at `http://sim` on the running virtual loop; `transport` carries REST calls to it."""

    def __init__(
        self,
        loop: VirtualLoop,
        randomness: Randomness,
        settings: Settings,
        wall: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._settings = settings
        self._clock = Clock(monotonic=loop.time, wall=wall)
        self._kept: bytes | None = None
        self._peers = _Peers()
        self._backend = self._started()
        self.transport = VirtualRest(build_app(self._backend), randomness, wall=wall)

    def _started(self) -> Backend:
        """One more process, with what the one before has left, answering at the address."""
        kept = None if self._kept is None else read(self._kept)
        backend = build_backend(
            self._settings,
            clock=self._clock,
            starts=0 if kept is None else kept.starts,
            since=0.0 if kept is None else kept.stopped_at,
        )
        if kept is not None:
            restore(backend, kept)
        self._peers = _Peers()
        state, protocol = SimpleNamespace(connections=self._peers), GatewayProtocol.for_backend(backend)
        self._loop.listen(HOST, _PORT, lambda: protocol(server_state=state))
        return backend

    async def down(self, *, killed: bool = False) -> None:
        """End every connection, in order or at once, and keep what is stored unless it is killed."""
        self._loop.listen(HOST, _PORT, None)
        self.transport.app = None
        for peer in list(self._peers):
            if killed:
                peer.cut()
            else:
                peer.shutdown()
        await self._peers.gone()
        if not killed:
            self._kept = written(kept_by(self._backend))

    async def up(self) -> None:
        """Start another one in its place."""
        self._backend = self._started()
        self.transport.app = build_app(self._backend)

    def resident_bytes(self) -> int | None:
        """None: it shares the memory of the run."""
        return None
