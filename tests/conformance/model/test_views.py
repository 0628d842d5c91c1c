"""Views in the shapes of the slices."""

import json
from dataclasses import replace
from typing import Any

from sync_check.conformance.history import digest
from sync_check.conformance.model.views import Views
from sync_check.conformance.model.world import Channel, FriendRequest, Guild, Message, Person, World
from tests.conformance.stories import MEMBER, OWNER

GUILD = Guild(
    guild_id="g",
    name="room",
    visibility="private",
    members={"olga": "owner", "ben": "member"},
    channels={
        "c2": Channel(channel_id="c2", name="second", kind="text"),
        "c1": Channel(channel_id="c1", name="first", kind="voice"),
    },
)
NOTE = Message(message_id="m", author_id="ben", content="hello", created_at_unix=5)
WORLD = (
    World()
    .with_guild(GUILD)
    .with_messages("c1", {"m": NOTE})
    .with_person(Person(user_id="ben", username="ben", about_markdown="", avatar_version=0, banner_version=2))
    .with_person(Person(user_id="olga", username="olga"))
)
VIEWS = Views(("messages", "members", "profile"))


def _view(user: str, guilds: tuple[str, ...] = ("g",), live: tuple[str, ...] = ("c1",)) -> dict[str, object]:
    view = VIEWS.view(WORLD, user, guilds, live)
    assert all(one.digest == digest(one.text) for one in view.values())
    return {key: json.loads(one.text) for key, one in view.items()}


def test_the_view_of_a_member() -> None:
    assert _view("ben") == {
        "workspaces": {"g": {"name": "room", "visibility": "private"}},
        "channels/g": [
            {"channel_id": "c2", "name": "second", "kind": "text"},
            {"channel_id": "c1", "name": "first", "kind": "voice"},
        ],
        "members/g": ["ben", "olga"],
        "permissions/c1": MEMBER,
        "permissions/c2": MEMBER,
        "messages/c1": [{"message_id": "m", "author_id": "ben", "content": "hello", "created_at_unix": 5}],
        "profiles/ben": {
            "username": "ben",
            "about_markdown": "",
            "avatar_version": 0,
            "banner_version": 2,
        },
    }


def test_a_profile_that_was_not_learnt_is_left_out() -> None:
    assert "profiles/olga" not in _view("olga")
    assert _view("olga")["permissions/c1"] == OWNER


def test_the_view_of_a_stranger_and_of_other_guilds() -> None:
    assert _view("eve") == {"workspaces": {}}
    assert _view("olga", guilds=()) == {"workspaces": {}}


def test_features_that_are_not_in_force_have_no_slices() -> None:
    view = Views(()).view(WORLD, "ben", ("g",), ("c1",))
    assert sorted(view) == ["channels/g", "permissions/c1", "permissions/c2", "workspaces"]


def test_only_known_slices_are_compared() -> None:
    assert VIEWS.compares("messages/c1")
    assert not VIEWS.compares("presence/g")
    assert not Views(()).compares("members/g")


def test_friends_and_requests_of_a_user() -> None:
    views = Views(("friends",))
    request = FriendRequest(request_id="r", sender_id="olga", recipient_id="ben", created_at_unix=7)
    world = replace(WORLD, friends={"ben": {"olga": 6}, "olga": {"ben": None}}, requests={"r": request})
    of_ben, of_olga = _told(views, world, "ben"), _told(views, world, "olga")
    assert of_ben["friends/ben"] == {"olga": {"username": "olga", "created_at_unix": 6}}
    pending = {"r": {"user_id": "olga", "created_at_unix": 7}}
    assert of_ben["friend_requests/ben"] == {"incoming": pending, "outgoing": {}}
    # Nobody has told olga since when ben is a friend.
    assert "friends/olga" not in of_olga
    assert of_olga["friend_requests/olga"]["outgoing"] == {"r": {"user_id": "ben", "created_at_unix": 7}}


def test_a_friend_that_nobody_knows_leaves_the_friends_unknown() -> None:
    world = replace(WORLD, friends={"ben": {"nobody": 6}})
    assert "friends/ben" not in _told(Views(("friends",)), world, "ben")


def test_without_friends_nobody_has_any() -> None:
    assert not [key for key in _told(VIEWS, WORLD, "ben") if key.startswith("friend")]


def _told(views: Views, world: World, user: str) -> dict[str, Any]:
    return {key: json.loads(one.text) for key, one in views.view(world, user, (), ()).items()}
