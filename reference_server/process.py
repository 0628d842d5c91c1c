"""Running one server in this process: bind, announce, serve, stop.

ListenError             the server cannot listen on its address
 +-- AddressInUse        another socket listens there
"""

import asyncio
import errno
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

import uvicorn

from sync_check.reference_server import gateway
from sync_check.reference_server.app import Port, build_app
from sync_check.reference_server.backend import Backend, build_backend
from sync_check.reference_server.event_log import JsonFormatter
from sync_check.reference_server.gateway import GatewayProtocol
from sync_check.reference_server.keeping import Kept, State, kept_by, restore, state_of
from sync_check.reference_server.log_stream import stderr_stream
from sync_check.reference_server.rest_protocol import RestProtocol
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.upgrade import GATEWAY_PATH

_BACKLOG: Final = 4096
_KEEP_ALIVE_S: Final = 75
"""Longer than clients keep idle connections, or a request would meet one that is just being closed."""
_STOP_WITHIN_S: Final = 2


class ListenError(Exception):
    """The server cannot listen on `host` and `port`; `reason` is the system's."""

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.host = host
        self.port = port
        self.reason = reason

    def __str__(self) -> str:
        return f"Cannot listen on {self.host} port {self.port}: {self.reason}."


class AddressInUse(ListenError):
    """Another socket listens on `host` and `port`."""

    def __str__(self) -> str:
        return f"Port {self.port} on {self.host} is in use by another program; choose another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a server listens: the base URL of REST, such as `http://127.0.0.1:8480`, and the gateway's URLs.

    There are none of the gateway where it is at the same port.
    """

    rest: str
    gateways: tuple[str, ...] = ()


def serve(settings: Settings, *, announce: Callable[[Addresses], None]) -> None:
    """Serve until SIGINT or SIGTERM, then close every connection and return.

    `announce` gets the addresses once connections are accepted. Raises `ListenError` or `StateUnusable`
    before anything is started, the latter also where nothing can be kept at the end.
    """
    state = state_of(settings)
    kept = None if state is None else state.load()
    listener = bind(settings.host, settings.port)
    try:
        gateways = _bind_gateways(settings)
    except ListenError:
        listener.close()
        raise
    log_to_stderr(settings)
    backend = build_backend(
        settings,
        write_log=stderr_stream().write,
        starts=0 if kept is None else kept.starts,
        since=0.0 if kept is None else kept.stopped_at,
    )
    found = Addresses(rest=_url(listener), gateways=tuple(map(_gateway_url, gateways)))
    servers = _servers(backend, gateways, lambda: announce(found))
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve_all(backend, servers, [listener, *gateways], kept, state))


def _bind_gateways(settings: Settings) -> list[socket.socket]:
    """A socket for each node, at ports in a row or at free ones; none where REST's port has the gateway."""
    listeners: list[socket.socket] = []
    try:
        for port in settings.gateway_ports:
            listeners.append(bind(settings.host, port))  # noqa: PERF401 - those before it are to be closed
    except ListenError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _servers(
    backend: Backend, gateways: Sequence[socket.socket], announce: Callable[[], None]
) -> list["_Server"]:
    if not gateways:
        return [_Server(uvicorn_config(backend), announce)]
    waiting = len(gateways) + 1

    def on_started() -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting:
            announce()

    configs = [uvicorn_config(backend, Port.REST, node=None)]
    configs += (uvicorn_config(backend, Port.GATEWAY, node=node) for node in range(len(gateways)))
    return [_Server(config, on_started) for config in configs]


async def _serve_all(
    backend: Backend,
    servers: Sequence["_Server"],
    listeners: Sequence[socket.socket],
    kept: Kept | None,
    state: State | None,
) -> None:
    first = servers[0]
    first.others = servers[1:]
    if kept is not None:
        restore(backend, kept)
    async with asyncio.TaskGroup() as serving:
        for server, listener in zip(servers, listeners, strict=True):
            serving.create_task(server.serve(sockets=[listener]))
    if state is not None:
        state.save(kept_by(backend))


def log_to_stderr(settings: Settings) -> None:
    """Write all log records of this process in the format of the settings, or with `off` none."""
    is_off = settings.log == "off"
    handler = logging.NullHandler() if is_off else logging.StreamHandler(stderr_stream())
    is_json = settings.log == "json"
    plain = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if is_json else plain)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.captureWarnings(settings.log != "text")
    # One step further down, websockets logs each head and each frame: tokens and payloads.
    frames = logging.getLogger(gateway.__name__)
    frames.setLevel(max(logging.INFO, logging.getLogger().level))


def bind(host: str, port: int) -> socket.socket:
    """Listen on an address; raises `ListenError` or `AddressInUse`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except UnicodeError:
        raise ListenError(host=host, port=port, reason="that is no name of a host") from None
    except OSError as error:
        raise ListenError(host=host, port=port, reason=error.strerror or str(error)) from None
    # With the protocol left at 0, asyncio would not turn Nagle's algorithm off: 40 ms for each answer.
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)  # only listening finds out that somebody else does
    except OSError as error:
        listener.close()
        refused = AddressInUse if error.errno == errno.EADDRINUSE else ListenError
        raise refused(host=host, port=port, reason=error.strerror or str(error)) from None
    return listener


def uvicorn_config(backend: Backend, port: Port = Port.WHOLE, *, node: int | None = 0) -> uvicorn.Config:
    """One port of a server, with the gateway node of this number or none.

    h11, because the gateway takes over from its parser.
    """
    return uvicorn.Config(
        build_app(backend, port),
        http=RestProtocol,
        ws=GatewayProtocol.for_backend(backend, node=node),
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level=backend.settings.log_level,
        access_log=False,  # its lines would hold tokens, in the URL of who asks for the gateway
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


class _Server(uvicorn.Server):
    """Serves one port. Of several the first gets the signals, for all."""

    others: Sequence["_Server"] | None = None

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What was imported stays for good: looking through it delays everybody for 40 ms now and then.
        gc.freeze()
        self._on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal and return; uvicorn's own way raises the signal again when all is done."""
        if self.others is None or threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop this one and those that stand beside it."""
        super().handle_exit(sig, frame)
        for other in self.others or ():
            other.handle_exit(sig, frame)


def _gateway_url(listener: socket.socket) -> str:
    return f"ws{_url(listener).removeprefix('http')}{GATEWAY_PATH}"


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Any = uvloop.new_event_loop
    return factory  # type: ignore[no-any-return]
