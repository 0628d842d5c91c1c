"""What answers must say of people: lookups, friends and pending friend requests, profiles (contract 2.3)."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.judges.comparing import (
    Check,
    compared,
    listed,
    missing,
    newest_first,
    unexpected,
    wrong_value,
)
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.values_of_content import WindowCheck
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.images import image_version
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.world import FriendRequest, Person, World

# --- lookups


def _found(
    world: World, _call: Call, asked: ops.LookUpUsers, answer: shapes.FoundUsers
) -> list[Disagreement]:
    """In the order asked for, each once; of users that the run does not know nothing is claimed (PROF-1)."""
    told = [user.user_id for user in answer.users]
    wanted = [user_id for user_id in dict.fromkeys(asked.user_ids) if user_id in world.people]
    wrong = listed("PROF-1", "users", wanted, [user_id for user_id in told if user_id in world.people])
    wrong += [unexpected("PROF-1", f"users[{user_id}]") for user_id in told if user_id not in asked.user_ids]
    for user in answer.users:
        person = world.people.get(user.user_id)
        if person is not None:
            versions = {} if person.avatar_version is None else {"avatar_version": person.avatar_version}
            wrong += compared("DELIV-10", {"username": person.username, **versions}, user.wire())
    return wrong


# --- friends


def _friends(
    world: World, call: Call, _asked: ops.ListFriends, answer: shapes.FriendList
) -> list[Disagreement]:
    known = world.friends_of(call.actor)
    told = {friend.user_id for friend in answer.friends}
    wrong = [missing("FRIEND-3", f"friends[{user_id}]") for user_id in known if user_id not in told]
    wrong += [unexpected("FRIEND-3", f"friends[{user_id}]") for user_id in sorted(told - known.keys())]
    wrong += listed("FRIEND-3", "friends", sorted(told), sorted(f.user_id for f in answer.friends))
    for friend in answer.friends:
        person, since = world.people.get(friend.user_id), known.get(friend.user_id)
        stated: dict[str, Any] = {} if person is None else {"username": person.username}
        if since is not None:
            stated["created_at_unix"] = since
        wrong += compared("DELIV-10", stated, friend.wire())
    return wrong + newest_first("friends", [friend.created_at_unix for friend in answer.friends])


def _requests(
    world: World, call: Call, _asked: ops.ListFriendRequests, answer: shapes.FriendRequestList
) -> list[Disagreement]:
    pending = world.requests.values()
    incoming = {request.request_id: request for request in pending if request.recipient_id == call.actor}
    outgoing = {request.request_id: request for request in pending if request.sender_id == call.actor}
    friends = world.friends_of(call.actor)
    wrong = _side("incoming", call, friends, incoming, answer.incoming)
    return wrong + _side("outgoing", call, friends, outgoing, answer.outgoing)


def _side(
    path: str,
    call: Call,
    friends: Container[str],
    known: Mapping[str, FriendRequest],
    told: Sequence[shapes.FriendRequest],
) -> list[Disagreement]:
    """Names are not compared: they may be as they were when the request was made (CLIENT-10)."""
    ids = [request.request_id for request in told]
    wrong = [missing("DELIV-10", f"{path}[{request_id}]") for request_id in known if request_id not in ids]
    wrong += listed("DELIV-10", path, sorted(set(ids)), sorted(ids))
    for request in told:
        stored = known.get(request.request_id)
        at = f"{path}[{request.request_id}]"
        if stored is None:
            wrong.append(unexpected(_broken_by(request, call.actor, friends), at))
            continue
        wanted = {
            "sender_user_id": stored.sender_id,
            "recipient_user_id": stored.recipient_id,
            "created_at_unix": stored.created_at_unix,
        }
        wrong += compared("DELIV-10", wanted, request.wire())
    return wrong + newest_first(path, [request.created_at_unix for request in told])


def _broken_by(request: shapes.FriendRequest, actor: str | None, friends: Container[str]) -> str:
    """What it breaks that a request is listed which is not pending."""
    users = {request.sender_user_id, request.recipient_user_id}
    if actor not in users:
        return "LEAK-READ-1"
    # Between friends it is one that was accepted.
    return "FRIEND-3" if any(user_id in friends for user_id in users) else "DELIV-10"


def _requested(
    _world: World, call: Call, asked: ops.RequestFriend, answer: shapes.CreatedFriendRequest
) -> list[Disagreement]:
    wanted = {"sender_user_id": call.actor, "recipient_user_id": asked.recipient_user_id}
    return compared("REST-1", wanted, answer.wire())


# --- profiles


def _image_uploaded(
    worlds: Sequence[World], call: Call, asked: ops.UploadAvatar | ops.UploadBanner, answer: shapes.Profile
) -> list[Disagreement]:
    """Each accepted image raises its version strictly (PROF-4)."""
    member = image_version(asked)
    person = worlds[0].people.get(call.actor or "")
    before = None if person is None else getattr(person, member)
    told = getattr(answer, member)
    if before is None or told > before:
        return []
    return [wrong_value("PROF-4", member, f"more than {before}", told)]


def _profile_changed(
    worlds: Sequence[World], call: Call, _asked: ops.UpdateProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return profile_of(worlds, call.actor, answer)


def _profile_read(
    worlds: Sequence[World], _call: Call, asked: ops.ReadProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return profile_of(worlds, asked.user_id, answer)


def _own_profile(
    worlds: Sequence[World], call: Call, _asked: ops.OwnProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return profile_of(worlds, call.actor, answer)


def profile_of(worlds: Sequence[World], user_id: str | None, answer: shapes.Profile) -> list[Disagreement]:
    """Members that were so in no world of the window; each for itself, for changes of two may overtake."""
    people = [world.people.get(user_id or "") for world in worlds]
    known = [person for person in people if person is not None and person.is_known]
    if len(known) < len(people):
        return []
    told = answer.wire()
    newest = _profile_members(known[-1])
    possible = [_profile_members(person) for person in known]
    doubtful = {
        name: value for name, value in newest.items() if all(one[name] != told[name] for one in possible)
    }
    return compared("DELIV-10", doubtful, told)


def _profile_members(person: Person) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "username": person.username,
        "about_markdown": person.about_markdown,
        "avatar_version": person.avatar_version,
        "banner_version": person.banner_version,
    }


# --- what a right answer shows


def _kept_by_lookup(_worlds: Sequence[World], call: Call, asked: ops.LookUpUsers) -> list[str]:
    """PROF-1 is witnessed where order, duplicates or unknown ids could have been got wrong."""
    answer = read_result(ops.LookUpUsers, call.body).value
    told = answer.users if isinstance(answer, shapes.FoundUsers) else []
    return ["PROF-1"] if len(told) > 1 and len(told) < len(asked.user_ids) else []


def _kept_by_friends(worlds: Sequence[World], call: Call, _asked: ops.ListFriends) -> list[str]:
    return ["FRIEND-3"] if worlds[-1].friends_of(call.actor) else []


CHECKS: Final[Mapping[type[ops.Operation], Check]] = {
    ops.LookUpUsers: _found,
    ops.ListFriends: _friends,
    ops.ListFriendRequests: _requests,
    ops.RequestFriend: _requested,
}
WINDOW_CHECKS: Final[Mapping[type[ops.Operation], WindowCheck]] = {
    ops.UpdateProfile: _profile_changed,
    ops.ReadProfile: _profile_read,
    ops.OwnProfile: _own_profile,
    ops.UploadAvatar: _image_uploaded,
    ops.UploadBanner: _image_uploaded,
}
KEPT: Final[Mapping[type[ops.Operation], Any]] = {
    ops.LookUpUsers: _kept_by_lookup,
    ops.ListFriends: _kept_by_friends,
}
