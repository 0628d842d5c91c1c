"""The profile: what a user says of themselves, in every session of theirs."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.images import png
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


@scenario(
    "profile/images",
    covers=["PROF-3", "PROF-4", "SCOPE-7", "DELIV-1", "DELIV-8", "DELIV-10"],
    features=(
        Feature.PROFILE,
        Feature.PROFILE_AVATAR,
        Feature.PROFILE_BANNER,
        Feature.MEMBERS,
        Feature.CHANNELS_CREATE,
        Feature.MESSAGES,
    ),
    needs=Needs(operations=11, settles=3),
)
async def image_reaches_every_session(stage: Stage) -> None:
    """A new avatar or banner raises its version in all sessions of its user; what is no image does not."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    stranger = await stage.stranger()
    limits = stage.company.target.limits
    await stage.settle()
    await stage.upload_avatar(ana, png("one"))
    await stage.upload_avatar(ana, png("two"))
    await stage.upload_avatar(ana, b"", refused=True)
    await stage.upload_avatar(ana, b"this is no picture", refused=True)
    await stage.upload_avatar(ana, png("three"), content_type="image/gif", refused=True)
    await stage.upload_avatar(ana, png(size=limits.avatar_bytes + 1), refused=True)
    await stage.settle()
    await stage.upload_banner(ana, png("wide"))
    await stage.upload_banner(ana, png("wide")[:-4], content_type="image/webp", refused=True)
    await stage.upload_banner(ana, png(size=limits.banner_bytes + 1), refused=True)
    await stage.do(stranger, ops.ReadAvatar(user_id=ana.user_id))
    await stage.do(stranger, ops.ReadBanner(user_id=ana.user_id))
