"""A reference server on a real socket inside the test's own event loop, and people who use it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import httpx
from uvicorn.server import ServerState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.payloads import read_payload
from sync_check.reference_server.backend import Backend, build_backend
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.gateway import GatewayProtocol, Timing
from sync_check.reference_server.guild import Channel
from sync_check.reference_server.process import bind, uvicorn_config
from sync_check.reference_server.settings import LogFormat, Revision, Settings

PASSWORD = "correct horse battery"
RAISED = Limits(
    requests_per_minute=10**6,
    auth_requests_per_minute=10**6,
    guilds_per_user=10**4,
    joins_per_minute_address=10**6,
    joins_per_minute_user=10**6,
)
AMBIENT = frozenset((Feature.PRESENCE, Feature.VOICE))
WITHIN_S = 10.0
_FENCE = "fence"


@dataclass(kw_only=True)
class Running:
    backend: Backend
    port: int
    http: httpx.AsyncClient
    connections: list["Gateway"] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    """Raw connections of the test."""
    stop: Callable[[], None]
    """Tell every connection that the server stops, as uvicorn does."""

    def person(self, name: str) -> "Person":
        """Somebody with an account and a session."""
        self.backend.accounts.register(name, PASSWORD)
        pair = self.backend.accounts.login(name, PASSWORD)
        user = self.backend.store.user_named(name)
        assert user is not None
        return Person(server=self, user_id=user.user_id, tokens=pair.model_dump())

    def room(self, owner: "Person", *others: "Person") -> "Room":
        """A guild with one channel and these members, as if made long ago: nothing is announced."""
        backend = self.backend
        channel = Channel(channel_id=backend.ids.channel(), name="general", kind="text")
        guild = backend.found_guild(owner_id=owner.user_id, name="guild", visibility="private")
        guild.channels[channel.channel_id] = channel
        for other in others:
            backend.store.join(guild, other.user_id)
        return Room(guild_id=guild.guild_id, channel_id=channel.channel_id)

    def counters(self) -> dict[str, float]:
        """Every series of `/metrics` by its name with labels."""
        lines = self.backend.metrics.exposition().decode().splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"}


@dataclass(frozen=True, kw_only=True)
class Room:
    guild_id: str
    channel_id: str

    @property
    def guild(self) -> str:
        return f"/guilds/{self.guild_id}"

    @property
    def channel(self) -> str:
        return f"{self.guild}/channels/{self.channel_id}"

    @property
    def messages(self) -> str:
        return f"{self.channel}/messages"

    def member(self, person: "Person") -> str:
        return f"{self.guild}/members/{person.user_id}"

    def subscribe(self) -> str:
        return command("subscribe", guild_id=self.guild_id, channel_id=self.channel_id)


@dataclass(kw_only=True)
class Person:
    server: Running
    user_id: str
    tokens: dict[str, Any]
    fences: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.server.http.request(method, path, json=body, headers=self.headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.call("POST", path, body)

    async def patch(self, path: str, body: Any) -> httpx.Response:
        return await self.call("PATCH", path, body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.call("DELETE", path)

    async def say(self, room: Room, content: str) -> dict[str, Any]:
        answer = await self.post(room.messages, {"content": content})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def connect(self, room: Room | None = None) -> "Gateway":
        """Open a connection, past its `ready`; with a room also subscribed."""
        url = f"ws://127.0.0.1:{self.server.port}/gateway/ws?access_token={self.tokens['access_token']}"
        # Unbounded: a client that stops to read with frames unread does not see the answer to its Close.
        opened = await connect(url, proxy=None, compression=None, max_queue=None)
        gateway = Gateway(person=self, socket=opened)
        self.server.connections.append(gateway)
        assert await gateway.next() == ("ready", {"user_id": self.user_id})
        if room is not None:
            await gateway.subscribe(room)
        return gateway


@dataclass(kw_only=True)
class Gateway:
    person: Person
    socket: ClientConnection

    async def send(self, message: str | bytes) -> None:
        await self.socket.send(message)

    async def subscribe(self, room: Room) -> None:
        """Subscribe to the room's channel, and read until that is confirmed."""
        await self.send(room.subscribe())
        while (await self.next())[0] != "subscribed":
            pass  # presence comes first (contract 3.3)

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Name and payload of the next event, which keeps ENV-1, ENV-2, ENV-9, EVT-1 and EVT-4."""
        envelope = json.loads(await self.raw())
        assert list(envelope) == ["v", "t", "d"]
        assert type(envelope["v"]) is int
        assert envelope["v"] == 1
        reading = read_payload(envelope["t"], envelope["d"])
        assert (reading.faults, reading.undeclared) == ((), ())
        return envelope["t"], envelope["d"]

    async def raw(self) -> str:
        """The next frame, which is a text."""
        async with asyncio.timeout(WITHIN_S):
            frame = await self.socket.recv()
        assert isinstance(frame, str)
        return frame

    async def until_now(self) -> list[tuple[str, dict[str, Any]]]:
        """What has been enqueued so far: everything before a fence, an event of the person's own profile."""
        self.person.fences += 1
        about = f"{_FENCE} {self.person.fences}"
        assert (await self.person.patch("/users/me/profile", {"about_markdown": about})).status_code == 200
        seen = []
        while (told := _about(event := await self.next())) != about:
            if not told.startswith(_FENCE):  # one for another connection of the same person
                seen.append(event)
        return seen

    async def names_until_now(self) -> list[str]:
        return [name for name, _ in await self.until_now()]

    async def ended(self) -> tuple[int | None, str | None]:
        """Read to the end; returns code and reason of the Close frame."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while True:
                    await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code, self.socket.close_reason


def _about(event: tuple[str, dict[str, Any]]) -> str:
    return str(event[1].get("updated_fields", {}).get("about_markdown", ""))


def command(name: str, **payload: Any) -> str:
    return json.dumps({"v": 1, "t": name, "d": payload})


@asynccontextmanager
async def running(
    *,
    limits: Limits = RAISED,
    defect: str | None = None,
    variants: tuple[str, ...] = (),
    clock: Clock | None = None,
    timing: Timing | None = None,
    send_buffer: int | None = None,
    trusted_proxies: tuple[str, ...] = (),
    revision: Revision = Revision.BOTH,
    without: frozenset[Feature] = AMBIENT,
    log: LogFormat = "text",
) -> AsyncIterator[Running]:
    """Serve on a free port, without the start and stop of a process.

    Presence and voice, whose frames come between those that most tests are about, are on request only.
    """
    settings = Settings(
        limits=limits,
        defect=defect,
        variants=variants,
        trusted_proxies=tuple(map(ip_network, trusted_proxies)),
        revision=revision,
        without=without,
        log=log,
    )
    backend = build_backend(settings, clock=clock)
    config = uvicorn_config(backend)
    config.load()
    config.ws_protocol_class = GatewayProtocol.for_backend(backend, timing)
    state = ServerState()
    listener = bind("127.0.0.1", 0)
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    server = await asyncio.get_running_loop().create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        sock=listener,
    )
    port = listener.getsockname()[1]
    limit = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=False, limits=limit, timeout=WITHIN_S
    ) as http:

        def stop() -> None:
            for protocol in list(state.connections):
                protocol.shutdown()

        here = Running(backend=backend, port=port, http=http, stop=stop)
        try:
            yield here
        finally:
            for gateway in here.connections:
                await gateway.socket.close()
            for writer in here.writers:
                writer.close()
            server.close()
    stop()
    await server.wait_closed()
