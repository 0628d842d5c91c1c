"""One connection through the proxy: a transport for the client in front, a protocol for the target behind."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, cast

from sync_check.conformance.history import EndedBy
from sync_check.harness.faults.frames import Frames
from sync_check.harness.faults.stream import Outlet, Stream
from sync_check.harness.faults.toxics import BOTH, Direction, HalfOpen, ResetPeer, Timeout, Toxic
from sync_check.harness.randomness import Stream as Chance

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset."""


class Watcher:
    """Who is told what becomes of a connection."""

    def cut(self, toxic: Toxic) -> None:
        """A toxic ends it now."""

    def far_ended(self, by: EndedBy) -> None:
        """The target knows that it has ended."""


class Near(asyncio.Transport):
    """What the client's protocol holds: it writes here, and is read to from here."""

    def __init__(self, passage: "Passage") -> None:
        super().__init__()
        self._passage = passage
        self._is_closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._passage.extra_info(name, default)

    def is_closing(self) -> bool:
        return self._is_closing

    def write(self, data: Any) -> None:
        if not self._is_closing:
            self._passage.upstream.feed(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self._passage.upstream.waiting

    def pause_reading(self) -> None:
        self._passage.downstream.block(True)

    def resume_reading(self) -> None:
        self._passage.downstream.block(False)

    def close(self) -> None:
        """Send the rest, then the end; nothing more is read."""
        if not self._is_closing:
            self._is_closing = True
            self._passage.leave(reset=False)

    def abort(self) -> None:
        """Cut at once."""
        if not self._is_closing:
            self._is_closing = True
            self._passage.leave(reset=True)


class Passage(asyncio.Protocol):
    """Passes on what client and target send each other, as far as the toxics let it.

    It is the protocol of the connection to the target; `client` is the protocol that believes to be it.
    """

    def __init__(
        self,
        client: asyncio.Protocol,
        watcher: Watcher,
        chances: dict[Direction, Chance],
        read: Callable[[bytes], str | None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._client: asyncio.Protocol | None = client
        self._watcher = watcher
        self._far: asyncio.Transport | None = None
        self._near = Near(self)
        self.far_lost: asyncio.Future[None] = self._loop.create_future()
        """Done once it is over at the target's end."""
        self._is_gone = False
        self._timers: dict[type[Toxic], asyncio.TimerHandle] = {}
        self.upstream = Stream(_Up(self), chances[Direction.UPSTREAM])
        self.downstream = Stream(_Down(self), chances[Direction.DOWNSTREAM], Frames(read))

    # --- toxics

    def add(self, toxic: Toxic, directions: Iterable[Direction] = BOTH) -> None:
        """Put a toxic on. Those that end the connection, or silence it for good, concern both directions."""
        if isinstance(toxic, Timeout) and toxic.timeout_s > 0:
            self._later(toxic, toxic.timeout_s, self.cut)
        if isinstance(toxic, ResetPeer):
            self._later(toxic, toxic.timeout_s, self.cut)
            return
        self._is_gone = self._is_gone or isinstance(toxic, HalfOpen)
        for direction in BOTH if self._is_gone else directions:
            self.stream(direction).add(toxic)

    def remove(self, kind: type[Toxic]) -> bool:
        """Take the toxics of a kind off, and say whether there were any; a half-open connection stays so."""
        timer = self._timers.pop(kind, None)
        if timer is not None:
            timer.cancel()
        if kind is HalfOpen:
            return False
        removed = [self.stream(direction).remove(kind) for direction in BOTH]
        return timer is not None or any(removed)

    def stream(self, direction: Direction) -> Stream:
        """One of the two directions."""
        return self.upstream if direction is Direction.UPSTREAM else self.downstream

    @property
    def is_silent(self) -> bool:
        """Whether nothing comes from the target for now, whatever it sends."""
        return self.downstream.is_silent

    def _later(self, toxic: Toxic, seconds: float, act: Callable[[Toxic], None]) -> None:
        if seconds <= 0:
            act(toxic)
        else:
            self._timers[type(toxic)] = self._loop.call_later(seconds, act, toxic)

    def cut(self, toxic: Toxic) -> None:
        """End the connection at both ends, as a toxic wants."""
        if self._client is not None and not self._near.is_closing():
            self._watcher.cut(toxic)
        reset = isinstance(toxic, ResetPeer)
        self.release(reset=reset)
        self.lose(ConnectionResetError("Connection reset by peer") if reset else None)

    # --- the client's side

    def leave(self, *, reset: bool) -> None:
        """The client wants no more of it; the target learns of it behind what was sent before, if at all."""
        self._loop.call_soon(self.lose, None)
        self.downstream.close()
        self.upstream.end(partial(self.release, reset=reset))

    def lose(self, error: Exception | None) -> None:
        """Tell the client that the connection is over."""
        client, self._client = self._client, None
        self.downstream.close()
        if client is not None:
            client.connection_lost(error)

    def told_end(self) -> None:
        """The target has sent its last; the client may close, or keep on sending."""
        if self._client is not None and not self._client.eof_received():
            self._near.close()

    def deliver(self, data: bytes) -> None:
        """Hand bytes to the client."""
        if self._client is not None and not self._near.is_closing():
            self._client.data_received(data)

    def hold_client(self, stop: bool) -> None:
        """Tell the client to stop sending, or to go on."""
        if self._client is not None:
            (self._client.pause_writing if stop else self._client.resume_writing)()

    # --- the target's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, because uvloop's transports are not subclasses.
        self._far = cast("asyncio.Transport", transport)
        if self._client is not None:
            self._client.connection_made(self._near)

    def data_received(self, data: bytes) -> None:
        self.downstream.feed(data)

    def eof_received(self) -> bool:
        """The target has sent its last; what is on its way is still passed on."""
        self._far_ended(EndedBy.TARGET)
        self.downstream.end(self.told_end)
        # Whoever is gone ends nothing. And half an end does not exist with TLS.
        is_awaited = self._client is not None and not self._is_gone
        return is_awaited and self.extra_info("ssl_object", None) is None

    def pause_writing(self) -> None:
        self.upstream.block(True)

    def resume_writing(self) -> None:
        self.upstream.block(False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._far_ended(EndedBy.TARGET)
        self._far = None
        self.upstream.close()
        self.downstream.end(partial(self.lose, exc))

    def send(self, data: bytes) -> None:
        """Hand bytes to the target."""
        if self._far is not None and not self._far.is_closing():
            self._far.write(data)

    def hold_target(self, stop: bool) -> None:
        """Stop reading what the target sends, or go on."""
        if self._far is not None and not self._far.is_closing():
            (self._far.pause_reading if stop else self._far.resume_reading)()

    def release(self, *, reset: bool) -> None:
        """Let the target know that the connection is over."""
        far, self._far = self._far, None
        for timer in self._timers.values():
            timer.cancel()
        self.upstream.close()
        if far is None:
            return
        self._far_ended(EndedBy.US)
        if not reset:
            far.close()
            return
        connection = far.get_extra_info("socket")
        if connection is not None and not far.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        far.abort()

    def let_go(self) -> None:
        """Be in nobody's way any more; that a client is gone is kept from the target no longer."""
        for direction in BOTH:
            self.stream(direction).calm()
        if self.is_left:
            self.release(reset=True)

    @property
    def is_left(self) -> bool:
        """Whether the client has ended it."""
        return self._client is None or self._near.is_closing()

    def _far_ended(self, by: EndedBy) -> None:
        if not self.far_lost.done():
            self.far_lost.set_result(None)
            self._watcher.far_ended(by)

    def extra_info(self, name: str, default: Any) -> Any:
        """What the connection to the target tells of itself."""
        return default if self._far is None else self._far.get_extra_info(name, default)


class _Up(Outlet):
    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def deliver(self, data: bytes) -> None:
        self._passage.send(data)

    def cut(self, toxic: Toxic) -> None:
        self._passage.cut(toxic)

    def hold(self, stop: bool) -> None:
        self._passage.hold_client(stop)


class _Down(Outlet):
    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def deliver(self, data: bytes) -> None:
        self._passage.deliver(data)

    def cut(self, toxic: Toxic) -> None:
        self._passage.cut(toxic)

    def hold(self, stop: bool) -> None:
        self._passage.hold_target(stop)
