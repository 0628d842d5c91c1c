"""A connection through the proxy, on sockets and in virtual time: what either end sees of each fault."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
import uvloop

from sync_check.conformance.history import EndedBy
from sync_check.harness.clock import Clock
from sync_check.harness.faults.frames import event_in
from sync_check.harness.faults.passage import Passage, Watcher
from sync_check.harness.faults.toxics import (
    Direction,
    HalfOpen,
    Latency,
    LimitData,
    LimitEvents,
    ResetPeer,
    Timeout,
)
from sync_check.harness.gateway import GatewayAddress
from sync_check.harness.network.sockets import connect
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from tests.harness.faults.test_frames import ANSWER, told

CERTIFICATES = Path(__file__).parents[2] / "sync_check" / "profiles" / "certificates"
UP, DOWN = (Direction.UPSTREAM,), (Direction.DOWNSTREAM,)


class Peer(asyncio.Protocol):
    """Notes what happens to it."""

    def __init__(self) -> None:
        self.text = b""
        self.happened: list[str] = []
        self.transport = cast("asyncio.Transport", None)
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.text += data
        self.heard.set()

    def eof_received(self) -> None:
        self.happened.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.happened.append("lost" if exc is None else type(exc).__name__)
        self.lost.set_result(None)

    def pause_writing(self) -> None:
        self.happened.append("pause")

    def resume_writing(self) -> None:
        self.happened.append("resume")

    async def hears(self, text: bytes) -> None:
        while text not in self.text:
            self.heard.clear()
            async with asyncio.timeout(5):
                await self.heard.wait()


class Noted(Watcher):
    def __init__(self) -> None:
        self.told: list[str] = []

    def cut(self, toxic: object) -> None:
        self.told.append(type(toxic).__name__)

    def far_ended(self, by: EndedBy) -> None:
        self.told.append(by)


class Scene:
    """A client, the proxy before it, and a server."""

    def __init__(self) -> None:
        self.client, self.server, self.noted = Peer(), Peer(), Noted()
        chances = {one: Randomness(1).fresh(one) for one in Direction}
        self.passage = Passage(self.client, self.noted, chances, event_in)

    async def ended(self) -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(self.client.lost, self.server.lost)


@asynccontextmanager
async def connected() -> AsyncIterator[Scene]:
    loop, scene = asyncio.get_running_loop(), Scene()
    if isinstance(loop, VirtualLoop):
        loop.listen("127.0.0.1", 80, lambda: scene.server)
        await loop.create_connection(lambda: scene.passage, "127.0.0.1", 80)
        yield scene
        return
    listener = await loop.create_server(lambda: scene.server, "127.0.0.1", 0)
    async with listener:
        await loop.create_connection(lambda: scene.passage, *listener.sockets[0].getsockname())
        scene.client.transport.write(b"hello")
        await scene.server.hears(b"hello")
        scene.server.text = b""
        yield scene
        scene.passage.release(reset=True)
        await scene.server.lost


Factory = Callable[[], asyncio.AbstractEventLoop] | None


@pytest.fixture(params=["asyncio", "uvloop", "virtual"])
def factory(request: pytest.FixtureRequest) -> Factory:
    found: dict[str, Factory] = {
        "asyncio": None,
        "uvloop": uvloop.new_event_loop,
        "virtual": lambda: VirtualLoop(Randomness(1)),
    }
    return found[request.param]


def play(factory: Factory, body: Callable[[Scene], object]) -> None:
    async def whole() -> None:
        async with connected() as scene:
            await body(scene)  # type: ignore[misc]  # each body is a coroutine function

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(whole())


def test_both_ways_are_open_and_an_orderly_end_is_passed_on(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.client.transport.write(b"question")
        await scene.server.hears(b"question")
        scene.server.transport.write(b"answer")
        await scene.client.hears(b"answer")
        scene.client.transport.write(b"bye")
        scene.client.transport.close()
        scene.client.transport.write(b"not heard")
        await scene.ended()
        assert scene.server.text == b"questionbye"
        assert (scene.client.happened, scene.server.happened) == (["lost"], ["eof", "lost"])
        assert scene.noted.told == [EndedBy.US]

    play(factory, body)


def test_the_end_of_the_target_is_passed_on(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.server.transport.write(b"last words")
        scene.server.transport.close()
        await scene.ended()
        assert (scene.client.text, scene.client.happened) == (b"last words", ["eof", "lost"])
        assert len(scene.noted.told) == 1

    play(factory, body)


def test_a_reset_is_one_at_both_ends(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(ResetPeer())
        await scene.ended()
        reset = ["ConnectionResetError"]
        assert (scene.client.happened, scene.server.happened) == (reset, reset)
        assert scene.noted.told == ["ResetPeer", EndedBy.US]

    play(factory, body)


def test_a_cut_after_so_many_bytes_ends_both_in_order(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(LimitData(bytes=4), DOWN)
        scene.server.transport.write(b"0123456789")
        await scene.ended()
        assert (scene.client.text, scene.client.happened) == (b"0123", ["lost"])
        assert scene.server.happened == ["eof", "lost"]
        assert scene.noted.told == ["LimitData", EndedBy.US]

    play(factory, body)


def test_a_timeout_holds_and_then_closes(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        scene.passage.add(Timeout(timeout_s=0.1))
        assert scene.passage.is_silent
        scene.server.transport.write(b"held")
        await scene.ended()
        assert loop.time() - began >= 0.09
        assert (scene.client.text, scene.noted.told) == (b"", ["Timeout", EndedBy.US])

    play(factory, body)


def test_a_timeout_that_is_lifted_in_time_lets_everything_pass(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(Timeout(timeout_s=60))
        scene.server.transport.write(b"held")
        scene.client.transport.write(b"held as well")
        assert scene.passage.remove(Timeout)
        await asyncio.gather(scene.client.hears(b"held"), scene.server.hears(b"held as well"))
        assert (scene.passage.is_silent, scene.noted.told) == (False, [])

    play(factory, body)


def test_of_a_half_open_connection_neither_end_learns_that_the_other_is_gone(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(HalfOpen())
        scene.client.transport.abort()
        await scene.client.lost
        scene.server.transport.write(b"are you there?")
        assert not scene.passage.remove(HalfOpen)
        await Clock(started_unix=0).pause(0.02)
        assert (scene.server.happened, scene.noted.told) == ([], [])
        scene.server.transport.abort()
        await scene.ended()
        await Clock(started_unix=0).pause(0.02)
        assert scene.noted.told == [EndedBy.TARGET]

    play(factory, body)


def test_at_the_end_the_target_is_let_go_of_who_has_gone(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(HalfOpen())
        scene.passage.let_go()
        assert scene.noted.told == []
        scene.client.transport.abort()
        scene.passage.let_go()
        await scene.ended()
        assert scene.noted.told == [EndedBy.US]

    play(factory, body)


def test_an_end_travels_behind_what_was_sent_before_it(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.passage.add(Latency(latency_s=0.05), UP)
        scene.client.transport.write(b"slow")
        scene.client.transport.close()
        await scene.client.lost
        assert scene.noted.told == []
        await scene.ended()
        assert (scene.server.text, scene.noted.told) == (b"slow", [EndedBy.US])

    play(factory, body)


def test_a_target_that_takes_nothing_stops_the_client(factory: Factory) -> None:
    async def body(scene: Scene) -> None:
        scene.server.transport.pause_reading()
        # More than what lies on the way can hold: what is sent on loopback, or the window in virtual time.
        for _ in range(200):
            scene.client.transport.write(b"x" * 65536)
        await Clock(started_unix=0).pause(0.02)
        assert "pause" in scene.client.happened
        scene.server.transport.resume_reading()
        async with asyncio.timeout(20):
            while len(scene.server.text) < 200 * 65536:
                await Clock(started_unix=0).pause(0.02)
        assert scene.client.happened[-1] == "resume"

    play(factory, body)


@asynccontextmanager
async def secured() -> AsyncIterator[Scene]:
    """The same with TLS between proxy and server."""
    scene, loop = Scene(), asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem")
    async with await loop.create_server(lambda: scene.server, "127.0.0.1", 0, ssl=context) as listener:
        address = GatewayAddress.at(f"wss://127.0.0.1:{listener.sockets[0].getsockname()[1]}/")
        await connect(address, scene.passage, str(CERTIFICATES / "ca.pem"))
        scene.client.transport.write(b"hello")
        await scene.server.hears(b"hello")
        yield scene
        await scene.ended()


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_tls_ends_behind_the_proxy_which_sees_frames(factory: Factory) -> None:
    async def body() -> None:
        async with secured() as scene:
            scene.passage.add(LimitEvents(name="note"), DOWN)
            scene.server.transport.write(ANSWER + told("other") + told("note"))
        assert scene.client.text == ANSWER + told("other")
        assert scene.noted.told == ["LimitEvents", EndedBy.US]

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(body())


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_the_end_of_a_target_behind_tls_is_passed_on(factory: Factory) -> None:
    async def body() -> None:
        async with secured() as scene:
            scene.server.transport.write(b"last words")
            scene.server.transport.close()
        assert (scene.client.text, scene.client.happened) == (b"last words", ["eof", "lost"])
        assert scene.noted.told == [EndedBy.TARGET]

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(body())
