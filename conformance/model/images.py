"""Avatars and banners in the model: upload them, and read them without authentication (contract 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import ReadAvatar, ReadBanner, UploadAvatar, UploadBanner
from sync_check.conformance.contract.slices import PROFILES, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.media_types import Declared, declared, kind_named
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import Person

_Upload = UploadAvatar | UploadBanner
_Read = ReadAvatar | ReadBanner
_KINDS: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """Which member of a profile counts the versions of an image, its event, and how large it may be."""

    version: str
    event: type[events.ProfileAvatarUpdate] | type[events.ProfileBannerUpdate]
    most: Callable[[Limits], int]


_AVATAR: Final = _Image(
    version="avatar_version", event=events.ProfileAvatarUpdate, most=lambda limits: limits.avatar_bytes
)
_BANNER: Final = _Image(
    version="banner_version", event=events.ProfileBannerUpdate, most=lambda limits: limits.banner_bytes
)


def image_version(operation: _Upload) -> str:
    """The member of a profile that an upload raises."""
    return _image(operation).version


def _image(operation: _Upload | _Read) -> _Image:
    return _AVATAR if isinstance(operation, (UploadAvatar, ReadAvatar)) else _BANNER


# --- uploads


def _expect_upload(situation: Situation, operation: _Upload) -> Expectation:
    fits = len(operation.data) <= _image(operation).most(situation.limits)
    return success_unless(expected(200), _refused_kind(operation), refused_unless(fits, 413, "PROF-3"))


def _refused_kind(operation: _Upload) -> Expectation | None:
    """The refusal of what is no image of a kind that the contract names, or of another than is declared."""
    # What is declared to be no image is refused, whatever it is.
    stands = Declared.WRONG
    if kind_named(operation.content_type) in _KINDS:
        stands = declared(operation.data, operation.content_type)
    if stands is Declared.RIGHT:
        return None
    if stands is Declared.DOUBTFUL:
        return expected(200, 400, requirement="PROF-3")
    # Whoever declares nothing may be told that this is missing.
    return expected(400, *(() if operation.content_type else (415,)), requirement="PROF-3")


def _upload(situation: Situation, operation: _Upload) -> Effect:
    world, image = situation.world, _image(operation)
    person = world.people.get(situation.actor or "")
    if not situation.happened:
        # Nobody knows the version if nobody knows whether there is one, so it has to be learnt again.
        lost = situation.standing is Standing.OPTIONAL and person is not None
        forgotten = world.with_person(_with_version(person, image, None)) if lost and person else world
        return Effect(world=forgotten, emissions=(_updated(situation, image, None),))
    if person is None or not isinstance(situation.answer, shapes.Profile):
        return Effect(world=None)
    told: int = getattr(situation.answer, image.version)
    before: int | None = getattr(person, image.version)
    # Of uploads at the same time the one that was answered last need not be the newest.
    person = _with_version(person, image, told if before is None else max(before, told))
    return Effect(
        world=world.with_person(person),
        emissions=(_updated(situation, image, told),),
        touched=((slice_key(PROFILES, person.user_id), None),),
    )


def _with_version(person: Person, image: _Image, version: int | None) -> Person:
    if version is not None:
        person = replace(person, images=person.images | {image.version})
    if image is _AVATAR:
        return replace(person, avatar_version=version)
    return replace(person, banner_version=version)


def _updated(situation: Situation, image: _Image, version: int | None) -> Emission:
    identity: dict[str, Any] = {"user_id": situation.actor}
    return Emission(
        event=image.event,
        standing=situation.standing,
        identity=identity,
        stated={} if version is None else {image.version: version},
        requirement="PROF-4",
        subject=situation.actor,
    )


# --- reads


def _expect_read(situation: Situation, operation: _Read) -> Expectation:
    person = situation.world.people.get(operation.user_id)
    if not ULID_PATTERN.fullmatch(operation.user_id):
        return expected(400, 404)
    # Before the first upload there may be an image from earlier days: which version says so is left open.
    there = person is not None and _image(operation).version in person.images
    return expected(200) if there else expected(200, 404)


rule(UploadAvatar, _expect_upload, _upload)
rule(UploadBanner, _expect_upload, _upload)
rule(ReadAvatar, _expect_read)
rule(ReadBanner, _expect_read)
