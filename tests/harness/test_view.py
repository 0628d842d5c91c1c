"""Each slice of a view shows the same, whichever way a client came to know it."""

from dataclasses import dataclass
from typing import Any

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import Replica, fresh_view
from tests.harness.wire import (
    ATTACHMENT,
    BEN,
    EVE,
    FIRST,
    GENERAL,
    GUILD,
    ME,
    MESSAGES,
    NOW,
    OTHER,
    RANDOM,
    SECOND,
    fetched,
    filled_replica,
    frame,
    make_id,
    message,
    profile_frame,
    reaction,
    reaction_frame,
    remove_frame,
)

DAN = make_id(4)
THIRD = make_id(80)
CREW, GUARD, LATE = make_id(40), make_id(41), make_id(42)
OLD, SENT, GOT = make_id(50), make_id(51), make_id(52)
USERS = [make_id(number) for number in range(100, 132)]


@dataclass(frozen=True, kw_only=True)
class Course:
    """What REST says first, the events of what happens then, and what REST says last."""

    key: str
    feature: Feature
    wanted: Refetch
    first: dict[str, Any]
    frames: tuple[str, ...]
    last: dict[str, Any]
    shown: Any

    def read(self, replica: Replica, body: dict[str, Any], *meanwhile: str) -> None:
        replica.begin_refetch()
        self.receive(replica, *meanwhile)
        assert replica.finish_refetch([Fetched(wanted=self.wanted, status=200, body=body)]) == ()
        assert replica.unread == 0

    def receive(self, replica: Replica, *frames: str) -> None:
        for text in frames:
            replica.apply(text)
        assert (replica.unknown_received, replica.parse_rejected) == (0, 0)

    def slice_of(self, replica: Replica) -> Any:
        return replica.view([GUILD])[self.key]


def in_guild(name: str, **payload: Any) -> str:
    return frame(name, guild_id=GUILD, **payload)


def role(role_id: str, name: str, position: int, **more: Any) -> dict[str, Any]:
    known = {"role_id": role_id, "name": name, "position": position}
    return {**known, "is_system": False, "permissions": [], "color_hex": None, **more}


GREEN = role(CREW, "crew", 2, permissions=["create_message"], color_hex="#00FF00")
ROLES = Course(
    key=f"roles/{GUILD}",
    feature=Feature.ROLES,
    wanted=Refetch(Reading.ROLES, GUILD),
    first={"roles": [role(CREW, "crew", 2), role(LATE, "late", 1)], "default_join_role_id": None},
    frames=(
        in_guild("workspace_role_create", role=role(GUARD, "guard", 3, color_hex="#0000FF")),
        in_guild(
            "workspace_role_update",
            role_id=CREW,
            updated_fields={"permissions": ["create_message"], "color_hex": "#00FF00"},
            updated_at_unix=NOW,
        ),
        in_guild(
            "workspace_role_update", role_id=GUARD, updated_fields={"color_hex": None}, updated_at_unix=NOW
        ),
        in_guild("workspace_role_delete", role_id=LATE, deleted_at_unix=NOW),
        in_guild("workspace_role_reorder", role_ids=[CREW, GUARD], updated_at_unix=NOW),
    ),
    last={"roles": [GREEN, role(GUARD, "guard", 1)], "default_join_role_id": CREW},
    shown=[GREEN, role(GUARD, "guard", 1)],
)


def assignment(way: str, user_id: str, role_id: str) -> str:
    at = {"add": "assigned_at_unix", "remove": "removed_at_unix"}[way]
    name = f"workspace_role_assignment_{way}"
    return in_guild(name, user_id=user_id, role_id=role_id, **{at: NOW})


def members(**role_ids: list[str]) -> dict[str, Any]:
    users = {"me": ME, "ben": BEN, "eve": EVE}
    return {"members": [{"user_id": users[name], "role_ids": held} for name, held in role_ids.items()]}


ASSIGNMENTS = Course(
    key=f"assignments/{GUILD}",
    feature=Feature.ROLES,
    wanted=Refetch(Reading.MEMBERS, GUILD),
    first=members(me=[CREW], ben=[], eve=[GUARD]),
    frames=(
        assignment("add", BEN, GUARD),
        assignment("add", BEN, CREW),
        assignment("add", BEN, LATE),
        assignment("remove", ME, CREW),
        remove_frame(EVE),
        in_guild("workspace_role_delete", role_id=LATE, deleted_at_unix=NOW),
    ),
    last=members(me=[], ben=[GUARD, CREW]),
    shown={BEN: [CREW, GUARD]},
)


