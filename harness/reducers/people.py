"""Steps of a state about people: oneself, profiles, friends (contract 9.2).

Friends and requests that were not read yet stay so: a read that is still to come will tell them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from sync_check.conformance.contract import events
from sync_check.harness.state import Friend, FriendRequest, FriendRequests, Profile, State, put, without

_Side = Literal["incoming", "outgoing"]


def ready(state: State, event: events.Ready) -> State:
    """Remember the own id."""
    return state if state.user_id == event.user_id else replace(state, user_id=event.user_id)


def profile_update(state: State, event: events.ProfileUpdate) -> State:
    """Set the fields of a held profile, an empty text included, and the name of a held friend."""
    told = event.updated_fields

    def update(profile: Profile) -> Profile:
        username = profile.username if told.username is None else told.username
        about = profile.about_markdown if told.about_markdown is None else told.about_markdown
        return replace(profile, username=username, about_markdown=about)

    state = _in_profile(state, event.user_id, update)
    friend = (state.friends or {}).get(event.user_id)
    if friend is None or told.username is None:
        return state
    # GET /friends tells the name of now (DELIV-10); that of a pending request stays as it was (CLIENT-10).
    return _with_friend(state, event.user_id, replace(friend, username=told.username))


def avatar_update(state: State, event: events.ProfileAvatarUpdate) -> State:
    """The version becomes the larger of old and new."""

    def update(profile: Profile) -> Profile:
        return replace(profile, avatar_version=max(profile.avatar_version, event.avatar_version))

    return _in_profile(state, event.user_id, update)


def banner_update(state: State, event: events.ProfileBannerUpdate) -> State:
    """The version becomes the larger of old and new."""

    def update(profile: Profile) -> Profile:
        return replace(profile, banner_version=max(profile.banner_version, event.banner_version))

    return _in_profile(state, event.user_id, update)


def request_create(state: State, event: events.FriendRequestCreate) -> State:
    """Add to the incoming or the outgoing requests; a request between others is none of ours."""
    request = FriendRequest(
        sender_user_id=event.sender_user_id,
        sender_username=event.sender_username,
        recipient_user_id=event.recipient_user_id,
        recipient_username=event.recipient_username,
        created_at_unix=event.created_at_unix,
    )
    if event.recipient_user_id == state.user_id:
        return _with_request(state, "incoming", event.request_id, request)
    if event.sender_user_id == state.user_id:
        return _with_request(state, "outgoing", event.request_id, request)
    return state


def request_update(state: State, event: events.FriendRequestUpdate) -> State:
    """Move an accepted request to the friends; the copy meant for the other side is none of ours."""
    if event.user_id != state.user_id:
        return state
    state = _without_request(state, event.request_id)
    friend = Friend(username=event.friend_username, created_at_unix=event.friendship_created_at_unix)
    return _with_friend(state, event.friend_user_id, friend)


def request_delete(state: State, event: events.FriendRequestDelete) -> State:
    """Drop the request."""
    return _without_request(state, event.request_id)


def friend_remove(state: State, event: events.FriendRemove) -> State:
    """Drop the friend."""
    if event.user_id != state.user_id or state.friends is None or event.friend_user_id not in state.friends:
        return state
    return replace(state, friends=without(state.friends, event.friend_user_id))


def _with_friend(state: State, user_id: str, friend: Friend) -> State:
    if state.friends is None or state.friends.get(user_id) == friend:
        return state
    return replace(state, friends=put(state.friends, user_id, friend))


def _with_request(state: State, side: _Side, request_id: str, request: FriendRequest) -> State:
    if state.requests is None:
        return state
    held: Mapping[str, FriendRequest] = getattr(state.requests, side)
    if held.get(request_id) == request:
        return state
    return replace(state, requests=replace(state.requests, **{side: put(held, request_id, request)}))


def _without_request(state: State, request_id: str) -> State:
    held = state.requests
    if held is None or not (request_id in held.incoming or request_id in held.outgoing):
        return state
    left = FriendRequests(
        incoming=without(held.incoming, request_id), outgoing=without(held.outgoing, request_id)
    )
    return replace(state, requests=left)


def _in_profile(state: State, user_id: str, change: Callable[[Profile], Profile]) -> State:
    profile = state.profiles.get(user_id)
    if profile is None:
        return state
    changed = change(profile)
    return state if changed == profile else replace(state, profiles=put(state.profiles, user_id, changed))


STEPS: Final[Mapping[type[events.Event], Callable[[State, Any], State]]] = {
    events.Ready: ready,
    events.ProfileUpdate: profile_update,
    events.ProfileAvatarUpdate: avatar_update,
    events.ProfileBannerUpdate: banner_update,
    events.FriendRequestCreate: request_create,
    events.FriendRequestUpdate: request_update,
    events.FriendRequestDelete: request_delete,
    events.FriendRemove: friend_remove,
}
"""Events about people; their cost does not depend on how many there are."""
