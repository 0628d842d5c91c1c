"""Friends in the model: statuses, what becomes of requests and friendships, and what each side is told."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.slices import FRIEND_REQUESTS, FRIENDS, slice_key
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.world import FriendRequest, Person, World
from tests.conformance.histories import NOW, ulid, user

ANA, BEN, CLEO, EVE = user("ana"), user("ben"), user("cleo"), user("eve")
PENDING = FriendRequest(request_id=ulid(1), sender_id=ANA, recipient_id=BEN, created_at_unix=NOW)
WORLD = replace(
    World(
        people={
            user(name): Person(user_id=user(name), username=name) for name in ("ana", "ben", "cleo", "eve")
        }
    ),
    requests={PENDING.request_id: PENDING},
    friends={ANA: {CLEO: NOW}, CLEO: {ANA: NOW}},
)
MADE = shapes.CreatedFriendRequest(
    request_id=ulid(2), sender_user_id=EVE, recipient_user_id=BEN, created_at_unix=NOW
)


def ask(recipient: str) -> ops.RequestFriend:
    return ops.RequestFriend(recipient_user_id=recipient)


def accept(request_id: str = PENDING.request_id) -> ops.AcceptFriend:
    return ops.AcceptFriend(request_id=request_id)


def delete(request_id: str = PENDING.request_id) -> ops.DeleteFriendRequest:
    return ops.DeleteFriendRequest(request_id=request_id)


def remove(user_id: str) -> ops.RemoveFriend:
    return ops.RemoveFriend(user_id=user_id)


def _expected(operation: ops.Operation, actor: str) -> Expectation:
    return RULES[type(operation)].expect(Situation(world=WORLD, actor=actor), operation)


def _effect(
    operation: ops.Operation,
    actor: str | None,
    standing: Standing = Standing.DUE,
    answer: WireModel | None = None,
    world: World = WORLD,
) -> Effect:
    situation = Situation(world=world, actor=actor, standing=standing, answer=answer)
    return RULES[type(operation)].effect(situation, operation)


def _changed(effect: Effect) -> World:
    assert effect.world is not None
    return effect.world


def _only(effect: Effect) -> Emission:
    (emission,) = effect.emissions
    return emission


@pytest.mark.parametrize(
    ("operation", "actor", "statuses", "requirement"),
    [
        (ask(BEN), EVE, {200}, "REST-1"),
        (ask(ulid(99)), EVE, {200, 400}, "FRIEND-1"),
        (ask("eve"), EVE, {400, 422}, "FRIEND-1"),
        (ask(EVE), EVE, {400}, "FRIEND-1"),
        (ask(CLEO), ANA, {400}, "FRIEND-1"),
        (ask(ANA), CLEO, {400}, "FRIEND-1"),
        (ask(BEN), ANA, {400}, "FRIEND-1"),
        (ask(ANA), BEN, {400}, "FRIEND-1"),
        (accept(), BEN, {200}, "REST-1"),
        (accept(), ANA, {404}, "FRIEND-2"),
        (accept(), EVE, {404}, "FRIEND-2"),
        (accept(ulid(99)), BEN, {404}, "FRIEND-2"),
        (accept("x"), BEN, {400, 404}, "FRIEND-2"),
        (delete(), ANA, {204}, "REST-1"),
        (delete(), BEN, {204}, "REST-1"),
        (delete(), EVE, {404}, "FRIEND-2"),
        (delete(ulid(99)), ANA, {404}, "FRIEND-2"),
        (delete("x"), ANA, {400, 404}, "FRIEND-2"),
        (remove(CLEO), ANA, {204}, "REST-1"),
        (remove(BEN), ANA, {204}, "REST-1"),
        (remove(ulid(99)), ANA, {204}, "REST-1"),
        (remove(ANA), ANA, {400}, "FRIEND-5"),
        (remove("cleo"), ANA, {400}, "FRIEND-5"),
        (ops.ListFriends(), ANA, {200}, "REST-1"),
        (ops.ListFriendRequests(), ANA, {200}, "REST-1"),
    ],
)
def test_statuses(operation: ops.Operation, actor: str, statuses: set[int], requirement: str) -> None:
    expectation = _expected(operation, actor)
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


# --- requests


def test_a_request_is_pending_for_both() -> None:
    effect = _effect(ask(BEN), EVE, answer=MADE)
    made = _changed(effect).requests[MADE.request_id]
    assert (made.sender_id, made.recipient_id) == (EVE, BEN)
    assert {key for key, _ in effect.touched} == {slice_key(FRIEND_REQUESTS, one) for one in (EVE, BEN)}


def test_both_are_told_of_a_request_by_the_names_that_they_have() -> None:
    emission = _only(_effect(ask(BEN), EVE, answer=MADE))
    assert emission.concerned == {EVE, BEN}
    assert emission.identity["request_id"] == MADE.request_id
    assert emission.stated == {"created_at_unix": NOW}
    told = {
        "created_at_unix": NOW,
        "sender_user_id": EVE,
        "sender_username": "eve",
        "recipient_user_id": BEN,
        "recipient_username": "benny",
    }
    names = {EVE: ["eve"], BEN: ["ben", "benny"]}
    assert emission.disagreements(told, EVE, names=names.__getitem__) == ()
    (wrong,) = emission.disagreements(told, EVE, names={EVE: ["eva", "Eve"], BEN: []}.__getitem__)
    assert (wrong.path, wrong.expected, wrong.received) == ("sender_username", "Eve or eva", "eve")


def test_a_request_whose_answer_says_nothing_leaves_the_model_blind() -> None:
    assert _effect(ask(BEN), EVE).world is None
    assert _effect(ask(BEN), None, answer=MADE).world is None


@pytest.mark.parametrize("actor", [ANA, BEN])
def test_either_side_can_end_a_request(actor: str) -> None:
    effect = _effect(delete(), actor)
    assert _changed(effect).requests == {}
    emission = _only(effect)
    assert emission.event is events.FriendRequestDelete
    assert emission.concerned == {ANA, BEN}


# --- friendships


def test_accepting_makes_friends_of_both_and_ends_the_request() -> None:
    effect = _effect(accept(), BEN)
    world = _changed(effect)
    assert world.requests == {}
    # Since when is learnt from a list: the answer does not say it.
    assert world.friends_of(ANA) == {CLEO: NOW, BEN: None}
    assert world.friends_of(BEN) == {ANA: None}
    assert {key for key, _ in effect.touched} == {
        slice_key(name, one) for name in (FRIENDS, FRIEND_REQUESTS) for one in (ANA, BEN)
    }


def test_each_side_has_its_own_copy_of_the_acceptance() -> None:
    emission = _only(_effect(accept(), BEN))
    assert emission.requirement == "FRIEND-4"
    assert emission.concerned == {ANA, BEN}
    assert emission.personal is not None
    assert emission.personal(ANA) == {"user_id": ANA, "friend_user_id": BEN}
    assert emission.personal(BEN) == {"user_id": BEN, "friend_user_id": ANA}
    assert emission.named == {"friend_user_id": "friend_username"}
    assert emission.personal(EVE) == {}


def test_a_list_tells_since_when() -> None:
    world = _changed(_effect(accept(), BEN))
    friend = shapes.Friend(user_id=ANA, username="ana", created_at_unix=NOW + 5)
    learnt = _effect(ops.ListFriends(), BEN, answer=shapes.FriendList(friends=[friend]), world=world)
    assert _changed(learnt).friends_of(BEN) == {ANA: NOW + 5}


def test_a_list_teaches_nothing_that_is_known_and_no_friendship() -> None:
    friends = [shapes.Friend(user_id=one, username="x", created_at_unix=NOW + 5) for one in (CLEO, EVE)]
    assert _effect(ops.ListFriends(), ANA, answer=shapes.FriendList(friends=friends)).world is WORLD
    assert _effect(ops.ListFriends(), ANA, Standing.REFUSED).world is WORLD


@pytest.mark.parametrize(("actor", "friend"), [(ANA, CLEO), (CLEO, ANA)])
def test_a_removal_parts_both(actor: str, friend: str) -> None:
    effect = _effect(remove(friend), actor)
    world = _changed(effect)
    assert (world.friends_of(ANA), world.friends_of(CLEO)) == ({}, {})
    emission = _only(effect)
    assert emission.pair == emission.concerned == {ANA, CLEO}
    assert emission.personal is not None
    assert emission.personal(CLEO) == {"user_id": CLEO, "friend_user_id": ANA}
    assert emission.personal(EVE) == {}


def test_the_removal_of_who_is_no_friend_is_silent() -> None:
    effect = _effect(remove(BEN), ANA)
    assert effect.world is WORLD
    assert (_only(effect).standing, _only(effect).unless_changed) == (Standing.NO_OP, "FRIEND-5")


def test_a_removal_is_told_to_each_in_its_copy_and_to_no_other_pair() -> None:
    emission = _only(_effect(remove(CLEO), ANA))
    assert emission.is_told_by({"user_id": CLEO, "friend_user_id": ANA})
    assert emission.is_told_by({"user_id": ANA, "friend_user_id": CLEO})
    assert not emission.is_told_by({"user_id": ANA, "friend_user_id": EVE})
    assert not emission.is_told_by({"user_id": ANA, "friend_user_id": ANA})


# --- what is not known to have happened


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize(
    ("operation", "actor"), [(ask(BEN), EVE), (accept(), BEN), (delete(), ANA), (remove(CLEO), ANA)]
)
def test_what_did_not_surely_happen_changes_nothing(
    operation: ops.Operation, actor: str, standing: Standing
) -> None:
    effect = _effect(operation, actor, standing)
    assert effect.world is WORLD
    assert _only(effect).standing is standing


@pytest.mark.parametrize("operation", [accept(ulid(99)), delete(ulid(99))])
def test_the_answer_to_a_request_that_is_gone_leaves_its_event_open(operation: ops.Operation) -> None:
    effect = _effect(operation, BEN)
    assert effect.world is WORLD
    assert _only(effect).standing is Standing.OPTIONAL
    assert _only(effect).concerned == {BEN}


def test_a_removal_by_nobody_known_leaves_the_model_blind() -> None:
    assert _effect(remove(CLEO), None).world is None
