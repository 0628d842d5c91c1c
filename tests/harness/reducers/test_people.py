"""Friends and requests: kept up to date once they were read, and not begun by events."""

from dataclasses import replace

from sync_check.conformance.contract import events
from sync_check.harness.reducers import people
from sync_check.harness.state import Friend, FriendRequest, FriendRequests, State
from tests.harness.wire import BEN, EVE, ME, NOW, make_id

FIRST, SECOND = make_id(50), make_id(51)
FROM_BEN = FriendRequest(
    sender_user_id=BEN,
    sender_username="ben",
    recipient_user_id=ME,
    recipient_username="ana",
    created_at_unix=NOW,
)
READ = State(
    user_id=ME,
    friends={EVE: Friend(username="eve", created_at_unix=NOW)},
    requests=FriendRequests(incoming={FIRST: FROM_BEN}, outgoing={}),
)
UNREAD = State(user_id=ME)


def create(request_id: str, sender_id: str, recipient_id: str) -> events.FriendRequestCreate:
    return events.FriendRequestCreate(
        request_id=request_id,
        sender_user_id=sender_id,
        sender_username="x",
        recipient_user_id=recipient_id,
        recipient_username="y",
        created_at_unix=NOW + 1,
    )


def accept(user_id: str, friend_id: str) -> events.FriendRequestUpdate:
    return events.FriendRequestUpdate(
        request_id=FIRST,
        state="accepted",
        user_id=user_id,
        friend_user_id=friend_id,
        friend_username="ben",
        friendship_created_at_unix=NOW + 2,
        updated_at_unix=NOW + 2,
    )


def rename(user_id: str) -> events.ProfileUpdate:
    return events.ProfileUpdate.model_validate(
        {"user_id": user_id, "updated_fields": {"username": "evelyn"}, "updated_at_unix": NOW}
    )


def held(state: State) -> tuple[set[str], set[str]]:
    """The ids of the incoming and the outgoing requests."""
    assert state.requests is not None
    return {*state.requests.incoming}, {*state.requests.outgoing}


DELETE = events.FriendRequestDelete(request_id=FIRST, deleted_at_unix=NOW)
REMOVE = events.FriendRemove(user_id=ME, friend_user_id=EVE, removed_at_unix=NOW)


def test_a_request_comes_in_or_goes_out_or_is_none_of_ours() -> None:
    incoming = people.request_create(READ, create(SECOND, EVE, ME))
    assert held(incoming) == ({FIRST, SECOND}, set())
    assert held(people.request_create(READ, create(SECOND, ME, EVE))) == ({FIRST}, {SECOND})
    assert people.request_create(READ, create(SECOND, EVE, BEN)) is READ
    assert people.request_create(incoming, create(SECOND, EVE, ME)) is incoming


def test_an_accepted_request_becomes_a_friend() -> None:
    state = people.request_update(READ, accept(ME, BEN))
    assert held(state) == (set(), set())
    assert state.friends is not None
    assert state.friends[BEN] == Friend(username="ben", created_at_unix=NOW + 2)
    assert people.request_update(state, accept(ME, BEN)) is state
    assert people.request_update(READ, accept(BEN, ME)) is READ


def test_requests_and_friends_go() -> None:
    assert held(people.request_delete(READ, DELETE)) == (set(), set())
    gone = people.friend_remove(READ, REMOVE)
    assert gone.friends == {}
    assert people.friend_remove(gone, REMOVE) is gone
    assert people.friend_remove(READ, REMOVE.model_copy(update={"user_id": EVE})) is READ


def test_a_friend_goes_by_the_name_of_now() -> None:
    state = people.profile_update(READ, rename(EVE))
    assert state.friends == {EVE: Friend(username="evelyn", created_at_unix=NOW)}
    assert people.profile_update(state, rename(EVE)) is state
    assert people.profile_update(READ, rename(BEN)) is READ


def test_lists_that_were_not_read_stay_unread() -> None:
    assert people.request_create(UNREAD, create(SECOND, EVE, ME)) is UNREAD
    assert people.request_update(UNREAD, accept(ME, BEN)) is UNREAD
    assert people.request_delete(UNREAD, DELETE) is UNREAD
    assert people.friend_remove(UNREAD, REMOVE) is UNREAD
    assert people.profile_update(UNREAD, rename(EVE)) is UNREAD


def test_one_list_that_was_read_is_kept_up_though_the_other_was_not() -> None:
    requests = people.request_update(replace(READ, friends=None), accept(ME, BEN))
    assert (held(requests), requests.friends) == ((set(), set()), None)
    friends = people.request_update(replace(READ, requests=None), accept(ME, BEN))
    assert friends.requests is None
    assert friends.friends is not None
    assert {*friends.friends} == {EVE, BEN}
