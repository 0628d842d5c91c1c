"""Pressure on a slow client: more events than can wait for it, bounded in number and looked after in chunks.

They are edits, each of a note of its author's own, so that nothing is left of them and no two of them race.
How many are needed is computed from the limit in force and from what the way to the client was measured to
hold. The client itself shows nothing of what becomes of it, because an end queues behind what it does not
read: that it is over is seen by the others, who are told that it went offline.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.counters import Counter
from sync_check.conformance.contract.events import PresenceUpdate
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import MemorySeen
from sync_check.harness.client import Client
from sync_check.harness.concurrency import all_done
from sync_check.harness.metrics import count_of, memory_of
from sync_check.harness.network.absorption import BETWEEN, MOST_NEAR, between
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.room import Note, Place, Room
from sync_check.harness.slow import SlowConnection
from sync_check.harness.stage import GENERAL, TOLD_BUDGET_S, Stage

Signs = Sequence[asyncio.Future[None]]
"""That somebody was told to be offline."""
_AUTHORS: Final = 2
_CHUNK: Final = 16
_MARGIN: Final = 1.5
"""How many times what should be enough is sent before we wait for it to show."""
_GIVE_UP: Final = 3
"""How many times that is sent before we give up."""
_BASELINE: Final = 48
_SHARE: Final = 0.8
"""Of what may wait for a client, what surely costs no client its connection."""
_LEAST_S: Final = 0.001
_SLOW_WINDOW_S: Final = 10.0
"""From an overflow to the end of the connection (contract 0.4)."""


_REPEATED: Final = 2
"""How often an event has what an edit says: as its content, and as markdown tokens."""
_ENVELOPE_BYTES: Final = 1000
"""Of an event, what it has besides, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What edits say: each `every`-th one `filler`, over and over, up to so many bytes; the others little.

    Their events are at least `frame_bytes` long, on average.
    """

    filler: str
    text_bytes: int
    frame_bytes: int
    every: int = 1

    def longest(self, limits: Limits) -> int:
        """How many bytes an edit may say at most, so that neither it nor its event is too long."""
        spelled = len(json.dumps(self.filler).strip('"'))
        event_bytes = limits.max_gateway_event_bytes - _ENVELOPE_BYTES
        return min(limits.message_bytes, event_bytes // (_REPEATED * spelled))

    def text(self, number: int, most: int) -> str:
        """What the edit of a number says, in at most so many bytes."""
        words = f"edit {number} "
        return words if number % self.every else words.ljust(min(self.text_bytes, most), self.filler)


_ESCAPED: Final = "\x01"
"""A character that JSON has to escape takes six bytes, wherever the event repeats it."""
SMALL: Final = Shape(filler=".", text_bytes=24, frame_bytes=300)
LARGE: Final = Shape(filler=".", text_bytes=2000, frame_bytes=2300)
HUGE: Final = Shape(filler=_ESCAPED, text_bytes=2000, frame_bytes=12_000)
MIXED: Final = Shape(filler=_ESCAPED, text_bytes=2000, frame_bytes=1200, every=12)


def most_edits(limits: Limits, shape: Shape) -> int:
    """The most edits that it takes to see what becomes of a slow client: all that `overflow` may make."""
    afar = ceil(BETWEEN / HUGE.frame_bytes)
    due = limits.gateway_outbound_queue + ceil(MOST_NEAR / shape.frame_bytes)
    return _BASELINE + 2 * afar + _GIVE_UP * due


def edits_below(limits: Limits) -> int:
    """The edits that a client may miss without being slow for it, and those of the baseline."""
    return _BASELINE + int(limits.gateway_outbound_queue * _SHARE)


class Pressure:
    """The means to make events pile up for the slow ones among the members of a room."""

    def __init__(
        self, stage: Stage, room: Room, place: Place, authors: Sequence[Client], shape: Shape
    ) -> None:
        self._stage = stage
        self._room = room
        self._place = place
        self._authors = tuple(authors)
        self._shape = shape
        self._notes: list[Note] = []
        self._written = 0
        self._signs: Signs = ()
        self.bytes_per_s = 0
        """What everybody was sent in the baseline, at least."""
        limits = stage.company.target.limits
        self._limit = limits.gateway_outbound_queue
        self._limits = limits

    @classmethod
    async def within(cls, stage: Stage, room: Room, shape: Shape = MIXED) -> "Pressure":
        """The same by the first members of a room, of whom each has written a note; with a baseline.

        The baseline shows what delay is usual where nobody is slow.
        """
        return await cls.by(room.members[:_AUTHORS], stage, room, room.channel(GENERAL), shape)

    @classmethod
    async def by(
        cls, authors: Sequence[Client], stage: Stage, room: Room, place: Place, shape: Shape
    ) -> "Pressure":
        """The same by some members, in some channel; the first of them sees who goes offline."""
        pressure = cls(stage, room, place, authors, shape)
        for author in pressure._authors:
            pressure._notes.append(await stage.post(author, place, "to be edited"))
        clock = stage.company.clock
        began = clock.now_s()
        await pressure.edit(_BASELINE)
        seconds = max(clock.now_s() - began, _LEAST_S)
        pressure.bytes_per_s = int(_BASELINE * shape.frame_bytes / seconds)
        await pressure.weigh()
        return pressure

    async def slow(self) -> SlowConnection:
        """The connection of one more member, who has read everything so far and is about to slow down."""
        guest = await self._stage.guest(self._room)
        await guest.open(self._room, kind=SlowConnection)
        (connection,) = guest.connections
        assert isinstance(connection, SlowConnection)
        await connection.measure()
        return connection

    async def edit(self, count: int, shape: Shape | None = None) -> None:
        """So many edits, by all authors at the same time."""
        among = len(self._authors)
        shares = [count // among + (number < count % among) for number in range(among)]
        shapes = [shape or self._shape] * among
        await all_done(map(self._edit, self._authors, self._notes, shares, shapes))

    async def below(self, *slow: SlowConnection) -> None:
        """Let so many events pile up as surely cost nobody a connection."""
        await self.edit(int(self._limit * _SHARE))
        for one in slow:
            one.pong()

    async def overflow(self, *slow: SlowConnection) -> None:
        """Let events pile up until others are told that each of `slow` went offline.

        What has to fill the ways to them and their queues is enough for that, and then the slow window. Where
        it is not, three times as much, and what a proxy between may hold, shows that nothing will be.
        """
        before = await self._lost()
        signs = [self._offline(one) for one in slow]
        afar = between(self._stage.company.target.url)
        await self._until(signs, ceil(afar / HUGE.frame_bytes), slow, HUGE)
        near = max(one.absorbs for one in slow) - afar
        due = self._limit + ceil(near / self._shape.frame_bytes)
        await self._until(signs, ceil(_MARGIN * due), slow, self._shape)
        if not await self._shown(signs, before):
            await self._until(signs, _GIVE_UP * due - ceil(_MARGIN * due), slow, self._shape)
            if not isinstance(asyncio.get_running_loop(), VirtualLoop):
                await self._until(signs, ceil(BETWEEN / HUGE.frame_bytes), slow, HUGE)
            await self._shown(signs, before)
        self._signs = signs
        await self.weigh()

    async def weigh(self) -> None:
        """Write down how much memory the target has, where that can be seen; in virtual time it is ours."""
        company = self._stage.company
        if isinstance(asyncio.get_running_loop(), VirtualLoop):
            return
        resident = await memory_of(company)
        if resident is not None:
            company.journal.record(MemorySeen(at=company.clock.now_us(), resident_bytes=resident))

    async def told(self) -> None:
        """Wait until others were told that whoever was ended is offline, or the window for that is over."""
        scale = self._stage.company.target.time_scale
        await asyncio.wait(self._signs, timeout=TOLD_BUDGET_S * scale)
        for sign in self._signs:
            sign.cancel()

    async def _until(self, signs: Signs, most: int, slow: Sequence[SlowConnection], shape: Shape) -> None:
        """At most so many edits, as long as somebody was not told to be offline."""
        for _ in range(0, most, _CHUNK):
            if all(sign.done() for sign in signs):
                return
            await self.edit(_CHUNK, shape)
            for one in slow:
                one.pong()

    async def _shown(self, signs: Signs, before: float) -> bool:
        """Whether an overflow shows: everybody was told to be offline, or what was lost is counted."""
        if all(sign.done() for sign in signs):
            return True
        scale = self._stage.company.target.time_scale
        is_counted = await self._lost() > before
        # Who reads again soon enough is told why, so there is little time to wait for the others' word.
        await asyncio.wait(signs, timeout=(TOLD_BUDGET_S if is_counted else _SLOW_WINDOW_S) * scale)
        return is_counted or all(sign.done() for sign in signs)

    async def _lost(self) -> float:
        return await count_of(self._stage.company, Counter.DROPPED, reason="full_queue")

    def _offline(self, slow: SlowConnection) -> asyncio.Future[None]:
        witness = next(one for one in self._authors[0].connections if one.hears)
        return witness.watch(f'"{PresenceUpdate.name}"', '"offline"', slow.client.user_id)

    async def _edit(self, author: Client, note: Note, count: int, shape: Shape) -> None:
        for _ in range(count):
            self._written += 1
            edit = ops.EditMessage(
                guild_id=note.place.guild_id,
                channel_id=note.place.channel_id,
                message_id=note.message_id,
                content=shape.text(self._written, shape.longest(self._limits)),
            )
            await self._stage.do(author, edit)
