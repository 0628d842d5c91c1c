"""Accounts and profiles in the model, and the health check (contract 2.3)."""

from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.limits import PASSWORD_BYTES
from sync_check.conformance.contract.operations import (
    Login,
    Logout,
    LookUpUsers,
    Operation,
    OwnProfile,
    ReadHealth,
    ReadProfile,
    Refresh,
    Register,
    UpdateProfile,
)
from sync_check.conformance.contract.slices import PROFILES, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN, USERNAME_PATTERN
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.gauges import least_bytes
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    size,
    success_unless,
)
from sync_check.conformance.model.world import Person, World, with_entry

# --- accounts


def _expect_register(_situation: Situation, operation: Register) -> Expectation:
    named = USERNAME_PATTERN.fullmatch(operation.username) is not None
    sound = named and least_bytes(operation.password) in PASSWORD_BYTES
    return success_unless(expected(200, requirement="AUTH-1"), refused_unless(sound, 400, "REST-4"))


def _register(situation: Situation, operation: Register) -> Effect:
    # A taken username gets the same answer and keeps its account (AUTH-1).
    if not situation.happened or operation.username in situation.world.passwords:
        return Effect(world=situation.world)
    passwords = with_entry(situation.world.passwords, operation.username, operation.password)
    return Effect(world=replace(situation.world, passwords=passwords))


def _expect_login(situation: Situation, operation: Login) -> Expectation:
    known = situation.world.passwords.get(operation.username)
    if known is None:
        return expected(200, 401, requirement="AUTH-2")
    return success_unless(expected(200), refused_unless(known == operation.password, 401, "AUTH-2"))


def _expect_refresh(_situation: Situation, _operation: Refresh) -> Expectation:
    return expected(200, 401, requirement="AUTH-3")


def _expect_logout(_situation: Situation, _operation: Logout) -> Expectation:
    return expected(204, 401, requirement="AUTH-6")


# --- profiles


def _expect_anybody(_situation: Situation, _operation: Operation) -> Expectation:
    return expected(200)


def _expect_health(_situation: Situation, _operation: ReadHealth) -> Expectation:
    return expected(200, requirement="HEALTH-1")


def _expect_read(situation: Situation, operation: ReadProfile) -> Expectation:
    if operation.user_id in situation.world.people:
        return expected(200)
    # Somebody that this run does not know may exist all the same.
    malformed = not ULID_PATTERN.fullmatch(operation.user_id)
    return expected(404, 400) if malformed else expected(200, 404)


def _expect_lookup(situation: Situation, operation: LookUpUsers) -> Expectation:
    asked, most = operation.user_ids, situation.limits.lookup_users
    well_formed = all(map(ULID_PATTERN.fullmatch, asked))
    return success_unless(
        expected(200),
        refused_unless(1 <= len(asked) <= most, 400, "REST-4"),
        None if well_formed else expected(400, requirement="PROF-1"),
    )


def _learn(situation: Situation, _operation: OwnProfile | ReadProfile) -> Effect:
    """Take from an answer what the model does not know yet of a user."""
    answer = situation.answer
    if not situation.happened or not isinstance(answer, shapes.Profile):
        return Effect(world=situation.world)
    known = situation.world.people.get(answer.user_id)
    if known is not None and known.is_known:
        return Effect(world=situation.world)
    images = frozenset() if known is None else known.images
    return Effect(world=situation.world.with_person(replace(_person(answer), images=images)))


def _person(profile: shapes.Profile) -> Person:
    return Person(
        user_id=profile.user_id,
        username=profile.username,
        about_markdown=profile.about_markdown,
        avatar_version=profile.avatar_version,
        banner_version=profile.banner_version,
    )


def _expect_update(situation: Situation, operation: UpdateProfile) -> Expectation:
    name, about = operation.username, operation.about_markdown
    named = name is None or USERNAME_PATTERN.fullmatch(name) is not None
    fits = about is None or (size(about) <= situation.limits.about_bytes and "\0" not in about)
    return success_unless(
        expected(200),
        refused_unless(named and fits, 400, "REST-4"),
        refused_unless(not _taken(situation, name), 400, "REST-4"),
        refused_unless(name is not None or about is not None, 400, "REST-4"),
    )


def _taken(situation: Situation, name: str | None) -> bool:
    people = situation.world.people.values()
    return any(person.username == name and person.user_id != situation.actor for person in people)


def _update(situation: Situation, operation: UpdateProfile) -> Effect:
    asked = {"username": operation.username, "about_markdown": operation.about_markdown}
    given = {name: value for name, value in asked.items() if value is not None}
    person = situation.world.people.get(situation.actor or "")
    if situation.standing is Standing.OPTIONAL:
        return Effect(
            world=_forgotten(situation.world, person), emissions=(_updated(situation, given, given),)
        )
    if not situation.happened:
        return Effect(world=situation.world, emissions=(_updated(situation, given, given),))
    if person is None:
        return Effect(world=None)
    person = _completed(person, situation.answer)
    changes: dict[str, Any] = {name: value for name, value in given.items() if getattr(person, name) != value}
    if not changes:
        quiet = replace(situation, standing=Standing.NO_OP)
        return Effect(world=situation.world, emissions=(_updated(quiet, {}, given),))
    return Effect(
        world=_renamed(situation.world, person, operation.username).with_person(replace(person, **changes)),
        emissions=(_updated(situation, changes, given),),
        touched=((slice_key(PROFILES, person.user_id), None),),
    )


def _completed(person: Person, answer: Any) -> Person:
    """The versions come with the answer where the model has not learnt them."""
    if person.is_known or not isinstance(answer, shapes.Profile):
        return person
    told = _person(answer)
    return replace(person, avatar_version=told.avatar_version, banner_version=told.banner_version)


def _renamed(world: World, person: Person, username: str | None) -> World:
    """The login name is the username."""
    password = world.passwords.get(person.username)
    if username is None or username == person.username or password is None:
        return world
    kept = {name: value for name, value in world.passwords.items() if name != person.username}
    return replace(world, passwords={**kept, username: password})


def _forgotten(world: World, person: Person | None) -> World:
    """Nobody knows whether the update happened, so the profile has to be learnt again."""
    return world if person is None else world.with_person(replace(person, about_markdown=None))


def _updated(situation: Situation, changes: dict[str, Any], given: dict[str, Any]) -> Emission:
    identity = {"user_id": situation.actor}
    if not situation.happened:
        identity |= {f"updated_fields.{name}": value for name, value in given.items()}
    stated = dict(changes)
    if "about_markdown" in stated and isinstance(situation.answer, shapes.Profile):
        stated["about_markdown_tokens"] = situation.answer.about_markdown_tokens
    supplied = set(given)
    if "about_markdown" in given:
        supplied.add("about_markdown_tokens")
    return Emission(
        event=events.ProfileUpdate,
        standing=situation.standing,
        identity=identity,
        updated=stated,
        supplied=frozenset(supplied),
        surplus="PROF-2",
        subject=situation.actor,
    )


rule(Register, _expect_register, _register, mutates=False)
rule(Login, _expect_login)
rule(Refresh, _expect_refresh)
rule(Logout, _expect_logout)
rule(OwnProfile, _expect_anybody, _learn, mutates=False)
rule(ReadProfile, _expect_read, _learn, mutates=False)
rule(LookUpUsers, _expect_lookup)
rule(UpdateProfile, _expect_update, _update)
rule(ReadHealth, _expect_health)
