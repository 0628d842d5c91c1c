"""Slow consumers: whoever takes less than comes is ended in time, and nobody else notices."""

from collections.abc import Callable, Sequence
from functools import partial

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.concurrency import all_done
from sync_check.harness.hazards import Hazard
from sync_check.harness.pressure import HUGE, LARGE, MIXED, SMALL, Pressure, Shape, edits_below, most_edits
from sync_check.harness.scenario import Body, Needs, Tier
from sync_check.harness.slow import SlowConnection
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_HAZARDS = (Hazard.SLOW_CONSUMERS, Hazard.FLOODS)
_NEEDS = Needs(strangers=0, spread=350, settles=1)
_ENDED = ("LIMIT-SLOW-1", "LIMIT-SLOW-2", "LIMIT-SLOW-4", "LIMIT-SLOW-6", "DELIV-9", "PRES-3")
_TOLD_WHY = (*_ENDED, "LIMIT-SLOW-3", "LIMIT-SLOW-5")
_LEAST_BYTES_PER_S = 1024
_TAKEN = 4
"""The share of what comes that who reads slowly takes: one in so many bytes."""
_SlowDown = Callable[[SlowConnection, Pressure], None]


def _flood(
    name: str,
    *,
    covers: Sequence[str],
    shape: Shape = MIXED,
    tier: Tier = Tier.GATE,
    most: Callable[[Limits], int] | None = None,
) -> Callable[[Body], Body]:
    return scenario(
        f"slow_consumer/{name}",
        covers=covers,
        features=_FEATURES,
        needs=_NEEDS,
        hazards=_HAZARDS,
        tier=tier,
        most=most or partial(most_edits, shape=shape),
    )


def _alone(name: str, *, covers: Sequence[str], shape: Shape = LARGE) -> Callable[[Body], Body]:
    """A scenario of one of the shapes that `slow_consumer/ended` has at once."""
    return _flood(name, covers=covers, shape=shape, tier=Tier.NIGHTLY)


async def _fill_up(stage: Stage, *slow_down: _SlowDown, shape: Shape = MIXED) -> None:
    """Members slow down, others go on until those are ended; then they read what is there, and return."""
    room = await stage.workspace()
    await stage.cast(room)
    pressure = await Pressure.within(stage, room, shape)
    slow = [await pressure.slow() for _ in slow_down]
    for one, become_slow in zip(slow, slow_down, strict=True):
        become_slow(one, pressure)
    await pressure.overflow(*slow)
    await all_done(one.read_up_to_the_end() for one in slow)
    await pressure.told()
    for one in slow:
        await stage.reconnect(one.client, room)
    await stage.post(slow[0].client, room.channel(GENERAL), "back again")


def _stop(slow: SlowConnection, _: Pressure) -> None:
    slow.stop()


def _stop_in_frame(slow: SlowConnection, _: Pressure) -> None:
    slow.stop_in_frame()


def _vanish(slow: SlowConnection, _: Pressure) -> None:
    slow.vanish()


def _read_slowly(slow: SlowConnection, pressure: Pressure) -> None:
    slow.read_slowly(max(_LEAST_BYTES_PER_S, pressure.bytes_per_s // _TAKEN))


@_flood("ended", covers=_TOLD_WHY)
async def who_takes_too_little_is_ended(stage: Stage) -> None:
    """Clients that read nothing, little or half a frame, or are gone, are ended once their queue is full."""
    await _fill_up(stage, _stop, _read_slowly, _stop_in_frame, _vanish)


@_flood("small-frames", covers=_TOLD_WHY, shape=SMALL)
async def small_frames_count_as_one_each(stage: Stage) -> None:
    """No more short events wait for a client than long ones: what waits is counted in events."""
    await _fill_up(stage, _stop, shape=SMALL)


@_flood("within-limit", covers=["LIMIT-4", "LIMIT-SLOW-6", "DELIV-9", "DELIV-1"], most=edits_below)
async def what_fits_into_the_queue_costs_nothing(stage: Stage) -> None:
    """Clients for whom no more waits than may, however they read and however long it is, get all of it."""
    room = await stage.workspace()
    await stage.cast(room)
    pressure = await Pressure.within(stage, room)
    slow = [await pressure.slow() for _ in range(3)]
    for one, become_slow in zip(slow, (_stop, _stop_in_frame, _read_slowly), strict=True):
        become_slow(one, pressure)
    await pressure.below(*slow)
    for one in slow:
        one.read_all()
    await stage.post(room.owner, room.channel(GENERAL), "all came through")


@_alone("never-reads", covers=_TOLD_WHY)
async def who_never_reads_is_ended(stage: Stage) -> None:
    """A client that reads nothing, though it is alive, is ended once its queue is full; nobody notices."""
    await _fill_up(stage, _stop, shape=LARGE)


# How soon it has read what had been sent, and so is told why, depends on how much that is.
@_alone("reads-slowly", covers=_ENDED)
async def who_reads_too_slowly_is_ended(stage: Stage) -> None:
    """A client that reads less than comes is ended once its queue is full, and nobody else notices."""
    await _fill_up(stage, _read_slowly, shape=LARGE)


@_alone("mid-frame", covers=_TOLD_WHY)
async def who_stops_in_a_frame_is_ended(stage: Stage) -> None:
    """A client that stops in the middle of a frame is ended as well, and gets the rest of that frame."""
    await _fill_up(stage, _stop_in_frame, shape=LARGE)


@_alone("half-open", covers=_ENDED)
async def who_is_gone_without_a_word_is_ended(stage: Stage) -> None:
    """A client whose network is gone, without a word, is ended once its queue is full, and goes offline."""
    await _fill_up(stage, _vanish, shape=LARGE)


@_alone("huge-frames", covers=_TOLD_WHY, shape=HUGE)
async def huge_frames_count_as_one_each(stage: Stage) -> None:
    """Events as long as they can be made wait as many as short ones: what waits is counted in events."""
    await _fill_up(stage, _stop, shape=HUGE)
