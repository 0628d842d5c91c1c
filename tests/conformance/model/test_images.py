"""Avatars and banners in the model: what is accepted, the version that it gets, and who reads it."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.slices import PROFILES, slice_key
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.images import image_version
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.world import Person, World
from tests.conformance.histories import ulid, user
from tests.conformance.people_stories import PNG

BEN = user("ben")
PERSON = Person(user_id=BEN, username="ben", about_markdown="", avatar_version=3, banner_version=7)
WORLD = World().with_person(PERSON)
SMALL = Limits().model_copy(update={"avatar_bytes": len(PNG), "banner_bytes": 2 * len(PNG)})
KINDS = (ops.UploadAvatar, ops.UploadBanner)


def _expected(operation: ops.Operation) -> Expectation:
    return RULES[type(operation)].expect(Situation(world=WORLD, actor=BEN, limits=SMALL), operation)


def _answer(avatar: int, banner: int = 7) -> shapes.Profile:
    return shapes.Profile(
        user_id=BEN,
        username="ben",
        about_markdown="",
        about_markdown_tokens=[],
        avatar_version=avatar,
        banner_version=banner,
    )


def _effect(
    operation: ops.Operation,
    standing: Standing = Standing.DUE,
    answer: shapes.Profile | None = None,
    world: World = WORLD,
) -> Effect:
    situation = Situation(world=world, actor=BEN, standing=standing, answer=answer)
    return RULES[type(operation)].effect(situation, operation)


def _person(effect: Effect) -> Person:
    assert effect.world is not None
    return effect.world.people[BEN]


def _only(effect: Effect) -> Emission:
    (emission,) = effect.emissions
    return emission


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("data", "content_type", "statuses", "requirement"),
    [
        (PNG, "image/png", {200}, "REST-1"),
        (PNG, "image/png; charset=x", {200, 400}, "REST-1"),
        (PNG, "image/gif", {400}, "PROF-3"),
        (PNG, "", {400, 415}, "PROF-3"),
        (b"", "image/png", {400}, "PROF-3"),
        (b"words", "text/plain", {400}, "PROF-3"),
        (b"<svg/>", "image/svg+xml", {400}, "PROF-3"),
        (b"%PDF-1.7", "application/pdf", {400}, "PROF-3"),
        (PNG * 3, "image/png", {413}, "PROF-3"),
        (PNG * 3, "image/gif", {400, 413}, "PROF-3"),
    ],
)
def test_statuses_of_uploads(
    kind: type[ops.UploadAvatar | ops.UploadBanner],
    data: bytes,
    content_type: str,
    statuses: set[int],
    requirement: str,
) -> None:
    expectation = _expected(kind(data=data, content_type=content_type))
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


def test_an_avatar_has_another_limit_than_a_banner() -> None:
    assert _expected(ops.UploadAvatar(data=PNG * 2, content_type="image/png")).statuses == {413}
    assert _expected(ops.UploadBanner(data=PNG * 2, content_type="image/png")).statuses == {200}


def test_an_upload_takes_the_version_from_the_answer() -> None:
    effect = _effect(ops.UploadAvatar(data=PNG, content_type="image/png"), answer=_answer(9))
    assert _person(effect) == replace(PERSON, avatar_version=9, images=frozenset({"avatar_version"}))
    assert effect.touched == ((slice_key(PROFILES, BEN), None),)
    emission = _only(effect)
    assert (emission.event, emission.subject) == (events.ProfileAvatarUpdate, BEN)
    assert (emission.stated, emission.requirement) == ({"avatar_version": 9}, "PROF-4")


def test_a_banner_has_a_version_of_its_own() -> None:
    upload = ops.UploadBanner(data=PNG, content_type="image/png")
    effect = _effect(upload, answer=_answer(3, 8))
    assert (_person(effect).avatar_version, _person(effect).banner_version) == (3, 8)
    assert _only(effect).event is events.ProfileBannerUpdate
    assert image_version(upload) == "banner_version"


def test_of_uploads_at_once_the_one_answered_last_need_not_be_the_newest() -> None:
    effect = _effect(ops.UploadAvatar(data=PNG, content_type="image/png"), answer=_answer(2))
    assert _person(effect).avatar_version == 3
    assert _only(effect).stated == {"avatar_version": 2}


def test_an_upload_that_perhaps_happened_is_forgotten_and_learnt_again() -> None:
    lost = _effect(ops.UploadAvatar(data=PNG, content_type="image/png"), Standing.OPTIONAL)
    assert _person(lost).avatar_version is None
    assert lost.world is not None
    found = _effect(ops.UploadAvatar(data=PNG, content_type="image/png"), answer=_answer(5), world=lost.world)
    assert _person(found).avatar_version == 5


def test_a_refused_upload_leaves_the_version() -> None:
    effect = _effect(ops.UploadAvatar(data=b"", content_type="image/png"), Standing.REFUSED)
    assert effect.world is WORLD
    assert _only(effect).standing is Standing.REFUSED


def test_an_answer_that_says_no_version_leaves_the_model_blind() -> None:
    assert _effect(ops.UploadAvatar(data=PNG, content_type="image/png")).world is None


# --- reads


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        (ops.ReadAvatar(user_id=BEN), {200}),
        (ops.ReadBanner(user_id=BEN), {200, 404}),
        (ops.ReadAvatar(user_id=ulid(99)), {200, 404}),
        (ops.ReadAvatar(user_id="ben"), {400, 404}),
    ],
)
def test_who_uploaded_an_avatar_has_one(operation: ops.Operation, statuses: set[int]) -> None:
    world = _effect(ops.UploadAvatar(data=PNG, content_type="image/png"), answer=_answer(9)).world
    assert world is not None
    expectation = RULES[type(operation)].expect(Situation(world=world, actor=None), operation)
    assert set(expectation.statuses) == statuses
