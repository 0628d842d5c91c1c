"""Friend requests and friendships in the model (contract 2.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.operations import (
    AcceptFriend,
    DeleteFriendRequest,
    ListFriendRequests,
    ListFriends,
    Operation,
    RemoveFriend,
    RequestFriend,
)
from sync_check.conformance.contract.slices import FRIEND_REQUESTS, FRIENDS, slice_key
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Touch
from sync_check.conformance.model.transitions import (
    Effect,
    Expectation,
    Situation,
    expected,
    refused_unless,
    rule,
    success_unless,
)
from sync_check.conformance.model.world import FriendRequest, World, with_entry, without_entry

_Answering = AcceptFriend | DeleteFriendRequest


# --- lists


def _expect_list(_situation: Situation, _operation: Operation) -> Expectation:
    return expected(200)


def _learn(situation: Situation, _operation: ListFriends) -> Effect:
    """Take from the list since when the friends are friends, which no answer told before."""
    world, actor, answer = situation.world, situation.actor, situation.answer
    if not situation.happened or actor is None or not isinstance(answer, shapes.FriendList):
        return Effect(world=world)
    known = world.friends_of(actor)
    told = {friend.user_id: friend.created_at_unix for friend in answer.friends}
    since = {user_id: told.get(user_id) if at is None else at for user_id, at in known.items()}
    return Effect(world=world if since == known else _with_friends(world, {actor: since}))


# --- requests


def _expect_request(situation: Situation, operation: RequestFriend) -> Expectation:
    actor, recipient = situation.actor, operation.recipient_user_id
    if not ULID_PATTERN.fullmatch(recipient):
        return expected(400, 422, requirement="FRIEND-1")
    known = recipient in situation.world.people
    return success_unless(
        # Somebody that this run does not know may exist all the same.
        expected(200) if known else expected(200, 400, requirement="FRIEND-1"),
        refused_unless(recipient != actor, 400, "FRIEND-1"),
        refused_unless(recipient not in situation.world.friends_of(actor), 400, "FRIEND-1"),
        refused_unless(not _pending(situation.world, {actor, recipient}), 400, "FRIEND-1"),
    )


def _pending(world: World, pair: set[str | None]) -> bool:
    return any({request.sender_id, request.recipient_id} == pair for request in world.requests.values())


def _request(situation: Situation, operation: RequestFriend) -> Effect:
    world, actor, answer = situation.world, situation.actor, situation.answer
    if not situation.happened:
        return Effect(world=world, emissions=(_requested(situation, operation, None),))
    if actor is None or not isinstance(answer, shapes.CreatedFriendRequest):
        return Effect(world=None)
    request = FriendRequest(
        request_id=answer.request_id,
        sender_id=actor,
        recipient_id=operation.recipient_user_id,
        created_at_unix=answer.created_at_unix,
    )
    return Effect(
        world=replace(world, requests=with_entry(world.requests, request.request_id, request)),
        emissions=(_requested(situation, operation, request),),
        touched=_touched(request),
    )


def _requested(situation: Situation, operation: RequestFriend, request: FriendRequest | None) -> Emission:
    sender, recipient = situation.actor, operation.recipient_user_id
    identity: dict[str, Any] = {"sender_user_id": sender, "recipient_user_id": recipient}
    stated: dict[str, Any] = {}
    if request is not None:
        identity["request_id"] = request.request_id
        stated = {"created_at_unix": request.created_at_unix}
    return Emission(
        event=events.FriendRequestCreate,
        standing=situation.standing,
        identity=identity,
        stated=stated,
        concerned=_users(sender, recipient),
        named={"sender_user_id": "sender_username", "recipient_user_id": "recipient_username"},
    )


# --- what becomes of them


def _expect_answer(situation: Situation, operation: _Answering) -> Expectation:
    request = situation.world.requests.get(operation.request_id)
    success = expected(200 if isinstance(operation, AcceptFriend) else 204)
    if not ULID_PATTERN.fullmatch(operation.request_id):
        return expected(400, 404, requirement="FRIEND-2")
    return success_unless(
        success, refused_unless(request is not None and _may(situation, operation, request), 404, "FRIEND-2")
    )


def _may(situation: Situation, operation: _Answering, request: FriendRequest) -> bool:
    if isinstance(operation, AcceptFriend):
        return situation.actor == request.recipient_id
    return situation.actor in (request.sender_id, request.recipient_id)


def _accept(situation: Situation, operation: AcceptFriend) -> Effect:
    world = situation.world
    request = world.requests.get(operation.request_id)
    if not situation.happened or request is None:
        return _undone(situation, _accepted(situation, operation.request_id, request))
    sender, recipient = request.sender_id, request.recipient_id
    befriended = _with_friends(
        replace(world, requests=without_entry(world.requests, request.request_id)),
        {
            sender: with_entry(world.friends_of(sender), recipient, None),
            recipient: with_entry(world.friends_of(recipient), sender, None),
        },
    )
    return Effect(
        world=befriended,
        emissions=(_accepted(situation, request.request_id, request),),
        touched=(*_touched(request), *_touched_friends(sender, recipient)),
    )


def _accepted(situation: Situation, request_id: str, request: FriendRequest | None) -> Emission:
    users = _users(situation.actor) if request is None else _users(request.sender_id, request.recipient_id)

    def mirrored(receiver: str) -> Mapping[str, Any]:
        """What the copy of one side says (FRIEND-4)."""
        if receiver not in users or request is None:
            return {}
        (other,) = users - {receiver}
        return {"user_id": receiver, "friend_user_id": other}

    return Emission(
        event=events.FriendRequestUpdate,
        standing=situation.standing,
        identity={"request_id": request_id},
        requirement="FRIEND-4",
        concerned=users,
        sets=("friendship", users),
        personal=mirrored,
        named={"friend_user_id": "friend_username"},
    )


def _delete(situation: Situation, operation: DeleteFriendRequest) -> Effect:
    world = situation.world
    request = world.requests.get(operation.request_id)
    users = _users(situation.actor) if request is None else _users(request.sender_id, request.recipient_id)
    emission = Emission(
        event=events.FriendRequestDelete,
        standing=situation.standing,
        identity={"request_id": operation.request_id},
        concerned=users,
    )
    if not situation.happened or request is None:
        return _undone(situation, emission)
    return Effect(
        world=replace(world, requests=without_entry(world.requests, request.request_id)),
        emissions=(emission,),
        touched=_touched(request),
    )


# --- the end of a friendship


def _expect_remove(situation: Situation, operation: RemoveFriend) -> Expectation:
    return success_unless(
        expected(204),
        refused_unless(ULID_PATTERN.fullmatch(operation.user_id) is not None, 400, "FRIEND-5"),
        refused_unless(operation.user_id != situation.actor, 400, "FRIEND-5"),
    )


def _remove(situation: Situation, operation: RemoveFriend) -> Effect:
    world, actor, friend = situation.world, situation.actor, operation.user_id
    if not situation.happened:
        return Effect(world=world, emissions=(_removed(situation, friend),))
    if actor is None:
        return Effect(world=None)
    if friend not in world.friends_of(actor):
        quiet = replace(situation, standing=Standing.NO_OP)
        return Effect(world=world, emissions=(_removed(quiet, friend),))
    parted = _with_friends(
        world,
        {
            actor: without_entry(world.friends_of(actor), friend),
            friend: without_entry(world.friends_of(friend), actor),
        },
    )
    return Effect(
        world=parted, emissions=(_removed(situation, friend),), touched=_touched_friends(actor, friend)
    )


def _removed(situation: Situation, friend: str) -> Emission:
    users = _users(situation.actor, friend)

    def mirrored(receiver: str) -> Mapping[str, Any]:
        """What the copy of one side says (FRIEND-4)."""
        if receiver not in users or len(users) < 2:
            return {}
        (other,) = users - {receiver}
        return {"user_id": receiver, "friend_user_id": other}

    return Emission(
        event=events.FriendRemove,
        standing=situation.standing,
        identity={},
        pair=users,
        requirement="FRIEND-4",
        unless_changed="FRIEND-5",
        concerned=users,
        sets=("friendship", users),
        personal=mirrored,
    )


# --- common parts


def _undone(situation: Situation, emission: Emission) -> Effect:
    """Nothing is known to have changed: it was refused, or somebody else was faster."""
    standing = Standing.OPTIONAL if situation.happened else situation.standing
    return Effect(world=situation.world, emissions=(replace(emission, standing=standing),))


def _users(*users: str | None) -> frozenset[str]:
    return frozenset(user for user in users if user is not None)


def _with_friends(world: World, changed: Mapping[str, Mapping[str, int | None]]) -> World:
    return replace(world, friends={**world.friends, **changed})


def _touched(request: FriendRequest) -> tuple[Touch, ...]:
    users = (request.sender_id, request.recipient_id)
    return tuple((slice_key(FRIEND_REQUESTS, user_id), None) for user_id in users)


def _touched_friends(one: str, other: str) -> tuple[Touch, ...]:
    return ((slice_key(FRIENDS, one), other), (slice_key(FRIENDS, other), one))


rule(ListFriends, _expect_list, _learn, mutates=False)
rule(ListFriendRequests, _expect_list)
rule(RequestFriend, _expect_request, _request)
rule(AcceptFriend, _expect_answer, _accept)
rule(DeleteFriendRequest, _expect_answer, _delete)
rule(RemoveFriend, _expect_remove, _remove)
