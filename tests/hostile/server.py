"""A server that stands in front of a faithful one and misbehaves where a behaviour says so.

Every request is read whole and given to the behaviour, which answers it or passes it on, or does neither.
"""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

_MOST_HEAD: Final = 1 << 16
_CHUNK: Final = 1 << 16
_UPGRADE: Final = b"/gateway/ws"
_GZIP_HEAD: Final = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff"
_BLOCK: Final = bytes(1 << 20)
TEXT: Final = 0x81
BINARY: Final = 0x82
PING: Final = 0x89
CLOSE: Final = 0x88


def frame(first: int, payload: bytes, *, length: int | None = None, mask: bytes = b"") -> bytes:
    """A frame as a server sends it; `length` lies about the payload, `mask` masks it, which no server may."""
    size = len(payload) if length is None else length
    flag = 0x80 if mask else 0
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 1 << 16:
        head = bytes((first, flag | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, flag | 127)) + size.to_bytes(8, "big")
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + mask + payload


def answer(status: int, body: bytes, *headers: tuple[str, str], length: int | None = None) -> bytes:
    """A response with a JSON body, as bytes."""
    lines = [f"HTTP/1.1 {status} Hm", f"content-length: {len(body) if length is None else length}"]
    if not any(name.lower() == "content-type" for name, _ in headers):
        lines.append("content-type: application/json")
    lines += (f"{name}: {value}" for name, value in headers)
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(kw_only=True)
class Traffic:
    """What has come to the servers of one test."""

    requests: list[str] = field(default_factory=list)
    elsewhere: int = 0
    """Connections to the other host."""


@dataclass(kw_only=True)
class Tunnel:
    """A gateway connection that was accepted: the frames of the faithful server, and the client's socket."""

    upstream: asyncio.StreamReader
    to_client: asyncio.StreamWriter

    async def frame(self) -> bytes:
        """The next frame of the faithful server, whole and not passed on."""
        head = await self.upstream.readexactly(2)
        size = head[1]
        more = b""
        if size >= 126:
            more = await self.upstream.readexactly(2 if size == 126 else 8)
            size = int.from_bytes(more, "big")
        return head + more + await self.upstream.readexactly(size)

    async def pass_on(self, frames: int = 1) -> None:
        """Pass the next frames on: the first is `ready`."""
        for _ in range(frames):
            await self.send(await self.frame())

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.to_client.write(piece)
            await self.to_client.drain()

    async def rest(self) -> None:
        """Pass everything on from here."""
        while data := await self.upstream.read(_CHUNK):
            await self.send(data)


@dataclass(kw_only=True)
class Exchange:
    """One request; `number` counts those to its path, from 1."""

    head: bytes
    body: bytes
    number: int
    client: asyncio.StreamWriter
    from_client: asyncio.StreamReader
    upstream: tuple[str, int]
    elsewhere: str
    """Where another host is, without a scheme."""

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].partition(b"?")[0].decode()

    @property
    def is_upgrade(self) -> bool:
        return self.path.encode() == _UPGRADE

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.client.write(piece)
            await self.client.drain()

    async def for_ever(self, pieces: Iterable[bytes]) -> None:
        """Send until the client has enough."""
        for piece in pieces:
            await self.send(piece)

    async def silence(self) -> None:
        """Say nothing until the client gives up."""
        while await self.from_client.read(_CHUNK):
            pass

    async def faithful(self) -> tuple[bytes, bytes]:
        """Head and body of the faithful server's answer."""
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            writer.write(self.head[:-2] + b"connection: close\r\n\r\n" + self.body)
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        finally:
            writer.close()
        return head + b"\r\n\r\n", body

    async def pass_on(self) -> None:
        """Let the faithful server answer, the gateway included."""
        if self.is_upgrade:
            async with self.tunnel() as tunnel:
                await tunnel.rest()
        else:
            head, body = await self.faithful()
            await self.send(head.replace(b"connection: close\r\n", b"") + body)

    @asynccontextmanager
    async def tunnel(
        self, *, head: Callable[[bytes], bytes] = bytes, reads: bool = True
    ) -> AsyncIterator[Tunnel]:
        """Accept the upgrade with the faithful server's head, or what is made of it.

        Without `reads` nothing of what the client sends is taken.
        """
        reader, writer = await asyncio.open_connection(*self.upstream)
        writer.write(self.head)
        try:
            accepted = await reader.readuntil(b"\r\n\r\n")
            pumping = asyncio.create_task(_pump(self.from_client, writer) if reads else _nothing())
            try:
                await self.send(head(accepted))
                yield Tunnel(upstream=reader, to_client=self.client)
            finally:
                pumping.cancel()
        finally:
            writer.close()


Behave = Callable[[Exchange], Awaitable[None]]


@asynccontextmanager
async def hostile(behave: Behave, upstream: int) -> AsyncIterator[tuple[str, Traffic]]:
    """The URL of a hostile server before the faithful one at port `upstream`, and what comes to it."""
    traffic = Traffic()
    counts: dict[str, int] = {}
    tasks: set[asyncio.Task[None]] = set()

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        traffic.elsewhere += 1
        writer.close()

    other = await asyncio.start_server(count, "127.0.0.1", 0)
    elsewhere = f"127.0.0.1:{other.sockets[0].getsockname()[1]}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            # An end by the client is nothing special here, whenever it comes.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    body = await reader.readexactly(_length(head))
                    path = head.split(b" ", 2)[1].decode()
                    counts[path] = counts.get(path, 0) + 1
                    traffic.requests.append(f"{head.split(b' ')[0].decode()} {path}")
                    exchange = Exchange(
                        head=head,
                        body=body,
                        number=counts[path],
                        client=writer,
                        from_client=reader,
                        upstream=("127.0.0.1", upstream),
                        elsewhere=elsewhere,
                    )
                    await behave(exchange)
                    if exchange.is_upgrade:
                        break
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_MOST_HEAD)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", traffic
    finally:
        server.close()
        other.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()


async def _nothing() -> None:
    """Take nothing."""


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def gzip_bomb(size: int) -> bytes:
    """So many zero bytes, about a thousandth of it long."""
    checked = 0
    for _ in range(size >> 20):
        checked = zlib.crc32(_BLOCK, checked)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return _GZIP_HEAD + _deflated(size) + end + struct.pack("<II", checked, size % (1 << 32))


def deflate_bomb(size: int) -> bytes:
    """The same as permessage-deflate has it."""
    return _deflated(size)[:-4]


def _deflated(size: int) -> bytes:
    """So many zero bytes, flushed: the same again and again, as no block refers to one before."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)) * (size // len(_BLOCK))
