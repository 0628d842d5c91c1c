"""How fast requests are carried out here and now, where no limit has anybody wait.

It rests on round trips to the target, many of them at a time, each with work of our own kind behind it: what
harness and target have to do, and what else this machine is busy with, shows in both.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.operations import ReadHealth
from sync_check.conformance.history import FramesReceived, decode_record, encode_record
from sync_check.harness.caller import Caller
from sync_check.harness.clock import Clock
from sync_check.harness.decoding import Decoder
from sync_check.harness.errors import TargetUnavailable
from sync_check.harness.pace import share_of
from sync_check.harness.rest import IN_FLIGHT

BUDGET_S: Final = 1.5
"""A target that answers no faster says nothing about itself in that time."""
_TRIPS: Final = 4
_MIXED: Final = 8 * IN_FLIGHT
_SHARE: Final = 20
"""No more than this part of what a minute permits is asked for. Where that is little, limits decide."""
_PIECES: Final = 10
"""Frames to be decoded and written down for each answer, in place of what a run has to do for it."""
_PER_MIXED: Final = 1.15
"""What a request of a run takes of such a one, measured (`benchmarks/estimates.py`)."""
_TRIPS_PER_REQUEST: Final = 0.2
"""Many requests are under way at a time: so much of a round trip is left for each to be waited for."""
_TEXT: Final = (
    '{"v":1,"t":"message_create","d":{"guild_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV",'
    '"channel_id":"01ARZ3NDEKTSV4RRFFQ69G5FAW","message_id":"01ARZ3NDEKTSV4RRFFQ69G5FAX",'
    '"author_id":"01ARZ3NDEKTSV4RRFFQ69G5FAY","content":"word %d","markdown_tokens":[],'
    '"reactions":[],"attachments":[],"created_at_unix":1700000000}}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Seconds of work for a request, here and at the target, and of a round trip."""

    work_s: float
    round_trip_s: float

    @property
    def request_s(self) -> float:
        """Seconds that a run needs for each of its requests, all in all."""
        return self.work_s + _TRIPS_PER_REQUEST * self.round_trip_s


USUAL: Final = Speed(work_s=0.002, round_trip_s=0.0)
"""Of a target that was not asked: it does not answer in time, or is in virtual time."""


async def measured(caller: Caller, clock: Clock, requests_per_minute: int) -> Speed | None:
    """The speed of requests to a target, which are in no history.

    None where it does not answer in time, or permits too few to be asked for that.
    """
    most = share_of(requests_per_minute) // _SHARE
    if most < IN_FLIGHT:
        return None
    try:
        async with asyncio.timeout(BUDGET_S):
            return await _measured(caller, clock, most)
    except (TimeoutError, TargetUnavailable):
        return None


async def _measured(caller: Caller, clock: Clock, most: int) -> Speed | None:
    work = _work()
    trips: list[float] = []
    for _ in range(_TRIPS):
        answer = await caller.quietly(ReadHealth())
        if answer.status is None:
            return None
        next(work)  # the first piece of work is not like the others
        trips.append(answer.seconds)
    round_trip_s = min(trips)
    mixed = min(_MIXED, most)
    began = clock.now_s()
    await asyncio.gather(*(_mixed(caller, work) for _ in range(mixed)))
    each_s = (clock.now_s() - began) / mixed
    # What was waited for alone is no work.
    return Speed(work_s=max(0.0, each_s - round_trip_s / IN_FLIGHT) * _PER_MIXED, round_trip_s=round_trip_s)


async def _mixed(caller: Caller, work: Iterator[None]) -> None:
    await caller.quietly(ReadHealth())
    for _ in range(_PIECES):
        next(work)


def _work() -> Iterator[None]:
    """A piece of what a run does for each frame."""
    decoder, number = Decoder(), 0
    while True:
        number += 1
        decoder.decode(_TEXT % number)
        record = FramesReceived(at=number, body=number, connections=(1, 2, 3), after=(0, 1, 2))
        decode_record(encode_record(record), number)
        yield
