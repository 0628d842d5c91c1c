"""A client that takes no notice of a Close frame: it answers none, and goes on until the target ends it."""

import asyncio
from typing import Any, ClassVar

from sync_check.harness.client import END_BUDGET_S, Connection
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.gateway import NORMAL_CLOSURE, DefiantGateway, GatewayConnection, Phase
from sync_check.harness.network.sockets import Socket


class DefiantSocket(Socket):
    """`told` is done once a Close frame, or the end, has come."""

    __slots__ = ("told",)

    gateway: ClassVar[type[GatewayConnection]] = DefiantGateway

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Begin to close, or cut at once where a Close frame was not answered."""
        if self._connection.phase is Phase.TOLD:
            self.abort()
        else:
            super().close(code)

    def _settle(self) -> None:
        super()._settle()
        if not self.told.done() and (
            self._connection.phase is Phase.TOLD or self._connection.end is not None
        ):
            self.told.set_result(None)


class DefiantConnection(Connection):
    """A connection that stays when it is told to go."""

    __slots__ = ()

    kind: ClassVar[type[Socket]] = DefiantSocket

    async def told(self) -> None:
        """Wait for a Close frame that the target owes."""
        if not isinstance(self._socket, DefiantSocket):
            raise ScenarioHalted(f"{self.label} is not connected")
        await asyncio.wait((self._socket.told,), timeout=END_BUDGET_S * self._scale)
