"""Connections of clients that take less than comes, on ways that hold little: the rest piles up elsewhere.

A kernel takes megabytes for a client that reads nothing before its server notices. A small receive buffer,
set before connecting, and short segments, which keep the server's own buffer from growing, make that a tenth.
"""

import asyncio
import ctypes
import socket
import struct
from contextlib import suppress
from typing import Any, Final

from sync_check.harness.gateway import GatewayAddress
from sync_check.harness.network.sockets import Socket
from sync_check.harness.network.virtual.link import Transport
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.trust import tls_of

VIRTUAL_WINDOW: Final = 4096
"""Bytes under way or unread in virtual time, where nothing else holds any."""
_RECEIVE_BUFFER: Final = 4096
_SEGMENT: Final = 1460
_ATTACH_FILTER: Final = 26
"""SO_ATTACH_FILTER of Linux, which the standard library does not name."""
_DROP_ALL: Final = struct.pack("HBBI", 6, 0, 0, 0)
"""One instruction of a classic packet filter: take 0 bytes of each packet."""


async def narrow_socket(host: str, port: int) -> socket.socket:
    """A connected socket with a way that holds little; raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    narrow = socket.socket(family, kind, protocol)
    try:
        narrow.setblocking(False)
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        with suppress(OSError):  # where it cannot be set more is held, which is measured
            narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
        await loop.sock_connect(narrow, address)
    except BaseException:
        narrow.close()
        raise
    return narrow


async def connect_narrowly(address: GatewayAddress, protocol: asyncio.Protocol, ca: str | None) -> None:
    """Connect a slow client's protocol by a way that holds little; raises `OSError`."""
    assert isinstance(protocol, SlowSocket)
    await protocol.reach(address, ca)


class SlowSocket(Socket):
    """A connection whose client decides how much it takes, as `open_gateway` makes it with this `kind`."""

    __slots__ = ("_bytes_per_s", "_filter", "_resuming", "_sock", "_stops_in_frame", "chunks")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._sock: socket.socket | None = None
        self._bytes_per_s = 0
        self._stops_in_frame = False
        self._resuming: asyncio.TimerHandle | None = None
        self._filter: ctypes.Array[ctypes.c_char] | None = None
        self.chunks = 0
        """How often something came."""

    async def reach(self, address: GatewayAddress, ca: str | None) -> None:
        """Connect by a socket of our own; raises `OSError`."""
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualLoop):
            await loop.create_connection(lambda: self, address.host, address.port, window=VIRTUAL_WINDOW)
            return
        self._sock = await narrow_socket(address.host, address.port)
        await loop.create_connection(
            lambda: self,
            sock=self._sock,
            ssl=tls_of(ca) if address.secure else None,
            server_hostname=address.host if address.secure else None,
        )

    # What the owner does.

    def stop_in_frame(self) -> None:
        """Take nothing more from the middle of the next frame on that does not come as a whole."""
        self._stops_in_frame = True

    def read_slowly(self, bytes_per_s: int) -> None:
        """Take about so many bytes a second."""
        self._bytes_per_s = bytes_per_s
        self.resume_reading()

    def read_all(self) -> None:
        """Take everything that comes."""
        self._bytes_per_s = 0
        self._stops_in_frame = False
        self._cancel()
        self.resume_reading()

    def pong(self) -> None:
        """Send a pong that answers no ping in particular: whoever sends it is alive (RFC 6455, 5.5.3)."""
        self._connection.pong()
        self._write()

    def vanish(self) -> None:
        """Let the network be gone: nothing arrives any more, nothing is acknowledged, no end is told.

        Where the system does not let us drop what arrives, it is only not read.
        """
        self.pause_reading()
        if isinstance(self._transport, Transport):
            self._transport.vanish()
        elif self._sock is not None:
            self._filter = ctypes.create_string_buffer(_DROP_ALL, len(_DROP_ALL))
            program = struct.pack("HP", 1, ctypes.addressof(self._filter))
            with suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)

    # What the event loop calls.

    def data_received(self, data: bytes) -> None:
        """Hand on what `data` completes, and take the next in time."""
        super().data_received(data)
        self.chunks += 1
        if self._stops_in_frame and self._connection.is_within_frame:
            self._stops_in_frame = False
            self.pause_reading()
        elif self._bytes_per_s:
            self._rest(len(data) / self._bytes_per_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream is over."""
        self._cancel()
        super().connection_lost(exc)

    def _rest(self, seconds: float) -> None:
        self.pause_reading()
        self._cancel()
        self._resuming = asyncio.get_running_loop().call_later(seconds, self.resume_reading)

    def _cancel(self) -> None:
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None
