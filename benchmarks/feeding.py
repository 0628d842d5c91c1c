"""The server's side of `receive.py`, in a process of its own: it writes frames to whoever is connected.

One port speaks WebSocket (the upgrade, then frames), the other nothing: its connections get bare bytes.
Standard input takes one command a line, standard output answers each with one line of JSON. A command with a
`text` writes it to all WebSocket connections, `count` times, with `#` replaced by the number of the frame;
`distinct` makes each connection's text another one. A command with a `size` writes as many bytes to the rest.
The lines of the argument are the first frames: one after the upgrade, the others once the client speaks.
"""

import asyncio
import base64
import hashlib
import json
import sys
from typing import Final, cast

_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACCEPTED: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-accept: %s\r\n\r\n"
)
_SMALL: Final = 126
_TEXT_FIN: Final = 0x81
_BLANKS: Final = 12
"""Blanks and tabs, which JSON allows, tell 2**12 texts apart that say the same."""


def framed(text: bytes) -> bytes:
    """A server's text frame."""
    if len(text) < _SMALL:
        return bytes((_TEXT_FIN, len(text))) + text
    return bytes((_TEXT_FIN, _SMALL)) + len(text).to_bytes(2, "big") + text


def marked(text: bytes, number: int) -> bytes:
    """The text with blanks before its last brace that are only this number's."""
    blanks = bytes(b"\t "[number >> bit & 1] for bit in range(_BLANKS))
    return text[:-1] + blanks + text[-1:]


class Listener(asyncio.Protocol):
    """One WebSocket connection: answers the upgrade and the Close, ignores everything else."""

    def __init__(self, listeners: list[asyncio.Transport], ready: list[bytes]) -> None:
        self._listeners = listeners
        self._ready = ready
        self._head = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._is_open:
            self._greet(self._ready[1:])
            self._ready = []
            return
        self._head += data
        if b"\r\n\r\n" not in self._head:
            return
        lines = self._head.lower().split(b"\r\n")
        key = self._head.split(b"\r\n")[
            next(i for i, line in enumerate(lines) if line.startswith(b"sec-websocket-key:"))
        ].split(b":", 1)[1]
        accept = base64.b64encode(hashlib.sha1(key.strip() + _MAGIC, usedforsecurity=False).digest())
        self._is_open = True
        self._transport.write(_ACCEPTED % accept)
        user = self._head.partition(b"Bearer ")[2].partition(b"\r\n")[0]
        self._greet([self._ready[0].replace(b"@", user)])
        self._listeners.append(self._transport)

    def _greet(self, texts: list[bytes]) -> None:
        for text in texts:
            self._transport.write(framed(text))


class Sink(asyncio.Protocol):
    """One bare connection."""

    def __init__(self, sinks: list[asyncio.Transport]) -> None:
        self._sinks = sinks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sinks.append(cast("asyncio.Transport", transport))


async def feed(ready: bytes) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    listeners: list[asyncio.Transport] = []
    sinks: list[asyncio.Transport] = []
    server = await loop.create_server(
        lambda: Listener(listeners, ready.split(b"\n")), "127.0.0.1", 0, backlog=4096
    )
    bare = await loop.create_server(lambda: Sink(sinks), "127.0.0.1", 0, backlog=4096)
    ports = [one.sockets[0].getsockname()[1] for one in (server, bare)]
    _say({"port": ports[0], "bare_port": ports[1]})
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        for number in range(command["first"], command["first"] + command["count"]):
            if "size" in command:
                _write(sinks, [b"x" * command["size"]])
                continue
            text = command["text"].replace("#", f"{number:06}").encode()
            if command["distinct"]:
                _write(listeners, [framed(marked(text, index)) for index in range(len(listeners))])
            else:
                _write(listeners, [framed(text)])
        _say({"reached": len(sinks) if "size" in command else len(listeners)})


def _write(transports: list[asyncio.Transport], frames: list[bytes]) -> None:
    for index, transport in enumerate(transports):
        transport.write(frames[index % len(frames)])


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(feed(base64.b64decode(sys.argv[1])))
