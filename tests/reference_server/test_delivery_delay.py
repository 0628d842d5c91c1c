"""What stalls, breaks or closes costs nobody else an event or time (DELIV-9, LIMIT-SLOW-6)."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import pytest

from sync_check.reference_server.gateway import Timing
from tests.reference_server.peers import Peer, close_frame, text
from tests.reference_server.running import RAISED, WITHIN_S, Gateway, Person, Room, Running, running
from tests.reference_server.test_gateway import disconnects, stalled_reader

DELIVERY_WINDOW_S: Final = 1.0
TROUBLES: Final = 6
"""At the same time: seeing to one may cost the others nothing either."""
ROUNDS: Final = 30
"""Of publishing, before slow consumers come and after they were given up."""
MAX_ROUNDS: Final = 500
"""More than any socket takes."""
QUEUE: Final = 60
"""Half of it in rounds is more than what the sockets take, so that the median is one beside full sockets."""
ATTEMPTS: Final = 3
"""How often the median is measured anew that a busy machine has spoiled."""
MAX_FACTOR: Final = 2.0
MAX_DELAY_S: Final = 0.02
"""How much slower it may be beside slow consumers."""


@dataclass(kw_only=True)
class Bystanders:
    """One who publishes, and subscribers who must get it all.

    `rounds` are seconds from the first request of a round of publishing to its last delivery.
    """

    publisher: Person
    room: Room
    ears: list[Gateway]
    published: int = 0
    rounds: list[float] = field(default_factory=list)

    async def publish(self) -> None:
        """Cause an event of the channel's and one of the guild's scope, which each ear must get next."""
        loop = asyncio.get_running_loop()
        self.published += 1
        asked = loop.time()
        said = await self.publisher.say(self.room, f"{self.published} {'x' * 1500}")
        changes = {"name": f"name {self.published}"}
        assert (await self.publisher.patch(self.room.guild, changes)).status_code == 200
        for ear in self.ears:
            assert await ear.next() == ("message_create", said)
            name, payload = await ear.next()
            assert (name, payload["updated_fields"]) == ("workspace_update", changes)
        self.rounds.append(loop.time() - asked)


@asynccontextmanager
async def beside_trouble() -> AsyncIterator[tuple[Running, Person, Bystanders]]:
    """A server, who is going to make trouble, and bystanders; what was ended is cut off much later."""
    limits = RAISED.model_copy(update={"gateway_outbound_queue": QUEUE})
    async with running(limits=limits, send_buffer=8192, timing=Timing(end_grace_s=WITHIN_S)) as server:
        ana, ben, cat = server.person("ana"), server.person("ben"), server.person("cat")
        room = server.room(ana, ben, cat)
        yield server, ben, Bystanders(publisher=ana, room=room, ears=[await cat.connect(room)])


async def come_late(bystanders: Bystanders) -> None:
    """Let one more subscriber come, who is reached after all that were there before."""
    bystanders.ears.append(await bystanders.publisher.connect(bystanders.room))


def break_in_a_frame(peer: Peer) -> None:
    peer.send(text("never whole")[:5])
    peer.reset()


TROUBLE: Final[dict[str, Callable[[Peer], None]]] = {
    "breaks": Peer.reset,
    "breaks in a frame": break_in_a_frame,
    "closes": lambda peer: peer.send(close_frame()),
    "hangs up": lambda peer: peer.writer.write_eof(),
    "is ended": lambda peer: peer.send(text("{")),
}


@pytest.mark.parametrize("makes_trouble", TROUBLE.values(), ids=TROUBLE)
@pytest.mark.witnesses("DELIV-9")
async def test_a_connection_that_ends_delays_nobody_and_costs_nobody_an_event(
    makes_trouble: Callable[[Peer], None],
) -> None:
    async with beside_trouble() as (server, ben, bystanders):
        peers = []
        for _ in range(TROUBLES):
            peers.append(await Peer.connected(ben))
            peers[-1].send(text(bystanders.room.subscribe()))
            await peers[-1].until(b'"subscribed"')
        await come_late(bystanders)
        for peer in peers:
            makes_trouble(peer)  # and at once, before the server can know:
            await bystanders.publish()
        assert max(bystanders.rounds) <= DELIVERY_WINDOW_S
        assert sum(disconnects(server).values()) == TROUBLES


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Medians of rounds of publishing, in seconds: usually, until all slow consumers overflow, afterwards."""

    usual: float
    filling: float
    lingering: float

    def is_normal(self) -> bool:
        bound = max(MAX_FACTOR * self.usual, self.usual + MAX_DELAY_S)
        return max(self.filling, self.lingering) <= bound


@pytest.mark.witnesses("DELIV-9", "LIMIT-SLOW-6")
async def test_slow_consumers_delay_nobody_and_cost_nobody_an_event() -> None:
    attempts: list[Measured] = []
    while len(attempts) < ATTEMPTS and not any(one.is_normal() for one in attempts):
        attempts.append(await measured_beside_slow_consumers())
    assert attempts[-1].is_normal(), attempts


async def measured_beside_slow_consumers() -> Measured:
    async with beside_trouble() as (server, ben, bystanders):
        await come_late(bystanders)
        for _ in range(ROUNDS):
            await bystanders.publish()
        slow = [await stalled_reader(server, ben, bystanders.room) for _ in range(TROUBLES)]
        await come_late(bystanders)
        while disconnects(server) != {"slow_consumer": TROUBLES}:
            await bystanders.publish()
            assert bystanders.published < MAX_ROUNDS
        for _ in range(ROUNDS):
            await bystanders.publish()  # while what is left of them still hangs on their sockets
        assert max(bystanders.rounds) <= DELIVERY_WINDOW_S
        for one in slow:
            one.close()
        return Measured(
            usual=statistics.median(bystanders.rounds[:ROUNDS]),
            filling=statistics.median(bystanders.rounds[ROUNDS:-ROUNDS]),
            lingering=statistics.median(bystanders.rounds[-ROUNDS:]),
        )
