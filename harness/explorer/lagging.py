"""A user of a program who takes nothing for a while, on the only connection left, and what comes of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract.features import Feature
from sync_check.harness.client import Client
from sync_check.harness.explorer.lags import EVENTS, WHAT_FITS
from sync_check.harness.pressure import Pressure, Shape
from sync_check.harness.room import Place, Room
from sync_check.harness.slow import SlowConnection
from sync_check.harness.stage import Stage

_SHAPE: Final = Shape(filler=".", text_bytes=200, frame_bytes=650)
"""Events of which the way to a client holds few, and which are short for a bound in bytes all the same."""
_NEEDED: Final = (Feature.MESSAGES, Feature.PRESENCE)


def can_lag(stage: Stage, room: Room, client: Client) -> bool:
    """Whether the owner is there to fill somebody's queue, and hears that they go offline."""
    owner = room.owner
    hears = any(connection.hears for connection in owner.connections)
    return client is not owner and client.is_connected and hears and all(map(stage.offers, _NEEDED))


async def lag(
    stage: Stage, room: Room, place: Place, client: Client, authors: Sequence[Client], args: Mapping[str, Any]
) -> None:
    """Let `client` take nothing while `authors` say much in `place`; afterwards it takes all there is.

    It has one connection then, which has ended if that was too much for it.
    """
    pressure = await Pressure.by(authors, stage, room, place, _SHAPE)
    # Not before: what it has not read of the baseline would wait for it as well.
    slow = await _alone(client, place)
    slow.stop()
    if args.get(EVENTS) == WHAT_FITS:
        await pressure.below(slow)
        slow.read_all()
        return
    await pressure.overflow(slow)
    await slow.read_up_to_the_end()
    await pressure.told()
    await slow.close()


async def _alone(client: Client, place: Place) -> SlowConnection:
    """A connection that can be slow in place of all others; nobody is told that anybody went offline."""
    before = list(client.connections)
    await client.open(kind=SlowConnection)
    slow = client.connections[-1]
    assert isinstance(slow, SlowConnection)
    await slow.subscribe(place)
    for connection in before:
        # What was said there is waited for, which would be in vain.
        await connection.bound()
        await connection.close()
    client.connections[:] = [slow]
    await slow.read_up()
    await slow.measure()
    return slow
