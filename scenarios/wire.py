"""The wire: what no client should send ends its connection, and does nothing to anybody else."""

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.envelopes import VERSIONS
from sync_check.harness.hazards import Hazard
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)


@scenario(
    "wire/envelope",
    covers=["ENV-7", "BAD-3", "BAD-9", "BAD-10", "BAD-11"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT,),
    needs=Needs(operations=2, settles=1),
)
async def invalid_envelope_ends_its_connection(stage: Stage) -> None:
    """An invalid envelope ends its connection, is counted once, and nobody else hears of it."""
    room = await stage.workspace()
    members = await stage.cast(room)
    place = room.channel(GENERAL)
    await stage.post(members[0], place, "before")
    await stage.intrude(members, place, VERSIONS)
    await stage.post(members[0], place, "after")
