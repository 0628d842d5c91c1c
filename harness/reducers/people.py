"""Steps of a state about people: oneself, profiles, friends (contract 9.2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.state import Friend, FriendRequest, Profile, State, put, without


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
    friend = state.friends.get(event.user_id)
    if friend is None or told.username in (None, friend.username):
        return state
    # GET /friends tells the name of now (DELIV-10); that of a pending request stays as it was (CLIENT-10).
    renamed = replace(friend, username=told.username)
    return replace(state, friends=put(state.friends, event.user_id, renamed))


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
        if state.incoming.get(event.request_id) == request:
            return state
        return replace(state, incoming=put(state.incoming, event.request_id, request))
    if event.sender_user_id != state.user_id or state.outgoing.get(event.request_id) == request:
        return state
    return replace(state, outgoing=put(state.outgoing, event.request_id, request))


def request_update(state: State, event: events.FriendRequestUpdate) -> State:
    """Move an accepted request to the friends; the copy meant for the other side is none of ours."""
    if event.user_id != state.user_id:
        return state
    state = _without_request(state, event.request_id)
    friend = Friend(username=event.friend_username, created_at_unix=event.friendship_created_at_unix)
    if state.friends.get(event.friend_user_id) == friend:
        return state
    return replace(state, friends=put(state.friends, event.friend_user_id, friend))


def request_delete(state: State, event: events.FriendRequestDelete) -> State:
    """Drop the request."""
    return _without_request(state, event.request_id)


def friend_remove(state: State, event: events.FriendRemove) -> State:
    """Drop the friend."""
    if event.user_id != state.user_id or event.friend_user_id not in state.friends:
        return state
    return replace(state, friends=without(state.friends, event.friend_user_id))


def _without_request(state: State, request_id: str) -> State:
    if request_id not in state.incoming and request_id not in state.outgoing:
        return state
    return replace(
        state, incoming=without(state.incoming, request_id), outgoing=without(state.outgoing, request_id)
    )


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
