"""Many connections in one client process, each as cheap as can be: they count messages, no more."""

import asyncio
from collections.abc import Iterator
from typing import Final, cast

from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.envelope import encode_command
from sync_check.conformance.contract.operations import Subscribe

WITHIN_S: Final = 60.0
_AT_ONCE: Final = 50
_MESSAGE: Final = b'"t":"message_create"'
_HEAD: Final = (
    "GET /gateway/ws HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "authorization: Bearer {token}\r\n\r\n"
)


class CrowdError(Exception):
    """The crowd did not get what it waited for; `what` names it, `got` and `due` say how much of it."""

    def __init__(self, what: str, got: int, due: int) -> None:
        super().__init__(what, got, due)
        self.what = what
        self.got = got
        self.due = due

    def __str__(self) -> str:
        return f"{self.got} of {self.due} {self.what} within {WITHIN_S:.0f} s"


class Tally:
    """A number that can be waited for."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._count = 0
        self._due = 0
        self._reached = asyncio.Event()

    def add(self, count: int) -> None:
        """Count so many more."""
        self._count += count
        if self._count >= self._due:
            self._reached.set()

    async def wait_for(self, more: int) -> None:
        """Return when `more` have come since the last wait; raises `CrowdError` for any other number."""
        self._due += more
        if self._count < self._due:
            self._reached.clear()
            try:
                await asyncio.wait_for(self._reached.wait(), WITHIN_S)
            except TimeoutError:
                raise CrowdError(self._what, self._count, self._due) from None
        if self._count != self._due:
            raise CrowdError(self._what, self._count, self._due)


class Visitor(asyncio.Protocol):
    """One connection: says `hello`, has arrived when `welcome` came, then counts messages."""

    __slots__ = ("_crowd", "_hello", "_seen", "_transport", "_welcome")

    def __init__(self, crowd: "Crowd", *, hello: bytes, welcome: bytes) -> None:
        self._crowd = crowd
        self._hello = hello
        self._welcome = welcome
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._crowd.transports.append(self._transport)
        if self._hello:
            self._transport.write(self._hello)
        else:
            self._crowd.arrivals.add(1)

    def data_received(self, data: bytes) -> None:
        seen = self._seen + data
        if self._hello:
            if self._welcome not in seen:
                self._seen = seen
                return
            self._hello = b""
            self._crowd.arrivals.add(1)
        self._crowd.messages.add(seen.count(_MESSAGE))
        self._seen = seen[1 - len(_MESSAGE) :]  # the beginning of a mark that the chunk cut in two

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.lost += 1


class Crowd:
    """Connections to one server; `lost` counts those that have ended."""

    def __init__(self) -> None:
        self.transports: list[asyncio.Transport] = []
        self.arrivals = Tally("connections")
        self.messages = Tally("messages")
        self.lost = 0

    async def come(self, port: int, hellos: Iterator[bytes], *, welcome: bytes, count: int) -> None:
        """Open `count` connections and wait until all have arrived."""
        loop = asyncio.get_running_loop()
        for start in range(0, count, _AT_ONCE):
            few = min(_AT_ONCE, count - start)
            await asyncio.gather(
                *(
                    loop.create_connection(
                        lambda: Visitor(self, hello=next(hellos), welcome=welcome), "127.0.0.1", port
                    )
                    for _ in range(few)
                )
            )
            await self.arrivals.wait_for(few)

    def leave(self) -> None:
        """Cut all connections."""
        for transport in self.transports:
            transport.abort()


def upgrade(token: str) -> bytes:
    """The upgrade request of the user with this access token."""
    return _HEAD.format(token=token).encode()


def subscribe(guild_id: str, channel_id: str) -> bytes:
    """The masked frame of the command."""
    text = encode_command(Subscribe(guild_id=guild_id, channel_id=channel_id))
    return bytes(Frame(Opcode.TEXT, text.encode()).serialize(mask=True))