def history(**reactions: list[dict[str, Any]]) -> dict[str, Any]:
    ids = {"first": FIRST, "second": SECOND}
    return {"messages": [{**message(ids[name]), "reactions": told} for name, told in reactions.items()]}


REACTIONS = Course(
    key=f"reactions/{GENERAL}",
    feature=Feature.REACTIONS,
    wanted=Refetch(Reading.MESSAGES, GUILD, GENERAL),
    first=history(
        first=[reaction("tea", 1, False, BEN)],
        second=[reaction("pie", 1, True, ME), reaction("tea", 1, False, BEN)],
    ),
    frames=(
        reaction_frame("add", ME, "tea", 2, FIRST),
        reaction_frame("remove", ME, "pie", 0, SECOND),
        reaction_frame("add", EVE, "pie", 1, SECOND),
        reaction_frame("remove", BEN, "tea", 0, SECOND),
        reaction_frame("add", ME, "ice", 1, SECOND),
        reaction_frame("add", BEN, "ice", 2, SECOND),
    ),
    last=history(
        first=[reaction("tea", 2, True, BEN, ME)],
        second=[reaction("pie", 1, False, EVE), reaction("ice", 2, True, ME, BEN)],
    ),
    shown={
        FIRST: {"tea": {"count": 2, "mine": True}},
        SECOND: {"pie": {"count": 1, "mine": False}, "ice": {"count": 2, "mine": True}},
    },
)


def friend(user_id: str, username: str, at: int = NOW) -> dict[str, Any]:
    return {"user_id": user_id, "username": username, "created_at_unix": at}


def accept_frame(request_id: str, user_id: str, username: str, at: int) -> str:
    both = {"user_id": ME, "friend_user_id": user_id, "friend_username": username}
    times = {"friendship_created_at_unix": at, "updated_at_unix": at}
    return frame("friend_request_update", request_id=request_id, state="accepted", **both, **times)


FRIENDS = Course(
    key=f"friends/{ME}",
    feature=Feature.FRIENDS,
    wanted=Refetch(Reading.FRIENDS),
    first={"friends": [friend(BEN, "ben")]},
    frames=(
        accept_frame(OLD, EVE, "eva", NOW + 1),
        profile_frame(EVE, username="eve"),
        frame("friend_remove", user_id=ME, friend_user_id=BEN, removed_at_unix=NOW),
        accept_frame(GOT, DAN, "dan", NOW + 2),
    ),
    last={"friends": [friend(DAN, "dan", NOW + 2), friend(EVE, "eve", NOW + 1)]},
    shown={
        EVE: {"username": "eve", "created_at_unix": NOW + 1},
        DAN: {"username": "dan", "created_at_unix": NOW + 2},
    },
)


def request(request_id: str, sender_id: str, recipient_id: str, at: int = NOW) -> dict[str, Any]:
    sender = {"sender_user_id": sender_id, "sender_username": "sue"}
    recipient = {"recipient_user_id": recipient_id, "recipient_username": "rob"}
    return {"request_id": request_id, **sender, **recipient, "created_at_unix": at}


REQUESTS = Course(
    key=f"friend_requests/{ME}",
    feature=Feature.FRIENDS,
    wanted=Refetch(Reading.FRIEND_REQUESTS),
    first={"incoming": [request(OLD, BEN, ME)], "outgoing": []},
    frames=(
        frame("friend_request_create", **request(SENT, ME, EVE, NOW + 1)),
        frame("friend_request_delete", request_id=OLD, deleted_at_unix=NOW),
        frame("friend_request_create", **request(GOT, DAN, ME, NOW + 2)),
        frame("friend_request_create", **request(make_id(53), BEN, ME)),
        accept_frame(make_id(53), BEN, "ben", NOW),
    ),
    last={"incoming": [request(GOT, DAN, ME, NOW + 2)], "outgoing": [request(SENT, ME, EVE, NOW + 1)]},
    shown={
        "incoming": {GOT: {"user_id": DAN, "created_at_unix": NOW + 2}},
        "outgoing": {SENT: {"user_id": EVE, "created_at_unix": NOW + 1}},
    },
)
COURSES = (ROLES, ASSIGNMENTS, REACTIONS, FRIENDS, REQUESTS)
each_course = pytest.mark.parametrize(
    "course", COURSES, ids=[course.key.partition("/")[0] for course in COURSES]
)


