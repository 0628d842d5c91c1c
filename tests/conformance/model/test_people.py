"""Profiles in the model: look-ups, what answers teach, new names."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.world import Person, World
from tests.conformance.histories import ulid, user

BEN, EVE = user("ben"), user("eve")
PERSON = Person(user_id=BEN, username="ben", about_markdown="", avatar_version=0, banner_version=0)
WORLD = World(passwords={"ben": "secret"}).with_person(PERSON)


def _profile(**told: object) -> shapes.Profile:
    fields: dict[str, object] = {
        "user_id": BEN,
        "username": "ben",
        "about_markdown": "",
        "about_markdown_tokens": [],
        "avatar_version": 1,
        "banner_version": 0,
    }
    return shapes.Profile.model_validate(fields | told)


def _expected(operation: ops.Operation) -> Expectation:
    return RULES[type(operation)].expect(Situation(world=WORLD, actor=BEN), operation)


def _effect(operation: ops.Operation, answer: shapes.Profile, world: World = WORLD) -> Effect:
    situation = Situation(world=world, actor=BEN, answer=answer)
    return RULES[type(operation)].effect(situation, operation)


@pytest.mark.parametrize(
    ("user_ids", "statuses", "requirement"),
    [
        ([BEN, ulid(99), BEN], {200}, "REST-1"),
        ([ulid(number) for number in range(64)], {200}, "REST-1"),
        ([ulid(number) for number in range(65)], {400}, "REST-4"),
        ([], {400}, "REST-4"),
        ([BEN, "ben"], {400}, "PROF-1"),
    ],
)
def test_statuses_of_look_ups(user_ids: list[str], statuses: set[int], requirement: str) -> None:
    expectation = _expected(ops.LookUpUsers(user_ids=user_ids))
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


def test_a_read_teaches_what_is_not_known_and_keeps_that_there_is_an_image() -> None:
    forgotten = replace(PERSON, avatar_version=None, images=frozenset({"avatar_version"}))
    effect = _effect(ops.ReadProfile(user_id=BEN), _profile(), WORLD.with_person(forgotten))
    assert effect.world is not None
    assert effect.world.people[BEN] == replace(forgotten, avatar_version=1)


def test_a_read_does_not_overrule_what_is_known() -> None:
    assert _effect(ops.ReadProfile(user_id=BEN), _profile()).world is WORLD


def test_a_new_name_is_the_name_to_log_in_with() -> None:
    effect = _effect(ops.UpdateProfile(username="benny"), _profile(username="benny"))
    assert effect.world is not None
    assert effect.world.people[BEN].username == "benny"
    assert effect.world.passwords == {"benny": "secret"}


def test_a_taken_name_is_refused_to_others_alone() -> None:
    taken = WORLD.with_person(Person(user_id=EVE, username="eve"))
    for name, statuses in (("eve", {400}), ("ben", {200}), ("no", {400})):
        situation = Situation(world=taken, actor=BEN)
        operation = ops.UpdateProfile(username=name)
        assert set(RULES[ops.UpdateProfile].expect(situation, operation).statuses) == statuses
