"""Proxies before a reference server: what they let in and how they name things is theirs to say."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

_OURS = ("transfer-encoding", "connection", "content-length", "date", "server")


@dataclass(kw_only=True)
class Proxy:
    """`asked` are the headers of all requests so far, with their `path`."""

    url: str
    asked: list[dict[str, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Gateway:
    """`connections` is how many there were so far."""

    url: str
    connections: int = 0


@contextmanager
def before(
    url: str,
    *,
    lets_in: Callable[[Mapping[str, str]], bool] = lambda _: True,
    path: Callable[[str], str] = lambda path: path,
    inward: Callable[[Any], Any] = lambda value: value,
    outward: Callable[[Any], Any] = lambda value: value,
    tls: SSLContext | None = None,
) -> Iterator[Proxy]:
    """A proxy before the REST interface at `url`; `inward` and `outward` take JSON values."""
    proxy = Proxy(url="")
    upstream = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        # A connection serves many requests, as those of real proxies do.
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            proxy.asked.append({**headers, "path": self.path})
            body = self.rfile.read(int(headers.pop("content-length", 0)))
            if not lets_in(headers):
                self._answer(403, {}, b"{}")
                return
            kept = {name: value for name, value in headers.items() if name not in ("host", "connection")}
            server = HTTPConnection(upstream)
            server.request(self.command, path(self.path), _json(body, inward) or None, kept)
            with closing(server), server.getresponse() as answer:
                self._answer(answer.status, dict(answer.headers), _json(answer.read(), outward))

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _OURS:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._pass)

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        """Or connections that are made at once are tried again, a second later."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    proxy.url = f"http{'' if tls is None else 's'}://localhost:{server.server_port}"
    with _running(lambda: server.serve_forever(poll_interval=0.01), server.shutdown):
        yield proxy
    server.server_close()


@contextmanager
def gateway_before(
    url: str,
    *,
    inward: Callable[[Any], Any] = lambda value: value,
    outward: Callable[[Any], Any] = lambda value: value,
    tls: SSLContext | None = None,
) -> Iterator[Gateway]:
    """A proxy before the gateway of the server at `url`."""
    gateway = Gateway(url="")
    upstream = url.replace("http", "ws", 1) + "/gateway/ws"

    def handle(client: ServerConnection) -> None:
        assert client.request is not None
        gateway.connections += 1
        token = client.request.headers["authorization"]
        with connect(upstream, additional_headers={"authorization": token}) as server:
            thread = Thread(target=_pump, args=(client, server, inward))
            thread.start()
            _pump(server, client, outward)
            thread.join()

    with serve(handle, "127.0.0.1", 0, ssl=tls) as server:
        port = server.socket.getsockname()[1]
        gateway.url = f"ws{'' if tls is None else 's'}://localhost:{port}/own/socket"
        with _running(server.serve_forever, server.shutdown):
            yield gateway


def _pump(source: Any, sink: Any, translate: Callable[[Any], Any]) -> None:
    try:
        for message in source:
            sink.send(_json(message.encode(), translate).decode())
    except ConnectionClosed:
        pass
    close = source.protocol.close_rcvd
    sink.close(*(() if close is None else (close.code, close.reason)))


def _json(body: bytes, translate: Callable[[Any], Any]) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return json.dumps(translate(value)).encode()


@contextmanager
def _running(start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    thread = Thread(target=start)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()
