"""A gateway client of bare frames that neither answers nor obeys anything, unlike a client library."""

import asyncio
import base64
import socket
import struct
from dataclasses import dataclass, field
from typing import Final

from websockets.frames import Frame, Opcode

from tests.reference_server.running import Person

_RESET: Final = struct.pack("ii", 1, 0)
_KEY: Final = base64.b64encode(bytes(16)).decode()


def text(data: str | bytes) -> bytes:
    """A text frame as a client sends it."""
    return _masked(Opcode.TEXT, data.encode() if isinstance(data, str) else data)


def close_frame(code: int = 1000) -> bytes:
    """A Close frame as a client sends it."""
    return _masked(Opcode.CLOSE, code.to_bytes(2, "big"))


def _masked(opcode: Opcode, data: bytes) -> bytes:
    return bytes(Frame(opcode, data).serialize(mask=True))


@dataclass(kw_only=True)
class Peer:
    """An upgraded connection of a person; it sends no pong, nothing but what it is told to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    received: bytearray = field(default_factory=bytearray)

    @classmethod
    async def connected(cls, person: Person) -> "Peer":
        """Open one, past the answer to its upgrade."""
        reader, writer = await asyncio.open_connection("127.0.0.1", person.server.port)
        person.server.writers.append(writer)
        headers = {
            "host": "x",
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": _KEY,
        }
        lines = [f"{name}: {value}" for name, value in (headers | person.headers).items()]
        writer.write("\r\n".join(["GET /gateway/ws HTTP/1.1", *lines, "", ""]).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        return cls(reader=reader, writer=writer)

    def send(self, *frames: bytes) -> None:
        """Send what may be no frames at all, in one segment."""
        self.writer.write(b"".join(frames))

    async def until(self, sign: bytes) -> None:
        """Read until `sign` has come, or the end."""
        while sign not in self.received and (chunk := await self.reader.read(65536)):
            self.received += chunk

    async def until_cut(self) -> None:
        """Read until the server has closed the socket, in either way."""
        try:
            while chunk := await self.reader.read(65536):
                self.received += chunk
        except ConnectionResetError:
            pass

    def reset(self) -> None:
        """Break the connection off."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.writer.close()
