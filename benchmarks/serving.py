"""The server's side of `fanout.py`: a reference server in a process of its own that measures its own work.

It serves a guild with one channel on one port, and on another port bare connections that get what is written
and nothing else. Standard input takes one command a line, standard output answers each with one line of JSON.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, cast

import uvicorn
from websockets.frames import Frame, Opcode

from sync_check.conformance.contract.envelope import encode_event
from sync_check.reference_server.backend import Backend, build_backend
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.posting import post
from sync_check.reference_server.process import bind, uvicorn_config
from sync_check.reference_server.settings import Settings
from sync_check.targets import RAISED_LIMITS

QUIET_S: Final = 3600.0
"""The ping interval: idle connections are to be idle."""
_PASSWORD: Final = "correct horse battery"
_CONTENT: Final = "One message of ordinary length, as people write them all day long in their channels."


class Bare(asyncio.Protocol):
    """A connection that is nothing but its transport."""

    def __init__(self, transports: list[asyncio.Transport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.append(cast("asyncio.Transport", transport))


class Room:
    """A guild whose members all read one channel, and the two ways of writing to everybody in it."""

    def __init__(self, backend: Backend, *, users: int) -> None:
        self._backend = backend
        self.transports: list[asyncio.Transport] = []
        self.tokens: list[str] = []
        user_ids = [self._sign_up(f"user{number}") for number in range(users)]
        self._author = user_ids[0]
        self.guild: Guild = backend.found_guild(owner_id=self._author, name="guild", visibility="private")
        self.channel = Channel(channel_id=backend.ids.channel(), name="general", kind="text")
        self.guild.channels[self.channel.channel_id] = self.channel
        for user_id in user_ids[1:]:
            backend.store.join(self.guild, user_id)
        self._frame = b""

    def _sign_up(self, name: str) -> str:
        accounts = self._backend.accounts
        accounts.register(name, _PASSWORD)
        self.tokens.append(accounts.login(name, _PASSWORD).access_token)
        user = self._backend.store.user_named(name)
        assert user is not None
        return user.user_id

    def say(self) -> None:
        """Post a message as REST and gateway do: store it, evaluate its reach, encode and deliver it."""
        event = post(
            self._backend, author_id=self._author, guild=self.guild, channel=self.channel, content=_CONTENT
        )
        self._frame = self._frame or bytes(Frame(Opcode.TEXT, encode_event(event)).serialize(mask=False))

    def write(self) -> None:
        """Write as many bytes to the bare connections, in the shortest loop there is."""
        frame = self._frame
        for transport in self.transports:
            transport.write(frame)


async def measure(step: Callable[[], None], times: int) -> float:
    """CPU seconds of this process for `times` steps, each in an iteration of the loop of its own."""
    await _turn()
    began = time.process_time()
    for _ in range(times):
        step()
        await _turn()
    await _turn()  # a loop may flush what was written one iteration later
    return time.process_time() - began


async def _turn() -> None:
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    loop.call_soon(over.set_result, None)
    await over


async def _lines() -> AsyncIterator[list[str]]:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode().split()


def _answer(**members: Any) -> None:
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


async def serve(users: int) -> None:
    """Serve until standard input ends."""
    limits = RAISED_LIMITS.model_copy(update={"ping_interval": QUIET_S})
    backend = build_backend(Settings(limits=limits))
    room = Room(backend, users=users)
    listener, bare_listener = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    bare = await loop.create_server(lambda: Bare(room.transports), sock=bare_listener)
    server = uvicorn.Server(uvicorn_config(backend))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    _answer(
        port=listener.getsockname()[1],
        bare_port=bare_listener.getsockname()[1],
        tokens=room.tokens,
        guild_id=room.guild.guild_id,
        channel_id=room.channel.channel_id,
    )
    async for name, times in _lines():
        step = {"say": room.say, "write": room.write}[name]
        reached = {
            "say": len(backend.connections.in_channel(room.channel.channel_id)),
            "write": len(room.transports),
        }
        _answer(cpu_s=await measure(step, int(times)), reached=reached[name])
    bare.close()
    server.should_exit = True
    await serving


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def main() -> None:
    """Run in the kind of loop that the reference server runs in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, required=True)
    users = parser.parse_args().users
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(users))


if __name__ == "__main__":
    main()
