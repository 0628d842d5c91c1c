"""The profile: what a user says of themselves, in every session of theirs."""

from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import Stage
from sync_check.scenarios.registry import scenario


@scenario(
    "profile/update",
    covers=["PROF-2", "SCOPE-7", "DELIV-1", "DELIV-8", "DELIV-10"],
    features=(Feature.PROFILE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES),
    needs=Needs(operations=3, settles=3),
)
async def profile_update_reaches_every_session(stage: Stage) -> None:
    """A profile change reaches all sessions of its user, and no stranger."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    await stage.stranger()
    await stage.settle()
    await stage.update_profile(ana, about="likes *tests*")
    await stage.settle()
    await stage.update_profile(ana, about="")