@each_course
class TestCourse:
    """A replica that has read everything before the course begins."""

    def test_from_a_read_alone(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES)
        course.read(replica, course.last)
        assert course.slice_of(replica) == course.shown

    def test_from_events_after_a_read(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES)
        course.read(replica, course.first)
        assert course.slice_of(replica) != course.shown
        course.receive(replica, *course.frames)
        assert course.slice_of(replica) == course.shown

    def test_from_a_read_after_the_events(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES)
        course.receive(replica, *course.frames)
        course.read(replica, course.last)
        assert course.slice_of(replica) == course.shown

    @pytest.mark.parametrize("overtaken", [False, True])
    def test_from_events_that_came_during_the_read(self, course: Course, overtaken: bool) -> None:
        replica = filled_replica(ALL_FEATURES)
        course.read(replica, course.last if overtaken else course.first, *course.frames)
        assert course.slice_of(replica) == course.shown

    def test_from_events_that_the_read_overtook(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES)
        course.read(replica, course.last)
        course.receive(replica, *course.frames)
        assert course.slice_of(replica) == course.shown

    def test_what_was_not_read_is_not_shown_whatever_happens(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES, unread=course.wanted.what)
        course.receive(replica, *course.frames)
        assert course.key not in replica.view([GUILD])

    def test_it_exists_with_its_feature_only(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES - {course.feature})
        course.read(replica, course.last)
        assert course.key not in replica.view([GUILD])
        assert course.key in filled_replica(ALL_FEATURES).view([GUILD])

    def test_a_fresh_client_shows_it_from_the_reads_that_are_asked_for(self, course: Course) -> None:
        replica = filled_replica(ALL_FEATURES)
        wanted = replica.reads_for([GUILD])
        assert course.wanted in wanted
        last = Fetched(wanted=course.wanted, status=200, body=course.last)
        results = [last if one == course.wanted else fetched(one)[0] for one in wanted]
        assert fresh_view(ME, ALL_FEATURES, results, [GUILD])[course.key] == course.shown


def test_a_filled_replica_shows_every_slice_and_empty_ones_as_such() -> None:
    view = filled_replica(ALL_FEATURES).view([GUILD, OTHER])
    assert {course.key: view[course.key] for course in COURSES} == {
        f"roles/{GUILD}": [],
        f"assignments/{GUILD}": {},
        f"reactions/{GENERAL}": {},
        f"friends/{ME}": {},
        f"friend_requests/{ME}": {"incoming": {}, "outgoing": {}},
    }


def test_requests_show_beside_them_the_names_that_they_came_with() -> None:
    replica = filled_replica(ALL_FEATURES)
    REQUESTS.read(replica, REQUESTS.first)
    REQUESTS.receive(replica, *REQUESTS.frames)
    renamed = {"user_id": ME, "updated_fields": {"username": "another"}, "updated_at_unix": NOW}
    REQUESTS.receive(replica, frame("profile_update", **renamed))
    names = {"sender": "sue", "recipient": "rob"}
    assert replica.view([GUILD])[f"request_names/{ME}"] == {SENT: names, GOT: names}


def test_attachments_are_shown_of_messages_that_have_some() -> None:
    replica = filled_replica(ALL_FEATURES)
    told = {**message(THIRD), "attachments": [ATTACHMENT]}
    for one in (told, message(make_id(81))):
        replica.apply(frame("message_create", **one))
    digests = {ATTACHMENT["attachment_id"]: ATTACHMENT["sha256_hex"]}
    assert replica.view([GUILD])[f"attachments/{GENERAL}"] == {THIRD: digests}


def test_roles_of_one_position_stand_by_id() -> None:
    replica = filled_replica(ALL_FEATURES)
    listed = [role(LATE, "a", 1), role(GUARD, "b", 1), role(CREW, "c", 1), role(RANDOM, "d", 2)]
    ROLES.read(replica, {"roles": listed, "default_join_role_id": None})
    assert [one["role_id"] for one in ROLES.slice_of(replica)] == [RANDOM, CREW, GUARD, LATE]


