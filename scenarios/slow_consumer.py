"""Slow consumers: whoever takes less than comes is ended in time, and nobody else notices."""

from collections.abc import Callable

from sync_check.conformance.contract.features import Feature
from sync_check.harness.hazards import Hazard
from sync_check.harness.pressure import HUGE, LARGE, SMALL, Pressure, Shape
from sync_check.harness.scenario import Needs
from sync_check.harness.slow import SlowConnection
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_HAZARDS = (Hazard.SLOW_CONSUMERS, Hazard.FLOODS)
_NEEDS = Needs(strangers=0, spread=350, settles=1)
_ENDED = (
    *("LIMIT-SLOW-1", "LIMIT-SLOW-2", "LIMIT-SLOW-4", "LIMIT-SLOW-6"),
    *("DELIV-9", "PRES-3", "METRIC-4", "METRIC-5"),
)
_TOLD_WHY = (*_ENDED, "LIMIT-SLOW-3", "LIMIT-SLOW-5")
_BYTES_PER_S = 64 * 1024


async def _fill_up(stage: Stage, slow_down: Callable[[SlowConnection], None], shape: Shape = LARGE) -> None:
    """One member slows down, the others go on until it is ended; then it reads what is there, and returns."""
    room = await stage.workspace()
    await stage.cast(room)
    pressure = await Pressure.within(stage, room, shape)
    slow = await pressure.slow()
    slow_down(slow)
    await pressure.overflow(slow)
    await slow.read_up_to_the_end()
    await pressure.told()
    await stage.reconnect(slow.client, room)
    await stage.post(slow.client, room.channel(GENERAL), "back again")


@scenario("slow_consumer/never-reads", covers=_TOLD_WHY, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def who_never_reads_is_ended(stage: Stage) -> None:
    """A client that reads nothing, though it is alive, is ended once its queue is full; nobody notices."""
    await _fill_up(stage, SlowConnection.stop)


@scenario("slow_consumer/reads-slowly", covers=_TOLD_WHY, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def who_reads_too_slowly_is_ended(stage: Stage) -> None:
    """A client that reads less than comes is ended once its queue is full, and nobody else notices."""
    await _fill_up(stage, lambda slow: slow.read_slowly(_BYTES_PER_S))


@scenario("slow_consumer/mid-frame", covers=_TOLD_WHY, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def who_stops_in_a_frame_is_ended(stage: Stage) -> None:
    """A client that stops in the middle of a frame is ended as well, and gets the rest of that frame."""
    await _fill_up(stage, SlowConnection.stop_in_frame)


@scenario("slow_consumer/huge-frame", covers=_TOLD_WHY, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def huge_frames_count_as_one_each(stage: Stage) -> None:
    """Events as long as they can be made wait as many as short ones: what waits is counted in events."""
    await _fill_up(stage, SlowConnection.stop, HUGE)


@scenario("slow_consumer/small-frames", covers=_TOLD_WHY, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def small_frames_count_as_one_each(stage: Stage) -> None:
    """No more short events wait for a client than long ones: what waits is counted in events."""
    await _fill_up(stage, SlowConnection.stop, SMALL)


@scenario("slow_consumer/half-open", covers=_ENDED, features=_FEATURES, needs=_NEEDS, hazards=_HAZARDS)
async def who_is_gone_without_a_word_is_ended(stage: Stage) -> None:
    """A client whose network is gone, without a word, is ended once its queue is full, and goes offline."""
    await _fill_up(stage, SlowConnection.vanish)


@scenario(
    "slow_consumer/within-limit",
    covers=["LIMIT-4", "LIMIT-SLOW-6", "DELIV-9", "DELIV-1"],
    features=_FEATURES,
    needs=_NEEDS,
    hazards=_HAZARDS,
)
async def what_fits_into_the_queue_costs_nothing(stage: Stage) -> None:
    """Clients for whom no more waits than may, however they read and however long it is, get all of it."""
    room = await stage.workspace()
    await stage.cast(room)
    pressure = await Pressure.within(stage, room, HUGE)
    slow = [await pressure.slow() for _ in range(3)]
    slow[0].stop()
    slow[1].stop_in_frame()
    slow[2].read_slowly(_BYTES_PER_S)
    await pressure.below(*slow)
    for one in slow:
        one.read_all()
    await stage.post(room.owner, room.channel(GENERAL), "all came through")
