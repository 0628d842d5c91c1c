"""Faults of the network: whoever hears badly loses nothing for good, and nobody else loses anything.

While clients are away mutations go on. They come back, subscribe, read, and agree with everybody.
"""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.faults.toxics import ResetPeer
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.REACTIONS)
_UPDATE = "presence_update"


@scenario(
    "faults/reset",
    covers=["PRES-1", "PRES-3", "PRES-4", "SUB-4", "DELIV-1", "DELIV-2", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=7, settles=3),
)
async def reset_connections_come_back(stage: Stage) -> None:
    """Whoever is reset goes offline, misses nothing for good and hears nothing twice once back."""
    room = await stage.workspace()
    stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    await stage.stranger()
    place = room.channel(GENERAL)
    note = await stage.post(owner, place, "while all are here")
    gone = await stage.post(owner, place, "to be deleted")
    await stage.settle()
    await stage.break_off(ana, room, ResetPeer(), told=(_UPDATE,))
    await stage.edit(owner, note, "while one is away")
    await stage.react(owner, note, "👍")
    await stage.delete(owner, gone)
    await stage.post(owner, place, "new while one is away")
    await stage.reconnect(ana, room)
    await stage.post(ana, place, "back again")
    await stage.settle()