def test_a_role_shows_its_permissions_in_canonical_order_however_they_are_told() -> None:
    replica = filled_replica(ALL_FEATURES)
    told = role(CREW, "crew", 2, permissions=["subscribe_streams", "create_message", "ban_member"])
    ROLES.read(replica, {"roles": [told], "default_join_role_id": None})
    assert ROLES.slice_of(replica)[0]["permissions"] == ["ban_member", "create_message", "subscribe_streams"]


class TestReactions:
    def test_the_own_one_is_known_though_more_reacted_than_are_named(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        REACTIONS.read(replica, history(first=[reaction("tea", 40, True, *USERS)]))
        assert REACTIONS.slice_of(replica) == {FIRST: {"tea": {"count": 40, "mine": True}}}
        REACTIONS.receive(replica, reaction_frame("remove", BEN, "tea", 39, FIRST))
        assert REACTIONS.slice_of(replica) == {FIRST: {"tea": {"count": 39, "mine": True}}}
        REACTIONS.receive(replica, reaction_frame("remove", ME, "tea", 38, FIRST))
        assert REACTIONS.slice_of(replica) == {FIRST: {"tea": {"count": 38, "mine": False}}}
        REACTIONS.receive(replica, reaction_frame("add", ME, "tea", 39, FIRST))
        assert REACTIONS.slice_of(replica) == {FIRST: {"tea": {"count": 39, "mine": True}}}

    def test_what_others_did_is_not_the_own(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        REACTIONS.receive(replica, reaction_frame("add", BEN, "tea", 1, FIRST))
        assert REACTIONS.slice_of(replica) == {FIRST: {"tea": {"count": 1, "mine": False}}}

    def test_they_go_with_their_message_and_with_the_channel(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        add = [reaction_frame("add", ME, "tea", 1, message_id) for message_id in (FIRST, SECOND)]
        delete = in_guild("message_delete", channel_id=GENERAL, message_id=FIRST, deleted_at_unix=NOW)
        REACTIONS.receive(replica, *add, delete)
        assert REACTIONS.slice_of(replica) == {SECOND: {"tea": {"count": 1, "mine": True}}}
        REACTIONS.receive(replica, remove_frame(ME))
        assert REACTIONS.key not in replica.view([GUILD])
        assert dict(replica.state.own_reactions) == {}

    def test_a_message_that_nobody_holds_has_none(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        before = replica.state
        REACTIONS.receive(replica, reaction_frame("add", ME, "tea", 1, make_id(39)))
        assert replica.state is before

    def test_they_are_shown_of_subscribed_channels_that_were_read(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        replica.subscribing(GUILD, RANDOM)
        replica.apply(in_guild("subscribed", channel_id=RANDOM))
        assert f"reactions/{RANDOM}" not in replica.view([GUILD])
        replica.begin_refetch()
        wanted = Refetch(Reading.MESSAGES, GUILD, RANDOM)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=MESSAGES)])
        assert replica.view([GUILD])[f"reactions/{RANDOM}"] == {}


class TestFriends:
    def test_of_a_friends_profile_the_name_alone_is_held(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        FRIENDS.read(replica, FRIENDS.first)
        changes = {"username": "benny", "about_markdown": "hi", "about_markdown_tokens": []}
        banner = {"banner_version": 4, "updated_at_unix": NOW}
        FRIENDS.receive(
            replica, profile_frame(BEN, **changes), frame("profile_banner_update", user_id=BEN, **banner)
        )
        assert FRIENDS.slice_of(replica)[BEN]["username"] == "benny"
        assert [key for key in replica.view([GUILD]) if key.startswith("profiles/")] == [f"profiles/{ME}"]

    def test_a_pending_request_shows_no_name_that_could_go_stale(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        REQUESTS.read(replica, REQUESTS.first)
        before = replica.view([GUILD])
        REQUESTS.receive(replica, profile_frame(BEN, username="benny"))
        assert replica.view([GUILD]) == before

    def test_what_is_meant_for_the_other_side_changes_nothing(self) -> None:
        replica = filled_replica(ALL_FEATURES)
        FRIENDS.read(replica, FRIENDS.first)
        before = replica.state
        foreign = {"user_id": BEN, "friend_user_id": ME}
        FRIENDS.receive(
            replica,
            frame("friend_remove", **foreign, removed_at_unix=NOW),
            frame("friend_request_create", **request(SENT, BEN, EVE)),
        )
        assert replica.state is before
